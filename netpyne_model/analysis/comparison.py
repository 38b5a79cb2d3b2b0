"""Several runs beside each other: in which fields they differ, and in what was measured."""

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

from ..configuration import differing
from ..errors import ModelError
from ..results import Result
from .measures import MEASURES, measure
from .recordings import summarise_recordings

DIFFERENCE = "difference"
"""Column of the second of two runs less the first."""


def configuration_differences(results: Mapping[str, Result]) -> pd.DataFrame:
    """Fields in which runs differ: a row a field, a column a run.

    Each changed parameter, and each entry of a protocol, is a field of its own. What only says
    what is recorded is left out.

    Returns
    -------
    DataFrame
        Of texts, as JSON has the values; empty where nothing differs.
    """
    runs = [one.configuration for one in _several(results).values()]
    rows = {field: list(map(_text, values)) for field, values in differing(*runs).items()}
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(results))


def measure_differences(results: Mapping[str, Result], *, summary: bool = True) -> pd.DataFrame:
    """What was measured of runs: a row a measure, a column a run.

    Of two runs a last column has the second less the first. Rows that no run has are left out.

    Parameters
    ----------
    summary : bool
        The measures of a run's summary, or else all of them.

    Returns
    -------
    DataFrame
        Index: name and unit of the measure; NaN where a run does not hold it.
    """
    measured = {name: _measured(one, summary) for name, one in _several(results).items()}
    table = pd.DataFrame(measured).dropna(how="all")
    if len(results) == 2:
        first, second = results
        table[DIFFERENCE] = table[second] - table[first]
    return table


def _several(results: Mapping[str, Result]) -> Mapping[str, Result]:
    if len(results) < 2:
        raise ModelError(
            f"results: found {len(results)}; expected at least two to compare, by their names."
        )
    return results


def _measured(result: Result, summary: bool) -> dict[str, float]:
    if result.track is not None and "soma" in result.voltage_mV:
        measured = measure(result, summary=summary)
        return {_named(name): float(value) for name, value in measured.items()}
    recorded = summarise_recordings(result)
    values = {"Output spikes of the run": float(recorded["n_spikes_in_run"])}
    for name, one in recorded["recordings"].items():
        for part in ("first", "lowest", "highest", "last"):
            values[f"{name}, {part} ({one['unit']})"] = float(one[part])
    return values


def _named(name: str) -> str:
    one = MEASURES[name]
    return one.label + (f" ({one.unit})" if one.unit else "")


def _text(value: Any) -> str:
    if value is None:
        return "default"
    return value if isinstance(value, str) else json.dumps(value)
