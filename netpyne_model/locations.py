"""Where the data folders of the package are: beside the package in a checkout, inside it once installed."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
_ROOT = PACKAGE if (PACKAGE / "NeuroML2").is_dir() else PACKAGE.parent

NEUROML2 = _ROOT / "NeuroML2"
MOD = _ROOT / "mod"
MORPHOLOGIES = _ROOT / "morphologies"
