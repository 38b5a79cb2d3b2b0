"""Reads the parameters of LEMS components (receptors, sources, release), with units."""

import re
from functools import cache
from pathlib import Path

from lxml import etree

from ..data_folders import NEUROML2, channel_file
from ..errors import ModelError, did_you_mean, quoted
from ..quantities import magnitude
from ..receptors import receptors
from ..xml_files import read_xml

LEMS = NEUROML2 / "LEMS_CA1_receptors.xml"
# LEMS definitions of NeuroML that every simulator brings along, included by their bare name.
STANDARD_LEMS = re.compile(
    r"(Cells|Channels|Inputs|Networks|NeuroML2CoreTypes|NeuroMLCore(CompTypes|Dimensions)|PyNN"
    r"|Simulation|Synapses)\.xml"
)
# Units of the package, by LEMS' symbols: a quantity is read in the one that measures the same.
UNITS = ("", "ms", "per_ms", "mV", "per_mV", "nA", "uS", "mM")


@cache
def component(component_id: str, path: Path | None = None) -> dict[str, float]:
    """The parameters of a LEMS component (``AMPA``) by name, in ms, per ms, mV, nA, uS, mM.

    `path` is a LEMS file, by default that of the receptor of this name, or of the current sources
    and release. Raises ModelError if there is no such component, or a unit is not known.
    """
    path = component_file(component_id) if path is None else path
    attributes = dict(_element(component_id, path).attrib)
    del attributes["id"]
    where = f"{path.name}, {component_id}"
    return {name: quantity(text, f"{where}, {name}") for name, text in attributes.items()}


def component_type(component_id: str) -> str:
    """Name of the LEMS ComponentType of a component: ``kineticReceptor``."""
    return etree.QName(_element(component_id, component_file(component_id))).localname


def component_attributes(component_id: str) -> dict[str, str]:
    """What stands in a LEMS component, as it is written: ``{"tPulse": "0.3ms", ...}``."""
    attributes = {**_element(component_id, component_file(component_id)).attrib}
    del attributes["id"]
    return attributes


@cache
def gate_powers(channel: str) -> dict[str, int]:
    """Power of each gate in the open probability of a channel of independent gates."""
    gates = _element(channel, channel_file(channel)).findall("{*}gate")
    return {gate.get("id"): int(gate.get("instances")) for gate in gates}


def component_file(component_id: str) -> Path:
    """The file that holds a component of the package."""
    receptor = receptors().get(component_id)
    return LEMS if receptor is None else NEUROML2 / receptor.file


def _element(component_id: str, path: Path) -> etree._Element:
    root, _ = read_xml(path, "LEMS")
    elements = {element.get("id"): element for element in root if element.get("id")}
    if component_id not in elements:
        nearest = did_you_mean(component_id, elements)
        raise ModelError(f"{path.name} has no component {quoted(component_id)}.{nearest}")
    return elements[component_id]


def quantity(text: str, where: str) -> float:
    """Read a LEMS quantity such as ``0.3ms``; `where` names its place in an error."""
    try:
        return magnitude(text, *UNITS)
    except ValueError:
        known = ", ".join(filter(None, UNITS))
        raise ModelError(
            f"{where}: {quoted(text)}; expected a plain number, or one with a unit like {known}."
        ) from None
