"""The table in words: a line a row for the terminal, tables by preparation for the page."""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from ..markdown import markdown_table
from .recorded import VERDICTS

_HEADER = ("recorded", "value", "n", "model", "verdict", "why")
_OF_SPREAD = {"sd": "SD", "sem": "SEM", "as_printed": "SD or SEM"}


def count_line(table: pd.DataFrame) -> str:
    """How many rows come to what, in a line."""
    counts = table["verdict"].value_counts()
    parts = [f"{counts[name]} {name}" for name in VERDICTS if counts.get(name, 0)]
    return f"{len(table)} rows: {', '.join(parts)}"


def lines(table: pd.DataFrame) -> str:
    """A line a row: what was recorded, what the model gives, and the verdict."""
    shown = [
        (name_of(row), recorded_text(row), model_text(row), row["verdict"])
        for row in table.to_dict("records")
    ]
    widths = [max(len(one[at]) for one in shown) for at in range(3)]
    return "\n".join(
        "  ".join(
            [*(f"{text:{width}}" for text, width in zip(one[:3], widths, strict=True)), one[3]]
        )
        for one in shown
    )


def tables(table: pd.DataFrame) -> str:
    """A table for each preparation, as Markdown, and the counts above them."""
    parts = [f"{count_line(table)}.", ""]
    for preparation, rows in table.groupby("preparation", sort=False):
        parts += [f"### {preparation[0].upper()}{preparation[1:]}", ""]
        cells = [
            (
                name_of(row),
                f"{recorded_text(row)}{_spread_words(row)}",
                "" if not _known(row["n"]) else f"{row['n']:g}",
                model_text(row),
                row["verdict"],
                row["why"],
            )
            for row in rows.to_dict("records")
        ]
        parts += [markdown_table(_HEADER, cells), ""]
    return "\n".join(parts).strip()


def name_of(row: Mapping[str, Any]) -> str:
    """Quantity and condition of a row."""
    words = row["quantity"].replace("_", " ")
    return f"{words}, {row['condition']}" if _known(row["condition"]) else words


def recorded_text(row: Mapping[str, Any]) -> str:
    """The recorded value with its spread and unit."""
    value, spread, unit = row["value"], row["spread"], _unit(row)
    if not _known(spread):
        return f"{value:.6g}{unit}"
    if row["spread_is"] == "range":
        return f"{value:.6g} to {spread:.6g}{unit}"
    return f"{value:.6g} ± {spread:.3g}{unit}"


def model_text(row: Mapping[str, Any]) -> str:
    """The model's value with its standard deviation over seeds."""
    if not _known(row["made_of"]):
        return "not modelled"
    if not _known(row["here"]):
        return "none"
    sd = f" ± {row['here_sd']:.2g}" if _known(row["here_sd"]) else ""
    here = f"{row['here']:.0f}" if abs(row["here"]) >= 1e4 else f"{row['here']:.4g}"
    return f"{here}{sd}{_unit(row)}"


def _spread_words(row: Mapping[str, Any]) -> str:
    words = _OF_SPREAD.get(row["spread_is"], "")
    return f" ({words})" if words and _known(row["spread"]) else ""


def _unit(row: Mapping[str, Any]) -> str:
    return f" {row['unit']}" if _known(row["unit"]) else ""


def _known(value: Any) -> bool:
    """Whether a cell of a table holds something."""
    if value is None or value == "":
        return False
    return not (isinstance(value, float) and math.isnan(value))
