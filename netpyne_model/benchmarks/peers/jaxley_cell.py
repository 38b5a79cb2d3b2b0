"""The smooth cell in Jaxley: channels as classes made of their equations, a branch a section."""

import ast
import contextlib
import os
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ...errors import ModelError
from ...mechanisms.channel_equations import Channel, read_channel
from .condition import SmoothCell, densities

DOUBLE, SINGLE = "float64", "float32"
"""Jaxley's own default is the second."""


def run(cell: SmoothCell, *, precision: str) -> dict[str, Any]:
    """Run it; see `cases.run_peer` for what comes back."""
    # One core, as all others: XLA would take them all.
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    import jax

    jax.config.update("jax_platforms", "cpu")
    jax.config.update("jax_enable_x64", precision == DOUBLE)
    import jaxley
    from jax import jit

    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        built, soma = _build(cell, jaxley)
    current_nA = np.full(round(cell.until_ms / cell.dt_ms) + 1, cell.amplitude_nA)
    current_nA[: round(cell.onset_ms / cell.dt_ms)] = 0.0

    @jit
    def integrate(given_nA: Any) -> Any:
        stimuli = soma.data_stimulate(given_nA)
        return jaxley.integrate(built, data_stimuli=stimuli, delta_t=cell.dt_ms)

    np.asarray(integrate(current_nA))  # compiles
    begin_s = time.process_time()
    soma_mV = np.asarray(integrate(current_nA))[0]
    cpu_s = time.process_time() - begin_s
    # The share of the steps after the onset; one costs as much as another.
    share = cell.n_steps / (len(soma_mV) - 1)
    return {
        "cpu_s": share * cpu_s,
        "time_ms": np.arange(len(soma_mV)) * cell.dt_ms,
        "soma_mV": soma_mV,
        "n_compartments": len(built.nodes),
        "version": f"Jaxley {jaxley.__version__}, JAX {jax.__version__}",
        "how": f"{precision}, XLA on one core, rates by exp() in each step",
    }


def channel_class(channel: Channel, base: type, steps: Any, numpy: Any) -> Any:
    """A channel as an instance of a class below Jaxley's `base` (``jaxley.channels.Channel``).

    `steps` is Jaxley's step of a gate (``solve_inf_gate_exponential``), `numpy` that of JAX. The
    reversal potential is its own parameter, ``<name>_e``.
    """
    name, states = channel.name, [gate.state for gate in channel.gates]
    rates = rates_of(channel, numpy)
    opening = _lambda(["np", *states], ast.unparse(channel.opening))

    def own(values: dict[str, Any]) -> list[Any]:
        return [values[f"{name}_{state}"] for state in states]

    class Gated(base):
        def __init__(self) -> None:
            self.current_is_in_mA_per_cm2 = True
            super().__init__(name)
            self.channel_params = {f"{name}_gmax": 0.0, f"{name}_e": 0.0}
            self.channel_states = {f"{name}_{state}": 0.0 for state in states}
            self.current_name = f"i_{name}"

        def update_states(self, values: Any, dt: Any, v: Any, params: Any) -> dict[str, Any]:
            return {
                f"{name}_{state}": steps(value, dt, inf, tau)
                for state, value, (inf, tau) in zip(
                    states, own(values), rates(v, *own(values)), strict=True
                )
            }

        def compute_current(self, values: Any, v: Any, params: Any) -> Any:
            conductance = params[f"{name}_gmax"] * opening(numpy, *own(values))
            return conductance * (v - params[f"{name}_e"])

        def init_state(self, values: Any, v: Any, params: Any, delta_t: Any) -> dict[str, Any]:
            any_gates = [numpy.zeros_like(v)] * len(states)  # a steady state reads no gate
            started = zip(states, rates(v, *any_gates), strict=True)
            return {f"{name}_{state}": inf for state, (inf, _) in started}

    return Gated()


def rates_of(channel: Channel, numpy: Any) -> Callable[..., list[tuple[Any, Any]]]:
    """A function of voltage and gates that gives inf and tau of every gate, by numpy or JAX's."""
    names = ["np", "v", *(gate.state for gate in channel.gates)]
    steps = []
    for rate in channel.rates:
        text = ast.unparse(rate.value)
        if rate.test is not None and rate.otherwise is not None:
            text = f"np.where({ast.unparse(rate.test)}, {text}, {ast.unparse(rate.otherwise)})"
        steps.append(_lambda(names, text))
        names = [*names, rate.target]
    ends = [
        (_lambda(names, ast.unparse(gate.inf)), _lambda(names, ast.unparse(gate.tau)))
        for gate in channel.gates
    ]

    def rates(v: Any, *gates: Any) -> list[tuple[Any, Any]]:
        values = [numpy, v, *gates]
        for step in steps:
            values.append(step(*values))
        return [(inf(*values), tau(*values)) for inf, tau in ends]

    return rates


def _lambda(names: list[str], text: str) -> Callable[..., Any]:
    """An expression of the package's own channels as a function of these names."""
    for nmodl, of_numpy in (("exp(", "np.exp("), ("fabs(", "np.abs(")):
        text = text.replace(nmodl, of_numpy)
    function: Callable[..., Any] = eval(f"lambda {', '.join(names)}: {text}", {})
    return function


def _build(cell: SmoothCell, jaxley: Any) -> tuple[Any, Any]:
    """The cell, and its view of the soma's compartment, which is recorded."""
    order = list(from_a_tip(cell))
    parents = [parent for _, _, parent in order]
    compartment = jaxley.Compartment()
    counts = {section.nseg for section, _, _ in order}
    branch_of = {nseg: jaxley.Branch(compartment, nseg) for nseg in counts}  # each compiles
    built = jaxley.Cell([branch_of[section.nseg] for section, _, _ in order], parents)
    places = [
        (section, segment)
        for section, backwards, _ in order
        for segment in (range(section.nseg)[::-1] if backwards else range(section.nseg))
    ]
    cable = {
        "length": [section.length_um / section.nseg for section, _ in places],
        "radius": [section.diam_um[segment] / 2 for section, segment in places],
        "axial_resistivity": [section.Ra_ohm_cm for section, _ in places],
        "capacitance": [section.cm_uF_per_cm2[segment] for section, segment in places],
        "v": [cell.start_mV] * len(places),
    }
    for name, values in cable.items():
        built.set(name, np.array(values, float))
    _insert_channels(built, cell, places, jaxley)
    built.init_states(delta_t=cell.dt_ms)
    soma = built.branch(next(k for k, one in enumerate(order) if one[0] is cell.sections[0])).comp(
        0
    )
    soma.record("v")
    return built, soma


def _insert_channels(built: Any, cell: SmoothCell, places: list, jaxley: Any) -> None:
    import jax.numpy
    from jaxley.channels import Channel as Base
    from jaxley.channels import Leak
    from jaxley.solver_gate import solve_inf_gate_exponential

    built.insert(Leak())
    leak = [(one.leak_S_per_cm2[segment], one.leak_e_mV[segment]) for one, segment in places]
    for name, values in zip(("Leak_gLeak", "Leak_eLeak"), np.array(leak, float).T, strict=True):
        built.set(name, values)
    gmax = [densities(section, segment) for section, segment in places]
    for name in cell.channels:
        channel = read_channel(name, cell.celsius)
        present = np.array([row for row, dense in enumerate(gmax) if name in dense])
        gated = channel_class(channel, Base, solve_inf_gate_exponential, jax.numpy)
        built.select(nodes=present).insert(gated)
        view = built.select(nodes=present)  # one from before would not know the channel
        view.set(f"{name}_gmax", np.array([gmax[row][name] for row in present]))
        reversal = channel.ion or name
        view.set(f"{name}_e", np.array([places[row][0].reversal_mV[reversal] for row in present]))


def from_a_tip(cell: SmoothCell) -> Iterator[tuple[Any, bool, int]]:
    """Sections, whether backwards, and the number of the one before, from a tip of the cell on.

    Jaxley joins branches to the far end of their parent only; seen from a tip every joint is one,
    also that at the root's 0 end.
    """
    ends = {one.name: _joints(one, cell.sections[0].name) for one in cell.sections}
    at: dict[tuple[str, int], list[Any]] = {}
    for section in cell.sections:
        for joint in ends[section.name]:
            at.setdefault(joint, []).append(section)
    tip = next(joint for joint, joined in at.items() if len(joined) == 1)
    waiting, numbers = deque([(at[tip][0], tip, -1)]), 0
    seen = {at[tip][0].name}
    while waiting:
        section, entry, parent = waiting.popleft()
        near, far = ends[section.name]
        yield section, entry == far, parent
        leave = near if entry == far else far
        for other in at[leave]:
            if other.name not in seen:
                seen.add(other.name)
                waiting.append((other, leave, numbers))
        numbers += 1


def _joints(section: Any, root: str) -> tuple[tuple[str, int], tuple[str, int]]:
    """What its 0 end and its 1 end are joined to, each by a section and an end of it."""
    if section.parent is None:
        return (section.name, 0), (section.name, 1)
    if section.parent_loc != 1 and (section.parent_loc, section.parent) != (0, root):
        raise ModelError(
            f"{section.name} is joined at {section.parent_loc:g} of {section.parent}; expected an"
            " end."
        )
    return (section.parent, int(section.parent_loc)), (section.name, 1)
