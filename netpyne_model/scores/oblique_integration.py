"""Integration in oblique dendrites: inputs to one place of a branch, together and one by one.

An input is an AMPA and an NMDA receptor of the cell on the branch itself, as in HippoUnit. (On the
cell's spines five inputs do not take the branch to the threshold: their necks limit the current.)
The conductances are those of the nearest spine, scaled until five inputs bring the branch to the
threshold and four do not.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..cell.cell import Cell
from ..experiments.cell_task import CellTask
from ..experiments.outcome import Outcome, Row
from ..experiments.search import Search
from ..morphology.locations import SOMA
from ..protocols import ShaftInput, SpineInput
from .fixed_step import DT_MS, fixed_step
from .score import Score, ScoredTest, mean, rows_of
from .targets import targets

NAME = "oblique_integration"
START_MS, AFTER_MS = 150.0, 100.0
SPIKE_MV = -20.0  # what counts as a spike, of the soma and of the branch
THRESHOLD_INPUTS = 5
MOST_INPUTS = 7
TOGETHER_MS, APART_MS = 0.3, 2.2  # from one input to the next: a pulse of the laser lasts 0.2 ms
SMALLEST_SCALE, LARGEST_SCALE = 0.5, 50.0  # of a spine's conductances
BISECTIONS = 9  # to within 1 %
WITHIN_UM = 150.0  # of the soma, where the branch has to begin
PROXIMAL_UM, DISTAL_UM = (5.0, 50.0), (60.0, 126.0)  # along the branch
END_X = 0.9  # where a branch too short for the distal stretch is driven
_BESIDE = 1e-4  # of the section: still in the same segment
KINDS = {"proximal": PROXIMAL_UM, "distal": DISTAL_UM}


class Site(NamedTuple):
    """Where inputs come, and what the receptors of one are, in units of their gbase."""

    section: str
    x: float
    weights: Mapping[str, float]


class Response(NamedTuple):
    """Potential of the soma (mV) from the first input on; spikes of the soma and of the branch."""

    soma_mV: np.ndarray
    n_soma: int
    n_branch: int


def tasks(cell: Cell) -> list[CellTask]:
    """A search at a proximal and a distal place of every terminal oblique near the soma."""
    return [Search({"test": NAME} | place, cell, integrate) for place in places(cell)]


def places(cell: Cell) -> list[dict[str, Any]]:
    """Where obliques are driven: ``kind, section, x``."""
    morphology, table = cell.morphology, cell.table()
    with_spines = set(cell.placement.spines["section"])
    chosen = []
    for section in morphology.in_region("apical"):
        terminal = morphology.is_terminal(section.index) and section.index in with_spines
        if not terminal or morphology.path_distance(section.index, 0.0) >= WITHIN_UM:
            continue
        centres = table.loc[table["section"] == section.name, "x"].to_numpy()
        for kind, (from_um, to_um) in KINDS.items():
            along_um = centres * section.length_um
            within = centres[(along_um > from_um) & (along_um < to_um)]
            if len(within):
                x = float(within[_middle(kind, len(within))])
            elif kind == "distal":
                x = END_X
            else:
                continue
            chosen.append({"kind": kind, "section": section.name, "x": x})
    return chosen


def _middle(kind: str, n: int) -> int:
    """Which of several segments is driven, as HippoUnit chooses it."""
    middle = math.ceil(n / 2)
    return min(middle, n - 1) if kind == "proximal" else middle - 1


def integrate(cell: Cell, labels: Mapping[str, Any]) -> Outcome:
    """Find the scale, then measure one input, more together, and as many as fire one by one."""
    site = site_of(cell, labels["section"], labels["x"])
    row: Row = dict(labels)
    scale, responses, why = find_scale(cell, site)
    row |= {"scale": scale, "excluded": why}
    if why:
        return Outcome(row)
    silent_mV = respond(cell, site, 0, scale, TOGETHER_MS).soma_mV
    for n in range(1, MOST_INPUTS + 1):
        response = responses.get(n) or respond(cell, site, n, scale, TOGETHER_MS)
        row |= _measured(response.soma_mV, silent_mV, f"together_{n}")
        row[f"together_{n}_n_soma"] = response.n_soma
    apart = respond(cell, site, THRESHOLD_INPUTS, scale, APART_MS)
    row |= _measured(apart.soma_mV, silent_mV, f"apart_{THRESHOLD_INPUTS}")
    return Outcome(row)


def site_of(cell: Cell, section: str, x: float) -> Site:
    """A place with the receptors of the spine of the section that is nearest to it."""
    spines = cell.placement.spines
    here = spines[spines["section"] == cell.morphology.section(section).index]
    number = int((here["x"] - x).abs().idxmin())
    (weights,) = SpineInput(spines=number, times_ms=START_MS).driven(cell).weights
    return Site(section, x, weights)


def respond(cell: Cell, site: Site, n: int, scale: float, interval_ms: float) -> Response:
    """Run inputs to a site one after the other."""
    inputs = [
        ShaftInput(
            times_ms=START_MS + number * interval_ms,
            # Inputs at the very same place would share a receptor.
            place=(site.section, site.x + number * _BESIDE),
            receptor=receptor,
            weight=scale * weight,
        )
        for number in range(n)
        for receptor, weight in site.weights.items()
    ]
    record = {"soma": SOMA, "branch": (site.section, site.x)}
    result = fixed_step(START_MS + AFTER_MS, record, inputs).run(cell)
    after = result.time_ms >= START_MS
    soma_mV, branch_mV = (result.voltage_mV[name][after] for name in ("soma", "branch"))
    return Response(soma_mV, spike_count(soma_mV), spike_count(branch_mV))


def spike_count(v_mV: np.ndarray) -> int:
    """How often a potential rises over `SPIKE_MV`.

    A plateau counts while it lasts; eFEL, which HippoUnit asks, counts it when it is over.
    """
    over = v_mV >= SPIKE_MV
    return int((over[1:] & ~over[:-1]).sum())


def find_scale(cell: Cell, site: Site) -> tuple[float, dict[int, Response], str]:
    """Scale at which five inputs take the branch over the threshold and four do not.

    Returned with the responses to so many inputs, and why the site is left out if it is.
    """
    low, high, why = SMALLEST_SCALE, LARGEST_SCALE, ""
    scale = math.nan
    for _ in range(BISECTIONS):
        scale = math.sqrt(low * high)
        enough = respond(cell, site, THRESHOLD_INPUTS, scale, TOGETHER_MS)
        if not enough.n_branch:
            low, why = scale, "five inputs never reach the threshold"
            continue
        fewer = respond(cell, site, THRESHOLD_INPUTS - 1, scale, TOGETHER_MS)
        if fewer.n_branch:
            high, why = scale, "four inputs reach the threshold as soon as five"
            continue
        found = {THRESHOLD_INPUTS - 1: fewer, THRESHOLD_INPUTS: enough}
        return scale, found, "the soma fires too" if enough.n_soma else ""
    return scale, {}, why


def _measured(soma_mV: np.ndarray, silent_mV: np.ndarray, name: str) -> Row:
    """Height, its time and the steepest rise of the somatic response to some inputs."""
    response_mV = soma_mV - silent_mV
    peak = int(np.argmax(response_mV))
    return {
        f"{name}_mV": float(response_mV[peak]),
        f"{name}_peak_ms": peak * DT_MS,
        f"{name}_steepest_mV_per_ms": float(np.diff(soma_mV).max()) / DT_MS,
    }


def integrations(outcomes: Sequence[Outcome]) -> list[Row]:
    """Rows of the places with a weight."""
    return [row for row in rows_of(NAME, outcomes) if not row["excluded"]]


def scores(cell: Cell, outcomes: Sequence[Outcome]) -> list[Score]:
    """Means over the places; NaN if the branch spikes nowhere."""
    rows = integrations(outcomes)
    at, above = (f"together_{n}" for n in (THRESHOLD_INPUTS, THRESHOLD_INPUTS + 1))
    values = {
        "threshold": [_expected(row, THRESHOLD_INPUTS) for row in rows],
        "nonlinearity_at_threshold": [_percent(row, at, THRESHOLD_INPUTS) for row in rows],
        "nonlinearity_above_threshold": [
            _percent(row, above, THRESHOLD_INPUTS + 1) for row in rows
        ],
        "steepest_rise": [row[f"{at}_steepest_mV_per_ms"] for row in rows],
        "amplitude_at_threshold": [row[f"{at}_mV"] for row in rows],
        "time_to_peak": [row[f"{at}_peak_ms"] for row in rows],
        "asynchronous_nonlinearity": [
            _percent(row, f"apart_{THRESHOLD_INPUTS}", THRESHOLD_INPUTS) for row in rows
        ],
    }
    for kind in KINDS:
        of_kind = [row for row in rows if row["kind"] == kind]
        values[f"{kind}_threshold"] = [_expected(row, THRESHOLD_INPUTS) for row in of_kind]
    return [Score(target, mean(values[quantity])) for quantity, target in targets(NAME).items()]


def _expected(row: Row, n: int) -> float:
    """Height (mV) of the response to inputs that add up."""
    return n * row["together_1_mV"]


def _percent(row: Row, name: str, n: int) -> float:
    return 100 * row[f"{name}_mV"] / _expected(row, n)


TESTS = [
    ScoredTest(
        name=NAME,
        title="Integration in oblique dendrites",
        source="Losonczy & Magee 2006",
        tasks=tasks,
        scores=scores,
    )
]
