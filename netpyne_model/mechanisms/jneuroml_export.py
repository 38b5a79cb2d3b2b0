"""Reads the mod files that jNeuroML exports into statements that can be sorted and pruned."""

import math
import re
from dataclasses import dataclass

from .nmodl import blocks_of, code_of, declared, names, neuron_statements

_DECLARATIONS = ("NEURON", "UNITS", "PARAMETER", "ASSIGNED", "STATE")
_EQUATIONS = ("INITIAL", "BREAKPOINT", "NET_RECEIVE", "DERIVATIVE", "KINETIC", "PROCEDURE")
_BLOCKS = _DECLARATIONS + _EQUATIONS


class ExportError(RuntimeError):
    """jNeuroML's export does not have the form that the rewriting knows."""


@dataclass(frozen=True)
class Parameter:
    """A constant of a mechanism, by its NMODL name and unit (``""`` if dimensionless)."""

    name: str
    value: float  # in full precision: the export itself rounds to float32
    unit: str


@dataclass(frozen=True)
class Statement:
    """An assignment, or an if/else chain whose branches all assign the same variable."""

    target: str  # the variable it sets
    lines: tuple[str, ...]  # NMODL text without comments
    reads: frozenset[str]  # names it depends on

    @property
    def expression(self) -> str:
        """Right-hand side of a plain assignment."""
        return self.lines[0].split("=", 1)[1].strip()


@dataclass
class Export:
    """What one exported mod file says."""

    name: str
    point_process: bool
    electrode: bool  # whether its current is one of an electrode: positive depolarises
    ion: str | None
    versions: tuple[str, ...]
    parameters: list[Parameter]
    units: dict[str, str]
    states: list[str]
    initial: list[Statement]
    breakpoint: list[Statement]
    conditions: list[tuple[str, list[Statement]]]
    derivatives: dict[str, str]
    reactions: list[str]
    rates: list[Statement]
    events: list[Statement]


def parse(text: str) -> Export:
    """Read a mod file as jNeuroML wrote it.

    Raises ExportError if the file has a form that is not known.
    """
    blocks = _blocks(text)
    neuron = neuron_statements(blocks["NEURON"])
    heads = [statement for statement in neuron if statement[0] in ("SUFFIX", "POINT_PROCESS")]
    if not heads:
        raise ExportError("no SUFFIX and no POINT_PROCESS in the NEURON block")
    keyword, rest = heads[0]
    ions = [rest.split()[0] for keyword, rest in neuron if keyword == "USEION"]
    versions = re.findall(r"^\s+((?:org\.neuroml|jLEMS).*)", text, re.MULTILINE)
    states = declared(blocks["STATE"])
    plain, conditions = _statements(blocks["BREAKPOINT"])
    kinetic = [line.strip() for line in blocks["KINETIC"].splitlines()]
    return Export(
        name=rest.split()[0],
        point_process=keyword == "POINT_PROCESS",
        electrode=any(keyword == "ELECTRODE_CURRENT" for keyword, _ in neuron),
        ion=ions[0] if ions else None,
        versions=tuple(" ".join(line.split()) for line in versions),
        parameters=[p for p in map(_parameter, text.splitlines()) if p is not None],
        units=declared(blocks["ASSIGNED"]) | states,
        states=list(states),
        initial=_assignments(blocks, "INITIAL"),
        breakpoint=plain,
        conditions=conditions,
        derivatives=dict(re.findall(r"(\w+)'\s*=\s*(\w+)", blocks["DERIVATIVE"])),
        reactions=[line for line in kinetic if line.startswith("~")],
        rates=_assignments(blocks, "PROCEDURE"),
        events=_assignments(blocks, "NET_RECEIVE"),
    )


def _blocks(text: str) -> dict[str, str]:
    """Code of each block that an export may have, empty where it has it not."""
    code = dict.fromkeys(_BLOCKS, "")
    for block in blocks_of(code_of(text)):
        if block.head not in code or code[block.head]:
            raise ExportError(f"'{block.head}'; expected one block each of {', '.join(_BLOCKS)}")
        code[block.head] = block.code
    return code


def _parameter(line: str) -> Parameter | None:
    match = re.match(r"\s*(\w+)\s*=\s*(\S+)\s*(?:\(([^)]*)\))?\s*: was: (\S+)", line)
    if match is None:
        return None
    name, rounded, unit, exact_si = match[1], float(match[2]), match[3] or "", float(match[4])
    if rounded == 0 or exact_si == 0:
        return Parameter(name, 0.0, unit)
    # The export rounds the value to float32; the SI value behind it is a double. They differ by a
    # power of ten.
    power = round(math.log10(abs(rounded / exact_si)))
    value = float(f"{exact_si * 10.0**power:.15g}")
    if not math.isclose(value, rounded, rel_tol=1e-6):
        raise ExportError(
            f"{name}: {rounded} {unit} and {exact_si} SI do not differ by a power of ten"
        )
    return Parameter(name, value, unit)


def _statements(code: str) -> tuple[list[Statement], list[tuple[str, list[Statement]]]]:
    """Assignments, plain or by if/else; and bare conditions (LEMS OnCondition)."""
    plain: list[Statement] = []
    conditions: list[tuple[str, list[Statement]]] = []
    block: list[str] = []
    depth = 0
    for line in filter(None, map(str.strip, code.splitlines())):
        if depth or "{" in line:
            block.append(line)
            depth += line.count("{") - line.count("}")
            if depth == 0 and block:
                _close(block, plain, conditions)
                block = []
        elif "=" in line:
            target, expression = (part.strip() for part in line.split("=", 1))
            plain.append(Statement(target, (f"{target} = {_tidy(expression)}",), names(expression)))
        elif not re.match(r"rates\(\)$|SOLVE\b", line):
            raise ExportError(f"'{line}'; expected an assignment or a condition")
    return plain, conditions


def _assignments(blocks: dict[str, str], block: str) -> list[Statement]:
    plain, conditions = _statements(blocks[block])
    if conditions:
        raise ExportError(f"condition '{conditions[0][0]}' in {block}; expected BREAKPOINT only")
    return plain


def _close(block: list[str], plain: list[Statement], conditions: list) -> None:
    """Add an if/else chain to the plain statements, or a bare condition to the conditions."""
    assigned = [re.match(r"(\w+) = (.*)", line) for line in block]
    targets = {match[1] for match in assigned if match}
    tests = re.findall(r"if \((.*)\)\s*\{", "\n".join(block))
    chain = any("else" in line for line in block)
    if len(targets) == 1 and chain:
        lines = []
        read = list(tests)
        for line, match in zip(block, assigned, strict=True):
            lines.append(f"    {_tidy(line)}" if match else _tidy(line))
            read += [match[2]] if match else []
        plain.append(Statement(targets.pop(), tuple(lines), names(" , ".join(read))))
    elif len(tests) == 1 and not chain:
        body, _ = _statements("\n".join(block[1:-1]))
        conditions.append((_tidy(tests[0]), body))
    else:
        raise ExportError(f"a condition that sets {sorted(targets)}")


def _tidy(text: str) -> str:
    text = re.sub(r"\s+", " ", text).strip()
    text = re.sub(r"\(\s+", "(", text)
    text = re.sub(r"\s+\)", ")", text)
    return re.sub(r"\s*([*/])\s*", r"\1", text)
