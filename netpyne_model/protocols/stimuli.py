"""The stimuli of protocols and trials by their names, as objects and as the mappings that files
hold.
"""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any

from ..errors import ModelError, did_you_mean
from .checks import as_text
from .electrodes import CurrentClamp, SynapticCurrent, VoltageClamp
from .synaptic_inputs import PlaceFieldInput, ShaftInput, SpineInput

Stimulus = CurrentClamp | VoltageClamp | SpineInput | ShaftInput | SynapticCurrent | PlaceFieldInput
KINDS = {kind.__name__: kind for kind in Stimulus.__args__}


def stimulus_of(declared: Any) -> Stimulus:
    """A stimulus, or the one that a mapping describes: ``{kind: CurrentClamp, amplitude_nA: 0.1,
    start_ms: 500}``.

    Raises
    ------
    ModelError
        If it is neither, with the nearest name.
    """
    if isinstance(declared, Stimulus):
        return declared
    kinds = ", ".join(KINDS)
    if not isinstance(declared, Mapping):
        raise ModelError(f"stimulus {as_text(declared)}: expected one of {kinds}.")
    # What a stimulus leaves to its default may stand in a file as null: JSON has no infinity.
    entries = {name: value for name, value in declared.items() if value is not None}
    kind = entries.pop("kind", None)
    if kind not in KINDS:
        near = did_you_mean(str(kind), KINDS) if kind is not None else ""
        raise ModelError(
            f"stimulus {as_text(dict(declared))}: expected kind, one of {kinds}.{near}"
        )
    known = [field.name for field in fields(KINDS[kind])]
    if unknown := [name for name in entries if name not in known]:
        raise ModelError(f"{kind} has no field '{unknown[0]}'.{did_you_mean(unknown[0], known)}")
    missing = [
        field.name
        for field in fields(KINDS[kind])
        if field.name not in entries and field.default is MISSING
    ]
    if missing:
        raise ModelError(f"{kind} {as_text(entries)}: give {' and '.join(missing)} too.")
    return KINDS[kind](**entries)
