"""Writes numerically sound NMODL from what jNeuroML exports.

jNeuroML computes rates outside the DERIVATIVE block and currents before the states are updated,
reads some rates one call late, sets the reversal potential of an ion itself and rounds constants to
float32. Here

- an exp-linear rate takes its series near its singular point;
- gates become ``q' = (inf - q)/tau`` inside DERIVATIVE, which ``cnexp`` solves exactly at fixed
  voltage;
- currents are computed in BREAKPOINT from the updated states;
- rates are sorted by what they depend on; constants are computed once, in INITIAL;
- reversal potentials of ions are read from the section;
- constants are parameters in full precision, of a channel for all its instances, of a synapse for
  each; nocmodl keeps six figures of a PARAMETER, so what has more becomes a CONSTANT;
- states that never change between events become plain variables, and a LEMS ``OnCondition`` on time
  a self-event, so that a pulse ends on time at any step and CVode sees its end;
- rates that depend on voltage alone are read from a table of 0.01 mV steps
  (``usetable_<channel> = 0`` switches it off);
- coupled linear equations that conserve their sum become reactions, which NEURON solves together;
  rates of a synapse's reactions are those of the voltage at which its current is computed: at fixed
  steps that of the step's start, as published, and in CVode the voltage of the moment;
- a channel or a clamp without states (every gate instantaneous) has its steady states from the same
  table, at the very voltage at which its current is asked for;
- the current of a clamp, to LEMS one of an electrode, is one of the membrane, negative inwards;
- a channel of an ion keeps its own current in `i`: that of the ion is the sum over all channels;
- what contributes to nothing is left out.
"""

import re
from collections.abc import Iterable

from .jneuroml_export import Export, ExportError, Parameter, Statement
from .kinetic_schemes import reactions
from .nmodl import names
from .nmodl_writing import TABLE_RANGE, UNITS, block, declaration, header, parameter_line

_SELF_EVENT = 1
_TIMED = r"(.*) && t >= (\w+)"
# Outputs that can be recorded although no equation reads them.
_RECORDABLE = ("g", "B", "gion", "fopen", "i")


def _check_conditions(export: Export) -> None:
    tests = [test for test, _ in export.conditions]
    known = all(re.fullmatch(_TIMED, test) for test in tests)
    if len(tests) > int(export.point_process) or not known:
        raise ExportError(
            f"{export.name}: conditions {tests}; expected one of a synapse, '... && t >= variable'"
        )


def _near_zero(statement: Statement) -> Statement:
    """Give an exp-linear rate, r x/(1 - exp(-x)), its series r (1 + x/2) near x = 0.

    At the border of 1e-5 both forms are right to 1e-11; nearer, 1 - exp(-x) loses its figures.
    """
    exp_linear = re.fullmatch(
        r"if \((\w+) != 0\) \{\n(    \w+ = \w+\*\1/\(1 - exp\(0 - \1\)\))\n"
        r"\} else if \(\1 == 0\) \{\n(    \w+ = \w+)\n\}",
        "\n".join(statement.lines),
    )
    if exp_linear is None:
        return statement
    x, rate, limit = exp_linear.groups()
    lines = (f"if (fabs({x}) > 1e-5) {{", rate, "} else {", f"{limit}*(1 + {x}/2)", "}")
    return Statement(statement.target, lines, statement.reads)


class Mechanism:
    """An exported mechanism: what depends on what, and its text as a mod file.

    Raises ExportError if it has a form the rewriting does not know. `source` is the NeuroML file it
    comes from, for the header. Rates that depend on voltage alone are worked out each time if they
    are to be `exact`.
    """

    def __init__(self, export: Export, source: str, *, exact: bool = False):
        _check_conditions(export)
        self.export = export
        self.source = source
        self.exact = exact
        self.parameters = {parameter.name: parameter for parameter in export.parameters}
        self.statements = {s.target: _near_zero(self._without_powers(s)) for s in export.rates}
        for statement in export.breakpoint:
            self.statements.setdefault(statement.target, self._without_powers(statement))
        self.ones = self._ones()
        self.frozen = [state for state in export.states if self._is_frozen(state)]
        self.states = [state for state in export.states if state not in self.frozen]
        self.constant = self._constant_targets()
        self.current = f"i{export.ion}" if export.ion else "i"
        if not export.point_process:
            self._write_channel_current()
        if export.electrode:
            self._write_membrane_current()
        self.slopes = self._slopes()
        self.reactions = export.reactions or self._as_reactions()
        self.outputs = self.closure([self.current])
        self.rates = self.closure(sorted(self._read_by_equations() - set(self.states)))
        self.on_event = self.closure(sorted(set().union(*(s.reads for s in export.events))))
        self.changing_rates = [s for s in self.rates if s.target not in self.constant]
        self.tabled = self._can_be_tabled()
        self.kept = self._kept()
        self.used = self._used()
        self.reads_temperature = "temperature" in self.used

    def text(self) -> str:
        """The whole file."""
        parts = [self._head(), self._neuron(), block("UNITS", UNITS), self._parameter_block()]
        parts += [self._assigned(), block("STATE", self.states)]
        parts += [self._initial(), self._breakpoint(), self._equations(), self._rates()]
        if self.export.point_process:
            parts.append(self._net_receive())
        return "\n\n".join(part for part in parts if part) + "\n"

    def _as_reactions(self) -> list[str]:
        return reactions(self.slopes) if self._coupled() else []

    def names(self) -> set[str]:
        """Every name of the mechanism's own."""
        return {*self.parameters, *self.statements, *self.export.states, *self.ones}

    # -- what depends on what ----------------------------------------------------------------------

    def _is_frozen(self, state: str) -> bool:
        if state not in self.export.derivatives:
            return False
        slope = self.statements[self.export.derivatives[state]].expression
        return re.fullmatch(r"0(/\w+)?", slope) is not None

    def _ones(self) -> set[str]:
        """Names that stand for the number 1: unit scales and absent scale factors."""
        of_value_1 = {p.name for p in self.export.parameters if p.value == 1}
        scales = {name for name in of_value_1 if name.endswith("_SCALE")}
        return scales | {name for name, s in self.statements.items() if s.lines == (f"{name} = 1",)}

    def _without_powers(self, statement: Statement) -> Statement:
        """Write gate^instances as a product: pow() costs more than the rest of the gate."""

        def product(match: re.Match) -> str:
            instances = self.parameters.get(match[2])
            if instances is None or instances.value not in (1, 2, 3, 4):
                return match[0]
            return "*".join([match[1]] * int(instances.value))

        power = re.compile(r"(\w+) ?\^ ?(\w+_instances)\b")
        lines = tuple(power.sub(product, line) for line in statement.lines)
        reads = statement.reads
        if lines != statement.lines:
            reads = names(" ".join(lines)) - {statement.target}
        return Statement(statement.target, lines, reads - {"if", "else"})

    def _constant_targets(self) -> set[str]:
        """Variables that depend on parameters and temperature only."""
        fixed = set(self.parameters) | self.ones | {"temperature", "celsius"}
        constant: set[str] = set()
        while new := {
            name
            for name, statement in self.statements.items()
            if name not in constant | self.ones and statement.reads <= fixed | constant
        }:
            constant |= new
        return constant

    def closure(self, wanted: Iterable[str]) -> list[Statement]:
        """The statements that `wanted` needs, each after what it reads."""
        ordered: list[Statement] = []
        done: set[str] = set()

        def visit(name: str, path: tuple[str, ...]) -> None:
            if name in path:
                raise ExportError(f"{self.export.name}: {name} depends on itself")
            if name in done or name not in self.statements or name in self.ones:
                return
            for read in sorted(self.statements[name].reads):
                visit(read, (*path, name))
            done.add(name)
            ordered.append(self.statements[name])

        for name in wanted:
            visit(name, ())
        return ordered

    def _write_channel_current(self) -> None:
        reversal = f"e{self.export.ion}" if self.export.ion else "e"
        equations = {"gion": "gmax*fopen", "i": f"gion*(v - {reversal})"}
        if self.export.ion:
            equations[self.current] = "i"
        for target, expression in equations.items():
            lines = (f"{target} = {expression}",)
            self.statements[target] = Statement(target, lines, names(expression))

    def _write_membrane_current(self) -> None:
        inwards = self.statements[self.current]
        lines = (f"{self.current} = 0 - ({inwards.expression})",)
        self.statements[self.current] = Statement(self.current, lines, inwards.reads)

    def _slopes(self) -> dict[str, str]:
        """Right-hand side of each state's equation."""
        rates = self.export.derivatives.items()
        return {s: self.statements[rate].expression for s, rate in rates if s in self.states}

    # -- the blocks --------------------------------------------------------------------------------

    def _head(self) -> str:
        return header(
            self.export.name,
            f"Generated from {self.source} by jNeuroML ({', '.join(self.export.versions)})",
            "and rewritten by netpyne_model.mechanisms.rewriting, which says why.",
            "Do not edit: change the NeuroML file and convert again"
            " (scripts/convert_mechanisms.py).",
        )

    def _neuron(self) -> str:
        lines = [f"{'POINT_PROCESS' if self.export.point_process else 'SUFFIX'} {self.export.name}"]
        if self.export.ion:
            lines.append(f"USEION {self.export.ion} READ e{self.export.ion} WRITE {self.current}")
        else:
            lines.append("NONSPECIFIC_CURRENT i")
        settable = [parameter.name for parameter in self._settable()]
        if self.export.point_process:
            shared = {read for s in self.rates for read in s.reads} if self._stateless else set()
            own = [name for name in settable if name not in shared]
            lines += declaration("RANGE", own + self.kept)
            lines += declaration("GLOBAL", [name for name in settable if name in shared])
        else:
            own = ["gmax"] if self.export.ion else ["gmax", "e"]
            lines += declaration("RANGE", own + self.kept) + declaration("GLOBAL", settable)
        lines.append("THREADSAFE")
        return block("NEURON", lines)

    def _used(self) -> set[str]:
        """Every name that the written file reads."""
        statements = [*self.rates, *self.outputs, *self.on_event]
        statements += self.export.events + self.export.initial
        statements += [statement for _, body in self.export.conditions for statement in body]
        texts = [*self.slopes.values(), *(test for test, _ in self.export.conditions)]
        return set().union(*(statement.reads for statement in statements), *map(names, texts))

    def _read_parameters(self) -> list[Parameter]:
        return [p for p in self.export.parameters if p.name in self.used - self.ones]

    def _settable(self) -> list[Parameter]:
        return [p for p in self._read_parameters() if float(f"{p.value:g}") == p.value]

    def _parameter_block(self) -> str:
        lines = [] if self.export.point_process else ["gmax = 0 (S/cm2)"]
        if not self.export.point_process and not self.export.ion:
            lines.append("e = 0 (mV)")
        settable = self._settable()
        others = [parameter for parameter in self._read_parameters() if parameter not in settable]
        lines += map(parameter_line, settable)
        constants = list(map(parameter_line, others))
        constants += [f"{name} = 1" for name in sorted(self.ones & self.used)]
        return "\n\n".join(filter(None, [block("PARAMETER", lines), block("CONSTANT", constants)]))

    @property
    def _stateless(self) -> bool:
        """Whether its gates are all at their steady state at every instant."""
        return not self.export.states

    def _read_by_equations(self) -> set[str]:
        if self._stateless:
            return {name for name in self.statements if name.endswith("_inf")}
        rates = (reaction.split("(", 1)[1] for reaction in self.reactions)
        starts = (statement.reads for statement in self.export.initial)
        return set().union(*map(names, self.slopes.values()), *map(names, rates), *starts)

    def _can_be_tabled(self) -> bool:
        """Whether the rates depend on the voltage alone, so that a table can stand for them."""
        of_synapse = self.export.point_process and not self._stateless
        if self.exact or of_synapse or self.reactions or not self.changing_rates:
            return False
        states = set(self.export.states)
        return not any(s.reads & states for s in self.changing_rates)

    def _kept(self) -> list[str]:
        """Variables of each instance: constants, what equations read, what is recorded."""
        shared = self._read_by_equations()
        hoisted = set() if self.tabled else self.constant
        kept = [s.target for s in self.rates if s.target in hoisted or s.target in shared]
        outputs = self.constant | {*_RECORDABLE} - {self.current}  # which is declared as what it is
        kept += [s.target for s in self.outputs if s.target in outputs]
        kept += [s.target for s in self.on_event if s.target in self.constant]
        return list(dict.fromkeys(kept))

    def _assigned(self) -> str:
        lines = ["v (mV)"]
        if self.reads_temperature:
            lines += ["celsius (degC)"] if self.tabled else ["celsius (degC)", "temperature (K)"]
        if self.export.ion:
            lines.append(f"e{self.export.ion} (mV)")
        density = "(nA)" if self.export.point_process else "(mA/cm2)"
        lines.append(f"{self.current} {density}")
        units = self.export.units | {"i": "mA/cm2"}
        for name in [*self.kept, *self.frozen]:
            unit = units.get(name)
            lines.append(f"{name} ({unit})" if unit else name)
        return block("ASSIGNED", lines)

    def _constants(self) -> list[Statement]:
        needed = {s.target for s in [*self.rates, *self.outputs, *self.on_event]}
        return [s for s in self.closure(sorted(self.constant)) if s.target in needed]

    def _constant_lines(self) -> list[str]:
        """What depends on temperature and parameters only."""
        lines = ["temperature = celsius + 273.15"] if self.reads_temperature else []
        return lines + [line for statement in self._constants() for line in statement.lines]

    def _initial(self) -> str:
        lines = [] if self.tabled else self._constant_lines()
        lines += [line for s in self.export.initial if s.target in self.frozen for line in s.lines]
        starts = [s for s in self.export.initial if s.target in self.states]
        changing = {s.target for s in self.changing_rates}
        before = any(s.reads & changing for s in starts)
        after = any(s.reads & set(self.states) for s in self.changing_rates)
        lines += ["rates(v)"] * before
        lines += [line for s in starts for line in s.lines]
        lines += ["rates(v)"] * after
        if self.export.reactions:
            # NEURON takes one implicit step of 1e9 ms, which leaves 1e-9 of the start; the second
            # leaves none.
            lines += ["SOLVE activation STEADYSTATE sparse"] * 2
        return block("INITIAL", lines)

    def _coupled(self) -> bool:
        states = set(self.states)
        return any(names(slope) & states - {state} for state, slope in self.slopes.items())

    def _method(self) -> str:
        through = {s.target for s in self.changing_rates if s.reads & set(self.states)}
        gates = all(re.fullmatch(r"\(\w+ - \w+\)/\w+", slope) for slope in self.slopes.values())
        indirect = any(names(slope) & through for slope in self.slopes.values())
        return "derivimplicit" if not gates and (self._coupled() or indirect) else "cnexp"

    def _breakpoint(self) -> str:
        outputs = self.outputs
        if self._rates_with_current():
            outputs = [s for s in outputs if s not in self.changing_rates]
        local = [s.target for s in outputs if s.target not in (*self.kept, self.current)]
        lines = declaration("LOCAL", local)
        if self.reactions:
            lines.append("SOLVE activation METHOD sparse")
        elif self.states:
            lines.append(f"SOLVE states METHOD {self._method()}")
        lines += ["rates(v)"] * self._rates_with_current()
        lines += [line for s in outputs if s.target not in self.constant for line in s.lines]
        return block("BREAKPOINT", lines)

    def _rates_with_current(self) -> bool:
        """Whether a step's rates are those of the voltage at which it computes the current."""
        if self._stateless:
            return bool(self.changing_rates)
        return self.export.point_process and bool(self.reactions and self.changing_rates)

    def _equations(self) -> str:
        call = ["rates(v)"] if self.changing_rates and not self._rates_with_current() else []
        if self.reactions:
            conserved = f"CONSERVE {' + '.join(self.states)} = 1"
            return block("KINETIC activation", [*call, *self.reactions, conserved])
        equations = [f"{state}' = {slope}" for state, slope in self.slopes.items()]
        return block("DERIVATIVE states", call + equations) if equations else ""

    def _rates(self) -> str:
        local = [s.target for s in self.changing_rates if s.target not in self.kept]
        if self.tabled:
            # What the table is made of stands in here, so that the table follows the temperature
            # and the parameters.
            local += ["temperature"] * self.reads_temperature
            local += [s.target for s in self._constants() if s.target not in self.kept]
        lines = declaration("LOCAL", local)
        if self.tabled:
            lines += [*self._table(), *self._constant_lines()]
        lines += [line for s in self.changing_rates for line in s.lines]
        return block("PROCEDURE rates(v (mV))", lines) if self.changing_rates else ""

    def _table(self) -> list[str]:
        statements = [*self.changing_rates, *self._constants()]
        read = set().union(*(s.reads for s in statements))
        depends = ["celsius"] * self.reads_temperature
        depends += [parameter.name for parameter in self._settable() if parameter.name in read]
        # A constant that equations read too is tabled with the rest: the procedure may not have a
        # local of its name.
        lines = declaration("TABLE", [s.target for s in statements if s.target in self.kept])
        lines += declaration("    DEPEND", depends)
        return [*lines, f"    {TABLE_RANGE}"]

    def _net_receive(self) -> str:
        needed = [s for s in self.on_event if s.target not in self.constant]
        local = declaration("LOCAL", [s.target for s in needed if s.target not in self.kept])
        arrival = [line for s in [*needed, *self.export.events] for line in s.lines]
        if not self.export.conditions:
            return block("NET_RECEIVE(weight)", [*local, *arrival])
        ((test, body),) = self.export.conditions
        ((guard, time),) = re.findall(_TIMED, test)
        lines = [
            f"if (flag == {_SELF_EVENT}) {{",
            # The self-event is sent for this very time; half a nanosecond stands for rounding.
            f"    if ({guard} && t >= {time} - 5e-7) {{",
            *(f"        {line}" for s in body for line in s.lines),
            "    }",
            "} else {",
            *(f"    {line}" for line in arrival),
            f"    net_send({time} - t, {_SELF_EVENT})",
            "}",
        ]
        return block("NET_RECEIVE(weight)", local + lines)
