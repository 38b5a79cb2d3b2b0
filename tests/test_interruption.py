"""Ctrl-C while a command starts: libraries are imported then, which do not let every exception through."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ENTRIES = {
    "script": [str(ROOT / "scripts" / "run_netpyne.py")],
    "module": ["-m", "netpyne_model", "run"],
    "ca1": ["-c", "import sys; from netpyne_model.__main__ import command; command('run')"],
}
# In the order in which a run imports them, up to what simulates.
IMPORTED = ("typer", "pydantic", "numpy", "pandas._libs.lib", "netpyne_model.simulation")
IMPORTS = "import time:"


def interrupted_after(module, arguments, folder):
    """Code and messages of a program that gets Ctrl-C once it has imported a module."""
    process = subprocess.Popen(
        [sys.executable, "-X", "importtime", *arguments, "--duration", "5000", "--out", "run"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        # In the background of a shell it would be ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    lines, sent = [], False
    for line in process.stderr:
        if line.startswith(IMPORTS):
            if not sent and line.split("|")[-1].strip() == module:
                process.send_signal(signal.SIGINT)
                sent = True
        else:
            lines.append(line)
    process.stderr.close()
    assert sent
    return process.wait(timeout=60), "".join(lines)


@pytest.mark.parametrize("entry", ENTRIES)
@pytest.mark.parametrize("module", IMPORTED)
def test_a_run_that_is_interrupted_while_it_starts(entry, module, tmp_path):
    code, told = interrupted_after(module, ENTRIES[entry], tmp_path)
    assert (code, told) in [
        (130, "error: interrupted; nothing was done.\n"),
        (130, "error: interrupted; nothing was kept.\n"),
    ]
    assert list(tmp_path.iterdir()) == []
