"""What one channel contributes to the mechanism of all channels."""

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..jneuroml_export import ExportError, Statement
from ..nmodl import names
from ..nmodl_writing import block, declaration, parameter_line
from ..rewriting import Mechanism

_SLOPE = re.compile(r"\((\w+) - (\w+)\)/(\w+)")
_SIDES = re.compile(
    r"if \((\w+) < (\w+)\) \{\s*(\w+ = .+?)\s*\} else \{\s*(\w+ = .+?)\s*\}", re.DOTALL
)
_SHARED = {"v", "celsius", "temperature"}


@dataclass(frozen=True)
class Gate:
    """A gate's variables: its fraction, which the equations call `state`, and what it tends to."""

    state: str
    inf: str
    tau: str
    two_sided: bool  # whether tau below the steady state is another than above

    @property
    def factor(self) -> str:
        """1 - exp(-dt/tau)."""
        return f"{self.state}_step"

    @property
    def factor_below(self) -> str:
        """The factor below the steady state."""
        return f"{self.state}_step_below" if self.two_sided else self.factor


def can_be_fused(mechanism: Mechanism) -> bool:
    """Whether a mechanism is a channel of independent gates that `FusedChannel` understands."""
    if mechanism.export.point_process or mechanism.reactions:
        return False
    try:
        FusedChannel(mechanism)
    except ExportError:
        return False
    return True


class FusedChannel:
    """One channel under names of its own: the mechanism's with the channel's before them.

    Raises ExportError if a gate does not have the form (inf - q)/tau, or tau depends on a gate in
    another way than by the side of its steady state on which the gate is.
    """

    def __init__(self, mechanism: Mechanism):
        self.mechanism = mechanism
        self.name = mechanism.export.name
        self.ion = mechanism.export.ion
        slopes = [self._slope(state) for state in mechanism.states]
        closure = mechanism.closure([name for slope in slopes for name in slope[1:]])
        self._by_state = self._that_read_states(closure)
        of_state = {statement.target for statement in self._by_state}
        self._by_voltage = [one for one in closure if one.target not in of_state]
        self.gates = [Gate(*slope, two_sided=slope[2] in of_state) for slope in slopes]
        self._sides = self._two_sides()
        opening = mechanism.closure(["fopen"])
        self._opening = [one for one in opening if one.target not in mechanism.constant]

    @property
    def two_sided(self) -> bool:
        """Whether a factor depends on the side of the steady state on which its gate is."""
        return any(gate.two_sided for gate in self.gates)

    def own(self, text: str) -> str:
        """The text with this channel's name before each of the mechanism's names."""
        mine = self.mechanism.names() - _SHARED
        mine |= {name for gate in self.gates for name in (gate.factor, gate.factor_below)}
        return re.sub(
            r"(?<![\w.])[A-Za-z_]\w*",
            lambda match: f"{self.name}_{match[0]}" if match[0] in mine else match[0],
            text,
        )

    def density_lines(self) -> list[str]:
        """Declarations of the parameters that differ between places."""
        return [f"gmax_{self.name} = 0 (S/cm2)"] + ([] if self.ion else [f"e_{self.name} = 0 (mV)"])

    def constant_lines(self) -> list[str]:
        """Declarations of the channel's constants, under its name."""
        statements = [*self._by_voltage, *self._by_state, *self._opening]
        used = set().union(*(statement.reads for statement in statements))
        lines = []
        for parameter in self.mechanism.export.parameters:
            if parameter.name in used - self.mechanism.ones:
                line = parameter_line(parameter).removeprefix(parameter.name)
                lines.append(self.own(parameter.name) + line)
        return lines + [f"{self.own(name)} = 1" for name in sorted(self.mechanism.ones & used)]

    def tabled(self) -> list[str]:
        """Variables that `rates` leaves for the table."""
        names = [[gate.inf for gate in self.gates], [gate.factor for gate in self.gates]]
        names.append([gate.factor_below for gate in self.gates if gate.two_sided])
        return [self.own(name) for row in names for name in row]

    def rates(self) -> str:
        """The procedure that computes what stands in the table."""
        tabled = set(self.tabled())
        assigned = [self.own(one.target) for one in [*self._by_voltage, *self._by_state]]
        lines = declaration("LOCAL", ["temperature", *(a for a in assigned if a not in tabled)])
        lines += ["temperature = celsius + 273.15", *self._lines(self._by_voltage)]
        lines += [self._factor(g.factor, g.tau) for g in self.gates if not g.two_sided]
        if self.two_sided:
            below, above = self._sides
            for side, factor in ((below, "factor_below"), (above, "factor")):
                lines += [self.own(side), *self._lines(self._by_state[1:])]
                lines += [
                    self._factor(getattr(gate, factor), gate.tau)
                    for gate in self.gates
                    if gate.two_sided
                ]
        return block(f"PROCEDURE {self.name}_rates(v (mV))", lines)

    def evaluation(self) -> list[str]:
        """C++ that evaluates `rates` at a voltage and keeps the three numbers of each gate."""
        rows = [
            ", ".join(self.own(getattr(gate, name)) for gate in self.gates)
            for name in ("inf", "factor", "factor_below")
        ]
        return [
            f"case {self.name}:",
            f"    {self.name}_rates(_threadargscomma_ voltage);",
            f"    to = {{{{{rows[0]}}},",
            f"          {{{rows[1]}}},",
            f"          {{{rows[2]}}}}};",
            "    break;",
        ]

    def conductance(self, ions: Sequence[str]) -> list[str]:
        """C++ that adds the channel's conductance to its ion's; its gates begin at q."""
        place = {gate.state: f"q[{k}]" for k, gate in enumerate(self.gates)}
        lines = []
        for statement in self._opening:
            (line,) = statement.lines
            if "^" in line:
                raise ExportError(f"{self.name}: {line}; expected no power where a gate is read")
            line = re.sub(r"\w+", lambda match: place.get(match[0], match[0]), line)
            lines.append(f"double const {self.own(line)};")
        product = f"at.gmax[{self.name}][segment]*{self.own('fopen')}"
        if self.ion:
            return [*lines, f"sum.of_ion[{ions.index(self.ion)}] += {product};"]
        return [
            *lines,
            f"double const conductance = {product};",
            "sum.other += conductance;",
            f"sum.e_other += conductance*at.reversal[{self.name}][segment];",
        ]

    def _slope(self, state: str) -> tuple[str, str, str]:
        match = _SLOPE.fullmatch(self.mechanism.slopes[state])
        if match is None or match[2] != state:
            slope = self.mechanism.slopes[state]
            raise ExportError(f"{self.name}: {state}' = {slope}; expected (inf - q)/tau")
        return state, match[1], match[3]

    def _that_read_states(self, closure: Sequence[Statement]) -> list[Statement]:
        tainted = set(self.mechanism.states)
        readers = []
        for statement in closure:
            if statement.reads & tainted:
                tainted.add(statement.target)
                readers.append(statement)
        return readers

    def _two_sides(self) -> tuple[str, str]:
        """What the first statement that reads a gate assigns below the steady state, and above.

        It has to be the only one, and all that it may ask is whether the gate is below.
        """
        if not self._by_state:
            return "", ""
        first, *rest = self._by_state
        gates = [gate for gate in self.gates if gate.two_sided]
        states = set(self.mechanism.states)
        match = _SIDES.fullmatch("\n".join(first.lines))
        if (
            match is None
            or len(gates) != 1
            or match[1] != gates[0].state
            or states & names(match[3] + " " + match[4])
            or any(statement.reads & states for statement in rest)
            or {gate.inf for gate in self.gates} & {one.target for one in self._by_state}
            or _expanded(self.mechanism, match[2]) != _expanded(self.mechanism, gates[0].inf)
        ):
            raise ExportError(
                f"{self.name}: {' '.join(first.lines)}; expected tau to depend on its gate only by"
                " 'if (q < steady state)'"
            )
        return match[3], match[4]

    def _lines(self, statements: Sequence[Statement]) -> list[str]:
        return [self.own(line) for statement in statements for line in statement.lines]

    def _factor(self, factor: str, tau: str) -> str:
        return f"{self.own(factor)} = 1 - exp(-dt/{self.own(tau)})"


def _expanded(mechanism: Mechanism, name: str) -> str:
    """A variable as an expression of voltage and numbers alone, to compare two of them by."""
    if name in mechanism.ones:
        return "1.0"
    if name in mechanism.parameters:
        return repr(float(mechanism.parameters[name].value))
    statement = mechanism.statements.get(name)
    if statement is None or len(statement.lines) > 1:
        return name
    tree = ast.parse(statement.expression.replace("^", "**"), mode="eval")
    return ast.unparse(_Expansion(mechanism).visit(tree))


class _Expansion(ast.NodeTransformer):
    def __init__(self, mechanism: Mechanism):
        self.mechanism = mechanism

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.parse(_expanded(self.mechanism, node.id), mode="eval").body

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return ast.Constant(float(ast.unparse(node)))
