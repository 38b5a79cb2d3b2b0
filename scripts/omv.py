#!/usr/bin/env python3
"""All tests of OMV (Open Source Brain's model validation) in a folder of their own: ``python scripts/omv.py``.

``omv all`` in the clone runs the same; jNeuroML then leaves its mechanisms and outputs in NeuroML2.
Needs Java, and the library OSBModelValidation (extra ``test``).
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    """Run them, with what OMV prints; 0 if all passed."""
    scripts = sysconfig.get_path("scripts")
    # Without NEURON_HOME the mechanisms that jNeuroML exports are not compiled.
    environment = os.environ | {
        "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
        "NEURON_HOME": sys.prefix,
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
    }
    with tempfile.TemporaryDirectory() as folder:
        for name in ("NeuroML2", "omv"):
            shutil.copytree(ROOT / name, Path(folder) / name)
        # OMV installs an engine that is missing, without asking.
        if importlib.util.find_spec("arbor") is None:
            for test in (Path(folder) / "omv").glob("*.Arbor.omt"):
                print(f"{test.name} is left out: Arbor is not installed (extra 'arbor').")
                test.unlink()
        omv = [str(Path(scripts) / "omv"), "all", "-V"]
        return subprocess.run(omv, cwd=folder, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
