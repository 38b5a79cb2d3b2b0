"""Reads the mod files that jNeuroML exports into statements that can be sorted, pruned and written again."""

import math
import re
from dataclasses import dataclass, field

_BLOCKS = (
    "NEURON",
    "UNITS",
    "PARAMETER",
    "ASSIGNED",
    "STATE",
    "INITIAL",
    "BREAKPOINT",
    "NET_RECEIVE",
    "DERIVATIVE",
)
_BLOCKS += ("KINETIC", "PROCEDURE")
_NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*")  # not the exponent of a number
_FUNCTIONS = {"exp", "log", "sqrt", "pow", "fabs", "sin", "cos", "tanh"}


class ExportError(RuntimeError):
    """jNeuroML's export does not have the form that the rewriting knows."""


@dataclass(frozen=True)
class Parameter:
    """A constant of a mechanism.

    Attributes
    ----------
    name, unit : str
        NMODL name and unit (``""`` if dimensionless).
    value : float
        In `unit`, in full precision (the export itself rounds to float32).
    """

    name: str
    value: float
    unit: str


@dataclass(frozen=True)
class Statement:
    """An assignment, or an if/else chain whose branches all assign the same variable.

    Attributes
    ----------
    target : str
        The variable it sets.
    lines : tuple of str
        NMODL text without comments.
    reads : frozenset of str
        Names it depends on.
    """

    target: str
    lines: tuple[str, ...]
    reads: frozenset[str]

    @property
    def expression(self) -> str:
        """Right-hand side of a plain assignment."""
        return self.lines[0].split("=", 1)[1].strip()


@dataclass
class Export:
    """What one exported mod file says."""

    name: str
    point_process: bool
    ion: str | None
    versions: tuple[str, ...]
    parameters: list[Parameter] = field(default_factory=list)
    units: dict[str, str] = field(default_factory=dict)
    states: list[str] = field(default_factory=list)
    initial: list[Statement] = field(default_factory=list)
    breakpoint: list[Statement] = field(default_factory=list)
    conditions: list[tuple[str, list[Statement]]] = field(default_factory=list)
    derivatives: dict[str, str] = field(default_factory=dict)
    reactions: list[str] = field(default_factory=list)
    rates: list[Statement] = field(default_factory=list)
    events: list[Statement] = field(default_factory=list)


def names(text: str) -> frozenset[str]:
    """Variables that a piece of NMODL reads."""
    return frozenset(_NAME.findall(text)) - _FUNCTIONS


def parse(text: str) -> Export:
    """Read an exported mod file.

    Parameters
    ----------
    text : str
        The file as jNeuroML wrote it.

    Returns
    -------
    Export

    Raises
    ------
    ExportError
        If the file has a form that is not known.
    """
    blocks = _blocks(text)
    neuron = "\n".join(_code(line) for line in blocks["NEURON"])
    head = re.search(r"\b(SUFFIX|POINT_PROCESS)\s+(\w+)", neuron)
    ion = re.search(r"\bUSEION\s+(\w+)", neuron)
    if head is None:
        raise ExportError("no SUFFIX and no POINT_PROCESS in the NEURON block")
    versions = tuple(
        " ".join(line.split())
        for line in text.splitlines()
        if re.match(r"\s+(org\.neuroml|jLEMS)", line)
    )
    export = Export(head[2], head[1] == "POINT_PROCESS", ion[1] if ion else None, versions)
    export.parameters = [p for p in map(_parameter, blocks["PARAMETER"]) if p is not None]
    for line in blocks["ASSIGNED"] + blocks["STATE"]:
        declared = re.match(r"\s*(\w+)\s*(?:FROM 0 TO 1)?\s*(?:\(([^)]*)\))?", _code(line))
        if declared:
            export.units[declared[1]] = declared[2] or ""
    export.states = [m[1] for line in blocks["STATE"] if (m := re.match(r"\s*(\w+)", _code(line)))]
    export.breakpoint, export.conditions = _statements(blocks["BREAKPOINT"])
    export.initial = _assignments(blocks, "INITIAL")
    export.events = _assignments(blocks, "NET_RECEIVE")
    export.rates = _assignments(blocks, "PROCEDURE")
    for line in blocks["DERIVATIVE"]:
        if derivative := re.match(r"\s*(\w+)'\s*=\s*(\w+)", _code(line)):
            export.derivatives[derivative[1]] = derivative[2]
    export.reactions = [
        _code(line).strip() for line in blocks["KINETIC"] if _code(line).strip().startswith("~")
    ]
    return export


def _code(line: str) -> str:
    return re.split(r"[?:]", line, maxsplit=1)[0].rstrip()


def _blocks(text: str) -> dict[str, list[str]]:
    """Lines of each block, without its head and its closing brace."""
    blocks: dict[str, list[str]] = {}
    current, depth = None, 0
    for line in re.sub(
        r"^COMMENT$.*?^ENDCOMMENT$", "", text, flags=re.DOTALL | re.MULTILINE
    ).splitlines():
        code = _code(line)
        if current is None:
            head = re.match(r"(\w+)", code)
            if head and head[1] != "TITLE":
                if head[1] not in _BLOCKS or head[1] in blocks:
                    raise ExportError(
                        f"'{code.strip()}'; expected one block each of {', '.join(_BLOCKS)}"
                    )
                current, depth = head[1], 1
                blocks[current] = []
            continue
        depth += code.count("{") - code.count("}")
        if depth == 0:
            current = None
        else:
            blocks[current].append(line)
    return {name: blocks.get(name, []) for name in _BLOCKS}


def _parameter(line: str) -> Parameter | None:
    match = re.match(r"\s*(\w+)\s*=\s*(\S+)\s*(?:\(([^)]*)\))?\s*: was: (\S+)", line)
    if match is None:
        return None
    name, shown, unit, exact_si = match[1], float(match[2]), match[3] or "", float(match[4])
    if shown == 0 or exact_si == 0:
        return Parameter(name, 0.0, unit)
    # The export rounds the shown value to float32; the SI value behind it is a double. They differ by a power of ten.
    power = round(math.log10(abs(shown / exact_si)))
    value = float(f"{exact_si * 10.0**power:.15g}")
    if not math.isclose(value, shown, rel_tol=1e-6):
        raise ExportError(
            f"{name}: {shown} {unit} and {exact_si} SI do not differ by a power of ten"
        )
    return Parameter(name, value, unit)


def _statements(lines: list[str]) -> tuple[list[Statement], list[tuple[str, list[Statement]]]]:
    """Assignments, plain or by if/else; and bare conditions, whose branch sets other variables (LEMS OnCondition)."""
    plain: list[Statement] = []
    conditions: list[tuple[str, list[Statement]]] = []
    block: list[str] = []
    depth = 0
    for raw in lines:
        code = _code(raw).strip()
        if not code:
            continue
        if depth or "{" in code:
            block.append(code)
            depth += code.count("{") - code.count("}")
            if depth == 0 and block:
                _close(block, plain, conditions)
                block = []
        elif "=" in code:
            target, expression = (part.strip() for part in code.split("=", 1))
            plain.append(Statement(target, (f"{target} = {_tidy(expression)}",), names(expression)))
        elif not re.match(r"rates\(\)$|SOLVE\b", code):
            raise ExportError(f"'{code}'; expected an assignment or a condition")
    return plain, conditions


def _assignments(blocks: dict[str, list[str]], block: str) -> list[Statement]:
    plain, conditions = _statements(blocks[block])
    if conditions:
        raise ExportError(
            f"condition '{conditions[0][0]}' in {block}; expected conditions in BREAKPOINT only"
        )
    return plain


def _close(block: list[str], plain: list[Statement], conditions: list) -> None:
    assigned = [re.match(r"(\w+) = (.*)", line) for line in block]
    targets = {match[1] for match in assigned if match}
    reads = frozenset().union(*(names(match[2]) for match in assigned if match))
    tests = [test for line in block for test in re.findall(r"if \((.*)\)\s*\{", line)]
    chain = any("else" in line for line in block)
    if len(targets) == 1 and chain:
        lines = tuple(
            ("    " if match else "") + _tidy(line)
            for line, match in zip(block, assigned, strict=True)
        )
        reads = reads.union(*(names(test) for test in tests))
        plain.append(Statement(targets.pop(), lines, reads))
    elif len(tests) == 1 and not chain:
        body, _ = _statements(block[1:-1])
        conditions.append((_tidy(tests[0]), body))
    else:
        raise ExportError(f"a condition that sets {sorted(targets)}")


def _tidy(text: str) -> str:
    text = re.sub(r"\s+", " ", text).strip()
    text = re.sub(r"\(\s+", "(", text)
    text = re.sub(r"\s+\)", ")", text)
    return re.sub(r"\s*([*/])\s*", r"\1", text)
