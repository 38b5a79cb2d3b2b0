#!/usr/bin/env python3
"""Replay published trials and compare spikes and voltages: ``python scripts/check_replay.py``.

Exit code 0 if every published spike comes again within one time step (--steps), none is added, and
voltages agree to 0.1 mV (--voltage-mV) until 5 ms before the first spike; else 1. A replay of the
package's own trial takes half a minute.

Other trials are a folder of them (--data, once or more), each <name>events.csv with
<name>soma_spikes.csv and, where kept, <name>voltage.csv, or single tables (--events, --spikes,
--voltage); any may end in .gz. Arguments are fields of the configuration, such as
``spines=explicit receptors=generated``, ``setup=silent_cell``, ``dc_nA=0.1`` or ``drugs=[TTX]``.
"""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from netpyne_model.benchmarks import replay
from netpyne_model.configuration import load_configuration
from netpyne_model.data_folders import REFERENCE
from netpyne_model.errors import ModelError
from netpyne_model.progress import show_simulated
from netpyne_model.simulation import run_trial


def main() -> int:
    """Run and compare; return the exit code."""
    arguments = _arguments()
    steps, largest_mV = arguments.steps, arguments.voltage_mV
    agree = []
    for trial in _trials(arguments):
        fields = {
            "setup": "place_cell",
            "events_file": str(trial.events_file),
            "duration_ms": trial.duration_ms(),
        }
        with show_simulated(True) as progress:
            config = load_configuration(None, fields, arguments.settings)
            result = run_trial(config, progress=progress)
        compared = replay.compare(trial, result)
        agree.append(compared.agrees(steps, largest_mV))
        speed = 1e3 * result.simulation_wall_s / result.time_ms[-1]
        print(f"{trial.name}: {result.time_ms[-1]:g} ms, {speed:.2f} ms of wall time each")
        replay.report(compared, steps, largest_mV)
        print("agrees" if agree[-1] else "DIFFERS")
    if len(agree) > 1:
        print(f"{sum(agree)} of {len(agree)} trials agree")
    return 0 if all(agree) else 1


def _arguments() -> argparse.Namespace:
    description, _, more = __doc__.partition("\n\n")
    parser = argparse.ArgumentParser(
        description=description, epilog=more, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, action="append", metavar="FOLDER")
    for name in ("--events", "--spikes", "--voltage"):
        parser.add_argument(name, type=Path, metavar="FILE")
    parser.add_argument("--steps", type=float, default=replay.LARGEST_STEPS)
    parser.add_argument("--voltage-mV", type=float, default=replay.LARGEST_DIFFERENCE_MV)
    parser.add_argument("settings", nargs="*", metavar="FIELD=VALUE")
    return parser.parse_intermixed_args()


def _trials(arguments: argparse.Namespace) -> list[replay.PublishedTrial]:
    trials = []
    if arguments.events is not None:
        if arguments.spikes is None:
            raise ModelError("--events without --spikes; give both, and --voltage where there is.")
        trials.append(replay.read_trial(arguments.events, arguments.spikes, arguments.voltage))
    elif arguments.spikes or arguments.voltage:
        raise ModelError("--spikes or --voltage without --events; give the trial's events too.")
    folders = arguments.data or ([] if trials else [REFERENCE / "place"])
    return trials + [one for folder in folders for one in replay.trials_of_folder(folder)]


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ModelError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
