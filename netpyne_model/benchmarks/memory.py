"""Resident memory of this process, now and at its peak, in MB (1e6 bytes)."""

import resource
import sys
from pathlib import Path

_STATUS = Path("/proc/self/status")


def peak_memory_mb() -> float:
    """Largest resident memory of this process so far.

    Linux hands ``ru_maxrss`` on from the process that started this one, so it is read from ``/proc`` where there is one.
    """
    peak = _of_status("VmHWM")
    return maxrss_mb(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) if peak is None else peak


def memory_mb() -> float | None:
    """Resident memory of this process now; None on a system that does not say."""
    return _of_status("VmRSS")


def maxrss_mb(ru_maxrss: int) -> float:
    """What ``getrusage`` calls ``ru_maxrss``, in MB: bytes on macOS, KiB elsewhere."""
    return ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6


def _of_status(name: str) -> float | None:
    try:
        lines = _STATUS.read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        key, _, value = line.partition(":")
        if key == name:
            return float(value.split()[0]) * 1024 / 1e6  # the file says kB and means KiB
    return None
