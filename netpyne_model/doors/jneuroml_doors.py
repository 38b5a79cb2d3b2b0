"""The cell by jNeuroML's exports to NEURON and NetPyNE, and by NetPyNE's import of the NeuroML."""

import contextlib
import io
import os
import sysconfig
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import ModelError
from ..mechanisms.compilation import environment_without_neuron
from ..mechanisms.jneuroml import complaint, run_jneuroml
from . import flat_files
from .flat_files import write_flat_files
from .soma_step import (
    AS_EXPORTED,
    LEMS_FILE,
    NETWORK_FILE,
    SOMA,
    TRUNK,
    VOLTAGES_FILE,
    SomaStep,
    copy_files,
)

NEURON, NETPYNE = "neuron", "netpyne"
"""What jNeuroML exports to."""


def exported(step: SomaStep, folder: Path, simulator: str) -> Path:
    """The folder in which jNeuroML has exported the cell and run it, which takes a minute.

    Raises ModelError with its complaint if it has not.
    """
    home = folder / simulator
    if not (home / VOLTAGES_FILE).is_file():
        copy_files(home, step)
        _export_and_run(home, LEMS_FILE, VOLTAGES_FILE, simulator)
    return home


def _export_and_run(home: Path, lems: str, voltages: str, simulator: str) -> None:
    scripts = sysconfig.get_path("scripts")
    environment = environment_without_neuron() | {
        "NEURON_HOME": str(Path(scripts).parent),
        "PATH": os.pathsep.join([scripts, os.environ.get("PATH", "")]),
    }
    ran = run_jneuroml(lems, f"-{simulator}", "-run", folder=home, environment=environment)
    if not (home / voltages).is_file():
        raise ModelError(f"jNeuroML wrote no {voltages}: {complaint(ran.stdout)}")


def by_jneuroml(step: SomaStep, folder: Path, simulator: str) -> dict[str, Any]:
    """The voltages that the exported simulation wrote."""
    return _written(step, exported(step, folder, simulator) / VOLTAGES_FILE, AS_EXPORTED)


def flat_by_jneuroml(step: SomaStep, folder: Path) -> dict[str, Any]:
    """The voltages of the flat cell, exported to NEURON."""
    home = folder / f"flat_{NEURON}"
    write_flat_files(home, step)
    _export_and_run(home, flat_files.SIMULATION, flat_files.VOLTAGES, NEURON)
    return _written(step, home / flat_files.VOLTAGES, "forward Euler gates")


def _written(step: SomaStep, voltages: Path, differs: str) -> dict[str, Any]:
    time_s, *voltages_V = np.loadtxt(voltages).T
    return step.passage(
        1e3 * time_s,
        *(1e3 * v for v in voltages_V),
        version=f"pyNeuroML {version('pyneuroml')}",
        differs=differs,
    )


def by_import(step: SomaStep, home: Path) -> dict[str, Any]:
    """NetPyNE's `importNeuroML2`, with the mod files that jNeuroML compiled in a folder."""
    os.chdir(home)  # NEURON loads what is compiled in the folder it starts in
    from netpyne import sim, specs
    from netpyne.conversion.neuromlFormat import importNeuroML2

    places = {
        name: {"sec": section, "loc": 0.5, "var": "v"}
        for name, section in (("soma", SOMA), ("trunk", TRUNK))
    }
    configuration = specs.SimConfig(
        {
            "duration": step.until_ms,
            "dt": step.dt_ms,
            "recordStep": step.dt_ms,
            "recordCells": ["all"],
            "recordTraces": places,
            "hParams": {"celsius": step.celsius, "v_init": step.start_mV},
        }
    )
    with contextlib.redirect_stderr(io.StringIO()):  # its progress
        importNeuroML2(NETWORK_FILE, configuration, simulate=True, analyze=False)
    soma_mV, trunk_mV = (sim.simData[name]["cell_0"] for name in places)
    return step.passage(
        np.arange(len(soma_mV)) * step.dt_ms,
        soma_mV,
        trunk_mV,
        version=f"NetPyNE {version('netpyne')}",
        differs=AS_EXPORTED,
    )
