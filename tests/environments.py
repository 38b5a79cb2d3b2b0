"""Environments of programs that tests start, and of tools that do not fit into that of the tests."""

import os
import subprocess
import sys
from pathlib import Path

UV = (sys.executable, "-m", "uv")


def make_environment(folder: Path, *requirements: str, python: str = sys.executable) -> Path:
    """Make an environment with what `requirements` name; return its folder of executables.

    Parameters
    ----------
    python : str
        A version (``3.10``) or an interpreter, as uv takes it.
    """
    subprocess.run([*UV, "venv", "--quiet", "--python", python, folder], check=True)
    install = [*UV, "pip", "install", "--quiet", "--python", folder / "bin" / "python"]
    subprocess.run([*install, *requirements], check=True)
    return folder / "bin"


def without_pythonpath() -> dict[str, str]:
    """Variables of this process, but for its paths to modules: what is started finds its own."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
