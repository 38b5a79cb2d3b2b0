"""Colours, sizes and fonts of the figures, from ``ca1.mplstyle``, and how a figure is saved."""

import io
import re
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import rc_context, rc_params_from_file
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from ..errors import ModelError
from ..files import write_bytes

Look = dict[str, Any]  # of a line, a marker or a text: matplotlib's arguments
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

STYLE_FILE = Path(__file__).with_name("ca1.mplstyle")
"""The look of the figures as matplotlib's styles have it, for plots of one's own."""
STYLE = rc_params_from_file(STYLE_FILE, use_default_template=False)

DPI: float = STYLE["figure.dpi"]
FONT_PT: float = STYLE["axes.labelsize"]
SMALL_PT: float = STYLE["xtick.labelsize"]
TITLE_PT: float = STYLE["figure.titlesize"]

INK: str = STYLE["text.color"]
MUTED = "#8C8C8C"
SETTLING = "#D9D9D9"
LEAD_IN = "#ECECEC"
FIELD = "#FBF3DF"

OKABE_ITO: tuple[str, ...] = tuple(STYLE["axes.prop_cycle"].by_key()["color"])
"""Colours safe for colour-blind readers."""
GROUP_COLOURS = {
    "CA3": "#0072B2",
    "ECIII": "#D55E00",
    "perisomatic": "#E69F00",
    "axo-axonic": "#000000",
    "apical dendritic": "#009E73",
    "distal apical dendritic": "#56B4E9",
    "tuft feedforward": "#CC79A7",
    "tuft feedback": "#8A7A00",
}
REGION_COLOURS = {
    "soma": "#5A5A5A",
    "axon_hill": "#B8B8B8",
    "ais": "#B8B8B8",
    "axon": "#CFCFCF",
    "basal": "#BDB7AC",
    "trunk": "#8F897F",
    "apical": "#BDB7AC",
    "tuft": "#BDB7AC",
}


def group_colours(groups: list[str]) -> dict[str, str]:
    """Colour of every input group: the published ones keep theirs, others take the rest in turn."""
    used = {GROUP_COLOURS.get(group) for group in groups}
    spare = cycle([colour for colour in OKABE_ITO if colour not in used] or OKABE_ITO)
    colours: dict[str, str] = {}
    for group in dict.fromkeys(groups):
        colours[group] = GROUP_COLOURS.get(group) or next(spare)
    return colours


def signed(value: float) -> str:
    """A number with its sign (a true minus) and at least two decimals."""
    text = f"{value:+.2f}" if round(value, 2) == value else f"{value:+.4g}"
    return text.replace("-", "\N{MINUS SIGN}")


def tidy(ax: Axes) -> None:
    """Leave only the left and bottom axis line, with small ticks outwards."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(INK)
    ax.tick_params(labelsize=SMALL_PT, colors=INK, length=3)


def unit_text(unit: str) -> str:
    """Write a unit as print does: ``S/cm2`` as S/cm², ``ohm cm`` as Ω cm."""
    unit = re.sub(r"\bu(?=(?:[FSAMVNmsg]|mho|mol)(?![a-z]))", "µ", unit)
    unit = re.sub(r"\b([kMG]?)ohm\b", r"\1Ω", unit)
    unit = re.sub(r"\bdeg(C?)\b", r"°\1", unit)
    return re.sub(
        r"(?<=[A-Za-zµΩ])\^?(-?\d+)\b", lambda power: power[1].translate(_SUPERSCRIPTS), unit
    )


def number_ticks(axis: Axis) -> None:
    """Write the ticks of an axis as plain numbers: a common factor above would be overlooked."""

    def plain(value: float, _position: int) -> str:
        return re.sub(r"e([+-])0?", r"e\1", f"{value:.10g}").replace("-", "\N{MINUS SIGN}")

    axis.set_major_formatter(FuncFormatter(plain))


def save(figure: Figure, path: str | Path) -> None:
    """Write a figure to a .png (150 dpi), .svg or .pdf file, whole or not at all.

    The same figure gives the same bytes.
    """
    path = Path(path)
    kind = path.suffix.lower().removeprefix(".")
    # matplotlib's own metadata name its version and the date; without them the bytes depend on the
    # picture alone.
    metadata = {
        "png": {"Software": None},
        "svg": {"Date": None, "Creator": None},
        "pdf": {"CreationDate": None},
    }
    if kind not in metadata:
        raise ModelError(f"figure {path}: expected a name that ends in .png, .svg or .pdf.")
    picture = io.BytesIO()
    with rc_context(STYLE):
        figure.savefig(picture, format=kind, metadata=metadata[kind])
    write_bytes(path, picture.getvalue())


def save_both(figure: Figure, path: str | Path) -> tuple[Path, Path]:
    """Write a figure as .png and as .svg; `path` has no suffix. Returns both."""
    both = (Path(f"{path}.png"), Path(f"{path}.svg"))
    for one in both:
        save(figure, one)
    return both


def new_figure(
    rows: int, columns: int, *, width_in: float = 9.0, row_in: float = 3.0
) -> tuple[Figure, np.ndarray]:
    """A figure of panels in the package's style; axes have the shape (rows, columns)."""
    figure = Figure(figsize=(width_in, row_in * rows), dpi=DPI, layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False)
    for ax in axes.flat:
        tidy(ax)
    return figure, axes


def label(ax: Axes, x: str, y: str, title: str = "") -> None:
    """Label axes in the package's fonts."""
    ax.set_xlabel(x, fontsize=SMALL_PT)
    ax.set_ylabel(y, fontsize=SMALL_PT)
    ax.tick_params(labelsize=SMALL_PT)
    if title:
        ax.set_title(title, fontsize=FONT_PT, loc="left")
