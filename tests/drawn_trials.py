"""A trial that was never simulated, with everything that a results file holds."""

import dataclasses

import numpy as np
import pandas as pd

from netpyne_model.results import CurrentStep, Result, Site, Track

STEP_MS = 0.1
GROUPS = {"CA3": "exc", "ECIII": "exc", "perisomatic": "inh", "axo-axonic": "inh"}


def make_trial(
    *, n_synapses=80, stop_ms=3000.0, spikes_ms=(1400.0, 1450.0, 1500.0, 1520.0), **changes
):
    """A trial with a bump of depolarisation around the field's centre (t = 1,500 ms) and triangular spikes."""
    draw = np.random.default_rng(1)
    time_ms = np.arange(round(stop_ms / STEP_MS)) * STEP_MS
    v = -65 + 5 * np.exp(-(((time_ms - 1500) / 400) ** 2))
    for spike in spikes_ms:
        v += (30 - v) * np.clip(1 - np.abs(time_ms - spike - 0.5), 0, 1)
    group = np.array(list(GROUPS))[np.arange(n_synapses) % 4]
    synapses = pd.DataFrame(
        {
            "synapse": np.arange(n_synapses),
            "group": group,
            "section": draw.integers(5, 100, n_synapses),
            "x": draw.random(n_synapses),
            "kind": [GROUPS[name] for name in group],
            "ampa_weight": 1 + draw.random(n_synapses),
            "gmax_uS": 7.9e-4 * draw.random(n_synapses),
            "path_distance": 300 * draw.random(n_synapses),
            "peak": np.where(np.arange(n_synapses) % 4 < 2, 2000 * draw.random(n_synapses), np.nan),
        }
    )
    # Every seventh input stays silent: empty rows are part of the table.
    presynaptic = [
        np.sort(draw.uniform(0, stop_ms, 0 if i % 7 == 0 else 20)) for i in range(n_synapses)
    ]
    released = [train[::2] for train in presynaptic]
    sites = {
        "soma": Site("soma", "soma_0", 0.0, 0.0, (0, 0, 0)),
        "distal_trunk": Site("distal_trunk", "trunk_37", 1.0, 152.9, (1.5, 152.9, 0)),
    }
    trial = Result(
        configuration={"setup": "place_cell", "seed": 3, "dc_nA": 0.1, "dt_ms": 0.025},
        time_ms=time_ms,
        voltage_mV={"soma": v, "distal_trunk": v + draw.normal(0, 0.1, len(v))},
        sites=sites,
        spike_times_ms=np.array(spikes_ms) + 0.1,
        stimulus=(
            CurrentStep("soma_0", 0.5, 250.0, stop_ms, 0.1),
            CurrentStep("trunk_37", 1.0, 700.0, 702.0, -1.5),
        ),
        synapses=synapses,
        presynaptic_ms=presynaptic,
        released_ms=released,
        track=Track(
            kind="time",
            lap_ms=2500.0,
            settling_ms=250.0,
            lead_in_ms=250.0,
            centre_ms=1000.0,
            width_ms=1000.0,
        ),
        provenance={"versions": {"netpyne_model": "0"}},
        simulation_wall_s=6.0,
    )
    return dataclasses.replace(trial, **changes)
