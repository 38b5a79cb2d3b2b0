#!/usr/bin/env python3
"""Whether tests notice a changed line: ``python scripts/mutants.py [analysis inputs] [--sample 60]``.

mutmut changes one thing of the code at a time (a sign, a bound, an argument) and runs the tests of `TESTS` that come there. A
mutant that they do not notice survived: either it means the same, or a test is missing. Prints a row of docs/robustness.md for
each package and what survived. `--sample 0` takes all, in hours; a sample is drawn once for a seed.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TESTS = {
    "analysis": (
        "analysis",
        "place_field",
        "precession",
        "trials_analysis",
        "measures",
        "feature_experiments",
    ),
    "placement": ("placement", "rules_of_synapses"),
    "inputs": ("inputs", "setups", "release", "trains", "events_file"),
    "biophysics": ("biophysics", "held_rules"),
}
"""Packages, and the test files that are about them; others would notice more, and take longer."""
COPIED = ("NeuroML2", "mod", "morphologies", "docs")
IMPORTED_BEFORE = (
    "numpy",
    "pandas",
    "scipy.stats",
    "pydantic",
    "hypothesis",
    "matplotlib.pyplot",
    "netpyne_model.cell.cell",
)
"""No test file, as mutmut would: some work something out while they are imported, with the mutant then."""
CONFIGURATION = """
[tool.mutmut]
source_paths = ["netpyne_model"]
only_mutate = ["netpyne_model/{package}/*"]
also_copy = {copied}
process_isolation = "forkserver"
forkserver_warmup = "import"
preload_modules_file = "imported_before.txt"
timeout_multiplier = 200
use_git_change_detection = false
track_dependencies = false
pytest_add_cli_args = ["-m", "not slow and not java", "-p", "no:cacheprovider", "-p", "no:xdist"]
pytest_add_cli_args_test_selection = {tests}
"""
SURVIVED = 0
"""Exit code of tests that all passed; timeouts and crashes are noticed too."""
MUTMUT = Path(sysconfig.get_path("scripts")) / "mutmut"


def main() -> int:
    """Try one package after the other; 0 however many survived."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("packages", nargs="*", default=list(TESTS), metavar="PACKAGE")
    parser.add_argument("--sample", type=int, default=60, metavar="N", help="mutants a package")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    options = parser.parse_args()
    if unknown := set(options.packages) - set(TESTS):
        parser.error(f"no package {unknown.pop()!r}; expected one of {', '.join(TESTS)}.")
    print("| package | mutants | tried | noticed | survived | of code that no test reaches |")
    print("| --- | --- | --- | --- | --- | --- |")
    for package in options.packages:
        with tempfile.TemporaryDirectory() as folder:
            _try(package, Path(folder), options.sample, options.seed)
    return 0


def _try(package: str, folder: Path, n_wanted: int, seed: int) -> None:
    """Mutate a package in a copy of the clone; print its row and its survivors."""
    _copy(package, folder)
    # Writes the mutants, and what each test reaches; it stops there, since none has that name.
    _mutmut(folder, "run", "--max-children", "1", "none*", stops=True)
    outcomes = _outcomes(package, folder)
    names = sorted(outcomes)
    if n_wanted:
        names = sorted(random.Random(seed).sample(names, min(n_wanted, len(names))))
    stats = json.loads((folder / "mutants" / "mutmut-stats.json").read_text())
    reached = stats["tests_by_mangled_function_name"]
    tested = [name for name in names if name.rpartition("__mutmut")[0] in reached]
    _mutmut(folder, "run", "--max-children", "1", *tested)
    outcomes = _outcomes(package, folder)
    survived = [name for name in tested if outcomes[name] == SURVIVED]
    survived = [name for name in survived if not _noticed_by_all(package, folder, name)]
    n_noticed = len(tested) - len(survived)
    without = len(names) - len(tested)
    print(
        f"| {package} | {len(outcomes)} | {len(names)} | {n_noticed} ({n_noticed / len(names):.0%})"
        f" | {len(survived)} | {without} |",
        flush=True,
    )
    for name in survived:
        print(_mutmut(folder, "show", name), file=sys.stderr)


def _copy(package: str, folder: Path) -> None:
    """Copy what the tests need, with mutmut's configuration for this package."""
    for name in ("netpyne_model", "tests", *COPIED):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    tests = [f"tests/test_{name}.py" for name in TESTS[package]]
    configuration = CONFIGURATION.format(package=package, copied=[*COPIED], tests=tests)
    project = (ROOT / "pyproject.toml").read_text() + configuration
    (folder / "pyproject.toml").write_text(project)
    (folder / "imported_before.txt").write_text("\n".join(IMPORTED_BEFORE))


def _noticed_by_all(package: str, folder: Path, name: str) -> bool:
    """Whether all the test files notice a mutant; mutmut does not count what one works out while it is imported."""
    tests = [f"tests/test_{one}.py" for one in TESTS[package]]
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-m", "not slow and not java", *tests]
    environment = os.environ | {"MUTANT_UNDER_TEST": name, "PYTHONPATH": str(folder / "mutants")}
    there = folder / "mutants"
    done = subprocess.run(command, cwd=there, env=environment, capture_output=True, check=False)
    return done.returncode != 0


def _mutmut(folder: Path, *arguments: str, stops: bool = False) -> str:
    """Run mutmut in the copy, which may stop half-way if `stops`; what it prints."""
    done = subprocess.run([MUTMUT, *arguments], cwd=folder, capture_output=True, text=True)
    if done.returncode != 0 and not stops:
        sys.exit(f"mutmut {arguments[0]} failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return done.stdout


def _outcomes(package: str, folder: Path) -> dict[str, int | None]:
    """Exit codes of all mutants of a package, None of those that were not tried."""
    outcomes: dict[str, int | None] = {}
    for file in (folder / "mutants" / "netpyne_model" / package).rglob("*.meta"):
        outcomes |= json.loads(file.read_text())["exit_code_by_key"]
    return outcomes


if __name__ == "__main__":
    sys.exit(main())
