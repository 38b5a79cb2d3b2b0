"""The page's pictures, which a browser draws: EPSPs, firing, and a parameter on the cell."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from bokeh.core.properties import value
from bokeh.models import (
    ColorMapper,
    ColumnDataSource,
    HoverTool,
    LinearColorMapper,
    LogColorMapper,
    Range1d,
)
from bokeh.models.annotations.legends import ColorBar
from bokeh.plotting import figure
from matplotlib import colormaps
from matplotlib.colors import LogNorm, to_hex
from pandas import DataFrame

from ..cell.cell import Cell
from ..experiments.intrinsic_features import V_INIT_MV
from ..figures.cell import line_widths
from ..figures.parameters import VALUE_COLOURS, segment_lines, value_scale
from ..figures.style import OKABE_ITO, unit_text
from .firing import FIRST_LOOK
from .responses import SHOWN_MS, Response

LOW, HIGH, DC, RATE = OKABE_ITO[:4]
LOW_ON_DARK = OKABE_ITO[5]
BEFORE, FIRST, NOW = "before", "first", "now"
"""Lines of the f-I curve."""
BEFORE_COLOUR = "#8C8C8C"
MAP_HEIGHT = 420
ABSENT = "rgba(140, 140, 140, 0.5)"


def _palette(dark: bool) -> list[str]:
    """The colours of values; on black without the darkest."""
    scale, first = (colormaps["viridis"], 0.3) if dark else (VALUE_COLOURS, 0.0)
    return [to_hex(colour) for colour in scale(np.linspace(first, 1, 64))]


def _figure(x: str, y: str, title: str, **options: Any) -> Any:
    tools = "pan,box_zoom,wheel_zoom,reset,save"
    looks: dict[str, Any] = {
        "height": 300,
        "sizing_mode": "stretch_width",
        "tools": tools,
        "active_scroll": None,
    }
    names: dict[str, Any] = {"title": title, "x_axis_label": x, "y_axis_label": y}
    plot = figure(**looks, **names, **options)
    plot.toolbar.logo, plot.toolbar.autohide = None, True
    plot.output_backend = "canvas"
    return plot


class Traces:
    """Potentials after the first event, now and, in grey, before the change.

    Parameters
    ----------
    lines : mapping of str to (str, str)
        Legend and colour of each line, by its name.
    from_base : bool
        Whether the potential before the first event is zero.
    """

    def __init__(self, title: str, lines: Mapping[str, tuple[str, str]], *, from_base: bool):
        y = "Change of potential (mV)" if from_base else "Membrane potential (mV)"
        self.figure = _figure("Time from the first event (ms)", y, title)
        self.figure.x_range = Range1d(start=SHOWN_MS[0], end=SHOWN_MS[1])
        self._from_base = from_base
        self._before, self._now = {}, {}
        self._drawn: dict[tuple[str, bool], Response] = {}
        for name in lines:
            self._before[name] = self._line(BEFORE_COLOUR, "before", line_dash="dashed")
        for name, (legend, colour) in lines.items():
            self._now[name] = self._line(colour, legend, line_width=2)
        self.figure.legend.location = "top_right"
        self.figure.legend.background_fill_alpha = 0.6

    def _line(self, colour: str, legend: str, **look: Any) -> ColumnDataSource:
        # A point, which a line does not show: of nothing a browser makes no axes.
        source = ColumnDataSource({"x": [0.0], "y": [0.0 if self._from_base else V_INIT_MV]})
        self.figure.line("x", "y", source=source, color=colour, legend_label=legend, **look)
        return source

    def show(self, name: str, response: Response, *, before: bool) -> None:
        """Draw a response, in place of the one that was there."""
        if self._drawn.get((name, before)) is response:
            return
        self._drawn[name, before] = response
        source = (self._before if before else self._now)[name]
        v_mV = response.v_mV - response.base_mV if self._from_base else response.v_mV
        source.data = {"x": response.time_ms, "y": v_mV}

    def name_line(self, number: int, legend: str) -> None:
        """Give a line, by its place after "before", another legend."""
        item = self.figure.legend.items[number + 1]
        if item.label != value(legend):  # the browser would lay out the figure anew
            item.label = value(legend)


class Rates:
    """The f-I curve: before a change, at a first look after it, and as it is now."""

    def __init__(self) -> None:
        self.figure = _figure("Step into the soma (nA)", "Spikes per second", "f-I curve")
        first = f"now, from the first {FIRST_LOOK.lasts_ms:g} ms"
        self._before = self._line("before", BEFORE_COLOUR, "dashed", BEFORE_COLOUR)
        self._first = self._line(first, RATE, "dotted", None)
        self._now = self._line("now", RATE, "solid", RATE)
        self.figure.legend.location = "top_left"
        self.figure.legend.background_fill_alpha = 0.6
        self.figure.y_range.start = 0

    def _line(self, legend: str, colour: str, dash: str, fill: str | None) -> ColumnDataSource:
        source = ColumnDataSource({"x": [0.0], "y": [0.0]})
        look: dict[str, Any] = {"source": source, "line_color": colour, "legend_label": legend}
        self.figure.line("x", "y", line_width=2, line_dash=dash, **look)
        self.figure.scatter("x", "y", size=6, fill_color=fill, **look)
        return source

    def show(self, rates_Hz: Mapping[float, float], which: str) -> None:
        """Draw rates by current: BEFORE a change, or after it (FIRST, NOW), one of which is there."""
        if which == BEFORE:
            self._draw(self._before, rates_Hz)
            return
        self._draw(self._first, rates_Hz if which == FIRST else {})
        self._draw(self._now, rates_Hz if which == NOW else {})

    def _draw(self, source: ColumnDataSource, rates_Hz: Mapping[float, float]) -> None:
        currents = sorted(rates_Hz)
        drawn = {"x": currents, "y": [rates_Hz[nA] for nA in currents]}
        if source.data != drawn:  # the browser would draw it anew
            source.data = drawn


class ParameterMap:
    """A parameter on the cell, in colours that mean the same before and after a change."""

    def __init__(self, cell: Cell, table: DataFrame, *, dark: bool):
        self._palette = _palette(dark)
        lines = segment_lines(cell.name, table, {cell.name: cell.paths_um})
        self.figure = _figure("", "", "", match_aspect=True)
        self.figure.height = MAP_HEIGHT
        self.figure.xaxis.visible = self.figure.yaxis.visible = False
        self.figure.grid.visible = False
        self._source = ColumnDataSource(
            {
                "xs": [list(line[:, 0]) for line in lines],
                "ys": [list(line[:, 1]) for line in lines],
                "width": 1.5 * line_widths(table["diam_um"].to_numpy(float)),
                "section": table["section"].tolist(),
                "distance": table["path_distance"].tolist(),
                "value": [np.nan] * len(table),
            }
        )
        self._lines = self.figure.multi_line(
            "xs", "ys", line_width="width", line_cap="round", source=self._source
        )
        mapper = LinearColorMapper(palette=self._palette, nan_color=ABSENT)
        self._lines.glyph.line_color = {"field": "value", "transform": mapper}
        self._bar = ColorBar(color_mapper=mapper, width=10, padding=6)
        self.figure.add_layout(self._bar, "right")
        shown = [("section", "@section"), ("from the soma", "@distance{0} um")]
        self.figure.add_tools(HoverTool(tooltips=[*shown, ("value", "@value{0.0000e}")]))

    def show(self, parameter: str, tables: Sequence[DataFrame]) -> None:
        """Draw a parameter of the last of several cells, on the scale of all of them."""
        columns = [table[parameter].to_numpy(float) for table in tables]
        unit = unit_text(tables[-1].attrs["units"].get(parameter, ""))
        self.figure.title.text = f"{parameter} ({unit})" if unit else parameter
        together = np.concatenate(columns)
        if np.isnan(together).all():
            return
        scale = value_scale(together)
        log = isinstance(scale, LogNorm)
        self._colours(LogColorMapper if log else LinearColorMapper).update(
            low=scale.vmin, high=scale.vmax, low_color=ABSENT if log else None
        )
        self._source.data = self._source.data | {"value": columns[-1]}

    def _colours(self, kind: type[ColorMapper]) -> ColorMapper:
        """What colours the map and its bar; a new one only for another kind: it costs a layout."""
        mapper = self._bar.color_mapper
        if type(mapper) is not kind:
            mapper = kind(palette=self._palette, nan_color=ABSENT)
            self._bar.color_mapper = mapper
            self._lines.glyph.line_color = {"field": "value", "transform": mapper}
        return mapper
