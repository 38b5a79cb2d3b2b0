"""Writes the mod file of all channels together.

The step itself is C++ (``mod/handwritten/fused_channels.inc``); the file says what it steps: the
channels, their gates, what a table holds of them, their conductances, and which combinations of
channels (complements) the published cell has, whose steps the compiler then writes out.
"""

import textwrap
from collections.abc import Collection, Iterable, Sequence

from ..nmodl_writing import TABLE, UNITS, block, declaration, header
from ..rewriting import Mechanism
from .channel import FusedChannel
from .converted import FAR, FUSED, NEAR, NEAR_SIZE

_CONDUCTANCES = """
/* Conductances of a segment: of each ion, and of what belongs to none, times reversal potential too (mA/cm2). */
struct Conductances {
    double of_ion[n_ions]{}, other, e_other;

    Conductances(Columns const& at, int segment)
        : other(at.leak[segment]), e_other(at.leak[segment]*at.leak_reversal[segment]) {}

    INLINED void keep(Columns const& at, int segment) const {
        for (int ion = 0; ion < n_ions; ++ion) {
            at.of_ion[ion][segment] = of_ion[ion];
        }
        at.other[segment] = other;
        at.e_other[segment] = e_other;
    }
};

/* Adds a channel's conductance; its gates begin at q. */
template <int channel>
void conduct(Columns const& at, int segment, double const* q, Conductances& sum);
"""


def fuse(
    mechanisms: Sequence[Mechanism], name: str = FUSED, complements: Iterable[Collection[str]] = ()
) -> str:
    """Return the text of one mod file for several channels for which `can_be_fused` holds.

    The mechanism `name` has ``gmax_<channel>`` (S/cm2), ``e_<channel>`` (mV) of a channel of no
    ion, the leak ``g_leak`` and ``e_leak``, and the gates where `gate_place` says. `complements`
    are the combinations of channels, of eight gates at most, whose step the compiler shall write
    out; others take a general one. Raises ExportError if a channel has a form that is not known.
    """
    channels = [FusedChannel(mechanism) for mechanism in mechanisms]
    ions = sorted({channel.ion for channel in channels if channel.ion})
    parts = [
        header(
            name,
            *textwrap.wrap(f"The channels {', '.join(one.name for one in channels)}", 110),
            "as one mechanism for fixed time steps, written by netpyne_model.mechanisms.fusing,"
            " which says why.",
            "Do not edit: change the NeuroML files and convert again"
            " (scripts/convert_mechanisms.py).",
        ),
        _neuron(name, channels, ions),
        block("UNITS", UNITS),
        block("PARAMETER", [*_densities(channels), "g_leak = 0 (S/cm2)", "e_leak = 0 (mV)"]),
        block("CONSTANT", [line for channel in channels for line in channel.constant_lines()]),
        _assigned(channels, ions),
        _state(channels, ions),
        'INCLUDE "stepping.inc"',
        _traits(channels, ions, complements),
        'INCLUDE "fused_tables.inc"',
        'INCLUDE "ion_start.inc"',
        'INCLUDE "fused_channels.inc"',
        _initial(name, channels),
        _breakpoint(ions),
        *(channel.rates() for channel in channels),
    ]
    return "\n\n".join(parts) + "\n"


def _densities(channels: Sequence[FusedChannel]) -> list[str]:
    return [line for channel in channels for line in channel.density_lines()]


def _neuron(name: str, channels: Sequence[FusedChannel], ions: Sequence[str]) -> str:
    lines = [f"SUFFIX {name}"]
    lines += [f"USEION {ion} READ e{ion} WRITE i{ion}" for ion in ions]
    lines.append("NONSPECIFIC_CURRENT i")
    densities = [line.split(" ", 1)[0] for line in _densities(channels)]
    lines += declaration("RANGE", [*densities, "g_leak", "e_leak"])
    lines += declaration("GLOBAL", [one for channel in channels for one in channel.tabled()])
    lines.append("THREADSAFE")
    return block("NEURON", lines)


def _assigned(channels: Sequence[FusedChannel], ions: Sequence[str]) -> str:
    lines = ["v (mV)", "dt (ms)", "celsius (degC)"]
    lines += [f"e{ion} (mV)" for ion in ions]
    lines += [f"i{ion} (mA/cm2)" for ion in ions] + ["i (mA/cm2)"]
    lines += [variable for channel in channels for variable in channel.tabled()]
    return block("ASSIGNED", lines)


def _n_far(channels: Sequence[FusedChannel]) -> int:
    """Places of a segment's gates beyond the first eight: eight at least."""
    n_gates = sum(len(channel.gates) for channel in channels)
    return max(1, -(-n_gates // NEAR_SIZE) - 1) * NEAR_SIZE


def _state(channels: Sequence[FusedChannel], ions: Sequence[str]) -> str:
    """All that a step leaves to the next is a STATE, which NEURON's SaveState keeps."""
    lines = [f"{NEAR}[{NEAR_SIZE}]", f"{FAR}[{_n_far(channels)}]", "present"]
    lines += [f"g_{ion} (S/cm2)" for ion in ions] + ["g_other (S/cm2)", "ge_other (mA/cm2)"]
    return block("STATE", lines)


def _traits(
    channels: Sequence[FusedChannel], ions: Sequence[str], complements: Iterable[Collection[str]]
) -> str:
    """C++ of what `fused_channels.inc` steps."""
    n_gates = [len(channel.gates) for channel in channels]
    names = [f'"{channel.name}"' for channel in channels]
    ion_names = [f'"{ion}_ion"' for ion in ions]
    lines = [
        "VERBATIM",
        "#include <algorithm>",
        "",
        "namespace {",
        "",
        "enum Channel {  // a segment's gates stand in the order of its channels",
        *(
            f"    {one.name},  // gates {', '.join(g.state.removesuffix('_q') for g in one.gates)}"
            for one in channels
        ),
        "    n_channels",
        "};",
        f"constexpr char const* channel_names[] = {{{', '.join(names)}}};",
        f"constexpr int n_gates_of[] = {{{', '.join(map(str, n_gates))}}};",
        "/* Three where a factor below the steady state is another than above. */",
        f"constexpr int n_blocks_of[] = {{{', '.join(str(2 + one.two_sided) for one in channels)}}};",
        f"constexpr int n_ions = {len(ions)}, n_near = {NEAR_SIZE}, n_far = {_n_far(channels)};",
        "",
        f"constexpr char const* ion_names[] = {{{', '.join(ion_names)}}};",
        "",
        "/* Where the tables begin and end, and how fine they are. */",
        "constexpr double table_start_mV = {start_mV}, rows_per_mV = {per_mV};".format(**TABLE),
        "constexpr int last_row = {steps};".format(**TABLE),
        "",
        *_columns(channels, ions),
        *_CONDUCTANCES.splitlines(),
        *(line for channel in channels for line in _conduct(channel, ions)),
        *_conduct_all(channels),
        *_evaluate(channels),
        *_complements(channels, complements),
        "}",
        "ENDVERBATIM",
    ]
    return "\n".join(lines)


def _columns(channels: Sequence[FusedChannel], ions: Sequence[str]) -> list[str]:
    """C++ of where a thread's segments have their variables."""
    fields = {
        "gates": f"range.data_array_ptr<{NEAR}_columnindex, n_near>()",
        "further": f"range.data_array_ptr<{FAR}_columnindex, n_far>()",
    }
    columns = {"bits": "present", "leak": "g_leak", "leak_reversal": "e_leak"}
    columns |= {"nonspecific": "i", "other": "g_other", "e_other": "ge_other"}
    columns |= {f"of_ion[{k}]": f"g_{ion}" for k, ion in enumerate(ions)}
    for channel in channels:
        columns[f"gmax[{channel.name}]"] = f"gmax_{channel.name}"
        if not channel.ion:
            columns[f"reversal[{channel.name}]"] = f"e_{channel.name}"
    for field, column in columns.items():
        fields[field] = f"range.fpfield_ptr<{column}_columnindex>()"
    lines = [
        "/* Where a thread's segments have their variables. */",
        "struct Columns {",
        "    double *gates, *further, *bits, *leak, *leak_reversal, *nonspecific, *other, *e_other;",
        "    double *of_ion[n_ions], *gmax[n_channels], *reversal[n_channels];",
        "",
        "    explicit Columns(_nrn_mechanism_cache_range& range) {",
        *(f"        {field} = {pointer};" for field, pointer in fields.items()),
        "    }",
        "};",
        "",
        "/* Where a segment's ion has its variables. */",
        "struct OfIon {",
        "    double *reversal, *current, *slope;",
        "};",
        "",
        "OfIon of_ion(int ion, _nrn_mechanism_cache_range* _ml, std::size_t _iml) {",
        "    switch (ion) {",
    ]
    for k, ion in enumerate(ions):
        pointers = f"&_ion_e{ion}, &_ion_i{ion}, &_ion_di{ion}dv"
        lines += [f"    case {k}:", f"        return {{{pointers}}};"]
    return [*lines, "    }", "    return {};", "}"]


def _conduct(channel: FusedChannel, ions: Sequence[str]) -> list[str]:
    head = f"INLINED void conduct<{channel.name}>(Columns const& at, int segment,"
    return [
        "template <>",
        f"{head} double const* q, Conductances& sum) {{",
        *(f"    {line}" for line in channel.conductance(ions)),
        "}",
        "",
    ]


def _conduct_all(channels: Sequence[FusedChannel]) -> list[str]:
    return [
        "/* Adds the conductances of several channels whose gates follow each other. */",
        "template <class List>",
        "INLINED void conduct_all(List const& channels, Columns const& at, int segment,"
        " double const* q, Conductances& sum) {",
        "    for (int const channel: channels) {",
        "        switch (channel) {",
        *(
            line
            for one in channels
            for line in (
                f"        case {one.name}:",
                f"            conduct<{one.name}>(at, segment, q, sum);",
                "            break;",
            )
        ),
        "        }",
        "        q += n_gates_of[channel];",
        "    }",
        "}",
        "",
    ]


def _evaluate(channels: Sequence[FusedChannel]) -> list[str]:
    most = max(len(channel.gates) for channel in channels)
    return [
        "/* What a table holds of a channel's gates: steady states, factors of a step, and those below. */",
        "struct GateRates {",
        f"    double steady[{most}], factor[{most}], below[{most}];",
        "};",
        "",
        "void evaluate(int channel, double voltage, GateRates& to, _internalthreadargsproto_) {",
        "    switch (channel) {",
        *(f"    {line}" for channel in channels for line in channel.evaluation()),
        "    }",
        "}",
        "",
    ]


def _complements(
    channels: Sequence[FusedChannel], complements: Iterable[Collection[str]]
) -> list[str]:
    n_gates = {channel.name: len(channel.gates) for channel in channels}
    sets = {frozenset(complement) for complement in complements}
    ordered = sorted(tuple(name for name in n_gates if name in one) for one in sets)
    small = [one for one in ordered if one and sum(n_gates[n] for n in one) <= NEAR_SIZE]
    listed = [f"Published<{', '.join(one)}>" for one in small]
    return [
        "/* The channels of the published cell's segments. */",
        "template <int... channels>",
        "struct Published;",
        "template <class... complements>",
        "struct Complements {};",
        *textwrap.wrap(
            f"using PublishedComplements = Complements<{', '.join(listed)}>;",
            110,
            subsequent_indent=" " * 4,
            break_long_words=False,
        ),
        "",
    ]


def _initial(name: str, channels: Sequence[FusedChannel]) -> str:
    return block(
        "INITIAL",
        [
            "VERBATIM",
            "    if (cvode_active_) {",
            f'        hoc_execerror("{name} takes fixed time steps only;",'
            ' "with CVode use the separate channels");',
            "    }",
            "    step_by_thread(_threadargs_);",
            "    start(v, _threadargs_);",
            "ENDVERBATIM",
        ],
    )


def _breakpoint(ions: Sequence[str]) -> str:
    """Declares the currents to NEURON; its functions are those of `fused_channels.inc`."""
    lines = ["SOLVE advance METHOD after_cvode"]
    lines += [f"i{ion} = g_{ion}*(v - e{ion})" for ion in ions] + ["i = g_other*v - ge_other"]
    advance = block(
        "PROCEDURE advance()", [": so that NEURON knows that there is a step; see step_by_thread"]
    )
    return block("BREAKPOINT", lines) + "\n\n" + advance
