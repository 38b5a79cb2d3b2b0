"""The folder that a run leaves behind."""

import json
from pathlib import Path

from ..files import CONFIGURATION_FILE, write_text
from .nwb import NWB_FILE, write_nwb
from .result import Result


def write_results(result: Result, summary: dict, folder: str | Path) -> None:
    """Write a result, its configuration, provenance and summary into a folder.

    Parameters
    ----------
    summary : dict
        Of the result, as JSON can hold it.
    folder : path
        Must exist; files of these names are replaced.

    Raises
    ------
    ModelError
        If the folder does not exist or cannot be written to.
    """
    folder = Path(folder)
    write_nwb(result, folder / NWB_FILE)
    contents = {
        CONFIGURATION_FILE: result.configuration,
        "provenance.json": result.provenance,
        "summary.json": summary,
    }
    for name, content in contents.items():
        write_text(folder / name, json.dumps(content, indent=2, allow_nan=False) + "\n")
