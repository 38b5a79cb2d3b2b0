"""A trial as other programs can run it: a mechanism for each channel and receptor, spines folded."""

from ..configuration import TrialConfig, load_configuration
from ..errors import ModelError, quoted
from ..protocols import CurrentClamp
from ..protocols.recording import split_text
from ..protocols.synaptic_inputs import SynapticInput
from ..simulation.prepared import stimuli_of

# What stands for a value that only the fast mechanisms know.
_GENERAL = {
    "channels": {"fused": "separate"},
    "spines": {"solved": "folded", "silent": "folded"},
    "receptors": {"fast": "generated"},
}


def in_general_mode(config: TrialConfig) -> TrialConfig:
    """The same trial with general mechanisms, which every version of NEURON compiles.

    Driven spines are sections, the others folded into their segments' membrane, unless the
    configuration has all of them as sections or none.

    Raises
    ------
    ModelError
        If the trial has what other programs cannot run or record from these files.
    """
    if config.integration == "second_order":
        raise ModelError(
            "integration = 'second_order': an export has generated receptors, which take steps of"
            " first order; set integration=fixed_step."
        )
    if config.record_currents:
        raise ModelError(
            "record_currents = true: an export records voltages; set record_currents=false."
        )
    if config.record_membrane_currents_ms:
        raise ModelError(
            f"record_membrane_currents_ms = {config.record_membrane_currents_ms:g}: an export records"
            " voltages; set record_membrane_currents_ms=0."
        )
    for name, text in config.record.items():
        if split_text(text)[0] != "v":
            raise ModelError(
                f"record: {name} = {quoted(text)}: an export records voltages; leave it out, and record"
                " it in the program that runs the export."
            )
    for one in stimuli_of(config):
        if not isinstance(one, SynapticInput | CurrentClamp):
            raise ModelError(
                f"stimulus {type(one).__name__}: an export has synaptic inputs and current clamps;"
                " leave it out."
            )
    changes = {
        field: values.get(getattr(config, field), getattr(config, field))
        for field, values in _GENERAL.items()
    }
    return load_configuration(None, config.as_dict(), changes)
