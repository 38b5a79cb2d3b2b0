"""Writes numerically sound NMODL from what jNeuroML exports.

jNeuroML computes rates outside the DERIVATIVE block and currents before the states are updated, reads some rates one
call late, sets the reversal potential of an ion itself and rounds constants to float32. Here

- gates become ``q' = (inf - q)/tau`` inside DERIVATIVE, which ``cnexp`` solves exactly at fixed voltage;
- currents are computed in BREAKPOINT from the updated states;
- rates are sorted by what they depend on; what depends on no voltage and no state is computed once, in INITIAL;
- reversal potentials of ions are read from the section;
- constants are written in full precision, as global parameters that can be changed from Python;
- states that never change between events become plain variables, and a LEMS ``OnCondition`` on time a self-event, so
  that a pulse ends on time at any step and CVode sees its end;
- what contributes to nothing is left out.
"""

import re
import textwrap
from collections.abc import Iterable

from .nmodl import Export, ExportError, Statement, names

_UNITS = (
    "(nA) = (nanoamp)",
    "(mA) = (milliamp)",
    "(mV) = (millivolt)",
    "(uS) = (microsiemens)",
    "(S) = (siemens)",
    "(kHz) = (kilohertz)",
    "(mM) = (milli/liter)",
)
_SELF_EVENT = 1


def rewrite(export: Export, source: str) -> str:
    """Return the text of a mod file for an exported mechanism.

    Parameters
    ----------
    export : Export
        The mechanism as jNeuroML exported it.
    source : str
        The NeuroML file it comes from, for the header.

    Raises
    ------
    ExportError
        If the mechanism has a form the rewriting does not know.
    """
    return _Writer(export, source).text()


def _declaration(keyword: str, declared: list[str]) -> list[str]:
    """Lines of a declaration such as RANGE, of bearable length."""
    if not declared:
        return []
    return textwrap.wrap(f"{keyword} {', '.join(declared)}", 110, subsequent_indent=" " * 4, break_long_words=False)


class _Writer:
    def __init__(self, export: Export, source: str):
        self.export = export
        self.source = source
        self.parameters = {parameter.name: parameter for parameter in export.parameters}
        self.statements = {statement.target: self._without_powers(statement) for statement in export.rates}
        for statement in export.breakpoint:
            self.statements.setdefault(statement.target, self._without_powers(statement))
        self.ones = self._ones()
        self.frozen = [state for state in export.states if state in export.derivatives and self._is_frozen(state)]
        self.states = [state for state in export.states if state not in self.frozen]
        self.constant = self._constant_targets()
        self.current = f"i{export.ion}" if export.ion else "i"
        if export.point_process:
            wanted = ["i"]
        else:
            self._write_channel_current()
            wanted = [self.current]
        self.outputs = self._closure(wanted)
        self.slopes = self._slopes()

    def text(self) -> str:
        """The whole file."""
        parts = [self._head(), self._neuron(), self._block("UNITS", _UNITS), self._parameter_block()]
        parts += [self._assigned(), self._block("STATE", self.states), self._initial(), self._breakpoint()]
        parts += [self._equations(), self._rates()]
        if self.export.point_process:
            parts.append(self._net_receive())
        return "\n\n".join(part for part in parts if part) + "\n"

    # -- what depends on what ---------------------------------------------------------------------------------------

    def _is_frozen(self, state: str) -> bool:
        slope = self.statements[self.export.derivatives[state]].expression
        return re.fullmatch(r"0(/\w+)?", slope) is not None

    def _ones(self) -> set[str]:
        """Names that stand for the number 1: unit scales and absent scale factors."""
        scales = {p.name for p in self.export.parameters if p.name.endswith("_SCALE") and p.value == 1}
        return scales | {name for name, s in self.statements.items() if s.lines == (f"{name} = 1",)}

    def _without_powers(self, statement: Statement) -> Statement:
        """Write gate^instances as a product: pow() costs more than the rest of the gate."""

        def product(match: re.Match) -> str:
            instances = self.parameters.get(match[2])
            if instances is None or instances.value not in (1, 2, 3, 4):
                return match[0]
            return "*".join([match[1]] * int(instances.value))

        lines = tuple(re.sub(r"(\w+) ?\^ ?(\w+_instances)\b", product, line) for line in statement.lines)
        reads = names(" ".join(lines)) - {statement.target} if lines != statement.lines else statement.reads
        return Statement(statement.target, lines, reads - {"if", "else"})

    def _constant_targets(self) -> set[str]:
        """Variables that depend on parameters and temperature only."""
        fixed = set(self.parameters) | self.ones | {"temperature", "celsius"}
        found: set[str] = set()
        grew = True
        while grew:
            new = {n for n, s in self.statements.items() if n not in found | self.ones and s.reads <= fixed | found}
            grew = bool(new)
            found |= new
        return found

    def _closure(self, wanted: Iterable[str]) -> list[Statement]:
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
        for target, expression in (("gion", "gmax*fopen"), (self.current, f"gion*(v - {reversal})")):
            self.statements[target] = Statement(target, (f"{target} = {expression}",), names(expression))

    def _slopes(self) -> dict[str, str]:
        """Right-hand side of each state's equation, without the detour over rate variables."""
        return {s: self.statements[self.export.derivatives[s]].expression for s in self.states if s in self.export.derivatives}

    # -- the blocks ---------------------------------------------------------------------------------------------------

    @staticmethod
    def _block(head: str, lines: Iterable[str]) -> str:
        lines = list(lines)
        return f"{head} {{\n" + "".join(f"    {line}\n" for line in lines) + "}" if lines else ""

    def _head(self) -> str:
        return "\n".join(
            [
                f"TITLE {self.export.name}",
                "",
                "COMMENT",
                f"    Generated from {self.source} by jNeuroML ({', '.join(self.export.versions)})",
                "    and rewritten by netpyne_model.mechanisms.rewriting, which says why. Do not edit: change the NeuroML file",
                "    and convert again (scripts/convert_mechanisms.py).",
                "ENDCOMMENT",
            ]
        )

    def _neuron(self) -> str:
        lines = [f"{'POINT_PROCESS' if self.export.point_process else 'SUFFIX'} {self.export.name}"]
        if self.export.ion:
            lines.append(f"USEION {self.export.ion} READ e{self.export.ion} WRITE {self.current}")
        else:
            lines.append("NONSPECIFIC_CURRENT i")
        ranged = [] if self.export.point_process else ["gmax"] + ([] if self.export.ion else ["e"])
        ranged += self._per_instance_parameters() + self._kept()
        lines += _declaration("RANGE", ranged) + _declaration("GLOBAL", self._global_parameters())
        lines.append("THREADSAFE")
        return self._block("NEURON", lines)

    def _used(self) -> set[str]:
        used: set[str] = set()
        for statement in [*self._rate_statements(), *self.outputs, *self.export.events, *self.export.initial]:
            used |= statement.reads
        for slope in self.slopes.values():
            used |= names(slope)
        for test, body in self.export.conditions:
            used |= names(test).union(*(statement.reads for statement in body))
        return used

    def _global_parameters(self) -> list[str]:
        used = self._used()
        return [] if self.export.point_process else [n for n in self.parameters if n in used and n not in self.ones]

    def _per_instance_parameters(self) -> list[str]:
        used = self._used()
        return [n for n in self.parameters if n in used] if self.export.point_process else []

    def _parameter_block(self) -> str:
        lines = [] if self.export.point_process else ["gmax = 0 (S/cm2)"]
        if not self.export.point_process and not self.export.ion:
            lines.append("e = 0 (mV)")
        for name in self._global_parameters() + self._per_instance_parameters():
            parameter = self.parameters[name]
            unit = f" ({parameter.unit})" if parameter.unit else ""
            lines.append(f"{name} = {parameter.value!r}{unit}")
        ones = sorted(self.ones & self._used())
        constant = self._block("CONSTANT", [f"{name} = 1" for name in ones])
        return self._block("PARAMETER", lines) + ("\n\n" + constant if constant else "")

    def _rate_statements(self) -> list[Statement]:
        """What the equations of the states read, in order."""
        wanted = [name for slope in self.slopes.values() for name in sorted(names(slope))]
        for reaction in self.export.reactions:
            wanted += names(reaction.split("(", 1)[1])
        wanted += self._assigned_from(self.export.initial)
        reads = [read for statement in self.export.events for read in sorted(statement.reads)]
        return self._closure([name for name in sorted(set(wanted + reads)) if name not in self.states])

    def _assigned_from(self, statements: list[Statement]) -> list[str]:
        return [read for statement in statements for read in statement.reads]

    def _kept(self) -> list[str]:
        """Variables of each instance: constants of the run, what the equations read, what a user may want to see."""
        shared = set().union(*(names(slope) for slope in self.slopes.values())) if self.slopes else set()
        for reaction in self.export.reactions:
            shared |= names(reaction.split("(", 1)[1])
        for statement in [*self.export.initial, *self.export.events]:
            shared |= statement.reads
        kept = [s.target for s in self._rate_statements() if s.target in self.constant or s.target in shared]
        outputs = [s.target for s in self.outputs if s.target in ("g", "B", "gion", "fopen") or s.target in self.constant]
        return list(dict.fromkeys(kept + outputs))

    def _assigned(self) -> str:
        lines = ["v (mV)", "celsius (degC)"]
        if self._reads_temperature():
            lines.append("temperature (K)")
        if self.export.ion:
            lines.append(f"e{self.export.ion} (mV)")
        density = "(nA)" if self.export.point_process else "(mA/cm2)"
        lines.append(f"{self.current} {density}")
        for name in self._kept():
            unit = self.export.units.get(name, "")
            lines.append(f"{name} ({unit})" if unit else name)
        lines += [f"{name} ({unit})" if (unit := self.export.units.get(name)) else name for name in self.frozen]
        return self._block("ASSIGNED", lines)

    def _reads_temperature(self) -> bool:
        return any("temperature" in s.reads for s in [*self._rate_statements(), *self.outputs])

    def _constants(self) -> list[Statement]:
        needed = {s.target for s in [*self._rate_statements(), *self.outputs]}
        return [s for s in self._closure(sorted(self.constant)) if s.target in needed]

    def _initial(self) -> str:
        lines = ["temperature = celsius + 273.15"] if self._reads_temperature() else []
        lines += [line for statement in self._constants() for line in statement.lines]
        starts = [s for s in self.export.initial if s.target in (*self.states, *self.frozen)]
        if any(s.target in self.frozen for s in starts):
            lines += [line for s in starts if s.target in self.frozen for line in s.lines]
        if self._rates_body():
            lines.append("rates(v)")
        lines += [line for s in starts if s.target in self.states for line in s.lines]
        if self.export.reactions:
            lines.append("SOLVE activation STEADYSTATE sparse")
        return self._block("INITIAL", lines)

    def _method(self) -> str:
        coupled = any(names(slope) & set(self.states) - {state} for state, slope in self.slopes.items())
        through = {s.target for s in self._rate_statements() if s.reads & set(self.states) and s.target not in self.constant}
        gates = all(re.fullmatch(r"\(\w+ - \w+\)/\w+", slope) for slope in self.slopes.values())
        if gates or not (coupled or any(names(slope) & through for slope in self.slopes.values())):
            return "cnexp"
        return "derivimplicit"

    def _breakpoint(self) -> str:
        local = [s.target for s in self.outputs if s.target not in (*self._kept(), self.current, "g", "gion", "fopen")]
        lines = _declaration("LOCAL", local)
        if self.export.reactions:
            lines.append("SOLVE activation METHOD sparse")
        elif self.states:
            lines.append(f"SOLVE states METHOD {self._method()}")
        lines += [line for s in self.outputs if s.target not in self.constant for line in s.lines]
        return self._block("BREAKPOINT", lines)

    def _equations(self) -> str:
        call = ["rates(v)"] if self._rates_body() else []
        if self.export.reactions:
            conserved = " + ".join(self.states)
            return self._block("KINETIC activation", [*call, *self.export.reactions, f"CONSERVE {conserved} = 1"])
        return self._block("DERIVATIVE states", [*call, *(f"{s}' = {slope}" for s, slope in self.slopes.items())])

    def _rates_body(self) -> list[Statement]:
        return [s for s in self._rate_statements() if s.target not in self.constant]

    def _rates(self) -> str:
        body = self._rates_body()
        if not body:
            return ""
        kept = set(self._kept())
        local = [s.target for s in body if s.target not in kept]
        lines = _declaration("LOCAL", local)
        return self._block("PROCEDURE rates(v (mV))", lines + [line for s in body for line in s.lines])

    def _net_receive(self) -> str:
        lines = []
        for test, body in self.export.conditions:
            ends = re.fullmatch(r"(.*) && t >= (\w+)", test)
            if ends is None:
                raise ExportError(f"{self.export.name}: condition '{test}'; expected '... && t >= variable'")
            # Half a microsecond stands for rounding: the self-event is sent for this very time.
            lines += [f"if (flag == {_SELF_EVENT}) {{", f"    if ({ends[1]} && t >= {ends[2]} - 5e-7) {{"]
            lines += [f"        {line}" for s in body for line in s.lines] + ["    }", "} else {"]
        inner = ["rates(v)"] if any(s.reads & {r.target for r in self._rates_body()} for s in self.export.events) else []
        inner += [line for s in self.export.events for line in s.lines]
        inner += [f"net_send({test.rsplit('>= ', 1)[1]} - t, {_SELF_EVENT})" for test, _ in self.export.conditions]
        if not self.export.conditions:
            return self._block("NET_RECEIVE(weight)", inner)
        return self._block("NET_RECEIVE(weight)", [*lines, *(f"    {line}" for line in inner), "}"])
