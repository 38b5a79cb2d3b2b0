"""Writes the receptors in forms for tools that step states by forward Euler.

`stable`: the same equations, in types of LEMS that leave nothing to integrate
(``synapses/stable*Receptor.synapse.nml``). `standard`: NeuroML's own synapses, fitted to one event,
which a ``.net.nml`` may name. docs/receptors_elsewhere.md says how near each comes.
"""

from functools import cache
from pathlib import Path

import numpy as np

from ..data_folders import NEUROML2
from ..files import write_text
from ..receptors import receptors
from .components import component, component_attributes, component_type
from .receptor_chain import conductance_uS, equilibrium_and_slopes, magnesium_block, modes

STABLE_FILE = "LEMS_CA1_stable_receptors.xml"
STANDARD_FILE = "synapses/standard_receptors.synapse.nml"
STABLE_TYPES = {"kineticReceptor": "stableReceptor", "kineticNMDAReceptor": "stableNMDAReceptor"}
FITTED_AT_MV = -40.0
"""Where an NMDA receptor is fitted: its decay slows with the voltage, a standard synapse's not."""
_SOURCE = "Source: Hsu, Zhao, Milstein and Spruston (2018) Neuron 99:147, ModelDB 240960."
_WRITTEN = "Written by scripts/build_neuroml.py from LEMS_CA1_receptors.xml: do not edit."
# The published decays are known to three figures; of the amplitudes nine keep rounding out of sight
# and are the same on every machine.
_AMPLITUDE, _FIT = ".9g", ".4g"


def kinetic_receptors() -> list[str]:
    """The receptors of four states, which need another form."""
    return [name for name in receptors() if component_type(name) in STABLE_TYPES]


def stable_parameters(name: str) -> dict[str, str]:
    """Attributes of a receptor's stable form: those of its own, or its exponentials."""
    own = component_attributes(name)
    if component_type(name) == "kineticNMDAReceptor":
        return own
    on, off = modes(name, True), modes(name, False)
    equilibrium, _ = equilibrium_and_slopes(name, True, FITTED_AT_MV)
    numbers = {f"onRate{k}": f"{rate:{_AMPLITUDE}}per_ms" for k, rate in _numbered(on.rates_per_ms)}
    numbers |= {
        f"offRate{k}": f"{rate:{_AMPLITUDE}}per_ms" for k, rate in _numbered(off.rates_per_ms)
    }
    amplitudes = {
        "RoOn": on.open,
        **{f"onStart{k}": value for k, value in _numbered(on.amplitudes(-equilibrium))},
        **{f"offToOn{k}": value for k, value in _numbered(on.amplitudes(off.states))},
        **{f"offStart{k}": value for k, value in _numbered(off.amplitudes(equilibrium))},
        **{f"onToOff{k}": value for k, value in _numbered(off.amplitudes(on.states))},
    }
    numbers |= {key: f"{value:{_AMPLITUDE}}" for key, value in amplitudes.items()}
    return {key: own[key] for key in ("gbase", "erev", "tPulse")} | numbers


def _numbered(values: np.ndarray) -> list[tuple[str, float]]:
    """Each value after its place: 1, 2, 3 of a vector; 11, 12, ... of a matrix."""
    return [("".join(str(n + 1) for n in place), value) for place, value in np.ndenumerate(values)]


@cache
def standard_parameters(name: str) -> dict[str, float]:
    """Peak (uS, without the magnesium block), rise and decay (ms) of the fit to one event."""
    from scipy.optimize import least_squares

    slowest_ms = 1 / modes(name, False, FITTED_AT_MV).rates_per_ms[0]
    time_ms = np.linspace(0, 6 * slowest_ms, 2001)
    block = magnesium_block(name, FITTED_AT_MV)
    target = conductance_uS(name, time_ms, FITTED_AT_MV) / block
    peak = target.max()

    def misfit(logarithms: np.ndarray) -> np.ndarray:
        return two_exponentials(time_ms, *np.exp(logarithms)) - target / peak

    fit = least_squares(misfit, np.log([1.0, 0.05 * slowest_ms, slowest_ms]), xtol=1e-12)
    height, rise, decay = np.exp(fit.x)
    return {"gbase": height * peak, "tauRise": rise, "tauDecay": decay}


def two_exponentials(
    time_ms: np.ndarray, peak: float, rise_ms: float, decay_ms: float
) -> np.ndarray:
    """The conductance of an expTwoSynapse after one event."""
    at = np.log(decay_ms / rise_ms) * rise_ms * decay_ms / (decay_ms - rise_ms)
    factor = 1 / (np.exp(-at / decay_ms) - np.exp(-at / rise_ms))
    return peak * factor * (np.exp(-time_ms / decay_ms) - np.exp(-time_ms / rise_ms))


def write_receptors_elsewhere(folder: Path = NEUROML2) -> list[Path]:
    """Write both forms of every kinetic receptor; returns the two files."""
    texts = {STABLE_FILE: _stable_text(), STANDARD_FILE: _standard_text()}
    for name, text in texts.items():
        write_text(folder / name, text)
    return [folder / name for name in texts]


def _stable_text() -> str:
    instances = []
    for name in kinetic_receptors():
        attributes = {"id": f"{name}_stable", **stable_parameters(name)}
        words = [f'{key}="{value}"' for key, value in attributes.items()]
        lines = [" ".join(words[k : k + 5]) for k in range(0, len(words), 5)]
        type_ = STABLE_TYPES[component_type(name)]
        instances.append(f"    <{type_} " + ("\n" + 8 * " ").join(lines) + "/>\n")
    types = "".join(
        f'    <Include file="synapses/{type_}.synapse.nml"/>\n' for type_ in STABLE_TYPES.values()
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<!-- The receptors of the CA1 models in a form that tools of any step and method take: as a sum of exponentials, and NMDA in
     steps of its own. {_WRITTEN}
     Include this file in a LEMS simulation; the weight of a connection scales gbase. {_SOURCE} -->
<Lems>
    <Include file="Cells.xml"/>
    <Include file="Synapses.xml"/>
{types}
{"".join(instances)}</Lems>
"""


def _standard_text() -> str:
    # The schema wants every expTwoSynapse before the first blockingPlasticSynapse.
    ordered = sorted(kinetic_receptors(), key=lambda name: "mg" in component(name))
    synapses = "\n".join(map(_standard_synapse, ordered))
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<neuroml xmlns="http://www.neuroml.org/schema/neuroml2"
         xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
         xsi:schemaLocation="http://www.neuroml.org/schema/neuroml2 https://raw.github.com/NeuroML/NeuroML2/development/Schemas/NeuroML2/NeuroML_v2.3.1.xsd"
         id="standard_receptors">

    <notes>NeuroML's own synapses fitted to one event of the receptors of the CA1 models, for networks in NeuroML and for
        every tool. Their events add up, where a receptor saturates. {_WRITTEN} {_SOURCE}</notes>

{synapses}</neuroml>
"""


def _standard_synapse(name: str) -> str:
    own, fit = component(name), standard_parameters(name)
    gbase = f'gbase="{fit["gbase"]:{_FIT}}uS" erev="{own["erev"]:g}mV"'
    taus = f'tauRise="{fit["tauRise"]:{_FIT}}ms" tauDecay="{fit["tauDecay"]:{_FIT}}ms"'
    notes = f"{receptors()[name].description[0].upper()}{receptors()[name].description[1:]}"
    if "mg" not in own:
        return f"""    <expTwoSynapse id="{name}_standard" {gbase} {taus}>
        <notes>{notes}.</notes>
    </expTwoSynapse>
"""
    volt_mV = 1 / own["slope"]
    return f"""    <blockingPlasticSynapse id="{name}_standard" {gbase} {taus}>
        <notes>{notes}; fitted at {FITTED_AT_MV:g} mV.</notes>
        <blockMechanism type="voltageConcDepBlockMechanism" species="mg" blockConcentration="{own["mg"]:g}mM"
            scalingConc="{own["Kmg"]:g}mM" scalingVolt="{volt_mV:{_AMPLITUDE}}mV"/>
    </blockingPlasticSynapse>
"""
