"""AMPA weights of a trial's excitatory synapses from and to a CSV file, a row a synapse.

Each row says where its synapse sits, so that the weights of one animal are not taken for those of
another: which places are driven, and by which inputs, follows from cell, set-up and seed.
"""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from ..errors import ModelError, quoted
from ..files import WRITABLE, read_bytes, write_beside, writing

COLUMNS = ("synapse", "section", "x", "ampa_weight")
MOST_WEIGHTS_BYTES = 10_000_000
_SAME_PLACE = 1e-6
_GIVE = "give the path of a .csv file"


def read_weights(path: str | Path, synapses: pd.DataFrame) -> np.ndarray:
    """Weights of a trial's synapses: the file's for excitatory ones, the others as they are.

    Parameters
    ----------
    path : path
        Written by `write_weights`: columns `COLUMNS`, in any order.
    synapses : DataFrame
        Of the trial: ``synapse, section, x, kind, ampa_weight``.

    Raises
    ------
    ModelError
        If the file cannot be read, a row does not hold (with its line), or the synapses are not
        those of the trial.
    """
    path = Path(path)
    rows = _rows(path)
    weights = synapses["ampa_weight"].to_numpy(dtype=float).copy()
    places = zip(
        *(synapses[name].tolist() for name in ("synapse", "section", "x", "kind")), strict=True
    )
    of_others = (
        "these are the weights of another cell, set-up, seed, arrangement or number of inputs"
    )
    excitatory = set()
    for row, (number, section, x, kind) in enumerate(places):
        if kind != "exc":
            continue
        excitatory.add(number)
        if number not in rows:
            raise ModelError(
                f"weights file {path}: synapse {number} has no weight; expected one for every"
                " excitatory synapse of the trial: write them with write_weights."
            )
        at_section, at_x, weights[row] = rows[number]
        if at_section != section or abs(at_x - x) > _SAME_PLACE:
            raise ModelError(
                f"weights file {path}: synapse {number} sits at {x:g} of section {section} in this"
                f" trial, in the file at {at_x:g} of {at_section:g}; {of_others}: give those back."
            )
    for number in rows:
        if number not in excitatory:
            raise ModelError(
                f"weights file {path}: synapse {number} is no excitatory synapse of this trial;"
                f" {of_others}: give those back."
            )
    return weights


def write_weights(
    path: str | Path, synapses: pd.DataFrame, weights: Sequence[float] | np.ndarray
) -> None:
    """Write the weights of a trial's excitatory synapses; `read_weights` gives back the same.

    `weights` are in the order of the excitatory rows of `synapses`. The file appears whole or not at
    all.
    """
    path = Path(path)
    excitatory = synapses[synapses["kind"] == "exc"]
    table = excitatory.assign(ampa_weight=np.asarray(weights, float))[list(COLUMNS)]
    with writing(f"weights file {path}", WRITABLE), write_beside(path) as partial:
        table.to_csv(partial, index=False, lineterminator="\n")


def _rows(path: Path) -> dict[int, tuple[float, float, float]]:
    """Section, x and weight by the number of the synapse."""
    what = f"weights file {path}"
    content = read_bytes(path, what, _GIVE, most_bytes=MOST_WEIGHTS_BYTES)
    try:
        lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    except (UnicodeDecodeError, csv.Error) as error:
        raise ModelError(f"{what} cannot be read ({error}); {_GIVE}.") from error
    header = lines[0] if lines else []
    if sorted(header) != sorted(COLUMNS):
        raise ModelError(
            f"{what}: columns {quoted(', '.join(header))}; expected {', '.join(COLUMNS)}."
        )
    rows: dict[int, tuple[float, float, float]] = {}
    for line, cells in enumerate(lines[1:], start=2):
        if len(cells) != len(COLUMNS):
            raise ModelError(f"{what}, line {line}: {len(cells)} cells; expected {len(COLUMNS)}.")
        values = {
            name: _number(cell, f"{what}, line {line}: {name}")
            for name, cell in zip(header, cells, strict=True)
        }
        number = int(values["synapse"])
        if number in rows:
            raise ModelError(f"{what}, line {line}: synapse {number} stands there twice; keep one.")
        rows[number] = (values["section"], values["x"], values["ampa_weight"])
    return rows


def _number(text: str, what: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not 0 <= value < np.inf:
        raise ModelError(f"{what} is {quoted(text)}; expected a finite number of 0 or above.")
    return value
