"""Reads the parameters of LEMS components (receptors, sources, release) and of NeuroML channels, with units."""

from functools import cache
from pathlib import Path

from lxml import etree

from ..data_folders import NEUROML2
from ..errors import ModelError, did_you_mean
from ..quantities import magnitude
from ..receptors import receptors

LEMS = NEUROML2 / "LEMS_CA1_receptors.xml"
# Units of the package, by LEMS' symbols: a quantity is read in the one that measures the same.
UNITS = ("", "ms", "per_ms", "mV", "per_mV", "nA", "uS", "mM")


@cache
def component(component_id: str, path: Path | None = None) -> dict[str, float]:
    """Return the parameters of a LEMS component.

    Raises ModelError if there is no such component, or a quantity has a unit that is not known.

    Parameters
    ----------
    component_id : str
        For example ``AMPA``.
    path : path, optional
        LEMS file; by default that of the receptor of this name, or of the current sources and
        release.

    Returns
    -------
    dict of str to float
        By parameter name, in ms, per ms, mV, nA, uS, mM.
    """
    path = component_file(component_id) if path is None else path
    attributes = dict(_element(component_id, path).attrib)
    del attributes["id"]
    return {
        name: quantity(text, f"{path.name}, {component_id}, {name}")
        for name, text in attributes.items()
    }


def component_type(component_id: str) -> str:
    """Name of the LEMS ComponentType of a component: ``kineticReceptor``."""
    return etree.QName(_element(component_id, component_file(component_id))).localname


def component_file(component_id: str) -> Path:
    """The file that holds a component of the package."""
    receptor = receptors().get(component_id)
    return LEMS if receptor is None else NEUROML2 / receptor.file


def _element(component_id: str, path: Path) -> etree._Element:
    try:
        root = etree.parse(str(path)).getroot()
    except (OSError, etree.XMLSyntaxError) as error:
        raise ModelError(
            f"{path} cannot be read ({error}); expected a LEMS file with '{component_id}'."
        ) from None
    elements = {element.get("id"): element for element in root if element.get("id")}
    if component_id not in elements:
        raise ModelError(
            f"{path.name} has no component '{component_id}'.{did_you_mean(component_id, elements)}"
        )
    return elements[component_id]


def quantity(text: str, where: str) -> float:
    """Read a LEMS quantity such as ``0.3ms``; `where` names its place in an error."""
    try:
        return magnitude(text, *UNITS)
    except ValueError:
        known = ", ".join(filter(None, UNITS))
        raise ModelError(
            f"{where}: '{text}'; expected a plain number, or one with a unit like {known}."
        ) from None
