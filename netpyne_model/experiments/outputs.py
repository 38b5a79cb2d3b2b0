"""What an experiment leaves behind: its table, traces and figure."""

from collections.abc import Sequence
from pathlib import Path

from ..figures import save
from ..files import write_beside
from .condition import Outcome
from .experiment import Comparison, Experiment


def write_experiment(
    experiment: Experiment, outcomes: Sequence[Outcome], folder: Path, reference: Path | None
) -> list[Comparison]:
    """Write ``table.csv``, ``traces.h5``, ``figure.png`` and ``figure.svg``; return the comparisons, written too.

    Parameters
    ----------
    experiment : Experiment
    outcomes : sequence of Outcome
    folder : path
        Must exist.
    reference : path or None
        Folder of the published model's figures; without it nothing is compared.
    """
    table = experiment.table(outcomes)
    with write_beside(folder / "table.csv") as temporary:
        table.to_csv(temporary, index=False, lineterminator="\n")
    write_traces(outcomes, folder / "traces.h5")
    figure = experiment.figure(table, outcomes)
    for kind in ("png", "svg"):
        save(figure, folder / f"figure.{kind}")
    if experiment.compare is None or reference is None:
        return []
    return experiment.compare(table, reference)


def write_traces(outcomes: Sequence[Outcome], path: Path) -> None:
    """Write the traces of all conditions to an HDF5 file.

    A group a condition, numbered like the rows of the table, with the labels as attributes; in it a dataset a recording, with
    ``unit``, ``label`` and the sample times as ``start_ms`` and ``step_ms``.
    """
    import h5py

    with write_beside(path) as temporary, h5py.File(temporary, "w") as file:
        for number, outcome in enumerate(outcomes):
            group = file.create_group(f"{number:04d}")
            group.attrs.update(
                {name: value for name, value in outcome.row.items() if value is not None}
            )
            for name, (time_ms, values, unit, label) in outcome.traces.items():
                dataset = group.create_dataset(name, data=values, compression="gzip", shuffle=True)
                dataset.attrs.update({"unit": unit, "label": label, "start_ms": time_ms[0]})
                dataset.attrs["step_ms"] = (time_ms[-1] - time_ms[0]) / (len(time_ms) - 1)


def write_text(path: Path, text: str) -> None:
    """Write a text file, whole or not at all."""
    with write_beside(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
