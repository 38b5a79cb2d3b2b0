"""``ca1 validate``: NeuroML2 and LEMS files against schema, includes and jNeuroML."""

import sys
from pathlib import Path
from typing import Annotated

import typer

Places = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="[FILE|FOLDER]...", help="What to validate; the model's files without any."
    ),
]


def validate(places: Places = None) -> None:
    """Validate NeuroML2 and LEMS files. Needs Java."""
    from ..neuroml2.validation import model_files, problems_of
    from ..quantities import counted

    files = model_files(*places or [])
    problems = problems_of(files)
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        raise typer.Exit(2)
    print(f"{counted(len(files), 'file')} valid.")
