"""Runs the model of this folder and prints its spikes: ``python init.py``.

Compiles ``mod/`` first, unless what is compiled there is of the files as they are. On several
processes: ``mpiexec -n 2 nrniv -python -mpi init.py``.
"""

import glob
import os
import platform
import shutil
import subprocess
import sys

folder = os.path.dirname(os.path.abspath(__file__))
mod = os.path.join(folder, "mod")
compiled = os.path.join(mod, platform.machine())
started_in = os.getcwd()
os.environ.pop("NRN_NMODL_PATH", None)  # NEURON loads what is compiled there, and where it starts
os.chdir(os.path.dirname(os.__file__))
from neuron import h, load_mechanisms

os.chdir(started_in)


def content(path):
    """Content of a file; lines end as compilers write them."""
    with open(path, "rb") as file:
        return file.read().replace(b"\r\n", b"\n")


# Each named as its mechanism.
texts = {os.path.basename(path)[:-4]: content(path) for path in glob.glob(mod + "/*.mod")}


def is_compiled():
    """Whether a library has the very texts of ``mod/`` in it, and is not older than its headers."""
    places = (compiled, os.path.join(compiled, ".libs"), mod)
    names = ("libnrnmech.so", "libnrnmech.dylib", "nrnmech.dll")
    libraries = [os.path.join(place, name) for place in places for name in names]
    libraries = [path for path in libraries if os.path.exists(path)]
    headers = glob.glob(mod + "/*.h") + glob.glob(mod + "/*.inc")
    times = [os.path.getmtime(path) for path in headers]
    return bool(libraries) and all(
        os.path.getmtime(path) >= max(times, default=0)
        and all(text in library for text in texts.values())
        for path, library in [(path, content(path)) for path in libraries]
    )


def compile_mod():
    """Compile ``mod/`` by the nrnivmodl of this Python, also of an environment that is not active."""
    shutil.rmtree(compiled, ignore_errors=True)
    path = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
    subprocess.check_call(["nrnivmodl"], cwd=mod, env=dict(os.environ, PATH=path))


def loaded():
    """What NEURON has loaded already, as ``nrniv`` and ``special`` do: texts and files by mechanism."""
    name, found = h.ref(""), {}
    for point_processes in (0, 1):
        kind = h.MechanismType(point_processes)
        for number in range(int(kind.count())):
            kind.select(number)
            kind.selected(name)
            if name[0] in texts:
                found[name[0]] = (kind.code().encode("utf-8", "surrogateescape"), kind.file())
    return found


before = loaded()
others = [name for name in before if before[name][0].strip() != texts[name].strip()]
if others or 0 < len(before) < len(texts):
    name = (others or sorted(before))[0]
    print(
        "error: NEURON loaded another " + name + " (" + before[name][1] + "); start in a folder"
        " without compiled mod files (such as " + platform.machine() + "), or remove them.",
        file=sys.stderr,
    )
    sys.exit(2)
if not before:
    context = h.ParallelContext()
    if context.id() == 0 and not is_compiled():
        compile_mod()
    context.barrier()
    os.chdir(folder)  # NEURON loads no library by a path with letters that are not ASCII
    load_mechanisms("mod")
    os.chdir(started_in)
sys.path.insert(0, folder)

from cfg import cfg
from netParams import netParams
from netpyne import sim

sim.createSimulate(netParams=netParams, simConfig=cfg)
if sim.rank == 0:
    times_ms = sorted(sim.allSimData["spkt"])
    print("SPIKES (ms): " + " ".join(f"{time_ms:.3f}" for time_ms in times_ms))
