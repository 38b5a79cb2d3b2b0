"""Reads the parameters of LEMS components (receptors, sources, release) and of NeuroML channels, with units."""

from functools import cache
from pathlib import Path

from lxml import etree

from ..data_folders import NEUROML2
from ..errors import ModelError, did_you_mean
from ..quantities import magnitude

RECEPTORS = NEUROML2 / "LEMS_CA1_receptors.xml"
# Units of the package, by LEMS' symbols: a quantity is read in the one that measures the same.
UNITS = ("", "ms", "per_ms", "mV", "per_mV", "nA", "uS", "mM")


@cache
def component(component_id: str, path: Path = RECEPTORS) -> dict[str, float]:
    """Return the parameters of a LEMS component.

    Parameters
    ----------
    component_id : str
        For example ``AMPA``.
    path : path
        LEMS file; by default the one of the receptors.

    Returns
    -------
    dict of str to float
        By parameter name, in ms, per ms, mV, nA, uS, mM.

    Raises
    ------
    ModelError
        If there is no such component, or a quantity has a unit that is not known.
    """
    elements = {
        element.get("id"): element
        for element in etree.parse(str(path)).getroot()
        if element.get("id")
    }
    if component_id not in elements:
        raise ModelError(
            f"{path.name} has no component '{component_id}'.{did_you_mean(component_id, elements)}"
        )
    attributes = {
        name: text for name, text in elements[component_id].attrib.items() if name != "id"
    }
    return {
        name: quantity(text, f"{path.name}, {component_id}, {name}")
        for name, text in attributes.items()
    }


def quantity(text: str, where: str) -> float:
    """Read a LEMS quantity such as ``0.3ms``; `where` names its place in an error."""
    try:
        return magnitude(text, *UNITS)
    except ValueError:
        known = ", ".join(filter(None, UNITS))
        raise ModelError(
            f"{where}: '{text}'; expected a plain number, or one with a unit like {known}."
        ) from None
