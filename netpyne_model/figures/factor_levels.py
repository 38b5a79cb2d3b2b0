"""Levels of the swept fields of a study: order, names, colours, and the trials at each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import cycle, islice
from typing import TYPE_CHECKING

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from pandas import DataFrame, Series, factorize
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from ..analysis import MEASURES
from .panels import CONDITION_COLOURS, key, wrapped
from .style import INK, OKABE_ITO, SMALL_PT, signed, unit_text

if TYPE_CHECKING:  # xarray takes half a second to import
    from xarray import Dataset

MAX_OVERLAID = 4  # categories in one panel; more are drawn a panel each, beside the first
_MAX_TICKS = 12
_LONGEST_LINE, _WRAPPED_LINE = 30, 24  # characters of a label
_LAST_COLOUR = 0.86  # of viridis; its end is too pale on white
_CATEGORY_COLOURS = ("#000000", *(colour for colour in OKABE_ITO if colour != "#000000"))
_FIELD_NAMES = {"dc_nA": "DC (nA)"}
_UNITS = {"hz", "kHz", "mV", "mV2", "nA", "pA", "nS", "uS", "uA"}
_UNITS |= {"ms", "s", "cm", "um", "deg", "degC"}


@dataclass(frozen=True)
class Levels:
    """The levels of one swept field over the trials of a study.

    Attributes
    ----------
    field : str or None
        Name of the field; None where all trials are one level.
    values : tuple
        Numbers in ascending order, or texts in order of their first trial.
    codes : ndarray of int, shape (n_trials,)
        Number of the level of every trial.
    numeric : bool
    """

    field: str | None
    values: tuple
    codes: np.ndarray
    numeric: bool

    def __len__(self) -> int:
        return len(self.values)

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """Name of every level as in a label; with signs where a number is negative."""
        if not self.numeric:
            return self.values
        if any(value < 0 for value in self.values):
            decimals = max(len(signed(value).partition(".")[2]) for value in self.values)
            texts = [f"{value:+.{decimals}f}" if value else "0" for value in self.values]
            return tuple(text.replace("-", "\N{MINUS SIGN}") for text in texts)
        return tuple(f"{value:.6g}" for value in self.values)

    @cached_property
    def titles(self) -> tuple[str, ...]:
        """Name of every level with its field where a number alone says too little."""
        if not self.numeric:
            return self.values
        name, _, unit = measure_name(self.field).replace("\n", " ").rstrip(")").partition(" (")
        return tuple(f"{name} {text} {unit}".strip() for text in self.texts)

    @cached_property
    def colours(self) -> tuple:
        """Colour of every level: along a colour map for numbers, of a palette for texts."""
        if self.numeric:
            places = np.linspace(0, _LAST_COLOUR, len(self)) if len(self) > 1 else [0.3]
            return tuple(colormaps["viridis"](place) for place in places)
        if all(value in CONDITION_COLOURS for value in self.values):
            return tuple(CONDITION_COLOURS[value] for value in self.values)
        return tuple(islice(cycle(_CATEGORY_COLOURS), len(self)))

    def dashes(self, number: int) -> str:
        """Line style of a level: solid until the palette starts again."""
        return "-" if self.numeric or number < len(_CATEGORY_COLOURS) else "--"


def levels_of(data: "DataFrame | Dataset", field: str | None) -> Levels:
    """Levels of a swept field over the trials: rows of a table, or along ``trial``.

    Without a field all trials are one level without a name.
    """
    if field is None:
        n_trials = len(data) if isinstance(data, DataFrame) else data.sizes["trial"]
        return Levels(None, ("",), np.zeros(n_trials, int), False)
    column = Series(data[field].values).infer_objects()
    if is_numeric_dtype(column) and not is_bool_dtype(column) and column.notna().all():
        values, codes = np.unique(column.to_numpy(float), return_inverse=True)
        return Levels(field, tuple(values.tolist()), codes, True)
    # A field left at its default may hold nothing, or a mixture: as text, every value is a level.
    # netCDF has no missing text: it is read back as an empty one.
    nothing = column.isna() | (column == "")
    codes, different = factorize(column.astype(str).mask(nothing, "none"))
    return Levels(field, tuple(different), codes, False)


def measure_name(column: str | None) -> str:
    """Name of a measure or swept field for an axis, with its unit in brackets."""
    if column is None:
        return ""
    if column in _FIELD_NAMES:
        return _FIELD_NAMES[column]
    if column in MEASURES:
        name, unit = MEASURES[column].label, MEASURES[column].unit
    else:
        words, unit = str(column).split("_"), ""
        if len(words) > 1 and words[-1] in _UNITS:
            unit = words.pop().replace("hz", "Hz")
        name = " ".join(words)
    name = name[:1].upper() + name[1:] + (f" ({unit_text(unit)})" if unit else "")
    return name if len(name) <= _LONGEST_LINE else wrapped(name, _WRAPPED_LINE)


def why_none(column: str) -> str:
    """Why no trial has a measure, as far as the list of measures knows."""
    reason = MEASURES[column].none_if if column in MEASURES else ""
    return reason or "no value in any trial"


@dataclass(frozen=True)
class Facet:
    """What one panel shows: a title, and the lines as (level, trials at it)."""

    title: str
    lines: tuple[tuple[int, np.ndarray], ...]
    named: np.ndarray  # the trials that the title is about, whose place field is shaded


def split_by_category(by: Levels) -> bool:
    """Whether the levels are too many categories for one panel."""
    return not by.numeric and len(by) > MAX_OVERLAID


def facets(by: Levels, panels: Levels) -> list[Facet]:
    """Panels of a figure of lines: one a level of `panels`, or one a category beside the first."""

    def trials(level: int, panel: int) -> np.ndarray:
        return np.flatnonzero((by.codes == level) & (panels.codes == panel))

    split = []
    for panel, name in enumerate(panels.titles):
        if not split_by_category(by):
            lines = tuple((level, trials(level, panel)) for level in range(len(by)))
            split.append(Facet(name, lines, np.flatnonzero(panels.codes == panel)))
            continue
        for level in range(1, len(by)):
            title = ", ".join(filter(None, (name, by.titles[level])))
            named = trials(level, panel)
            split.append(Facet(title, ((0, trials(0, panel)), (level, named)), named))
    return split


def line_looks(by: Levels, level: int) -> dict:
    """Colour and dashes of the line of a level."""
    if split_by_category(by):
        return {"color": INK if level == 0 else OKABE_ITO[0], "linestyle": "-"}
    return {"color": by.colours[level], "linestyle": by.dashes(level)}


def add_key(figure: Figure, axes: Sequence[Axes], by: Levels) -> None:
    """Say which colour is which level: a colour bar for numbers, a legend for categories."""
    if by.field is None or len(by) < 2:
        return
    if by.numeric:
        norm = BoundaryNorm(np.arange(len(by) + 1) - 0.5, len(by))
        colours = ScalarMappable(norm, ListedColormap(by.colours))
        bar = figure.colorbar(colours, ax=axes, fraction=0.03, pad=0.02, aspect=35)
        named = list(ticks_apart(len(by)))
        bar.set_ticks(named, labels=[by.texts[level] for level in named], fontsize=SMALL_PT)
        bar.ax.minorticks_off()
        bar.ax.tick_params(length=0)
        bar.outline.set_visible(False)
        bar.set_label(measure_name(by.field), fontsize=SMALL_PT)
        return
    names = by.texts
    if split_by_category(by):
        names = (by.texts[0], "the condition named above the panel")
    key(figure, {name: line_looks(by, level) for level, name in enumerate(names)})


def ticks_apart(n_levels: int, most: int = _MAX_TICKS) -> Iterator[int]:
    """Numbers of the levels that get a label, evenly, so that not more than `most` do."""
    return iter(range(0, n_levels, -(-n_levels // most)))
