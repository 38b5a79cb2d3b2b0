"""Writes channels at their steady state: open as their gates would be, had they stood still.

A channel of independent gates becomes one whose gates are instantaneous; of a kinetic scheme the
open part is worked out by eliminating state after state (Grassmann, Taksar & Heyman 1985, Oper Res
33:1107), which subtracts nothing and so loses no figure. All numbers are read from the channel's own
file.
"""

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

from lxml import etree

from ..data_folders import CHANNEL_FOLDER, channel_file
from ..errors import ModelError
from ..files import write_text
from ..quantities import magnitude
from ..xml_files import read_xml

STEADY = "_steady"
"""What the name of such a channel ends in."""
PERSISTENT = "_persistent"
"""What the name of a channel ends in whose fast inactivation alone is at its steady state."""
SODIUM = ("nas_soma", "nas_dend", "nax", "nax_ais", "NaV2")
"""The channels of which there is one."""

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<neuroml xmlns="http://www.neuroml.org/schema/neuroml2"
         xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
         xsi:schemaLocation="http://www.neuroml.org/schema/neuroml2 https://raw.github.com/NeuroML/NeuroML2/development/Schemas/NeuroML2/NeuroML_v2.3.1.xsd"
         id="{channel}_steady_channel">

    <notes>{channel} at its steady state at every instant: what is left of it at a potential that is held. Drug and
        dynamic clamp take it away and add it. Written by scripts/build_neuroml.py from {channel}.channel.nml: do not edit.
        Source: Hsu, Zhao, Milstein and Spruston (2018) Neuron 99:147, ModelDB 240960.</notes>
{include}
    <ionChannel id="{channel}_steady" type="ionChannelHH" conductance="10pS" species="{ion}">
        <notes>{what}</notes>

"""
_GATE = """        <gate id="{id}" type="gateHHInstantaneous" instances="{instances}">
            <steadyState {steady}/>
        </gate>

"""


def write_steady_channels(folder: Path = CHANNEL_FOLDER) -> list[Path]:
    """Write ``<channel>_steady.channel.nml`` of every sodium channel; return the files."""
    files = []
    for channel in SODIUM:
        files.append(folder / f"{channel}{STEADY}.channel.nml")
        write_text(files[-1], _text(channel))
    return files


def sodium_channel_of(component: str) -> str | None:
    """The sodium channel whose steady state a component has: itself, or that of which it is a variant.

    None of any other component.
    """
    channel = component.removesuffix(PERSISTENT).removesuffix(STEADY)
    return channel if channel in SODIUM else None


def steady_state(channel: str) -> list[tuple[str, int, dict[str, str]]]:
    """Name and power of each gate of a channel at rest, and its steady state as NeuroML writes it.

    A kinetic scheme is one gate. Raises ModelError if a gate has a form of which this does not know
    the steady state.
    """
    element, gates = _channel(channel), []
    if element.find("{*}gateKS") is not None:
        return [("o", 1, {"type": _type_of_scheme(channel)})]
    for gate in element.findall("{*}gate"):
        steady = gate.find("{*}steadyState")
        attributes = dict(_of_rates(channel, gate) if steady is None else steady.attrib)
        gates.append((gate.get("id"), int(gate.get("instances")), attributes))
    return gates


def included_files_of(channel: str) -> list[str]:
    """What holds the types of a channel's steady state, from the folder of NeuroML files."""
    if _channel(channel).find("{*}gateKS") is not None:
        return [f"channels/{channel}{STEADY}.channel.nml"]
    return [f"channels/{one}" for one in _includes(channel)]


def _includes(channel: str) -> list[str]:
    root, _ = read_xml(channel_file(channel), "NeuroML2", comments=False)
    return [str(one.get("href")) for one in root.findall("{*}include")]


def _type_of_scheme(channel: str) -> str:
    return f"{channel}_open_steady"


def _channel(channel: str) -> etree._Element:
    root, _ = read_xml(channel_file(channel), "NeuroML2", comments=False)
    return next(one for one in root if one.get("id") == channel)


def _of_rates(channel: str, gate: etree._Element) -> dict[str, str]:
    """The steady state of a gate of two rates that are one curve and its mirror image.

    a x/(1 - exp(-x)) and b x/(exp(x) - 1) go into each other as 1 to (b/a) exp(-x), in which no
    x = 0 is singular: ``na_m_inf``.
    """
    forward, reverse = (gate.find(f"{{*}}{way}Rate").attrib for way in ("forward", "reverse"))
    mirrored = forward["scale"] == reverse["scale"].removeprefix("-") != reverse["scale"]
    same = all(forward[name] == reverse[name] for name in ("type", "midpoint"))
    if not (mirrored and same and forward["type"] == "HHExpLinearRate"):
        raise ModelError(
            f"{channel}, gate {gate.get('id')}: expected two HHExpLinearRate of one midpoint, and of"
            " scales that differ in the sign alone."
        )
    a, b = (magnitude(rate["rate"], "per_ms") for rate in (forward, reverse))
    shape = {name: forward[name] for name in ("midpoint", "scale")}
    return {"type": "na_m_inf", "rate": f"{b / a:.15g}", **shape}


def _text(channel: str) -> str:
    element, gates = _channel(channel), steady_state(channel)
    scheme = element.find("{*}gateKS")
    types = "" if scheme is None else _scheme_type(channel, scheme)
    product = " ".join(f"{id}_inf" + (f"^{n}" if n > 1 else "") for id, n, _ in gates)
    included = "".join(f'\n    <include href="{one}"/>\n' for one in _includes(channel))
    text = _HEAD.format(
        channel=channel, include=included, ion=element.get("species"), what=f"gbar {product}."
    )
    for id, instances, attributes in gates:
        steady = " ".join(f'{key}="{value}"' for key, value in attributes.items())
        text += _GATE.format(id=id, instances=instances, steady=steady)
    return f"{text}    </ionChannel>\n{types}</neuroml>\n"


# -- kinetic schemes -------------------------------------------------------------------------------


def _transitions(scheme: etree._Element) -> Iterator[tuple[str, str, dict[str, str]]]:
    """From which state, to which, and the rate, of every transition."""
    for transition in scheme:
        tag = etree.QName(transition).localname
        ends = transition.get("from"), transition.get("to")
        if tag.endswith("Transition"):
            start, end = ends if tag == "forwardTransition" else ends[::-1]
            yield start, end, dict(transition.find("{*}rate").attrib)


def _scheme_type(channel: str, scheme: etree._Element) -> str:
    """A LEMS ComponentType whose x is the open part of a kinetic scheme at rest."""
    states = [one.get("id") for one in scheme if etree.QName(one).localname.endswith("State")]
    (open_state,) = (one.get("id") for one in scheme.findall("{*}openState"))
    # Across before along: a ladder's states then have few neighbours when their turn comes.
    order = [*sorted(set(states) - {open_state}, key=lambda one: (one[1:], one[0])), open_state]
    constants, statements, rates = _rates(channel, scheme)
    statements += _elimination(order, rates)
    lines = [f'        <Constant name="{key}" {value}/>' for key, value in constants.items()]
    lines += ["        <Dynamics>"]
    for target, dimension, expression in statements:
        exposed = ' exposure="x"' if target == "x" else ""
        lines.append(
            f'            <DerivedVariable name="{target}"{exposed} dimension="{dimension}"'
            f' value="{expression}"/>'
        )
    return (
        f'\n    <ComponentType name="{_type_of_scheme(channel)}" extends="baseVoltageDepVariable"\n'
        f'                   description="Open part of {channel} at its steady state: its states are'
        " eliminated one after the other, each rate between two that are left growing by the way"
        ' through it; a factor that all rates have, such as that of temperature, drops out.">\n'
        + "\n".join(lines)
        + "\n        </Dynamics>\n    </ComponentType>\n"
    )


Statement = tuple[str, str, str]
"""A variable, its dimension and its expression."""


def _rates(
    channel: str, scheme: etree._Element
) -> tuple[dict[str, str], list[Statement], dict[tuple[str, str], str]]:
    """Constants, statements, and by start and end the name of each rate."""
    constants: dict[str, str] = {}
    statements: list[Statement] = []
    rates: dict[tuple[str, str], str] = {}
    curves: dict[tuple[str, str], str] = {}
    for start, end, rate in _transitions(scheme):
        name = rates[start, end] = f"{start}_{end}"
        value = f'dimension="per_time" value="{rate["rate"]}"'
        if rate["type"] == "nav2_constant_rate":
            constants[name] = value
            continue
        if rate["type"] != "nav2_rate":
            raise ModelError(f"{channel}: rate {rate['type']}; expected one of NaV2's own.")
        shape = rate["midpoint"], rate["scale"]
        if shape not in curves:
            curve = curves[shape] = f"curve_{len(curves)}"
            for key, text in zip(("midpoint", "scale"), shape, strict=True):
                constants[f"{key}_{curve}"] = f'dimension="voltage" value="{text}"'
            law = f"exp((v - midpoint_{curve})/scale_{curve})"
            statements.append((curve, "none", law))
        constants[f"of_{name}"] = value
        statements.append((name, "per_time", f"of_{name}*{curves[shape]}"))
    return constants, statements, rates


def _elimination(order: Sequence[str], rates: dict[tuple[str, str], str]) -> list[Statement]:
    """Statements that come to x, the part of the last state of `order` at the steady state."""
    rates, statements = dict(rates), []
    into: dict[str, list[tuple[str, str]]] = {}
    for number, state in enumerate(order[:-1]):
        left = order[number + 1 :]
        out = {other: rates[state, other] for other in left if (state, other) in rates}
        into[state] = [(other, rates[other, state]) for other in left if (other, state) in rates]
        statements.append((f"out_{state}", "per_time", " + ".join(out.values())))
        for (start, to), (end, away) in itertools.product(into[state], out.items()):
            if start == end:
                continue
            through = f"{to}*{away}/out_{state}"
            before = rates.get((start, end))
            rates[start, end] = f"{start}_{end}_by_{state}"
            added = through if before is None else f"{before} + {through}"
            statements.append((rates[start, end], "per_time", added))
    parts = {order[-1]: "1"}
    for state in reversed(order[:-1]):
        terms = [f"{rate}*{parts[other]}".removesuffix("*1") for other, rate in into[state]]
        statements.append((f"part_{state}", "none", f"({' + '.join(terms)})/out_{state}"))
        parts[state] = f"part_{state}"
    statements.append(("x", "none", f"1/({' + '.join(parts.values())})"))
    return statements
