"""The smooth cell in NEURON: channels fused, or a mechanism each, and those in CoreNEURON."""

import os
import shutil
import subprocess
import sysconfig
import time
from pathlib import Path
from typing import Any

import numpy as np

from ...cell.sections import build_sections
from ...errors import ModelError
from ...mechanisms.cache import cache_folder, kept_in_cache
from ...mechanisms.compilation import environment_without_neuron, mechanisms_key
from ...mechanisms.conversion import GENERATED
from .condition import SmoothCell


def run(cell: SmoothCell, *, fused: bool) -> dict[str, Any]:
    """Run it in NEURON itself; see `cases.run_peer` for what comes back."""
    sections = build_sections(cell.description, fused=fused)
    from neuron import h

    how = "fused channels" if fused else "a mechanism each"
    return _integrate(cell, h, sections) | {"version": _version(h), "how": f"{how}, rate tables"}


def run_in_coreneuron(cell: SmoothCell) -> dict[str, Any]:
    """Run it in CoreNEURON. No mechanisms may be loaded in this process before."""
    os.chdir(
        _compiled_for_coreneuron(cell)
    )  # NEURON loads what it finds in the folder it starts in
    os.environ.setdefault("NEURON_MODULE_OPTIONS", "-nogui")
    from neuron import coreneuron, h

    sections = build_sections(cell.description, load=False)
    coreneuron.enable, coreneuron.verbose = True, 0
    answer = _integrate(cell, h, sections)
    return answer | {"version": f"Core{_version(h)}", "how": "a mechanism each, rate tables"}


def _integrate(cell: SmoothCell, h: Any, sections: dict[str, Any]) -> dict[str, Any]:
    h.load_file("stdrun.hoc")
    soma = sections[cell.sections[0].name](0.5)
    clamp = h.IClamp(soma)
    clamp.delay, clamp.dur, clamp.amp = cell.onset_ms, 1e9, cell.amplitude_nA
    voltage, times = h.Vector().record(soma._ref_v), h.Vector().record(h._ref_t)
    h.celsius, h.dt, h.steps_per_ms = cell.celsius, cell.dt_ms, round(1 / cell.dt_ms)
    h.secondorder = 0
    parallel = h.ParallelContext()
    parallel.set_maxstep(10)
    # A first run fills the tables. Then the same once shorter: what starts and ends a run, copies of
    # the model to CoreNEURON included, is in both and goes out of the difference.
    spent_s = []
    for until_ms in (cell.dt_ms, cell.onset_ms, cell.until_ms):
        h.finitialize(cell.start_mV)
        begin_s = time.process_time()
        parallel.psolve(until_ms + cell.dt_ms / 2)
        spent_s.append(time.process_time() - begin_s)
    return {
        "cpu_s": spent_s[2] - spent_s[1],
        "time_ms": np.array(times),
        "soma_mV": np.array(voltage),
        "n_compartments": cell.n_segments,
    }


def _version(h: Any) -> str:
    return f"NEURON {h.nrnversion(0)}"


def _compiled_for_coreneuron(cell: SmoothCell) -> Path:
    """A folder with the channels compiled for both engines: kept in the cache, as all mechanisms."""
    files = [GENERATED / f"{channel}.mod" for channel in cell.channels]
    home = cache_folder() / f"coreneuron-{mechanisms_key(files)}"
    with kept_in_cache(home):
        if not (home / "compiled").is_file():
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir()
            for file in files:
                shutil.copy(file, home)
            _compile(home)
            (home / "compiled").touch()
    return home


def _compile(folder: Path) -> None:
    nrnivmodl = Path(sysconfig.get_path("scripts")) / "nrnivmodl"
    if not nrnivmodl.is_file():
        raise ModelError(
            f"'{nrnivmodl}' was not found; CoreNEURON's row needs it: pip install neuron."
        )
    command = [str(nrnivmodl), "-coreneuron", "."]
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment_without_neuron(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        last = (done.stdout + done.stderr).strip().splitlines()[-1:]
        raise ModelError(f"nrnivmodl -coreneuron failed: {' '.join(last)}")
