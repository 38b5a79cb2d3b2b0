"""What came out in words: a table of all tests, one of each, and what the cell does not have."""

import math
from collections.abc import Sequence

from ..markdown import markdown_table
from .runner import CellScores, ScoresOfTest
from .score import Score
from .somatic_features import RECORDINGS

SHOWN_SOMATIC = {
    "voltage_base, -0.05 nA": "rest (mV)",
    "voltage_deflection, -0.05 nA": "deflection by -50 pA (mV)",
    "voltage_deflection, -0.25 nA": "deflection by -250 pA (mV)",
    "sag_ratio1, -0.25 nA": "sag over deflection at the peak",
    "time_constant, -0.05 nA": "time constant, -50 pA (ms)",
    "time_constant, -0.25 nA": "time constant, -250 pA (ms)",
    "Spikecount, 0.1 nA": "spikes, 0.1 nA",
    "Spikecount, 0.15 nA": "spikes, 0.15 nA",
    "Spikecount, 0.2 nA": "spikes, 0.2 nA",
    "Spikecount, 0.25 nA": "spikes, 0.25 nA",
    "time_to_first_spike, 0.25 nA": "first spike, 0.25 nA (ms)",
    "AP_begin_voltage, 0.25 nA": "spike begins at (mV)",
    "AP_amplitude, 0.25 nA": "spike amplitude (mV)",
    "AP_duration_half_width, 0.25 nA": "spike half width (ms)",
    "AP_rise_rate, 0.25 nA": "rate of rise (mV/ms)",
    "AP_fall_rate, 0.25 nA": "rate of fall (mV/ms)",
    "AHP_depth_abs, 0.25 nA": "lowest between spikes (mV)",
    "Spikecount, 0.4 nA": "spikes, 0.4 nA",
    "Spikecount, 0.6 nA": "spikes, 0.6 nA",
    "Spikecount, 0.8 nA": "spikes, 0.8 nA",
    "Spikecount, 1 nA": "spikes, 1 nA",
}
"""Of the hundreds of somatic features those on the page, by what they are called there."""

NAMES = {
    "first_50": "first spike, 50 um",
    "first_150": "first spike, 150 um",
    "first_250": "first spike, 250 um",
    "first_350_strong": "first spike, 350 um, strongly propagating cells",
    "first_350_weak": "first spike, 350 um, weakly propagating cells",
    "last_50": "last spike, 50 um",
    "last_150": "last spike, 150 um",
    "last_250": "last spike, 250 um",
    "last_350": "last spike, 350 um",
    "psp_100": "soma / dendrite, 100 um",
    "psp_200": "soma / dendrite, 200 um",
    "psp_300": "soma / dendrite, 300 um",
    "half_distance": "half of the change at the soma",
    "half_distance_without_Ih": "half of it, Ih blocked",
    "equilibrium": "potential in the block",
    "steepest_rise": "steepest rise at the threshold",
}


def page(scored: CellScores) -> str:
    """The tables as Markdown, and a line on the cell above them."""
    changes = [str(change) for change in scored.cell.diff()]
    cell = f"Cell {scored.cell.name}" + (f", {len(changes)} changes" if changes else "")
    parts = [f"{cell}, scored by `ca1 scores`; distances in standard deviations (SD).", ""]
    parts += [_totals(scored.results), ""]
    for result in scored.results:
        parts += [f"## {result.test.title}", "", f"Measured: {result.test.source}.", ""]
        parts += [_features(result), ""]
    return "\n".join(parts)


def summary(scored: CellScores) -> str:
    """A line a test, for the terminal."""
    lines = []
    for one in scored.results:
        of_all = f"{one.n_had} of {len(one.scores)} features"
        lines.append(f"{one.test.name:22} {_number(one.total):>6} SD   {of_all}")
    return "\n".join(lines)


def _totals(results: Sequence[ScoresOfTest]) -> str:
    rows = []
    for one in results:
        of_all = f"{one.n_had} of {len(one.scores)}"
        distances = [_number(one.total), _number(one.median)]
        rows.append([one.test.title, one.test.source, of_all, *distances])
    header = ["test", "measured by", "features that the cell has", "score (SD)", "median (SD)"]
    return markdown_table(header, rows)


def _features(result: ScoresOfTest) -> str:
    shown = [(_name(score), score) for score in result.scores]
    if result.test.name in RECORDINGS:
        shown = [
            (SHOWN_SOMATIC[score.target.quantity], score)
            for score in sorted(result.scores, key=_place_on_page)
            if score.target.quantity in SHOWN_SOMATIC
        ]
    rows = []
    for name, score in shown:
        spread = f" ± {score.target.sd:.3g}" if math.isfinite(score.target.sd) else ""
        measured = f"{score.target.mean:.4g}{spread}"
        rows.append([name, measured, _number(score.here, ".4g"), _number(score.in_sd)])
    return markdown_table(["feature", "measured, mean ± SD", "here", "distance (SD)"], rows)


def _place_on_page(score: Score) -> int:
    order = list(SHOWN_SOMATIC)
    quantity = score.target.quantity
    return order.index(quantity) if quantity in order else len(order)


def _name(score: Score) -> str:
    name = NAMES.get(score.target.quantity, score.target.quantity.replace("_", " "))
    return f"{name} ({score.target.unit})" if score.target.unit else name


def _number(value: float, form: str = ".2f") -> str:
    return f"{value:{form}}" if math.isfinite(value) else "none"
