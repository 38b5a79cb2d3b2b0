"""Studies of known numbers, and what is read off their figures."""

import itertools

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import FillBetweenPolyCollection, LineCollection, PathCollection
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from scipy import stats

from netpyne_model.figures.conditions import COMPARED
from netpyne_model.figures.style import FIELD

DC_NA = (-0.15, -0.05, 0.0, 0.1)
POSITION_CM = np.arange(0.5, 187)
V_MV = np.arange(-79.75, -30, 0.5)
CONDITIONS = (
    "control",
    "without NMDA",
    "half the sodium",
    "inhibition reduced out of field",
    "uniform weights",
    "DC 0",
)
LONG = tuple(
    f"a condition {n} of a name far too long to be read, at $5 each, that somebody gave it"
    for n in range(6)
)


def study(rows, *, silent=False, field=True, centre=93.5, circular=True):
    """Table, profiles and spikes of trials that are declared as a list of dicts."""
    draw = np.random.default_rng(1)
    bump = np.exp(-(((POSITION_CM - centre + 93.5) % 187 - 93.5) ** 2) / 800)
    trials, rates, ramps, inside, outside, spikes = [], [], [], [], [], []
    for number, row in enumerate(rows):
        v_mV = -62 + 50 * row.get("dc_nA", 0.0) + draw.normal(0, 0.3)
        gain = (
            0
            if silent
            else np.exp(10 * row.get("dc_nA", 0.0)) * (0.4 if row.get("drugs") == "TTX" else 1)
        )
        rates.append(bump * gain * draw.uniform(8, 12))
        ramps.append(v_mV + bump * (2 + gain))
        inside.append(stats.norm.pdf(V_MV, v_mV + 3, 3) if field else np.full(len(V_MV), np.nan))
        outside.append(stats.norm.pdf(V_MV, v_mV, 2) if field else np.full(len(V_MV), np.nan))
        n = draw.poisson(10 * gain)
        at = (centre + draw.normal(0, 15, n)) % 187
        spikes += list(zip([number] * n, at, draw.uniform(0, 360, n), strict=True))
        measures = dict(zip(COMPARED, draw.normal(gain, 0.1, len(COMPARED)), strict=True))
        if silent:
            measures |= {name: 0.0 for name in COMPARED if name.endswith("_hz")} | {
                "precession_deg_per_field": np.nan
            }
        potentials = {"mean_v_out_of_field_mV": v_mV, "mean_v_in_field_mV": v_mV + 3}
        if not field:
            potentials = dict.fromkeys(potentials, np.nan)
        trials.append(row | measures | potentials)
    table = pd.DataFrame(trials)
    where = {"field_centre": centre, "field_width": 90.0} if field else {}
    profiles = xr.Dataset(
        {
            "rate_hz": (("trial", "position"), rates),
            "ramp_mV": (("trial", "position"), ramps),
            "v_density_in_field": (("trial", "v_mV"), inside),
            "v_density_out_of_field": (("trial", "v_mV"), outside),
        },
        {
            "position": ("position", POSITION_CM, {"units": "cm", "long_name": "track position"}),
            "v_mV": V_MV,
            **{name: ("trial", np.full(len(rows), value)) for name, value in where.items()},
            **{name: ("trial", table[name].to_numpy()) for name in rows[0]},
        },
        {"track_length": 187.0} if circular else {},
    )
    return table, profiles, pd.DataFrame(spikes, columns=["trial", "position", "theta_phase_deg"])


def sweep(n_trials=4, **options):
    grid = itertools.product(("control", "TTX"), DC_NA, range(n_trials))
    return study(
        [
            {"condition": f"dc_nA={dc}, drugs={drugs}", "drugs": drugs, "dc_nA": dc, "seed": seed}
            for drugs, dc, seed in grid
        ],
        **options,
    )


def comparison(names=CONDITIONS, n_trials=4, **options):
    return study(
        [{"condition": name, "seed": seed} for name in names for seed in range(n_trials)], **options
    )


def traces(n=3):
    at = np.linspace(150, 187 + 187, 4000, endpoint=False) % 187
    return [
        (f"trial {number}", at, -60 + number + np.sin(np.arange(4000) / 30)) for number in range(n)
    ]


def at(table, **levels):
    return np.flatnonzero(
        np.logical_and.reduce([table[name] == level for name, level in levels.items()])
    )


def dots(ax):
    return [item.get_offsets() for item in ax.collections if isinstance(item, PathCollection)]


def strokes(ax):
    """The segments of all strokes, (n, 2, 2)."""
    return np.concatenate(
        [item.get_segments() for item in ax.collections if isinstance(item, LineCollection)]
    )


def bands(ax):
    return [item for item in ax.collections if isinstance(item, FillBetweenPolyCollection)]


def edges(polygon, x):
    """Lower and upper edge of a band at its positions."""
    vertices = polygon.get_paths()[0].vertices
    at_x = [np.unique(vertices[np.isclose(vertices[:, 0], value), 1]) for value in x]
    return np.array([(values.min(), values.max()) for values in at_x]).T


def fields(ax):
    """Begin and end of the shaded place fields."""
    return sorted(
        (patch.get_x(), patch.get_x() + patch.get_width())
        for patch in ax.patches
        if isinstance(patch, Rectangle)
        and patch.get_facecolor()[:3] == pytest.approx(to_rgb(FIELD))
    )


def student(values):
    half = stats.t.ppf(0.975, len(values) - 1) * stats.sem(values)
    return values.mean(axis=0), values.mean(axis=0) - half, values.mean(axis=0) + half


def colliding(figure):
    """Pairs of texts whose boxes overlap, and texts that leave the figure; ticks that are not drawn apart."""
    canvas = FigureCanvasAgg(figure)
    figure.draw_without_rendering()
    axes = [(axis, ax) for ax in figure.axes for axis in (ax.xaxis, ax.yaxis)]
    of_ticks = {
        id(label)
        for axis, _ in axes
        for tick in axis.get_major_ticks()
        for label in (tick.label1, tick.label2)
    }
    drawn = {
        id(label)
        for axis, _ in axes
        for tick in axis._update_ticks()
        for label in (tick.label1, tick.label2)
    }
    texts = [
        text for text in figure.findobj(Text) if text.get_text().strip() and text.get_visible()
    ]
    texts = [text for text in texts if id(text) not in of_ticks or id(text) in drawn]
    boxes = [(text.get_text(), text.get_window_extent(canvas.get_renderer())) for text in texts]
    width, height = canvas.get_width_height()
    pairs = [(a, b) for (a, one), (b, two) in itertools.combinations(boxes, 2) if one.overlaps(two)]
    return pairs + [
        a
        for a, box in boxes
        if box.x0 < 0 or box.y0 < 0 or box.x1 > width + 1 or box.y1 > height + 1
    ]
