"""Measurements of another checkout of this package, by the same yardstick.

The other one's package is imported and built; what measures it is the code of this one, so that
before and after differ in what they run and in nothing else.
"""

import pickle
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from ..errors import ModelError
from . import measure
from .measure import Request

_MEASURE = """
import importlib.util, pickle, sys
checkout, source, given, answer = sys.argv[1:]
sys.path.insert(0, checkout)
import netpyne_model.benchmarks
if not netpyne_model.__file__.startswith(checkout):
    sys.exit(f"{netpyne_model.__file__} came first")
name = "netpyne_model.benchmarks.measure"
specification = importlib.util.spec_from_file_location(name, source)
sys.modules[name] = module = importlib.util.module_from_spec(specification)
specification.loader.exec_module(module)
with open(given, "rb") as file:
    request = pickle.load(file)
module.begin_process(sys.argv[3].rpartition("/")[0])
with open(answer, "wb") as file:
    pickle.dump(module.measure(request), file)
"""


def check_checkout(folder: Path) -> None:
    """Refuse a folder that is no checkout of this package."""
    if not (folder / "netpyne_model" / "benchmarks" / "measure.py").is_file():
        raise ModelError(
            f"baseline {folder} is no checkout of this package; expected a folder with"
            " netpyne_model in it: git worktree add <folder> <commit> makes one."
        )


def measure_elsewhere(request: Request, checkout: Path) -> dict[str, Any]:
    """Carry out a request in a process of its own with the package of another checkout."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        given, answer = Path(folder, "request"), Path(folder, "answer")
        given.write_bytes(pickle.dumps(request))
        command = [sys.executable, "-c", _MEASURE, str(checkout.resolve()), measure.__file__]
        ran = subprocess.run(
            [*command, str(given), str(answer)],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if ran.returncode or not answer.is_file():
            last = ran.stderr.strip().splitlines()[-1:] or [f"exit code {ran.returncode}"]
            raise ModelError(f"a measurement of {checkout} failed: {last[0]}")
        found: dict[str, Any] = pickle.loads(answer.read_bytes())
    return found
