"""Rules of every kind with the closed form that each must give, for tests on whole cells.

Expectations are computed here from path distances and lengths, never by the package's own profiles.
"""

import numpy as np
import pandas as pd

from netpyne_model import Cell
from netpyne_model.data_folders import MORPHOLOGIES

EXAMPLE = MORPHOLOGIES / "example.swc"
DENDRITES = ("basal", "trunk", "apical", "tuft")
REGIONS = ("soma", "axon_hill", "ais", "axon", *DENDRITES)
SOURCE = {
    "ais": "axon_hill",
    "axon": "ais",
}  # from which the rules of a region inherit here; the others from the trunk
LINEAR = {"linear_per_um": 2e-5}
EXPONENTIAL = {"exponential": {"amplitude": 3e-3, "tau_um": 120.0}}
SIGMOIDAL = {"sigmoidal": {"amplitude": 0.02, "half_um": 150.0, "tau_um": 40.0}}
AT_BOUND, STEEP = (
    {"half_um": 20.2, "tau_um": 84.7},
    {"amplitude": 0.01, "half_um": 150.0, "tau_um": 0.1},
)


def exponential(x):
    return 3e-3 * (np.exp(x / 120) - 1)


def sigmoidal(x):
    return 0.02 * (1 / (1 + np.exp((150 - x) / 40)) - 1 / (1 + np.exp(150 / 40)))


GRADIENTS = [("nas.gbar", LINEAR, lambda x: 2e-5 * x), ("kdr.gbar", EXPONENTIAL, exponential)]
GRADIENTS += [("h.gbar", SIGMOIDAL, sigmoidal)]


def on_terminal_branches(t, along):
    return np.where(t.ends, along.groupby(t["index"]).transform("first") * (1 - t.x), along)


# By what a case shows: rules (regions, parameter, rule), and the closed forms (regions, parameter, form of the columns
# of `seen`) they must give. nas consists of two channels in different regions, h of two that meet at 75 um.
CASES = {
    "a value holds everywhere in its region": (
        [(region, "kdr.gbar", {"value": len(region) / 100}) for region in REGIONS],
        [(REGIONS, "kdr.gbar", lambda t: t.region.str.len() / 100)],
    ),
    "inheritance runs through regions": (
        [
            ("soma", "kdr.gbar", {"value": 0.02}),
            ("trunk", "kdr.gbar", {"inherit": "soma"} | EXPONENTIAL),
            ("apical", "kdr.gbar", {"inherit": "trunk", "linear_per_um": -1e-5}),
            ("tuft", "kdr.gbar", {"inherit": "trunk"} | SIGMOIDAL),
            ("axon_hill", "kdr.gbar", {"inherit": "soma", "linear_per_um": 1e-3}),
            ("ais", "kdr.gbar", {"inherit": "axon_hill", "linear_per_um": 2e-3}),
            ("axon", "kdr.gbar", {"inherit": "ais", "linear_per_um": -5e-5}),
        ],
        [
            (("soma", "basal"), "kdr.gbar", lambda t: 0.02),
            ("trunk", "kdr.gbar", lambda t: 0.02 + exponential(t.d)),
            ("apical", "kdr.gbar", lambda t: 0.02 + exponential(t.d_last) - 1e-5 * (t.d - t.d_end)),
            ("tuft", "kdr.gbar", lambda t: 0.02 + exponential(t.d_last) + sigmoidal(t.d - t.d_end)),
            ("axon_hill", "kdr.gbar", lambda t: 0.02 + 1e-3 * t.d),
            ("ais", "kdr.gbar", lambda t: 0.02 + 1e-3 * t.d_last + 2e-3 * (t.d - t.d_end)),
            # the last segment of the hillock lies at 10 (1 - 1/6) um, and the initial segment starts at 10
            (
                "axon",
                "kdr.gbar",
                lambda t: (
                    0.02 + 1e-3 * 10 * 5 / 6 + 2e-3 * (t.d_last - 10) - 5e-5 * (t.d - t.d_end)
                ),
            ),
        ],
    ),
    "gradients start from a value": (
        [(["apical", "tuft"], name, {"value": 0.01} | gradient) for name, gradient, _ in GRADIENTS],
        [
            (("apical", "tuft"), name, lambda t, form=form: 0.01 + form(t.d))
            for name, _, form in GRADIENTS
        ],
    ),
    "gradients start from what is inherited": (
        [("trunk", name, {"value": 0.02, "linear_per_um": 1e-5}) for name, _, _ in GRADIENTS]
        + [
            (["apical", "tuft"], name, {"inherit": "trunk"} | gradient)
            for name, gradient, _ in GRADIENTS
        ],
        [
            (
                ("apical", "tuft"),
                name,
                lambda t, form=form: 0.02 + 1e-5 * t.d_last + form(t.d - t.d_end),
            )
            for name, _, form in GRADIENTS
        ],
    ),
    "bounds clamp the value": (
        [
            ("dendrites", "nas.gbar", {"value": 0.02, "linear_per_um": -2e-4, "minimum": 0.0}),
            ("dendrites", "kdr.gbar", {"value": 0.02, "maximum": 0.0215} | EXPONENTIAL),
            (
                "dendrites",
                "h.gbar",
                {"value": 0.02, "minimum": 0.0205, "maximum": 0.03} | SIGMOIDAL,
            ),
            (
                "dendrites",
                "km2.gbar",
                {"value": 0.02, "linear_per_um": -1e-4, "minimum": 0.012, "maximum": 0.018},
            ),
        ],
        [
            (DENDRITES, "nas.gbar", lambda t: np.maximum(0.02 - 2e-4 * t.d, 0.0)),
            (DENDRITES, "kdr.gbar", lambda t: np.minimum(0.02 + exponential(t.d), 0.0215)),
            (DENDRITES, "h.gbar", lambda t: np.clip(0.02 + sigmoidal(t.d), 0.0205, 0.03)),
            (DENDRITES, "km2.gbar", lambda t: np.clip(0.02 - 1e-4 * t.d, 0.012, 0.018)),
        ],
    ),
    "a sigmoid that starts at its bound stays there": (
        [
            (
                "trunk",
                "kdr.gbar",
                {"value": 0.02, "maximum": 0.02, "sigmoidal": AT_BOUND | {"amplitude": 0.01}},
            ),
            (
                "trunk",
                "km2.gbar",
                {"value": 0.02, "minimum": 0.02, "sigmoidal": AT_BOUND | {"amplitude": -0.01}},
            ),
        ],
        [("trunk", "kdr.gbar", lambda t: 0.02), ("trunk", "km2.gbar", lambda t: 0.02)],
    ),
    "a sigmoid may be as steep as a step": (  # exp(-33) from it at the nearest centre
        [("trunk", "kdr.gbar", {"value": 0.02, "sigmoidal": STEEP})],
        [("trunk", "kdr.gbar", lambda t: np.where(t.d > 150, 0.03, 0.02))],
    ),
    "a range may begin and end inside a section": (
        [
            (
                "dendrites",
                "nas.gbar",
                {"value": 0.02, "linear_per_um": 1e-4, "from_um": 75.0, "to_um": 120.0},
            ),
            ("dendrites", "h.gbar", {"value": 0.01, "from_um": 60.0, "outside": 0.004}),
        ],
        [
            (
                DENDRITES,
                "nas.gbar",
                lambda t: np.where((t.d > 75) & (t.d <= 120), 0.02 + 1e-4 * t.d, 0.0),
            ),
            (DENDRITES, "h.gbar", lambda t: np.where(t.d > 60, 0.01, 0.004)),
        ],
    ),
    "terminal branches fall to zero at their end": (
        [
            ("trunk", "nas.gbar", {"value": 0.04}),
            (["apical", "tuft"], "nas.gbar", {"inherit": "trunk", "terminal": True} | LINEAR),
            (
                "basal",
                "nas.gbar",
                {"value": 0.05, "linear_per_um": -1e-4, "minimum": 0.02, "terminal": True},
            ),
        ],
        [
            (
                ("apical", "tuft"),
                "nas.gbar",
                lambda t: on_terminal_branches(t, 0.04 + 2e-5 * (t.d - t.d_end)),
            ),
            (
                "basal",
                "nas.gbar",
                lambda t: on_terminal_branches(t, np.maximum(0.05 - 1e-4 * t.d, 0.02)),
            ),
        ],
    ),
    "cable parameters hold for whole sections": (
        [
            ("trunk", "cable.cm", {"value": 1.0, "linear_per_um": 5e-3}),
            ("tuft", "cable.cm", {"inherit": "trunk", "linear_per_um": 1e-3}),
            ("basal", "cable.Ra", {"value": 300.0, "linear_per_um": -0.5, "minimum": 250.0}),
        ],
        [
            ("trunk", "cable.cm", lambda t: 1 + 5e-3 * t.middle),
            ("apical", "cable.cm", lambda t: 1 + 5e-3 * t.d_middle),
            ("tuft", "cable.cm", lambda t: 1 + 5e-3 * t.d_middle + 1e-3 * (t.middle - t.d_end)),
            (("soma", "axon", "basal"), "cable.cm", lambda t: 1.0),
            ("basal", "cable.Ra", lambda t: np.maximum(300 - 0.5 * t.middle, 250.0)),
            (("soma", "ais", "trunk", "tuft"), "cable.Ra", lambda t: 150.0),
        ],
    ),
    "reversal potentials hold for whole sections": (
        [
            ("soma", "na.e", {"value": 55.0}),
            ("ais", "na.e", {"value": 60.0}),
            ("trunk", "na.e", {"inherit": "soma", "linear_per_um": -0.02}),
            ("trunk", "k.e", {"value": -90.0, "exponential": {"amplitude": 1.0, "tau_um": 100.0}}),
            ("dendrites", "h.e", {"value": -30.0, "linear_per_um": -0.01}),
            (
                "basal",
                "nas.gbar",
                {"value": 0.01},
            ),  # on a section without Na channels there would be no such potential
        ],
        [
            (("soma", "basal", "axon"), "na.e", lambda t: 55.0),
            ("ais", "na.e", lambda t: 60.0),
            ("trunk", "na.e", lambda t: 55 - 0.02 * t.middle),
            ("tuft", "na.e", lambda t: 55 - 0.02 * t.d_middle),
            ("trunk", "k.e", lambda t: -91 + np.exp(t.middle / 100)),
            (DENDRITES, "h.e", lambda t: -30 - 0.01 * t.middle),
        ],
    ),
    "the leak's potential goes beyond -60 to -80 mV": (  # where NeuroML's two leaks usually lie
        [
            ("trunk", "pas.e", {"value": -30.0, "linear_per_um": -0.4}),
            (
                "apical",
                "pas.e",
                {"value": -75.0, "exponential": {"amplitude": 3.0, "tau_um": 80.0}},
            ),
            (["trunk", "apical"], "pas.g", {"value": 2e-6} | EXPONENTIAL),
        ],
        [
            ("trunk", "pas.e", lambda t: -30 - 0.4 * t.d),
            ("apical", "pas.e", lambda t: -78 + 3 * np.exp(t.d / 80)),
            (("trunk", "apical"), "pas.g", lambda t: 2e-6 + exponential(t.d)),
        ],
    ),
    "where there is no leak its potential is still a number": (
        [
            ("tuft", "pas.g", {"value": 0.0}),
            ("tuft", "pas.e", {"value": -66.0}),
            ("basal", "pas.g", {"value": 1e-6, "linear_per_um": -2e-8, "minimum": 0.0}),
        ],
        [("tuft", "pas.e", lambda t: -66.0), ("basal", "pas.e", lambda t: -67.0)],
    ),
}


# The cells on which rules are tried.
CELLS = {"published": Cell, "imported": lambda: Cell(EXAMPLE)}


def changed(cell: Cell, *rules: tuple) -> Cell:
    for region, parameter, rule in rules:
        cell = cell.with_rule(region, parameter, **rule)
    return cell


def source_of(cell: Cell, index: int) -> int:
    """The nearest section, on the path to the soma, of the region from which a section inherits; else the soma."""
    sections = cell.morphology.sections
    region, here = SOURCE.get(sections[index].region, "trunk"), sections[index].parent
    while here is not None and sections[here].region != region:
        here = sections[here].parent
    return 0 if here is None else here


def seen(cell: Cell) -> pd.DataFrame:
    """The table with path distances: d; of the section's middle; of `source_of` it (d_last: of its last segment)."""
    table, at = cell.table(), cell.morphology.path_distance
    nseg, sources = (
        table.groupby("index").size(),
        [source_of(cell, index) for index in table["index"]],
    )
    return table.assign(
        d=table["path_distance"],
        middle=[at(index, 0.5) for index in table["index"]],
        d_last=[at(source, 1 - 0.5 / nseg[source]) for source in sources],
        d_end=[at(source, 1.0) for source in sources],
        d_middle=[at(source, 0.5) for source in sources],
        ends=~table["index"].isin({section.parent for section in cell.morphology.sections}),
    )


def assert_close(found, expected, relative=1e-9) -> None:
    # Numbers and path distances go through NeuroML with twelve figures and 1e-9 um; where base and gradient cancel,
    # that counts against the largest value: hence the absolute part (reached: 7e-11 of the largest value).
    expected = np.broadcast_to(np.asarray(expected, dtype=float), np.shape(found))
    np.testing.assert_allclose(
        found, expected, rtol=relative, atol=0.1 * relative * np.abs(expected).max()
    )


def check(table: pd.DataFrame, regions, parameter: str, form) -> None:
    for region in [regions] if isinstance(regions, str) else regions:
        rows = table[table["region"] == region]
        assert len(rows), f"no {region} here: the test would say nothing"
        assert_close(rows[parameter].fillna(0.0), form(rows))
