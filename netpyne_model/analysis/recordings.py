"""A run without a track in a few numbers: range of each recording, amplitude of an EPSP."""

import numpy as np

from ..errors import ModelError
from ..results import Result

BASELINE_MS = (3.0, 1.0)  # before the first event (model.md 6: 247 to 249 for events from 250 on)


def summarise_recordings(result: Result) -> dict:
    """Say of every recording where it starts, ends, and how far it goes.

    Returns
    -------
    dict
        ``n_spikes_in_run``, ``recordings`` (name -> ``unit, first, lowest, highest, last``), with holding
        ``holding_current_nA`` and ``held_mV``, and ``simulation_wall_s``. As JSON can hold it.
    """
    recordings = {}
    for name, trace in result.traces.items():
        values = trace.values
        ends = {"first": values[0], "lowest": values.min(), "highest": values.max()}
        numbers = ends | {"last": values[-1]}
        recordings[name] = {"unit": trace.unit} | {key: float(x) for key, x in numbers.items()}
    summary = {"n_spikes_in_run": len(result.spike_times_ms), "recordings": recordings}
    for key in ("holding_current_nA", "held_mV"):
        if key in result.configuration:
            summary[key] = result.configuration[key]
    return summary | {"simulation_wall_s": float(result.simulation_wall_s)}


def baseline(time_ms: np.ndarray, values: np.ndarray, first_event_ms: float) -> float:
    """Mean of a recording 3 to 1 ms before the first event; NaN where it has no sample there."""
    from_ms, to_ms = (first_event_ms - before_ms for before_ms in BASELINE_MS)
    window = (time_ms >= from_ms - 1e-9) & (time_ms <= to_ms + 1e-9)
    return float(values[window].mean()) if window.any() else float("nan")


def epsp_amplitude(time_ms: np.ndarray, v_mV: np.ndarray, first_event_ms: float) -> float:
    """Amplitude of a summed EPSP: highest potential from the first event on, less the baseline.

    Parameters
    ----------
    time_ms, v_mV : ndarray, shape (n,)
    """
    base_mV = baseline(time_ms, v_mV, first_event_ms)
    after = time_ms >= first_event_ms - 1e-9
    if np.isnan(base_mV) or not after.any():
        raise ModelError(
            f"first_event_ms = {first_event_ms:g}: expected a time in the trace ({time_ms[0]:g} to"
            f" {time_ms[-1]:g} ms), at least 3 ms after its start."
        )
    return float(v_mV[after].max() - base_mV)
