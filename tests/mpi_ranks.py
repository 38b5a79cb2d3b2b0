"""A script on several MPI ranks, as ``mpiexec -n 2 nrniv -python -mpi script.py`` runs it, by the MPI of the extra `mpi`."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

from environments import without_pythonpath

LIBRARY = {"linux": "libmpi.so.12", "darwin": "libmpi.12.dylib"}


def run_on_ranks(n_ranks: int, *arguments: str | Path, cwd: Path) -> str:
    """What it prints, of all ranks; that of a rank may stand between lines of another."""
    scripts = Path(sysconfig.get_path("scripts"))
    library = Path(sysconfig.get_path("data")) / "lib" / LIBRARY[sys.platform]
    environment = without_pythonpath()
    environment |= {"MPI_LIB_NRN_PATH": str(library), "NEURON_MODULE_OPTIONS": "-nogui"}
    # nrniv asks the first Python of the path where it is; modules of this clone come before others.
    environment["PATH"] = f"{scripts}{os.pathsep}{environment['PATH']}"
    environment["PYTHONPATH"] = str(Path(__file__).resolve().parents[1])
    command = [scripts / "mpiexec", "-n", n_ranks, scripts / "nrniv", "-nogui", "-python", "-mpi"]
    command = [str(word) for word in (*command, *arguments)]
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-2000:]
    assert f"numprocs={n_ranks}" in done.stdout + done.stderr, done.stderr[-2000:]
    return done.stdout
