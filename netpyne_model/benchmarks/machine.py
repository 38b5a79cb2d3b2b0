"""What a benchmark ran on: figures of speed mean nothing without it."""

import os
import platform
import subprocess
from pathlib import Path
from typing import Any


def machine() -> dict[str, Any]:
    """Say what this machine is.

    Returns
    -------
    dict
        ``processor`` (name), ``cores`` (that this process may use), ``load_average_1min`` (of the machine, None where it
        does not say): anything near or above 1 is other work that slows what is measured.
    """
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {"processor": processor_name(), "cores": usable_cores(), "load_average_1min": load}


def usable_cores() -> int:
    """Number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def processor_name() -> str:
    """Name of the processor, as far as the system tells."""
    if platform.system() == "Darwin":
        command = ["sysctl", "-n", "machdep.cpu.brand_string"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.stdout.strip() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
