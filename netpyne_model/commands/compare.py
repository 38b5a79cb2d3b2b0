"""``ca1 compare``: several results over each other, and in what they differ."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from ..errors import ModelError
from .options import Quiet

Folders = Annotated[
    list[Path],
    typer.Argument(metavar="FOLDER...", help="Results folders, or their results.nwb; two or more."),
]
Out = Annotated[
    Path,
    typer.Option(
        "--out", metavar="FILE", help="The figure (.png or .svg; the other is written beside it)."
    ),
]
AsJSON = Annotated[bool, typer.Option("--json", help="Print the tables as JSON.")]
Verbose = Annotated[bool, typer.Option("--verbose", help="Print all measures.")]


def compare(
    folders: Folders,
    out: Out = Path("comparison.png"),
    verbose: Verbose = False,
    as_json: AsJSON = False,
    quiet: Quiet = False,
) -> None:
    """Lay results over each other; print in what they differ.

    The figure has spikes in rows, rates and ramps over each other, the place field shaded; the
    tables the fields in which the runs differ and what was measured. 'ca1 report A B' makes a page
    of two.
    """
    if len(folders) < 2:
        raise ModelError(f"compare {folders[0]}: expected two results or more, as in 'A B'.")
    if out.suffix not in (".png", ".svg"):
        raise ModelError(f"figure {out}: expected a name that ends in .png or .svg.")
    from .. import analysis, figures
    from ..analysis.results_folder import load

    results = dict(zip(names(folders), map(load, folders), strict=True))
    configuration = analysis.configuration_differences(results)
    differs = ", ".join(configuration.index)
    files = figures.save_both(figures.comparison(results, differs), out.with_suffix(""))
    if quiet:
        return
    measures = analysis.measure_differences(results, summary=not verbose)
    if as_json:
        parts = {"configuration": configuration, "measures": measures}
        tables = {name: json.loads(part.to_json(orient="index")) for name, part in parts.items()}
        print(json.dumps(tables | {"figures": [str(file) for file in files]}, indent=2))
        return
    if configuration.empty:
        print("The configurations are the same.")
    else:
        print(f"Configuration\n{configuration.to_string()}")
    print(f"\nMeasures\n{measures.to_string(float_format='{:.4g}'.format, na_rep='-')}")
    print(f"\nFigure: {files[0]}, {files[1]}")


def names(folders: Sequence[Path]) -> list[str]:
    """Names of results: their folders', in full where two are the same.

    Raises
    ------
    ModelError
        If a result is given twice.
    """
    beside = [folder.parent if folder.is_file() else folder for folder in folders]
    whole = [str(folder) for folder in beside]
    if len(set(whole)) < len(whole):
        twice = next(name for name in whole if whole.count(name) > 1)
        raise ModelError(f"compare: {twice} is given twice; leave one out.")
    short = [folder.name for folder in beside]
    return short if len(set(short)) == len(short) and all(short) else whole
