"""Keep a result in a folder and read it back, from Python."""

from pathlib import Path
from typing import Any

from ..errors import ModelError
from ..files import WRITABLE, writing
from ..output_folder import output_folder
from ..results import Result, read_nwb, write_results
from ..results.nwb import NWB_FILE
from ..specification.arguments import as_path
from .recordings import summarise_recordings
from .summary import summarise


def save(result: Result, folder: str | Path, *, overwrite: bool = False) -> Path:
    """Write the result of a protocol or of a trial into a folder, in the form of every run.

    The folder then holds ``results.nwb``, ``configuration.json``, ``provenance.json`` and
    ``summary.json``.
    """
    if not isinstance(result, Result):
        raise ModelError(
            f"result: found a {type(result).__name__}; expected what a run gives, such as"
            " Protocol(...).run(cell)."
        )
    folder = as_path(folder, "folder", "output/step")
    of_trial = result.track is not None and "soma" in result.voltage_mV
    summary = summarise(result) if of_trial else summarise_recordings(result)
    with (
        writing(folder, WRITABLE),
        output_folder(folder, overwrite, to_replace="give overwrite=True") as output,
    ):
        write_results(result, summary, output.written)
    return output.place


def load(folder: str | Path) -> Any:
    """Read a result back from a folder, or from its ``results.nwb``."""
    path = as_path(folder, "folder", "output/step")
    return read_nwb(path / NWB_FILE if path.is_dir() else path)
