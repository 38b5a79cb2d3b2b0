"""Recordings of many runs in one page: as fine as the room that each run has."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .packing import PackedArrays

TRACE_CHARACTERS = 4_000_000
"""Room in a page for the traces of all its runs."""

FEWEST_CHARACTERS = 1500
"""Room that a run's traces need at least; of more runs than the page has room for, none."""

_FINE_MS = (0.0, 0.2, 0.5, 1.0, 2.0)
_COARSE_MS = (5.0, 10.0, 20.0, 50.0, 100.0)
_FINEST_MV = 0.01
_STEPS_OF_SPREAD = 2000


@dataclass(frozen=True)
class Recording:
    """What was recorded of a run, at even steps.

    Attributes
    ----------
    name, label, unit : str
    first_ms, step_ms : float
    values : ndarray
    """

    name: str
    label: str
    unit: str
    first_ms: float
    step_ms: float
    values: np.ndarray


def pack_recordings(
    recordings: Sequence[Recording], arrays: PackedArrays, most_characters: int
) -> list[dict[str, Any]]:
    """Put a run's recordings into a page, within the characters that it has.

    What does not fit is thinned: of every so many ms the lowest and the highest value, so that no
    spike is lost: all recordings at up to 2 ms, else the first two at up to 5 ms, else the first
    alone. Empty where even that does not fit.

    Returns
    -------
    list of dict
        ``name, label, unit, first_ms, step_ms, values`` of each, and ``thinned_ms``: the span that
        two values stand for, 0 where all samples are there.
    """
    for chosen, steps_ms in (
        (recordings, _FINE_MS),
        (recordings[:2], (*_FINE_MS, _COARSE_MS[0])),
        (recordings[:1], (*_FINE_MS, *_COARSE_MS)),
    ):
        for thinned_ms in steps_ms:
            before = len(arrays.texts)
            packed = [_packed(one, thinned_ms, arrays) for one in chosen]
            if sum(map(len, arrays.texts[before:])) <= most_characters:
                return packed
            del arrays.texts[before:]
    return []


def _packed(recording: Recording, thinned_ms: float, arrays: PackedArrays) -> dict[str, Any]:
    values = np.asarray(recording.values, float)
    n = max(round(thinned_ms / recording.step_ms), 1)
    if n > 2:
        values = lowest_and_highest(values, n)
    step_ms = recording.step_ms * (n / 2 if n > 2 else 1)
    return {
        "name": recording.name,
        "label": recording.label,
        "unit": recording.unit,
        "first_ms": recording.first_ms,
        "step_ms": step_ms,
        "thinned_ms": 2 * step_ms if n > 2 else 0,
        "values": arrays.add(values, _resolution(values, recording.unit), delta=True),
    }


def lowest_and_highest(values: np.ndarray, n: int) -> np.ndarray:
    """Of every `n` samples the lowest and the highest, in the order in which they come."""
    missing = -len(values) % n
    blocks = np.pad(values, (0, missing), mode="edge").reshape(-1, n)
    at = np.sort(np.stack([blocks.argmin(axis=1), blocks.argmax(axis=1)], axis=1), axis=1)
    return np.take_along_axis(blocks, at, axis=1).ravel()


def _resolution(values: np.ndarray, unit: str) -> float:
    """To which values are rounded: a share of their spread, of potentials 0.01 mV at the finest."""
    spread = float(np.ptp(values)) if len(values) else 0.0
    resolution = spread / _STEPS_OF_SPREAD or float(np.abs(values).max(initial=0)) / 1e4 or 1.0
    return max(resolution, _FINEST_MV) if unit == "mV" else resolution
