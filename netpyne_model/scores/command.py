"""Scores a cell, says how far it is, and writes table, page and figure."""

import time
from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from ..cell.cell import Cell
from ..errors import ModelError, did_you_mean, quoted
from ..figures.scores import scores as draw_scores
from ..files import write_text
from ..interruption import interruptible
from ..progress import show_sweep
from ..sweeps.report import save_figures
from . import TESTS, somatic_features, trains
from .back_propagation import amplitudes, train
from .page import page, summary
from .runner import TABLE, CellScores, score_cell
from .score import ScoredTest

ONSETS_MS = {"patch": somatic_features.START_MS, trains.TEST: trains.START_MS}
PAGE, FIGURE = "SCORES.md", "figure"


def score_and_draw(
    cell: Cell,
    names: Sequence[str],
    folder: Path,
    *,
    processes: int | None = None,
    scheduler: str | None = None,
    quiet: bool = False,
) -> None:
    """Run tests of `TESTS`, all without names, and write what came out into a folder."""
    tests = chosen_tests(names)
    start_s = time.monotonic()
    with interruptible(), show_sweep(not quiet, "runs") as report:
        scored = score_cell(
            cell, tests, folder, processes=processes, scheduler=scheduler, report=report
        )
    write_text(folder / PAGE, page(scored))
    figure = figure_of(scored)
    save_figures({} if figure is None else {FIGURE: figure}, folder)
    if not quiet:
        print(summary(scored))
        wall_s = time.monotonic() - start_s
        files = [PAGE, TABLE] if figure is None else [PAGE, TABLE, f"{FIGURE}.png"]
        print(f"{wall_s:.0f} s; {', '.join(str(folder / name) for name in files)}")


def chosen_tests(names: Sequence[str]) -> list[ScoredTest]:
    """The tests of these names, in the order of `TESTS`; all without any."""
    for name in names:
        if name not in TESTS:
            raise ModelError(f"test {quoted(name)} does not exist.{did_you_mean(name, TESTS)}")
    return [test for name, test in TESTS.items() if not names or name in names]


def list_of_tests() -> str:
    """A line a test: name, title, source."""
    return "\n".join(f"{name:22} {one.title} ({one.source})" for name, one in TESTS.items())


def figure_of(scored: CellScores) -> Figure | None:
    """The figure of the tests that were run; None if there is nothing to draw."""
    row = train(scored.outcomes)
    heights_mV = {
        spike: list(amplitudes(scored.cell, row, spike).values()) for spike in ("first", "last")
    }
    totals = {one.test.name: one.total for one in scored.results}
    return draw_scores(scored.table(), scored.outcomes, totals, heights_mV, ONSETS_MS)
