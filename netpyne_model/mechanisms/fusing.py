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
from .nmodl_writing import TABLE, UNITS, block, declaration, parameter_line
from .rewriting import Mechanism

FUSED = "CA1_channels"
_GATE = re.compile(r"\((\w+) - (\w+)\)/(\w+)")
_FIXED_STEPS_ONLY = (
    "VERBATIM",
    "    if (cvode_active_) {",
    f'        hoc_execerror("{FUSED} takes fixed time steps only;", "with CVode use the separate channels");',
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
    """Whether a mechanism is a channel of independent gates (not a kinetic scheme, not a synapse)."""
    return not mechanism.export.point_process and not mechanism.reactions


@cache
def fused_channels() -> frozenset[str]:
    """The channels in the converted mechanism."""
    text = (MOD / "generated" / f"{FUSED}.mod").read_text()
    return frozenset(re.findall(r"^    gmax_(\w+) =", text, re.MULTILINE))


def fuse(mechanisms: Sequence[Mechanism], name: str = FUSED) -> str:
    """Return the text of one mod file for several channels.

    Raises ExportError if a gate does not have the form (inf - q)/tau.

    Parameters
    ----------
    mechanisms : sequence of Mechanism
        Channels for which `can_be_fused` holds.
    name : str
        SUFFIX of the mechanism. Its parameter ``gmax_<channel>`` (S/cm2) is that channel's density,
        ``e_<channel>`` (mV) the reversal potential of a channel of no ion, ``<channel>_<gate>_q`` a
        gate.
    """
    channels = [_Channel(mechanism) for mechanism in mechanisms]
    ions = sorted({channel.ion for channel in channels if channel.ion})
    parts = [
        _head(name, channels),
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
    """One channel under names of its own: every name of the mechanism with the channel's before it."""

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
        self.outputs = [
            s for s in mechanism.closure(["fopen"]) if s.target not in mechanism.constant
        ]
        self.states = [self.own(state) for state in mechanism.states]

    def _tabled(self) -> list[str]:
        """Steady states; and of a gate whose tau depends on the gate (km2), what tau reads of the voltage."""
        wanted = {inf for _, inf, _ in self.gates}
        wanted = wanted.union(*(statement.reads for statement in self.by_state))
        changing = (s.target for s in self.by_voltage if s.target not in self.mechanism.constant)
        return [target for target in changing if target in wanted]

    def _gate(self, state: str) -> tuple[str, str, str]:
        match = _GATE.fullmatch(self.mechanism.slopes[state])
        if match is None or match[2] != state:
            raise ExportError(
                f"{self.name}: {state}' = {self.mechanism.slopes[state]}; expected (inf - q)/tau"
            )
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
        parameters = [
            p for p in self.mechanism.export.parameters if p.name in used - self.mechanism.ones
        ]
        values = [self.own(p.name) + parameter_line(p).removeprefix(p.name) for p in parameters]
        return values + [f"{self.own(name)} = 1" for name in sorted(self.mechanism.ones & used)]

    def table_names(self) -> list[str]:
        """Variables read from the table: steady states, factors, and what a tau that depends on the gate needs."""
        return [self.own(name) for name in self.tabled] + [
            self._step(state) for state, _ in self.stepped
        ]

    def rates(self) -> str:
        """The procedure that computes what stands in the table."""
        local = ["temperature"] + [
            self.own(s.target) for s in self.by_voltage if s.target not in self.tabled
        ]
        lines = [*declaration("LOCAL", local), "temperature = celsius + 273.15"]
        lines += self._lines(self.by_voltage)
        lines += [
            f"{self._step(state)} = 1 - exp(-dt/{self.own(tau)})" for state, tau in self.stepped
        ]
        return block(f"PROCEDURE {self.name}_rates(v (mV))", lines)

    def start(self) -> list[str]:
        """Statements that put the gates at their steady states."""
        return [f"{self.name}_rates(v)"] + [
            f"{self.own(state)} = {self.own(inf)}" for state, inf, _ in self.gates
        ]

    def advance(self, first_column: int) -> list[str]:
        """C++ that takes one step of the gates at constant voltage and adds the conductance to its ion's.

        Parameters
        ----------
        first_column : int
            Where the channel's entries begin in a row of the table.
        """
        column = {name: f"entry({first_column + k})" for k, name in enumerate(self.table_names())}
        stepped = dict(self.stepped)
        lines = [line for statement in self.by_state for line in self._cpp(statement)]
        for state, inf, tau in self.gates:
            factor = self._step(state) if state in stepped else f"(1 - exp(-dt/{self.own(tau)}))"
            lines.append(f"{self.own(state)} += {factor}*({self.own(inf)} - {self.own(state)});")
        lines = [
            re.sub(r"\w+", lambda match: column.get(match[0], match[0]), line) for line in lines
        ]
        lines += [line for statement in self.outputs for line in self._cpp(statement)]
        conductance = f"gmax_{self.name}*{self.own('fopen')}"
        if self.ion:
            return [*lines, f"{self.ion} += {conductance};"]
        return [*lines, f"other += {conductance};", f"e_other += {conductance}*e_{self.name};"]

    def _cpp(self, statement: Statement) -> list[str]:
        lines = [self.own(line) for line in statement.lines]
        if "^" in "".join(lines):
            raise ExportError(
                f"{self.name}: {lines[0]}; expected no power in what depends on a gate"
            )
        if len(lines) == 1:
            return [f"double const {lines[0]};"]
        return [f"double {self.own(statement.target)};"] + [
            line if line.rstrip().endswith(("{", "}")) else f"{line};" for line in lines
        ]

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


def _head(name: str, channels: Sequence[_Channel]) -> str:
    sources = ", ".join(channel.name for channel in channels)
    return "\n".join(
        [
            f"TITLE {name}",
            "",
            "COMMENT",
            f"    The channels {sources}",
            "    as one mechanism for fixed time steps, written by netpyne_model.mechanisms.fusing, which says why.",
            "    Do not edit: change the NeuroML files and convert again (scripts/convert_mechanisms.py).",
            "ENDCOMMENT",
        ]
    )


def _neuron(name: str, channels: Sequence[_Channel], ions: Sequence[str]) -> str:
    lines = [f"SUFFIX {name}"]
    lines += [f"USEION {ion} READ e{ion} WRITE i{ion}" for ion in ions]
    lines.append("NONSPECIFIC_CURRENT i")
    densities = [line.split(" ", 1)[0] for channel in channels for line in channel.density_lines()]
    lines += declaration("RANGE", densities)
    lines += declaration("RANGE", [f"g_{ion}" for ion in ions] + ["g_other", "ge_other"])
    lines += declaration(
        "GLOBAL", [variable for channel in channels for variable in channel.table_names()]
    )
    lines.append("THREADSAFE")
    return block("NEURON", lines)


def _assigned(channels: Sequence[_Channel], ions: Sequence[str]) -> str:
    lines = ["v (mV)", "dt (ms)", "celsius (degC)"]
    lines += (
        [f"e{ion} (mV)" for ion in ions] + [f"i{ion} (mA/cm2)" for ion in ions] + ["i (mA/cm2)"]
    )
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
        "auto const entry = [low, theta](int k) { return low[k] + theta*(low[k + RateTable::width] - low[k]); };",
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
        "    std::copy(std::begin(values), std::end(values), rate_table.rows.begin() + row*RateTable::width);",
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
