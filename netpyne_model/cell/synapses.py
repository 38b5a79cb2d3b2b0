"""The fast synapses of a cell: the mechanism of each with its parameters."""

from collections.abc import Mapping
from typing import Any

from ..errors import ModelError
from ..neuroml2.components import component, component_type
from ..receptors import FAST_TYPES, TABLE, Receptor, receptors

SPINES = "DrivenSpines"
"""Spines of a segment with their receptors in one synapse: every connection is one of them."""
ENTRIES = {"KineticReceptors", SPINES}
"""Mechanisms of which every connection is an entry of its own, unless it tells another's place."""
SOLVED = tuple(receptor.name for receptor in receptors().values() if receptor.solved)
"""What the receptors are called there."""


def fast_mechanism(receptor: Receptor) -> dict[str, Any]:
    """The mechanism for fixed steps; one written by hand takes the component's parameters."""
    if receptor.fast is None:
        return {"mod": receptor.name}
    of_type = component_type(receptor.name)
    if of_type != FAST_TYPES[receptor.fast]:
        raise ModelError(
            f"receptor {receptor.name}: {receptor.fast} takes a {FAST_TYPES[receptor.fast]}, and"
            f" its component is a {of_type}; leave out fast in {TABLE}."
        )
    return {"mod": receptor.fast, **component(receptor.name)}


def point_process(mechanism: Mapping[str, Any], segment: Any) -> Any:
    """A point process on a NEURON segment: ``mod``, its mechanism, and the parameters it gets."""
    from neuron import h

    process = getattr(h, mechanism["mod"])(segment)
    for name, value in mechanism.items():
        if name != "mod":
            setattr(process, name, value)
    return process


def spine_globals() -> dict[str, float]:
    """Parameters of the receptors of spines solved in their synapse: NEURON's global variables."""
    return {
        f"{receptor}_{name}_{SPINES}": value
        for receptor in SOLVED
        for name, value in component(receptor).items()
    }


def spine_weights(local: Mapping[str, float]) -> dict[str, float]:
    """The range variables of a segment's driven spines, ``w_AMPA`` and ``w_NMDA``."""
    return {f"w_{name}": local[name] for name in SOLVED}


def local_parameters(receptor: Receptor, local: Mapping[str, float]) -> dict[str, float]:
    """The parameters of a receptor's fast mechanism on a segment's branch, with the rules' gbase.

    A receptor with a conductance of its own on each spine has none there but its component's.
    """
    if receptor.fast is None:
        return {}
    parameters = component(receptor.name)
    if receptor.conductance == "relative_gmax":
        parameters = parameters | {"gbase": parameters["gbase"] * local[receptor.name]}
    return parameters
