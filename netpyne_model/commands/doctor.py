"""``ca1 doctor``: what the package needs of this machine, and what to do where it is missing."""

import json
from pathlib import Path
from typing import Annotated

import typer

Folder = Annotated[
    Path, typer.Argument(metavar="[FOLDER]", help="Where results are to go.", show_default=False)
]
AsJSON = Annotated[bool, typer.Option("--json", help="Print JSON, for a program to read.")]
_MARKS = {"ok": "ok", "note": "note", "missing": "MISSING"}


def doctor(folder: Folder = Path("output"), as_json: AsJSON = False) -> None:
    """Look at this machine: what is missing, and what to do.

    Compiler, make, NEURON and the libraries, Java, the cache of compiled mechanisms, the file
    system where results go, cores, memory, display. The exit code is 1 where something is missing
    without which nothing runs.
    """
    from ..installation import findings, summary

    found = findings(folder)
    told = summary(found)
    if as_json:
        print(json.dumps(told, indent=2))
    else:
        print(f"ca1-place-cell {told['version']} on {told['platform']}")
        for one in found:
            print(f"{_MARKS[one.state]:<8}{one.name:<12}{one.found}")
            if one.advice:
                print(f"{'':<20}-> {one.advice}")
        print(
            "Runs work here."
            if told["works"]
            else "Runs do not work until what is MISSING is there."
        )
    if not told["works"]:
        raise typer.Exit(1)
