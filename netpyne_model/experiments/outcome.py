"""What came out of a condition, and its file."""

import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import ModelError
from ..files import write_beside

Row = dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What came out of a condition.

    Attributes
    ----------
    row : dict
        Its labels and what was measured; where the potential could not be held, ``held`` is False
        and nothing else is there.
    traces : dict of str to (time_ms, values, unit, label)
        The recordings that are kept.
    """

    row: Row
    traces: dict[str, tuple[np.ndarray, np.ndarray, str, str]] = field(default_factory=dict)


def write_outcome(outcome: Outcome, path: Path) -> None:
    """Write an outcome to a file, whole or not at all."""
    arrays: dict[str, Any] = {}
    texts = {}
    for name, (time_ms, values, unit, label) in outcome.traces.items():
        arrays[f"{name}/time_ms"] = time_ms
        arrays[f"{name}/values"] = values
        texts[name] = (unit, label)
    content = json.dumps({"row": outcome.row, "texts": texts}, default=float)
    with write_beside(path) as temporary:
        np.savez_compressed(temporary, content=content, **arrays)


def read_outcome(path: Path) -> Outcome:
    """Read an outcome back; `ModelError` if the file is not that of a condition, or was cut off."""
    try:
        with np.load(path) as file:
            content = json.loads(str(file["content"]))
            traces = {
                name: (file[f"{name}/time_ms"], file[f"{name}/values"], *texts)
                for name, texts in content["texts"].items()
            }
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise ModelError(f"{path} is not the file of a condition, or was cut off.") from error
    return Outcome(content["row"], traces)


def write_traces(outcomes: Sequence[Outcome], path: Path) -> None:
    """Write the traces of all conditions to an HDF5 file.

    A group a condition, numbered like the rows of the table, with the labels as attributes; in it
    a dataset a recording, with ``unit``, ``label`` and the sample times as ``start_ms`` and
    ``step_ms``.
    """
    import h5py

    with write_beside(path) as temporary, h5py.File(temporary, "w") as file:
        for number, outcome in enumerate(outcomes):
            group = file.create_group(f"{number:04d}")
            labels = {name: value for name, value in outcome.row.items() if value is not None}
            group.attrs.update(labels)
            for name, (time_ms, values, unit, label) in outcome.traces.items():
                dataset = group.create_dataset(name, data=values, compression="gzip", shuffle=True)
                dataset.attrs.update({"unit": unit, "label": label, "start_ms": time_ms[0]})
                dataset.attrs["step_ms"] = (time_ms[-1] - time_ms[0]) / (len(time_ms) - 1)
