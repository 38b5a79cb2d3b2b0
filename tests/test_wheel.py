"""The package as it is installed: a wheel, seen from elsewhere."""

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from environments import UV
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
CLEAN_MACHINES = runpy.run_path(str(ROOT / "scripts" / "clean_machines.py"))
"""What a user does first; the script does it in environments that have nothing else."""


def test_the_lock_has_what_the_makefile_installs():
    """Each library of the package and of the extras that `make lock` names, so that targets run."""
    tomllib = pytest.importorskip("tomllib")  # Python 3.11
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = list(project["dependencies"])
    for extra in re.findall(r"--extra (\w+)", (ROOT / "Makefile").read_text(encoding="utf-8")):
        wanted += project["optional-dependencies"][extra]
    names = {canonicalize_name(Requirement(one).name) for one in wanted} - {project["name"]}
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8").lower()
    assert len(names) > 20
    assert {name for name in names if f"\n{name}==" not in lock} == set()


@pytest.mark.slow
def test_a_wheel_has_the_command_the_model_and_the_types(tmp_path):
    def run(*command: str | Path) -> subprocess.CompletedProcess:
        environment = os.environ | {"PYTHONPATH": str(tmp_path / "installed")}
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True
        )

    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    install = [*UV, "pip", "install", "--quiet", "--no-deps", "--python", sys.executable]
    subprocess.run([*install, "--target", tmp_path / "installed", wheel], check=True)

    where = run(sys.executable, "-c", "import netpyne_model; print(netpyne_model.__file__)")
    assert Path(where.stdout.strip()).is_relative_to(tmp_path / "installed")
    fields = run(sys.executable, "-m", "netpyne_model", "run", "--list-fields")
    assert (fields.returncode, fields.stderr) == (0, "")
    assert "duration_ms" in fields.stdout
    trial = [sys.executable, "-m", "netpyne_model", *CLEAN_MACHINES["TRIAL"]]
    (tmp_path / "first_steps.py").write_text(CLEAN_MACHINES["FIRST_STEPS"])
    for step in (trial, [sys.executable, "first_steps.py"]):
        done = run(*step)
        assert done.returncode == 0, done.stderr
    for file in ("trial/results.nwb", "trial.png", "study/trials.csv"):
        assert (tmp_path / file).is_file()
    # Its types reach a user's checker: the marker, and the stub of the public names.
    for name in ("py.typed", "__init__.pyi"):
        assert (tmp_path / "installed" / "netpyne_model" / name).is_file()
