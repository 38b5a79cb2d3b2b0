"""What goes through every door: the current step of NeuroML2/LEMS_CA1_full.xml."""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..benchmarks.peers.condition import crossings_ms
from ..biophysics import load_rules
from ..data_folders import NEUROML2
from ..neuroml2.cells import FULL
from ..neuroml2.components import component

LEMS_FILE, NETWORK_FILE = f"LEMS_{FULL}.xml", f"networks/{FULL}.net.nml"
VOLTAGES_FILE = f"{FULL}.v.dat"
SOMA, TRUNK = "soma_0", "trunk_50"
"""Sections in whose middle the voltage is seen; the current goes into the soma's."""
HOC = "plain NEURON, jNeuroML's hoc"
"""Name of the door that is the last step of the causes."""
AS_EXPORTED = "forward Euler gates, spread spines, frusta"
"""How jNeuroML's mod files and the committed cell differ from this package's."""
_BEFORE_ONSET_MS = 1.0  # a simulator may take the current of a step's end over the whole step
_LENGTH = re.compile(r'(<Simulation [^>]*length=")([\d.]+)( ms" step=")([\d.]+)( ms")')


@dataclass(frozen=True)
class SomaStep:
    """A current step into the soma at rest.

    Attributes
    ----------
    amplitude_nA, onset_ms : float
        The current, to the end of the run.
    until_ms, dt_ms : float
        End of the run, time step.
    celsius, start_mV, threshold_mV : float
        Temperature, potential at the start, upward crossing that counts as a spike.
    """

    amplitude_nA: float
    onset_ms: float
    until_ms: float
    dt_ms: float
    celsius: float
    start_mV: float
    threshold_mV: float

    def passage(
        self, time_ms: Any, soma_mV: Any, trunk_mV: Any, *, version: str, differs: str = ""
    ) -> dict[str, Any]:
        """What came through a door: spikes (ms), rest (mV) by place, what ran, how it differs."""
        time_ms, soma_mV = np.asarray(time_ms, float), np.asarray(soma_mV, float)
        at_ms = self.onset_ms - _BEFORE_ONSET_MS
        rest = {
            place: float(np.interp(at_ms, time_ms, np.asarray(v_mV, float)))
            for place, v_mV in (("soma", soma_mV), ("trunk", trunk_mV))
        }
        spikes_ms = crossings_ms(time_ms, soma_mV, self.threshold_mV)
        return {"spikes_ms": spikes_ms, "rest_mV": rest, "version": version, "differs": differs}


def soma_step(dt_ms: float | None = None) -> SomaStep:
    """The step of the committed files, with another time step if one is given."""
    pulse = component("soma_step", NEUROML2 / NETWORK_FILE)
    simulation = _LENGTH.search((NEUROML2 / LEMS_FILE).read_text(encoding="utf-8"))
    assert simulation is not None
    run = load_rules().run
    return SomaStep(
        amplitude_nA=pulse["amplitude"],
        onset_ms=pulse["delay"],
        until_ms=float(simulation[2]),
        dt_ms=float(simulation[4]) if dt_ms is None else dt_ms,
        celsius=run.celsius,
        start_mV=run.v_init_mV,
        threshold_mV=run.spike_threshold_mV,
    )


def copy_files(folder: Path, step: SomaStep) -> None:
    """Copy the NeuroML of the cell, its network and its simulation into a folder."""
    shutil.copytree(NEUROML2, folder, dirs_exist_ok=True)
    file = folder / LEMS_FILE
    file.write_text(with_step(file.read_text(encoding="utf-8"), step), encoding="utf-8")


def with_step(simulation: str, step: SomaStep) -> str:
    """The text of the LEMS simulation with another time step."""
    return _LENGTH.sub(rf"\g<1>\g<2>\g<3>{step.dt_ms:g}\g<5>", simulation)
