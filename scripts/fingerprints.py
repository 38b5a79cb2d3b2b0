#!/usr/bin/env python3
"""Write the fingerprints of the model anew: ``python scripts/fingerprints.py``.

Every layer of a short run (morphology, densities, placement, inputs, mechanisms, integration) has a
hash of all its bits and a few numbers of each of its arrays in tests/data/fingerprints.json, by
which a test sees a change of the model, and the first layer that it moved. What was meant to change
is written anew and committed, where it is a visible difference; ``--check`` writes nothing, says
what has moved, and ends with exit code 1 if something has.
"""

import argparse
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from netpyne_model.benchmarks import fingerprints
from netpyne_model.benchmarks.measure import in_a_process_of_its_own

FILE = ROOT / "tests" / "data" / "fingerprints.json"


def main() -> int:
    """Take them, and write or compare; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--check", action="store_true", help="compare with what is stored")
    check = parser.parse_args().check
    found = in_a_process_of_its_own(fingerprints.fingerprints)
    if not check:
        fingerprints.write(found, FILE)
        print(f"wrote {FILE.relative_to(ROOT)}")
        return 0
    stored = json.loads(FILE.read_text(encoding="utf-8"))
    moved, beyond = fingerprints.moved(stored, found), fingerprints.differences(stored, found)
    for name in moved:
        print(f"{name}: other bits than stored")
    print("\n".join(beyond) or "all values agree to rounding")
    if stored["machine"] != found["machine"]:
        print("stored on another kind of machine: bits may differ, values not")
        moved = []
    return 1 if moved or beyond else 0


if __name__ == "__main__":
    sys.exit(main())
