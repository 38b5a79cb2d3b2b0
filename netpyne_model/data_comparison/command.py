"""Sets the model beside recordings, says where it lies, and writes table and figure."""

import time
from collections.abc import Sequence
from pathlib import Path

from ..figures.data_comparison import data_comparison
from ..interruption import interruptible
from ..progress import show_sweep
from ..sweeps.report import save_figures
from .answers import chosen_rows
from .page import count_line, lines
from .recorded import recorded
from .runner import SEEDS, TABLE, compare_rows

FIGURE = "data_comparison"


def compare_and_draw(
    names: Sequence[str],
    folder: Path,
    *,
    seeds: int = SEEDS,
    processes: int | None = None,
    scheduler: str | None = None,
    quiet: bool = False,
) -> None:
    """Compare rows by their quantity, all without names, and write what came out into a folder."""
    rows = chosen_rows(tuple(names))
    start_s = time.monotonic()
    with interruptible(), show_sweep(not quiet, "runs") as report:
        table = compare_rows(
            rows, folder, seeds=seeds, processes=processes, scheduler=scheduler, report=report
        )
    figures = folder / "figures"
    save_figures({FIGURE: data_comparison(table)}, figures)
    if not quiet:
        wall_s = time.monotonic() - start_s
        print(f"{lines(table)}\n{count_line(table)}")
        print(f"{wall_s:.0f} s; {folder / TABLE}, {figures / FIGURE}.png")


def list_of_rows() -> str:
    """A line a recorded quantity: its name, and of which preparations."""
    found: dict[str, list[str]] = {}
    for row in recorded():
        found.setdefault(row.quantity, []).append(row.preparation)
    return "\n".join(
        f"{name:46} {', '.join(dict.fromkeys(preparations))}"
        for name, preparations in found.items()
    )
