"""The package as it is installed: a wheel, seen from elsewhere."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from environments import UV

ROOT = Path(__file__).resolve().parents[1]


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
    trial = ["run", "--duration", "5", "--set", "n_excitatory=40", "--out", "trial", "--quiet"]
    assert run(sys.executable, "-m", "netpyne_model", *trial).returncode == 0
    assert (tmp_path / "trial" / "results.nwb").is_file()
    # Its types reach a user's checker: the marker, and the stub of the public names.
    for name in ("py.typed", "__init__.pyi"):
        assert (tmp_path / "installed" / "netpyne_model" / name).is_file()
