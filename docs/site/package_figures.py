"""What the gallery has to know of the package: the figures that it returns, and the network that a script leaves."""

from typing import Any

from matplotlib.figure import Figure
from sphinx_gallery.scrapers import figure_rst

from netpyne_model.simulation.run import clear

_SHOWN: list[Figure] = []


def scraper(block: Any, block_vars: dict[str, Any], gallery_conf: dict[str, Any]) -> str:
    """Write the figures among a script's names that no block before has shown, as sphinx-gallery asks for it."""
    files = []
    for value in block_vars["example_globals"].values():
        if not isinstance(value, Figure) or value in _SHOWN:
            continue
        _SHOWN.append(value)
        if value.canvas.manager is None:  # else pyplot has it, and the next scraper shows it
            file = next(block_vars["image_path_iterator"])
            value.savefig(file, dpi=110)
            files.append(file)
    return figure_rst(files, gallery_conf["src_dir"])


def reset(gallery_conf: dict[str, Any], file: str) -> None:
    """Drop the network of the script before: its cells would be integrated along."""
    clear()
