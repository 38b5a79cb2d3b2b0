"""Converts NeuroML2 into NEURON mod files: the folder ``mod/generated``."""

from collections.abc import Mapping
from pathlib import Path

from ..data_folders import MOD, NEUROML2, channel_files
from ..neuroml2.clamps import CLAMPS, clamp_of, clamps
from ..neuroml2.components import component_file
from ..neuroml2.steady_channels import PERSISTENT, STEADY
from ..receptors import receptors
from .fusing import FUSED
from .fusing.channel import can_be_fused
from .fusing.writing import fuse
from .jneuroml import export_mechanisms, ion_channel
from .jneuroml_export import parse
from .rewriting import Mechanism

GENERATED = MOD / "generated"
HANDWRITTEN = MOD / "handwritten"
# Variants of channels that a drug puts in their place or takes away from them: each a mechanism of
# its own, which no other cell pays for.
VARIANTS = (PERSISTENT, STEADY)
CURRENT_SOURCES = ("EPSC", "EPSC_simple")


def convert(folder: Path = GENERATED) -> list[Path]:
    """Convert gated channels, synapses and clamps: a mod file each, and one of all channels together.

    Leaks are NEURON's own pas; the 12-state channel of the simple model is not among the channels
    together. Returns the files, sorted; other mod files in the folder are removed. Raises
    ModelError if Java is missing, and ExportError if jNeuroML failed, or wrote a form that the
    rewriting does not know.
    """
    files = channel_files()
    gated = [one for one in files if ion_channel(files[one]).get("type") != "ionChannelPassive"]
    channels = [files[one] for one in gated]
    sources = {one: f"NeuroML2/channels/{files[one].name}" for one in gated}
    synapses = {name: component_file(name) for name in (*receptors(), *CURRENT_SOURCES)}
    for name, path in synapses.items():
        sources[name] = path.relative_to(NEUROML2.parent).as_posix()
    sources |= dict.fromkeys(clamps(), CLAMPS.relative_to(NEUROML2.parent).as_posix())
    exported = export_mechanisms(channels, synapses, dict.fromkeys(clamps(), CLAMPS))
    # NEURON solves the scheme itself without a table, from which what is taken away may not differ.
    schemes = [path.name.split(".")[0] for path in channels if _is_scheme(path)]
    exact = {f"{one}{STEADY}" for one in schemes} | {clamp_of(one) for one in schemes}
    mechanisms = {
        name: Mechanism(parse(text), sources[name], exact=name in exact)
        for name, text in exported.items()
    }
    texts = {f"{name}.mod": mechanism.text() for name, mechanism in mechanisms.items()}
    plain = [mechanism for name, mechanism in mechanisms.items() if not name.endswith(VARIANTS)]
    together = [mechanism for mechanism in plain if can_be_fused(mechanism)]
    texts[f"{FUSED}.mod"] = fuse(together, complements=_published_complements())
    return _written(texts, folder)


def _is_scheme(path: Path) -> bool:
    return str(ion_channel(path).tag).endswith("ionChannelKS")


def _published_complements() -> set[frozenset[str]]:
    """The combinations of channels that segments of the published cell have."""
    from ..neuroml2.cells import standard_smooth_cell  # it reads the cell, only here

    complements = set()
    for section in standard_smooth_cell().sections.values():
        densities = section.gbar_S_per_cm2
        for segment in range(section.nseg):
            complements.add(frozenset(name for name in densities if densities[name][segment] > 0))
    return complements - {frozenset()}


def _written(texts: Mapping[str, str], folder: Path) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.mod"):
        if path.name not in texts:
            path.unlink()
    for name, text in texts.items():
        (folder / name).write_text(text)
    return sorted(folder / name for name in texts)
