"""Where the data folders of the package are: beside the package in a checkout, inside it once installed."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
# Asked of mod, not of NeuroML2: where names know no case, the module neuroml2 would answer.
_ROOT = PACKAGE if (PACKAGE / "mod").is_dir() else PACKAGE.parent

NEUROML2 = _ROOT / "NeuroML2"
MOD = _ROOT / "mod"
MORPHOLOGIES = _ROOT / "morphologies"

REFERENCE = PACKAGE / "reference"
"""Figures measured on the published model; `docs/provenance.md` lists the tables."""
