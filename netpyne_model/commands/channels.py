"""``ca1 channels``: every channel's gates from jLEMS beside the published curves."""

from pathlib import Path
from typing import Annotated

import typer

Folder = Annotated[
    Path, typer.Argument(metavar="[FOLDER]", help="Where the page and its figures go.")
]


def channels(folder: Folder = Path("channel_summary")) -> None:
    """Draw channels' gates, in jLEMS and as published. Needs Java."""
    from ..benchmarks.channel_summary import analyse, gated_channels, write_summary

    print(write_summary(analyse(gated_channels()), folder))
