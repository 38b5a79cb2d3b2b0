"""What the USEION statements of a mod file say, and what NEURON knows of ions by itself."""

import re
from dataclasses import dataclass

from .mod_compiled import NO_IONS

VALENCES = {"na": 1.0, "k": 1.0, "ca": 2.0}  # those that NEURON knows by itself
NEURON_CONCENTRATIONS_MM = {"na": (10.0, 140.0), "k": (54.4, 2.5), "ca": (5e-5, 2.0)}
"""Inside and outside of each ion that NEURON has numbers for, mM; 1 of every other."""


@dataclass(frozen=True)
class Ion:
    """What one USEION says: the ion, its variables that the mechanism reads and writes."""

    name: str
    read: frozenset[str]
    written: frozenset[str]
    valence: float | None  # of VALENCE or CHARGE


def concentrations_at_rest_mM(ion: str) -> tuple[float, float]:
    """Inside and outside of an ion as NEURON starts it, mM."""
    return NEURON_CONCENTRATIONS_MM.get(ion, (1.0, 1.0))


def no_ion_note(name: str) -> str:
    """What is told of a file that calls h or hcn an ion."""
    return (
        f"its file calls {name} an ion; the current is taken as non-specific, with e_mV of its own"
    )


def first_name(rest: str) -> str:
    """The ion that a USEION names."""
    found = re.search(r"\w+", rest)
    return found[0] if found else ""


def carries_no_ion(rest: str) -> bool:
    """Whether a USEION writes the current of what is no ion (h, hcn)."""
    name = first_name(rest)
    return name in NO_IONS and f"i{name}" in names_after("WRITE", rest)


def names_after(key: str, rest: str) -> frozenset[str]:
    """Names after READ or WRITE of a USEION."""
    listed = re.search(rf"\b{key}\s+(\w+(?:\s*,\s*\w+)*)", rest)
    return frozenset(re.findall(r"\w+", listed[1])) if listed else frozenset()
