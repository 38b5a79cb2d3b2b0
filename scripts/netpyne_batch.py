#!/usr/bin/env python3
"""Sweep DC and drugs with NetPyNE's own ``Batch``: ``python scripts/netpyne_batch.py``.

It runs ``cfg.py`` and ``init.py``, prints a line a trial and leaves NetPyNE's files in
output/netpyne_batch: of each trial its configuration (``_cfg.json``), what was recorded
(``_data.json``) and what NetPyNE and NEURON printed (``.run``, ``.err``). Takes one to two minutes.
"""

import argparse
import contextlib
import json
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from netpyne_model.output_folder import next_folder


def main() -> int:
    """Run the batch and print the number of spikes of each trial; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--out", type=Path, default=ROOT / "output" / "netpyne_batch", help="no spaces in the path"
    )
    parser.add_argument(
        "--duration", type=float, metavar="MS", help="simulated time of a trial; default: all"
    )
    parser.add_argument(
        "--dc", type=float, nargs="+", default=[0.0, 0.1], metavar="NA", help="default: 0 0.1"
    )
    arguments = parser.parse_args()
    out = next_folder(arguments.out.resolve())
    out.mkdir(parents=True)

    with (out / "batch.log").open("w") as log, contextlib.redirect_stdout(log):
        run_batch(arguments.dc, arguments.duration, out)
    done = report(out)
    print(f"Data: {out}")
    return 0 if done else 1


def report(out: Path) -> bool:
    """Print a line a trial; return whether all of them ran."""
    done = True
    # NetPyNE goes on when a trial fails; its configuration is there, its data are not.
    for file in sorted(out.glob("trial_*_cfg.json")):
        trial, cfg = file.name.removesuffix("_cfg.json"), json.loads(file.read_text())["simConfig"]
        data = out / f"{trial}_data.json"
        if data.exists():
            outcome = f"{len(json.loads(data.read_text())['simData']['spkt'])} spikes"
        else:
            outcome = f"failed, see {out / trial}.err"
            done = False
        print(f"{trial}: dc_nA={cfg['dc_nA']:g} drugs=[{', '.join(cfg['drugs'])}]: {outcome}")
    return done


def run_batch(dc_nA: list[float], duration_ms: float | None, out: Path) -> None:
    """Run every DC with and without TTX."""
    # NetPyNE calls nrniv by name; the environment need not be active.
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    # The trials start where the batch does, and cfg.py and netParams.py count on their own folder.
    os.chdir(ROOT / "netpyne_model")
    from netpyne.batch import Batch

    batch = Batch(
        params={"dc_nA": dc_nA, "drugs": [[], ["TTX"]]},
        # By default the whole network goes into each file, every synapse.
        initCfg={"duration_ms": duration_ms, "saveDataInclude": ["simConfig", "simData"]},
    )
    batch.batchLabel = "trial"
    # NetPyNE cuts its commands at spaces, and a clone's path may have some.
    batch.saveFolder = os.path.relpath(out)
    # The one local type that runs without MPI, one trial after the other. Without -python, nrniv
    # takes the rest of its arguments for files to run, finds none and ends with an error.
    batch.runCfg = {"type": "mpi_bulletin", "script": "-python init.py"}
    batch.run()


if __name__ == "__main__":
    sys.exit(main())
