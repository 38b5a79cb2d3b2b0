"""Where the data folders of the package are: beside the package in a checkout, inside it once installed."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
# Asked of mod, not of NeuroML2: where names know no case, the module neuroml2 would answer.
_ROOT = PACKAGE if (PACKAGE / "mod").is_dir() else PACKAGE.parent

NEUROML2 = _ROOT / "NeuroML2"
CHANNEL_FOLDER = NEUROML2 / "channels"
MOD = _ROOT / "mod"
MORPHOLOGIES = _ROOT / "morphologies"

REFERENCE = PACKAGE / "reference"
"""Figures measured on the published model; `docs/provenance.md` lists the tables."""

_CHANNEL_FILE = ".channel.nml"


def channel_file(channel: str) -> Path:
    """The NeuroML file of a channel of the package."""
    return CHANNEL_FOLDER / f"{channel}{_CHANNEL_FILE}"


def channel_files() -> dict[str, Path]:
    """The NeuroML files of the package's channels, leaks among them, sorted by channel."""
    names = (
        file.name.removesuffix(_CHANNEL_FILE) for file in CHANNEL_FOLDER.glob(f"*{_CHANNEL_FILE}")
    )
    return {name: channel_file(name) for name in sorted(names)}
