#!/usr/bin/env python3
"""Sweep DC and drugs with NetPyNE's own ``Batch`` on ``cfg.py`` and ``init.py``: ``python scripts/netpyne_batch.py``.

One line a trial; NetPyNE's files (configuration, data, what was said) stay in output/netpyne_batch. The trials run one after
the other; with MPI, ``mpiexec -n 3 nrniv -mpi -python scripts/netpyne_batch.py`` runs two at a time.
"""

import argparse
import contextlib
import io
import json
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LABEL = "trial"


def main() -> int:
    """Run the batch and print the number of output spikes of each trial; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=ROOT / "output" / "netpyne_batch")
    parser.add_argument("--duration", type=float, metavar="MS", help="as --duration of run_netpyne.py")
    parser.add_argument("--dc", type=float, nargs="+", default=[0.0, 0.1], metavar="NA")
    arguments = parser.parse_args()

    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    # NetPyNE cuts its commands at spaces; seen from here, a clone's folder may have some.
    out = os.path.relpath(arguments.out, ROOT / "netpyne_model")
    os.chdir(ROOT / "netpyne_model")
    from netpyne.batch import Batch

    batch = Batch(params={"dc_nA": arguments.dc, "drugs": [[], ["TTX"]]}, initCfg={"duration_ms": arguments.duration})
    batch.batchLabel, batch.saveFolder = LABEL, out
    batch.runCfg = {"type": "mpi_bulletin", "script": "-python init.py"}
    batch.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
