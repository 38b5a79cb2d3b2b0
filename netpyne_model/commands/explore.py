"""``ca1 explore``: a cell by sliders, in a browser of this machine."""

from typing import Annotated

import typer

from ..errors import ModelError
from .options import CellFile

Port = Annotated[
    int | None,
    typer.Option(
        "--port",
        min=1,
        max=65535,
        metavar="N",
        help="Port on 127.0.0.1.  [default: the first free one from 5006 on]",
        show_default=False,
    ),
]
Browser = Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser.")]


def explore(file: CellFile = None, port: Port = None, browser: Browser = True) -> None:
    """Change a cell by sliders: EPSPs, f-I curve, parameter map.

    Densities of the channels, a DC, doses of drugs, spines that are driven. The page opens in a
    browser of this machine and ends with Ctrl+C; nobody without the printed address can open it.
    It saves the cell for 'ca1 run --cell', and shows the Python lines. Needs Panel (extra explore).
    """
    try:
        import panel  # noqa: F401
    except ImportError:
        raise ModelError(
            "the sliders need Panel; pip install 'ca1-place-cell[explore]', or pip install panel."
        ) from None
    from ..cell.cell import Cell
    from ..explore.server import serve

    serve(Cell(file), file, port, browser=browser)
