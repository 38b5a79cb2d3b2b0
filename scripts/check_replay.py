#!/usr/bin/env python3
"""Run the whole replay of the published trial and compare voltages and spikes: ``python scripts/check_replay.py``.

Exit code 0 if voltages agree to 0.1 mV until 5 ms before the first spike and every spike to 0.1 ms, else 1. Takes one to
two minutes. Options after the name are configuration fields: ``spines=explicit receptors=generated``. The folder with
replay_events.csv.gz, replay_voltage.csv.gz and replay_soma_spikes.csv is the package's reference/place unless --data names one.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from netpyne_model.configuration import load_configuration
from netpyne_model.data_folders import REFERENCE
from netpyne_model.errors import ModelError
from netpyne_model.progress import show_simulated
from netpyne_model.simulation import run_trial

LARGEST_DIFFERENCE_MV = 0.1
LARGEST_SHIFT_MS = 0.1


def main() -> int:
    """Run and compare; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=REFERENCE / "place")
    parser.add_argument("settings", nargs="*", metavar="FIELD=VALUE")
    arguments = parser.parse_args()
    voltages = pd.read_csv(arguments.data / "replay_voltage.csv.gz")
    spikes_ms = pd.read_csv(arguments.data / "replay_soma_spikes.csv")["time_ms"].to_numpy()
    replay = {
        "setup": "place_cell",
        "events_file": str(arguments.data / "replay_events.csv.gz"),
        "duration_ms": float(voltages["t_ms"].iloc[-1]),
    }
    with show_simulated(True) as report:
        result = run_trial(load_configuration(None, replay, arguments.settings), report)
    until_ms = spikes_ms[0] - 5 if len(spikes_ms) else voltages["t_ms"].iloc[-2]
    before = voltages[voltages["t_ms"] <= until_ms]
    good = True
    for site in ("soma", "proximal_trunk", "distal_trunk"):
        mine = np.interp(before["t_ms"], result.time_ms, result.voltage_mV[site])
        largest = np.abs(mine - before[f"{site}_mV"]).max()
        good &= largest <= LARGEST_DIFFERENCE_MV
        print(
            f"{site}: largest difference until {until_ms:.1f} ms: {largest:.5f} mV (at most {LARGEST_DIFFERENCE_MV})"
        )
    print(
        f"spikes (ms): published {spikes_ms.round(3).tolist()}, here {result.spike_times_ms.round(3).tolist()}"
    )
    same = len(spikes_ms) == len(result.spike_times_ms)
    good &= same and (
        not same or bool(np.all(np.abs(spikes_ms - result.spike_times_ms) <= LARGEST_SHIFT_MS))
    )
    print(
        f"{1e3 * result.simulation_wall_s / result.time_ms[-1]:.1f} ms of wall time per simulated ms"
    )
    print("agrees" if good else "DIFFERS")
    return 0 if good else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ModelError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
