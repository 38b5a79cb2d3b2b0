"""The flat cell in Jaxley, read by tarjuman: its channels and parameters, in double precision."""

import contextlib
import os
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from ..benchmarks.peers.jaxley_cell import channel_class
from ..mechanisms.channel_equations import read_channel
from ..quantities import ZERO_CELSIUS_K
from .flat_files import CELL, NAME, write_flat_files
from .soma_step import SOMA, TRUNK, SomaStep

OF_ITS_GATE = ("km2",)
"""Channels whose time constant depends on the gate itself, which tarjuman does not pass on."""


def run(step: SomaStep, folder: Path) -> dict[str, Any]:
    """Run the flat cell; the channels of `OF_ITS_GATE` are this package's own classes."""
    import jax

    jax.config.update("jax_platforms", "cpu")
    jax.config.update("jax_enable_x64", True)
    import jaxley
    import tarjuman

    home = folder / "flat"
    places = write_flat_files(home, step)
    document = tarjuman.read_neuroml(home / CELL)
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        built = _build(document, step, jaxley, tarjuman)
    seen = [built.branch(places[name]).loc(0.5) for name in (SOMA, TRUNK)]
    for place in seen:
        place.record("v", verbose=False)
    n_steps = round(step.until_ms / step.dt_ms)
    current_nA = np.where(np.arange(n_steps + 1) * step.dt_ms < step.onset_ms, 0, step.amplitude_nA)
    seen[0].stimulate(current_nA, verbose=False)
    built.init_states(delta_t=step.dt_ms)
    soma_mV, trunk_mV = np.asarray(jaxley.integrate(built, delta_t=step.dt_ms))[:, : n_steps + 1]
    return step.passage(
        np.arange(len(soma_mV)) * step.dt_ms,
        soma_mV,
        trunk_mV,
        version=f"tarjuman {version('tarjuman')}, Jaxley {jaxley.__version__}",
        differs="km2 by a class of this package",
    )


def _build(document: Any, step: SomaStep, jaxley: Any, tarjuman: Any) -> Any:
    """The cell of what tarjuman read, a branch a segment.

    Its own builder gives the same cell, setting each value of each segment by itself, which takes
    the better part of an hour.
    """
    read = document.cells[NAME]
    biophysics = read.biophysical_properties
    morphology = tarjuman.build_morphology(read, tarjuman.ConversionReport())
    counts = [branch.ncomp for branch in morphology.branches]
    branch_of = {ncomp: jaxley.Branch(jaxley.Compartment(), ncomp) for ncomp in set(counts)}
    built = jaxley.Cell([branch_of[ncomp] for ncomp in counts], morphology.parents)
    branch_of_node = np.repeat(np.arange(len(counts)), counts)

    def by_node(values: list[float]) -> np.ndarray:
        return np.array(values, float)[branch_of_node]

    def by_group(pairs: list[tuple[float, str]]) -> np.ndarray:
        values = np.full(len(counts), np.nan)
        for value, group in pairs:
            values[_branches(morphology, group)] = value
        return values[branch_of_node]

    built.set("length", by_node([one.length / one.ncomp for one in morphology.branches]))
    built.set("radius", by_node([one.radius for one in morphology.branches]))
    built.set("axial_resistivity", by_group(biophysics.resistivity))
    built.set("capacitance", by_group(biophysics.specific_capacitance))
    built.set("v", by_group(biophysics.init_memb_potential))
    for name in document.ion_channels:
        densities = [one for one in biophysics.channel_densities if one.ion_channel == name]
        gbar = by_group([(one.cond_density, one.segment_group) for one in densities])
        erev_mV = by_group([(one.erev, one.segment_group) for one in densities])
        present = np.flatnonzero(~np.isnan(gbar))
        channel, names = _channel(name, document, step, tarjuman)
        built.select(nodes=present).insert(channel)
        view = built.select(nodes=present)  # one from before would not know the channel
        for parameter, values in zip(names, (gbar, erev_mV), strict=True):
            view.set(parameter, values[present])
    return built


def _branches(morphology: Any, group: str) -> list[int]:
    if group == "all":
        return list(range(len(morphology.branches)))
    return [morphology.segment_to_branch[segment] for segment in morphology.groups[group]]


def _channel(name: str, document: Any, step: SomaStep, tarjuman: Any) -> tuple[Any, list[str]]:
    """A channel for Jaxley, and the names of its density and reversal potential there."""
    if name in OF_ITS_GATE:
        import jax.numpy
        from jaxley.channels import Channel
        from jaxley.solver_gate import solve_inf_gate_exponential

        own = read_channel(name, step.celsius)
        gated = channel_class(own, Channel, solve_inf_gate_exponential, jax.numpy)
        return gated, [f"{name}_gmax", f"{name}_e"]
    channel = tarjuman.make_channel(
        document.ion_channels[name],
        name=name,
        temperature=step.celsius + ZERO_CELSIUS_K,
        component_types=document.component_types,
    )
    return channel, [f"{name}_gbar", f"{name}_erev"]
