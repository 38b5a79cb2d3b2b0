"""Measured features of rat CA1 pyramidal cells that scores are taken against, with their spread.

They are the target data of HippoUnit (Saray et al. 2021, PLoS Comput Biol 17:e1008114), in
``reference/hippounit``; docs/scores.md says which experiment each comes from.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from ..data_folders import REFERENCE

FOLDER = REFERENCE / "hippounit"


class Target(NamedTuple):
    """A measured feature.

    Attributes
    ----------
    test, quantity, unit : str
    mean, sd : float
        In the unit; the standard deviation is NaN where none was to be had.
    """

    test: str
    quantity: str
    unit: str
    mean: float
    sd: float


@cache
def targets(test: str) -> dict[str, Target]:
    """Features of a test by quantity."""
    table = pd.read_csv(FOLDER / "dendritic_and_block.csv", keep_default_na=False, dtype=str)
    chosen = {}
    for row in table[table["test"] == test].to_dict("records"):
        sd = float(row["spread"] or "nan")
        if row["spread_is"] == "sem":
            sd *= np.sqrt(float(row["n"]))
        mean = float(row["mean"])
        chosen[row["quantity"]] = Target(test, row["quantity"], row["unit"], mean, sd)
    return chosen


@cache
def somatic_targets(recordings: str) -> pd.DataFrame:
    """Somatic features of one set of recordings, one row a feature and current.

    Columns ``feature`` (its name in eFEL)``, current_nA, mean, sd`` in eFEL's units; `recordings`
    is ``patch`` or ``sharp``.
    """
    table = pd.read_csv(FOLDER / "somatic_features.csv")
    chosen = table[table["recordings"] == recordings]
    return chosen.drop(columns="recordings").reset_index(drop=True)
