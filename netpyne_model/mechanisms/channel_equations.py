"""The equations of channels, read from the mod files generated from NeuroML.

Every simulator has its own language of channels. What they share is small: gates with
q' = (inf - q)/tau, steady states and time constants as functions of the voltage (and, of one
channel, of the gate), and the product of gates that is open. All that does not depend on voltage is
worked out here once, as NEURON's own mechanisms do by table or at the start.
"""

import ast
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Any

import numpy as np

from ..errors import ModelError
from .conversion import GENERATED
from .nmodl import NUMBER, blocks_of, code_of, neuron_statements

_DECLARED = re.compile(rf"(\w+)\s*=\s*({NUMBER})")
_CHOICE = re.compile(
    r"if\s*\((.*)\)\s*\{\s*(\w+)\s*=\s*([^{}]*?)\s*\}\s*else\s*\{\s*\2\s*=\s*([^{}]*?)\s*\}"
)
_ASSIGNMENT = re.compile(r"(\w+)\s*=(?!=)\s*(.*)")
_SLOPE = re.compile(r"(\w+)'\s*=\s*\((\w+) - (\w+)\)/(\w+)")
_REACTION = re.compile(r"~ (\w+) <-> (\w+)\s*\(([^,()]+),\s*([^,()]+)\)")
_MOST_IN_ONE = 12  # assignments; each may stand there as often as it is read
_FUNCTIONS: dict[str, Callable[[float], float]] = {"exp": math.exp, "fabs": abs}
_IN_EQUATIONS = {"__builtins__": {}, "exp": np.exp, "fabs": np.abs}
_OPERATIONS: dict[type, Callable[[float, float], float]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.Pow: lambda a, b: a**b,
}


@dataclass(frozen=True)
class Assignment:
    """``target = value``, or by a test of two values the one or the other."""

    target: str
    value: ast.expr
    test: ast.expr | None = None
    otherwise: ast.expr | None = None


@dataclass(frozen=True)
class Gate:
    """A state with q' = (inf - q)/tau."""

    state: str
    inf: ast.expr
    tau: ast.expr


@dataclass(frozen=True)
class Channel:
    """A channel at one temperature.

    Attributes
    ----------
    name : str
    ion : str or None
        None where its reversal potential is its own, ``e``.
    rates : tuple of Assignment
        In order; they read ``v``, states and what comes before.
    gates : tuple of Gate
    opening : ast.expr
        Open fraction, of the states; of a channel without any, of the voltage.
    """

    name: str
    ion: str | None
    rates: tuple[Assignment, ...]
    gates: tuple[Gate, ...]
    opening: ast.expr


@dataclass(frozen=True)
class KineticChannel:
    """A channel of states that react with each other, at one temperature.

    Attributes
    ----------
    name, ion, rates, opening
        As of `Channel`.
    states : tuple of str
        Their sum is 1.
    reactions : tuple of (str, str, ast.expr, ast.expr)
        From, to, rate forward and backward.
    """

    name: str
    ion: str | None
    rates: tuple[Assignment, ...]
    states: tuple[str, ...]
    reactions: tuple[tuple[str, str, ast.expr, ast.expr], ...]
    opening: ast.expr


def read_channel(name: str, celsius: float, file: Path | None = None) -> Channel:
    """Read a channel by its name, at a temperature (degC).

    `file` is its generated mod file, by default that of the package. Raises ModelError if there is
    none, or it is not one of gates.
    """
    blocks = _blocks(name, file)
    slopes = _SLOPE.findall(blocks.get("DERIVATIVE", ""))
    stateless = not blocks.keys() & {"STATE", "DERIVATIVE", "KINETIC"}
    gated = (slopes or stateless) and "PROCEDURE" in blocks
    if not gated or any(state != again for state, _, again, _ in slopes):
        raise ModelError(f"{name} is no channel of gates q' = (inf - q)/tau alone.")
    known = _constants(blocks, celsius)
    if stateless:  # its current's slope is that of the one expression
        if len(list(_assignments(blocks["PROCEDURE"]))) > _MOST_IN_ONE:
            raise ModelError(
                f"{name}: its steady state is too long for the one expression that another simulator"
                " takes; run the cell in NEURON."
            )
        list(_changing(blocks["PROCEDURE"], known, inline=True))
        return Channel(name, _ion(blocks), (), (), _opening(blocks, known))
    rates = tuple(_changing(blocks["PROCEDURE"], known))
    gates = tuple(
        Gate(state, _with(known, _parsed(inf)), _with(known, _parsed(tau)))
        for state, inf, _, tau in slopes
    )
    return Channel(name, _ion(blocks), rates, gates, _opening(blocks, known))


def read_kinetic_channel(name: str, celsius: float, file: Path | None = None) -> KineticChannel:
    """As `read_channel`, of a channel of reactions; ModelError if it is none."""
    blocks = _blocks(name, file)
    reactions = _REACTION.findall(blocks.get("KINETIC", ""))
    if not reactions or "PROCEDURE" not in blocks:
        raise ModelError(f"{name} is no channel of reactions.")
    known = _constants(blocks, celsius)
    list(_changing(blocks["INITIAL"], known, inline=True))  # what temperature does to the rates
    rates = tuple(_changing(blocks["PROCEDURE"], known))
    return KineticChannel(
        name,
        _ion(blocks),
        rates,
        tuple(blocks["STATE"].split()),
        tuple(
            (start, end, _with(known, _parsed(forward)), _with(known, _parsed(backward)))
            for start, end, forward, backward in reactions
        ),
        _opening(blocks, known),
    )


def open_part(name: str, celsius: float) -> Callable[[np.ndarray], np.ndarray]:
    """What is open of a channel without states, as a function of potentials (mV).

    It is worked out at each potential, where NEURON takes it from a table.
    """
    blocks = _blocks(name, None)
    known = _constants(blocks, celsius)
    rates = [(one.target, _compiled(one.value)) for one in _changing(blocks["PROCEDURE"], known)]
    opening = _compiled(_opening(blocks, known))

    def opened(v_mV: np.ndarray) -> np.ndarray:
        values: dict[str, Any] = {"v": v_mV}
        for target, code in rates:
            values[target] = eval(code, _IN_EQUATIONS, values)
        return eval(opening, _IN_EQUATIONS, values)

    return opened


def value_of(expression: ast.expr, known: Mapping[str, Any]) -> Any:
    """What an expression of a channel comes to, of numbers or arrays by name."""
    return eval(_compiled(expression), _IN_EQUATIONS, known)


def _compiled(expression: ast.expr) -> CodeType:
    return compile(ast.fix_missing_locations(ast.Expression(expression)), "channel", "eval")


def _blocks(name: str, file: Path | None) -> dict[str, str]:
    """The blocks of a channel's mod file by head; ModelError if there is none."""
    file = GENERATED / f"{name}.mod" if file is None else file
    if not file.is_file():
        raise ModelError(f"{name}: no channel of the package, so no other simulator has it.")
    return {block.head: block.code for block in blocks_of(code_of(file.read_text()))}


def _ion(blocks: Mapping[str, str]) -> str | None:
    uses = neuron_statements(blocks["NEURON"])
    return next((rest.split()[0] for head, rest in uses if head == "USEION"), None)


def _opening(blocks: Mapping[str, str], known: Mapping[str, ast.expr]) -> ast.expr:
    """The open fraction, of the states, or where there are none of what is `known`."""
    opened = dict(known)
    list(_changing(blocks["BREAKPOINT"], opened, inline=True))
    return opened["fopen"]


def _constants(blocks: Mapping[str, str], celsius: float) -> dict[str, ast.expr]:
    declared = _DECLARED.findall(blocks["PARAMETER"] + blocks.get("CONSTANT", ""))
    known: dict[str, ast.expr] = {
        name: ast.Constant(float(value.replace(" ", ""))) for name, value in declared
    }
    for place in ("gmax", "e"):  # these differ from segment to segment
        known.pop(place, None)
    return known | {"celsius": ast.Constant(celsius)}


def _changing(
    code: str, known: dict[str, ast.expr], *, inline: bool = False
) -> Iterator[Assignment]:
    """The assignments of a block that do not come to a number; the others join what is `known`.

    What only renames or says again what stands there joins it too, and with `inline` everything.
    """
    computed: dict[str, ast.expr] = {}
    for target, value, test, otherwise in _assignments(code):
        simple = _with(known, _parsed(value))
        if test is not None:
            chosen = _with(known, _parsed(test)), _with(known, _parsed(otherwise or ""))
            yield Assignment(target, simple, *chosen)
        elif inline or isinstance(simple, ast.Constant | ast.Name):
            known[target] = simple
        elif (text := ast.unparse(simple)) in computed:
            known[target] = computed[text]
        else:
            computed[text] = ast.Name(target)
            yield Assignment(target, simple)


def _assignments(code: str) -> Iterator[tuple[str, str, str | None, str | None]]:
    """Target, value, test and other value of each assignment; declarations are left out."""
    place = 0
    for choice in [*_CHOICE.finditer(code), None]:
        end = len(code) if choice is None else choice.start()
        for line in code[place:end].splitlines():
            if match := _ASSIGNMENT.fullmatch(line.strip()):
                yield match[1], match[2], None, None
        if choice is not None:
            yield choice[2], choice[3], choice[1], choice[4]
            place = choice.end()


def _parsed(text: str) -> ast.expr:
    return ast.parse(text.strip().replace("^", "**"), mode="eval").body


def _with(known: Mapping[str, ast.expr], expression: ast.expr) -> ast.expr:
    """The expression with what is known in place, worked out as far as it goes."""
    return _WorkedOut(known).visit(expression)


class _WorkedOut(ast.NodeTransformer):
    def __init__(self, known: Mapping[str, ast.expr]):
        self._known = known

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._known.get(node.id, node)

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return ast.Constant(_number(node))  # so that equal expressions are equal as text

    def visit_Call(self, node: ast.Call) -> ast.expr:
        (argument,) = (self.visit(one) for one in node.args)
        assert isinstance(node.func, ast.Name)
        if isinstance(argument, ast.Constant):
            return ast.Constant(_FUNCTIONS[node.func.id](_number(argument)))
        return ast.Call(node.func, [argument], [])

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        operand = self.visit(node.operand)
        if isinstance(node.op, ast.USub) and isinstance(operand, ast.Constant):
            return ast.Constant(-_number(operand))
        return ast.UnaryOp(node.op, operand)

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        left, right = self.visit(node.left), self.visit(node.right)
        if isinstance(left, ast.Constant) and isinstance(right, ast.Constant):
            worked_out = _OPERATIONS[type(node.op)](_number(left), _number(right))
            return ast.Constant(worked_out)
        if isinstance(node.op, ast.Mult | ast.Div) and _is(right, 1):
            return left
        if isinstance(node.op, ast.Mult) and _is(left, 1):
            return right
        if isinstance(node.op, ast.Sub) and _is(left, 0):
            return ast.BinOp(ast.Constant(-1.0), ast.Mult(), right)
        if isinstance(node.op, ast.Sub) and isinstance(right, ast.Constant) and _number(right) < 0:
            return ast.BinOp(left, ast.Add(), ast.Constant(-_number(right)))
        return ast.BinOp(left, node.op, right)


def _number(constant: ast.Constant) -> float:
    assert isinstance(constant.value, int | float)
    return float(constant.value)


def _is(node: ast.expr, number: float) -> bool:
    return isinstance(node, ast.Constant) and node.value == number
