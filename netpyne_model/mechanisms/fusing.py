"""Writes all gated channels as one density mechanism for fixed time steps.

A mechanism of its own costs a channel more than its equations do: NEURON goes over the segments
three times a step for each mechanism, asks for every current twice, and ``cnexp`` takes an exp()
and four divisions a gate. Fused, the channels of a segment share one pass: steady states and the
factors 1 - exp(-dt/tau) come from one table of the same 0.01 mV steps as the separate mechanisms'
rates, a row of it for each voltage, so that a segment looks up two neighbouring rows; the
conductances are summed by ion when the gates are updated, and the current is linear in v, so that
NEURON needs no numerical derivative. The equations are the separate mechanisms' own
(`rewriting.Mechanism`), and so are the steps they take, to rounding; channels of density 0 are left
out segment by segment. What NMODL has no word for, the table's layout and its look-up, is C++.
"""

import re
import textwrap
from collections.abc import Sequence
from functools import cache

from ..data_folders import MOD
from .jneuroml_export import ExportError, Statement
from .nmodl_writing import TABLE, UNITS, block, declaration, header, parameter_line
from .rewriting import Mechanism

FUSED = "CA1_channels"
_GATE = re.compile(r"\((\w+) - (\w+)\)/(\w+)")
_FIXED_STEPS_ONLY = (
    "VERBATIM",
    "    if (cvode_active_) {",
    f'        hoc_execerror("{FUSED} takes fixed time steps only;",'
    ' "with CVode use the separate channels");',
    "    }",
    "ENDVERBATIM",
)
_RATE_TABLE = """VERBATIM
#include <algorithm>
#include <atomic>
#include <mutex>
#include <vector>

namespace {{

/* Steady states and factors of all channels by voltage, for one time step and temperature: a row of `width` numbers each. */
struct RateTable {{
    static constexpr int width = {width}, steps = {steps};
    static constexpr double from = {start_mV}, per_mV = {per_mV};
    std::atomic<double> stamp_ms{{-1}}, stamp_celsius{{-1}};
    std::vector<double> rows = std::vector<double>((steps + 1)*width);
    std::mutex filling;

    /* The row below a voltage (mV), and how far it is on the way to the next. Beyond the ends, the ends' values. */
    double find(double voltage, double const*& low) const {{
        double const place = std::min(std::max(0., (voltage - from)*per_mV), static_cast<double>(steps));
        int const row = std::min(static_cast<int>(place), steps - 1);
        low = rows.data() + row*width;
        return place - row;
    }}
}} rate_table;

}}
ENDVERBATIM"""
_SHARED = {"v", "celsius", "temperature"}


def can_be_fused(mechanism: Mechanism) -> bool:
    """Whether a mechanism is a channel of independent gates, no kinetic scheme, no synapse."""
    return not mechanism.export.point_process and not mechanism.reactions


@cache
def fused_channels() -> frozenset[str]:
    """The channels in the converted mechanism."""
    text = (MOD / "generated" / f"{FUSED}.mod").read_text()
    return frozenset(re.findall(r"^    gmax_(\w+) =", text, re.MULTILINE))


def fuse(mechanisms: Sequence[Mechanism], name: str = FUSED) -> str:
    """Return the text of one mod file for several channels for which `can_be_fused` holds.

    The mechanism `name` has ``gmax_<channel>`` (S/cm2), ``e_<channel>`` (mV) of a channel of no
    ion, and the gates ``<channel>_<gate>_q``. Raises ExportError if a gate does not have the form
    (inf - q)/tau.
    """
    channels = [_Channel(mechanism) for mechanism in mechanisms]
    ions = sorted({channel.ion for channel in channels if channel.ion})
    sources = ", ".join(channel.name for channel in channels)
    parts = [
        header(
            name,
            f"The channels {sources}",
            "as one mechanism for fixed time steps, written by netpyne_model.mechanisms.fusing,"
            " which says why.",
            "Do not edit: change the NeuroML files and convert again"
            " (scripts/convert_mechanisms.py).",
        ),
        _neuron(name, channels, ions),
        block("UNITS", UNITS),
        block("PARAMETER", [line for channel in channels for line in channel.density_lines()]),
        block("CONSTANT", [line for channel in channels for line in channel.constant_lines()]),
        _assigned(channels, ions),
        block("STATE", [state for channel in channels for state in channel.states]),
        _RATE_TABLE.format(width=sum(len(channel.table_names()) for channel in channels), **TABLE),
        _initial(channels),
        _breakpoint(ions),
        _advance(channels, ions),
        _tabulate(channels),
        _conduct(channels, ions),
        *(channel.rates() for channel in channels),
    ]
    return "\n\n".join(parts) + "\n"


class _Channel:
    """One channel under names of its own: the mechanism's with the channel's before them."""

    def __init__(self, mechanism: Mechanism):
        self.mechanism = mechanism
        self.name = mechanism.export.name
        self.ion = mechanism.export.ion
        self.gates = [self._gate(state) for state in mechanism.states]
        needed = [name for _, inf, tau in self.gates for name in (inf, tau)]
        closure = mechanism.closure(needed)
        self.by_state = self._that_read_states(closure)
        of_state = {statement.target for statement in self.by_state}
        self.by_voltage = [statement for statement in closure if statement.target not in of_state]
        self.tabled = self._tabled()
        self.stepped = [(state, tau) for state, _, tau in self.gates if tau not in of_state]
        opening = mechanism.closure(["fopen"])
        self.outputs = [s for s in opening if s.target not in mechanism.constant]
        self.states = [self.own(state) for state in mechanism.states]

    def _tabled(self) -> list[str]:
        """Steady states, and what a tau that depends on its gate (km2) reads of the voltage."""
        wanted = {inf for _, inf, _ in self.gates}
        wanted = wanted.union(*(statement.reads for statement in self.by_state))
        changing = (s.target for s in self.by_voltage if s.target not in self.mechanism.constant)
        return [target for target in changing if target in wanted]

    def _gate(self, state: str) -> tuple[str, str, str]:
        match = _GATE.fullmatch(self.mechanism.slopes[state])
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

    def own(self, text: str) -> str:
        """The text with this channel's name before each of the mechanism's names."""
        mine = self.mechanism.names() - _SHARED
        return re.sub(
            r"(?<![\w.])[A-Za-z_]\w*",
            lambda match: f"{self.name}_{match[0]}" if match[0] in mine else match[0],
            text,
        )

    def _lines(self, statements: Sequence[Statement]) -> list[str]:
        return [self.own(line) for statement in statements for line in statement.lines]

    def _step(self, state: str) -> str:
        return self.own(state) + "_step"

    def density_lines(self) -> list[str]:
        """Declarations of the parameters that differ between places."""
        return [f"gmax_{self.name} = 0 (S/cm2)"] + ([] if self.ion else [f"e_{self.name} = 0 (mV)"])

    def constant_lines(self) -> list[str]:
        """Declarations of the channel's constants, under its name."""
        statements = [*self.by_voltage, *self.by_state, *self.outputs]
        used = set().union(*(statement.reads for statement in statements))
        lines = []
        for parameter in self.mechanism.export.parameters:
            if parameter.name in used - self.mechanism.ones:
                line = parameter_line(parameter).removeprefix(parameter.name)
                lines.append(self.own(parameter.name) + line)
        return lines + [f"{self.own(name)} = 1" for name in sorted(self.mechanism.ones & used)]

    def table_names(self) -> list[str]:
        """Variables read from the table: `tabled`, and the factors of a step."""
        factors = [self._step(state) for state, _ in self.stepped]
        return [self.own(name) for name in self.tabled] + factors

    def rates(self) -> str:
        """The procedure that computes what stands in the table."""
        local = [self.own(s.target) for s in self.by_voltage if s.target not in self.tabled]
        lines = declaration("LOCAL", ["temperature", *local])
        lines += ["temperature = celsius + 273.15", *self._lines(self.by_voltage)]
        for state, tau in self.stepped:
            lines.append(f"{self._step(state)} = 1 - exp(-dt/{self.own(tau)})")
        return block(f"PROCEDURE {self.name}_rates(v (mV))", lines)

    def start(self) -> list[str]:
        """Statements that put the gates at their steady states."""
        starts = [f"{self.own(state)} = {self.own(inf)}" for state, inf, _ in self.gates]
        return [f"{self.name}_rates(v)", *starts]

    def advance(self, first_column: int) -> list[str]:
        """C++ of one step of the gates, which adds the conductance to its ion's.

        The channel's entries in a row of the table begin at `first_column`.
        """
        column = {name: f"entry({first_column + k})" for k, name in enumerate(self.table_names())}
        stepped = dict(self.stepped)
        lines = [line for statement in self.by_state for line in self._cpp(statement)]
        for state, inf, tau in self.gates:
            factor = self._step(state) if state in stepped else f"(1 - exp(-dt/{self.own(tau)}))"
            lines.append(f"{self.own(state)} += {factor}*({self.own(inf)} - {self.own(state)});")
        lines = [re.sub(r"\w+", lambda m: column.get(m[0], m[0]), line) for line in lines]
        lines += [line for statement in self.outputs for line in self._cpp(statement)]
        conductance = f"gmax_{self.name}*{self.own('fopen')}"
        if self.ion:
            return [*lines, f"{self.ion} += {conductance};"]
        return [*lines, f"other += {conductance};", f"e_other += {conductance}*e_{self.name};"]

    def _cpp(self, statement: Statement) -> list[str]:
        lines = [self.own(line) for line in statement.lines]
        if "^" in "".join(lines):
            raise ExportError(f"{self.name}: {lines[0]}; expected no power where a gate is read")
        if len(lines) == 1:
            return [f"double const {lines[0]};"]
        ended = [line if line.rstrip().endswith(("{", "}")) else f"{line};" for line in lines]
        return [f"double {self.own(statement.target)};", *ended]

    def conduct(self) -> tuple[list[str], list[str]]:
        """Variables and statements that add the conductance to its ion's."""
        fopen = self.own("fopen")
        lines = self._lines(self.outputs)
        if self.ion:
            lines.append(f"g_{self.ion} = g_{self.ion} + gmax_{self.name}*{fopen}")
        else:
            lines += [
                f"g_other = g_other + gmax_{self.name}*{fopen}",
                f"ge_other = ge_other + gmax_{self.name}*{fopen}*e_{self.name}",
            ]
        return [self.own(statement.target) for statement in self.outputs], lines


def _neuron(name: str, channels: Sequence[_Channel], ions: Sequence[str]) -> str:
    lines = [f"SUFFIX {name}"]
    lines += [f"USEION {ion} READ e{ion} WRITE i{ion}" for ion in ions]
    lines.append("NONSPECIFIC_CURRENT i")
    densities = [line.split(" ", 1)[0] for channel in channels for line in channel.density_lines()]
    lines += declaration("RANGE", densities)
    lines += declaration("RANGE", [f"g_{ion}" for ion in ions] + ["g_other", "ge_other"])
    lines += declaration("GLOBAL", [name for channel in channels for name in channel.table_names()])
    lines.append("THREADSAFE")
    return block("NEURON", lines)


def _assigned(channels: Sequence[_Channel], ions: Sequence[str]) -> str:
    lines = ["v (mV)", "dt (ms)", "celsius (degC)"]
    lines += [f"e{ion} (mV)" for ion in ions]
    lines += [f"i{ion} (mA/cm2)" for ion in ions] + ["i (mA/cm2)"]
    lines += [f"g_{ion} (S/cm2)" for ion in ions] + ["g_other (S/cm2)", "ge_other (mA/cm2)"]
    lines += [variable for channel in channels for variable in channel.table_names()]
    return block("ASSIGNED", lines)


def _where_present(channel: _Channel, lines: Sequence[str]) -> list[str]:
    return [f"if (gmax_{channel.name} > 0) {{", *(f"    {line}" for line in lines), "}"]


def _initial(channels: Sequence[_Channel]) -> str:
    lines = [line for channel in channels for line in _where_present(channel, channel.start())]
    return block("INITIAL", [*_FIXED_STEPS_ONLY, *lines, "conduct()"])


def _breakpoint(ions: Sequence[str]) -> str:
    lines = ["SOLVE advance METHOD after_cvode"]
    lines += [f"CONDUCTANCE g_{ion} USEION {ion}" for ion in ions] + ["CONDUCTANCE g_other"]
    lines += [f"i{ion} = g_{ion}*(v - e{ion})" for ion in ions] + ["i = g_other*v - ge_other"]
    return block("BREAKPOINT", lines)


def _advance(channels: Sequence[_Channel], ions: Sequence[str]) -> str:
    lines = [
        "if (rate_table.stamp_ms != dt || rate_table.stamp_celsius != celsius) {",
        "    tabulate(_threadargs_);",
        "}",
        "double const* low;",
        "double const theta = rate_table.find(v, low);",
        "auto const entry = [low, theta](int k)"
        " { return low[k] + theta*(low[k + RateTable::width] - low[k]); };",
        "double " + ", ".join(f"{name} = 0" for name in [*ions, "other", "e_other"]) + ";",
    ]
    column = 0
    for channel in channels:
        lines += _where_present(channel, channel.advance(column))
        column += len(channel.table_names())
    lines += [f"g_{ion} = {ion};" for ion in ions] + ["g_other = other;", "ge_other = e_other;"]
    return block("PROCEDURE advance()", ["VERBATIM", *lines, "ENDVERBATIM"])


def _tabulate(channels: Sequence[_Channel]) -> str:
    """Fills the table; whichever thread comes first does it, the others wait."""
    names = ", ".join(name for channel in channels for name in channel.table_names())
    lines = [
        "std::lock_guard<std::mutex> const lock(rate_table.filling);",
        "if (rate_table.stamp_ms == dt && rate_table.stamp_celsius == celsius) {",
        "    return 0;",
        "}",
        "for (int row = 0; row <= RateTable::steps; ++row) {",
        "    double const voltage = RateTable::from + row/RateTable::per_mV;",
        *(f"    {channel.name}_rates(_threadargscomma_ voltage);" for channel in channels),
        "    double const values[] = {",
        *textwrap.wrap(names, 110, initial_indent=" " * 8, subsequent_indent=" " * 8),
        "    };",
        "    std::copy(std::begin(values), std::end(values),"
        " rate_table.rows.begin() + row*RateTable::width);",
        "}",
        "rate_table.stamp_celsius = celsius;",
        "rate_table.stamp_ms = dt;",
    ]
    return block("PROCEDURE tabulate()", ["VERBATIM", *lines, "ENDVERBATIM"])


def _conduct(channels: Sequence[_Channel], ions: Sequence[str]) -> str:
    local, lines = [], [f"g_{ion} = 0" for ion in ions] + ["g_other = 0", "ge_other = 0"]
    for channel in channels:
        variables, statements = channel.conduct()
        local += variables
        lines += _where_present(channel, statements)
    return block("PROCEDURE conduct()", [*declaration("LOCAL", local), *lines])
