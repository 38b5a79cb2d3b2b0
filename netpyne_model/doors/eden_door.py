"""The flat cell in EDEN, as far as it gets."""

import signal
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import ModelError
from .flat_files import SIMULATION, VOLTAGES, write_flat_files
from .soma_step import SomaStep


def run(step: SomaStep, folder: Path) -> dict[str, Any]:
    """Run EDEN's program on the flat cell; raises ModelError with what it says where it stops."""
    from eden_simulator import embeden

    home = folder / "flat"
    write_flat_files(home, step)
    command = [embeden.get_exe_path(), "nml", SIMULATION, "gcc"]
    ran = subprocess.run(command, cwd=home, capture_output=True, text=True, check=False)
    if ran.returncode or not (home / VOLTAGES).is_file():
        raise ModelError(f"EDEN stops: {_last_words(ran)}")
    time_s, *voltages_V = np.loadtxt(home / VOLTAGES).T
    return step.passage(
        1e3 * time_s, *(1e3 * v for v in voltages_V), version=f"EDEN {version('eden-simulator')}"
    )


def _last_words(ran: subprocess.CompletedProcess) -> str:
    """What it says of the file it cannot make sense of, or the signal that ended it."""
    told = [line.strip() for line in ran.stderr.splitlines() if line.strip()]
    reasons = [line for line in told if line.startswith("file ")]
    if reasons:
        return reasons[0].split(": ", 1)[-1].split(": Provided", 1)[0]
    if ran.returncode < 0:
        return f"it dies of signal {-ran.returncode} ({signal.Signals(-ran.returncode).name})"
    return f"exit code {ran.returncode}"
