"""Channels and receptors in the NMODL of Arbor's modcc, from the generated mod files.

modcc takes no TABLE and knows neither CONSTANTs of a unit nor ``net_send``. A channel's rates come
with all that does not depend on voltage worked out, at one temperature. A receptor keeps its
reactions; the end of a pulse of transmitter, for which NEURON's mechanism sends itself an event,
is counted down by a state.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from ..errors import ModelError
from .channel_equations import (
    Assignment,
    Channel,
    KineticChannel,
    read_channel,
    read_kinetic_channel,
)
from .conversion import GENERATED
from .nmodl import NUMBER, blocks_of, code_of

LEAK = "leak"
LEAK_TEXT = """NEURON {
    SUFFIX leak
    NONSPECIFIC_CURRENT i
    RANGE g, e
}
PARAMETER {
    g = 0 (S/cm2)
    e = 0 (mV)
}
INITIAL {}
BREAKPOINT {
    i = g*(v - e)
}
"""
_EXP_LINEAR = re.compile(
    r"fabs\((\w+)\) > 1e-05: ([\d.e-]+ \* )?\1 / \(1\.0 - exp\(-1\.0 \* \1\)\)"
)
_PARAMETER = re.compile(rf"(\w+)\s*=\s*({NUMBER})(?:\s*(\([^)]*\)))?")
_OF_INSTANCE = ("gbase", "erev")
# The rules of the generated NET_RECEIVE, in time left instead of times: a pulse is not lengthened
# by an event that falls into it, and the latest event's weight scales the conductance. What is
# left is a sum of steps, and ends a rounding beside 0.
_PULSE = """DERIVATIVE pulse {
    left' = -1
    leftOfLast' = -1
}
NET_RECEIVE(weight) {
    if (left <= 1e-6) {
        if (leftOfLast > 1e-6) {
            left = leftOfLast
        } else {
            left = tPulse
        }
    }
    w = weight
    leftOfLast = tPulse
}
"""
_COUNTED = ("w", "left", "leftOfLast")
_OF_PULSE = {"C", "w", "tOff", "tOffLast"}


def channel_text(channel: Channel | KineticChannel) -> str:
    """The mod file of a channel as modcc takes it.

    Its mechanism has the channel's name, the RANGE parameter ``gmax`` (S/cm2), and ``e`` (mV) if
    its reversal potential is no ion's.
    """
    current = f"i{channel.ion}" if channel.ion else "i"
    reversal = f"e{channel.ion}" if channel.ion else "e"
    ion = f"USEION {channel.ion} READ e{channel.ion} WRITE {current}"
    declared = [ion] if channel.ion else ["NONSPECIFIC_CURRENT i"]
    places = ["gmax"] if channel.ion else ["gmax", "e"]
    units = {"gmax": "S/cm2", "e": "mV"}
    stepping: dict[str, list[str]] = {"INITIAL": []}
    solve: list[str] = []
    if isinstance(channel, KineticChannel):
        stepping, solve = _reactions(channel), ["SOLVE states METHOD sparse"]
    elif channel.gates:
        stepping, solve = _gates(channel), ["SOLVE states METHOD cnexp"]
    opening = f"{current} = gmax*({ast.unparse(channel.opening)})*(v - {reversal})"
    blocks = {
        "NEURON": [f"SUFFIX {channel.name}", *declared, f"RANGE {', '.join(places)}"],
        "PARAMETER": [f"{name} = 0 ({units[name]})" for name in places],
        **stepping,
        "BREAKPOINT": [*solve, opening],
    }
    return "".join(_block(head, lines) for head, lines in blocks.items())


def channel_text_of(name: str, celsius: float, file: Path | None = None) -> str:
    """As `channel_text`, of a channel by its name: see `read_channel`."""
    try:
        return channel_text(read_kinetic_channel(name, celsius, file))
    except ModelError:
        return channel_text(read_channel(name, celsius, file))


def _gates(channel: Channel) -> dict[str, list[str]]:
    local, rates = _local_rates(channel)
    starts = [f"{gate.state} = {ast.unparse(gate.inf)}" for gate in channel.gates]
    slopes = [
        f"{gate.state}' = ({ast.unparse(gate.inf)} - {gate.state})/({ast.unparse(gate.tau)})"
        for gate in channel.gates
    ]
    # A rate that reads its gate (km2) needs a value of it at the start; any does.
    before = [f"{gate.state} = 0" for gate in channel.gates]
    return {
        "STATE": [gate.state for gate in channel.gates],
        "INITIAL": [*local, *before, *rates, *starts],
        "DERIVATIVE states": [*local, *rates, *slopes],
    }


def _reactions(channel: KineticChannel) -> dict[str, list[str]]:
    local, rates = _local_rates(channel)
    reactions = [
        f"~ {start} <-> {end} ({ast.unparse(forward)}, {ast.unparse(backward)})"
        for start, end, forward, backward in channel.reactions
    ]
    return {
        "STATE": list(channel.states),
        "INITIAL": ["SOLVE states STEADYSTATE sparse"],
        "KINETIC states": [
            *local,
            *rates,
            *reactions,
            f"CONSERVE {' + '.join(channel.states)} = 1",
        ],
    }


def _local_rates(channel: Channel | KineticChannel) -> tuple[list[str], list[str]]:
    """The declaration of a channel's rates, and their assignments."""
    local = [f"LOCAL {', '.join(rate.target for rate in channel.rates)}"] if channel.rates else []
    return local, [line for rate in channel.rates for line in _lines(rate)]


def receptor_text(name: str, file: Path | None = None) -> str:
    """The mod file of a kinetic receptor as modcc takes it, from the generated one.

    Its mechanism has the RANGE parameters ``gbase`` (uS) and ``erev`` (mV), and an event's weight
    is its factor on ``gbase``. `file` is its generated mod file, by default that of the package.
    Raises ModelError if it is no receptor of reactions and pulses of transmitter.
    """
    file = GENERATED / f"{name}.mod" if file is None else file
    blocks: dict[str, str] = {}
    if file.is_file():
        blocks = {block.head: block.code for block in blocks_of(code_of(file.read_text()))}
    assigned = set(blocks.get("ASSIGNED", "").split())
    if not blocks.get("KINETIC") or not assigned >= _OF_PULSE:
        raise ModelError(
            f"{name} is no receptor of reactions and pulses of transmitter, so Arbor has none of it."
        )
    parameters = {match[1]: match for match in _PARAMETER.finditer(blocks["PARAMETER"])}
    constants = [match[0] for one, match in parameters.items() if one not in _OF_INSTANCE]
    states = [*blocks["STATE"].split(), *_COUNTED]
    starts = [line for line in _statements(blocks["INITIAL"]) if line.split()[0] in states]
    rates = _statements(blocks.get("PROCEDURE", ""))
    targets = [rate.split(" = ")[0] for rate in rates]
    # What the reactions read is that of the voltage at the step's start, as in NEURON.
    kept = [one for one in targets if re.search(rf"\b{one}\b", blocks["KINETIC"])]
    local = ", ".join(one for one in targets if one not in kept)
    conducting = [line for line in _statements(blocks["BREAKPOINT"]) if " = " in line]
    texts = {
        "NEURON": [
            f"POINT_PROCESS {name}",
            "NONSPECIFIC_CURRENT i",
            f"RANGE {', '.join(_OF_INSTANCE)}",
        ],
        "CONSTANT": constants,
        "PARAMETER": ["v (mV)", *(parameters[one][0] for one in _OF_INSTANCE)],
        "ASSIGNED": kept,
        "STATE": states,
        "INITIAL": [*starts, *(f"{state} = 0" for state in _COUNTED[1:])],
        "BREAKPOINT": [
            "SOLVE activation METHOD sparse",
            "SOLVE pulse METHOD cnexp",
            *([f"LOCAL {local}"] if local else []),
            *rates,
            _in_one_expression([*rates, *conducting]),
        ],
        "KINETIC activation": [
            "LOCAL C",
            "C = step_left(left - 1e-6)",
            *_statements(blocks["KINETIC"]),
        ],
    }
    return "".join(_block(head, lines) for head, lines in texts.items() if lines) + _PULSE


def _block(head: str, lines: list[str]) -> str:
    return f"{head} {{\n" + "".join(f"    {line}\n" for line in lines) + "}\n"


def _statements(code: str) -> list[str]:
    """The statements of a block, a line each, without its LOCALs."""
    lines = [line.strip() for line in code.splitlines()]
    return [line for line in lines if line and not line.startswith("LOCAL")]


def _in_one_expression(assignments: list[str]) -> str:
    """The last of some assignments with the others in it.

    modcc differentiates what stands in the current's expression, and takes a variable for constant:
    the slope of the magnesium block belongs to an implicit step.
    """
    *others, last = assignments
    for target, value in reversed([one.split(" = ") for one in others]):
        last = re.sub(rf"\b{target}\b", f"({value})", last)
    return last


def _lines(rate: Assignment) -> Iterator[str]:
    """An assignment in Arbor's words, which has its own for a largest and for x/(exp(x) - 1)."""
    value = ast.unparse(rate.value)
    if rate.test is None or rate.otherwise is None:
        yield f"{rate.target} = {value}"
        return
    test, otherwise = ast.unparse(rate.test), ast.unparse(rate.otherwise)
    if linear := _EXP_LINEAR.fullmatch(f"{test}: {value}"):
        yield f"{rate.target} = {linear[2] or ''}exprelr(-{linear[1]})"
    elif test == f"{otherwise} < {value}":
        yield f"{rate.target} = max({otherwise}, {value})"
    else:
        yield f"if ({test}) {{"
        yield f"    {rate.target} = {value}"
        yield "} else {"
        yield f"    {rate.target} = {otherwise}"
        yield "}"
