#!/usr/bin/env python3
"""Replay the published trial and compare voltages and spikes: ``python scripts/check_replay.py``.

Exit code 0 if voltages agree to 0.1 mV until 5 ms before the first spike and every spike to 0.1 ms,
else 1. Takes one to two minutes. Arguments are fields of the configuration, such as
``spines=explicit receptors=generated``. --data names a folder with replay_events.csv.gz,
replay_voltage.csv.gz and replay_soma_spikes.csv, by default the package's reference/place.
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
        result = run_trial(load_configuration(None, replay, arguments.settings), progress=report)
    until_ms = spikes_ms[0] - 5 if len(spikes_ms) else voltages["t_ms"].iloc[-2]
    before = voltages[voltages["t_ms"] <= until_ms]
    good = True
    for site in ("soma", "proximal_trunk", "distal_trunk"):
        mine = np.interp(before["t_ms"], result.time_ms, result.voltage_mV[site])
        largest = np.abs(mine - before[f"{site}_mV"]).max()
        good &= largest <= LARGEST_DIFFERENCE_MV
        print(
            f"{site}: largest difference until {until_ms:.1f} ms: {largest:.5f} mV"
            f" (at most {LARGEST_DIFFERENCE_MV})"
        )
    here_ms = result.spike_times_ms
    print(f"spikes (ms): published {spikes_ms.round(3).tolist()}, here {here_ms.round(3).tolist()}")
    same_number = len(spikes_ms) == len(here_ms)
    good &= same_number and bool(np.all(np.abs(spikes_ms - here_ms) <= LARGEST_SHIFT_MS))
    speed = 1e3 * result.simulation_wall_s / result.time_ms[-1]
    print(f"{speed:.1f} ms of wall time per simulated ms")
    print("agrees" if good else "DIFFERS")
    return 0 if good else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ModelError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
