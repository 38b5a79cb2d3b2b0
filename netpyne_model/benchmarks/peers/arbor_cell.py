"""The smooth cell in Arbor: channels in the NMODL that its modcc takes, one CV a segment."""

import ast
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ...errors import ModelError
from .condition import SmoothCell, densities
from .equations import Assignment, Channel, read_channel

_EXP_LINEAR = re.compile(
    r"fabs\((\w+)\) > 1e-05: ([\d.e-]+ \* )?\1 / \(1\.0 - exp\(-1\.0 \* \1\)\)"
)
LEAK = """NEURON {
    SUFFIX leak
    NONSPECIFIC_CURRENT i
    RANGE g, e
}
PARAMETER {
    g = 0 (S/cm2)
    e = 0 (mV)
}
INITIAL {}
BREAKPOINT {
    i = g*(v - e)
}
"""


def run(cell: SmoothCell) -> dict[str, Any]:
    """Run it; see `cases.run_peer` for what comes back."""
    import arbor

    catalogue = _catalogue(cell)
    recipe = _recipe(cell, arbor, catalogue)
    simulation = arbor.simulation(recipe, arbor.context(threads=1))
    handle = simulation.sample((0, "soma"), arbor.regular_schedule(cell.dt_ms * arbor.units.ms))
    dt = cell.dt_ms * arbor.units.ms
    simulation.run(cell.onset_ms * arbor.units.ms, dt)
    begin_s = time.process_time()
    simulation.run(cell.until_ms * arbor.units.ms, dt)
    cpu_s = time.process_time() - begin_s
    ((samples, _),) = simulation.samples(handle)
    return {
        "cpu_s": cpu_s,
        "time_ms": samples[:, 0],
        "soma_mV": samples[:, 1],
        "n_compartments": recipe.n_cvs,
        "version": f"Arbor {arbor.__version__}",
        "how": f"{arbor.config()['arch']}, vectorised, rates by exp() in each step, Pade step of gates",
    }


def channel_text(channel: Channel) -> str:
    """The mod file of a channel as Arbor's modcc takes it."""
    current = f"i{channel.ion}" if channel.ion else "i"
    reversal = f"e{channel.ion}" if channel.ion else "e"
    ion = f"USEION {channel.ion} READ e{channel.ion} WRITE {current}"
    declared = [ion] if channel.ion else ["NONSPECIFIC_CURRENT i"]
    places = ["gmax"] if channel.ion else ["gmax", "e"]
    local = f"LOCAL {', '.join(rate.target for rate in channel.rates)}"
    rates = [local, *(line for rate in channel.rates for line in _lines(rate))]
    starts = [f"{gate.state} = {ast.unparse(gate.inf)}" for gate in channel.gates]
    slopes = [
        f"{gate.state}' = ({ast.unparse(gate.inf)} - {gate.state})/({ast.unparse(gate.tau)})"
        for gate in channel.gates
    ]
    opening = f"{current} = gmax*({ast.unparse(channel.opening)})*(v - {reversal})"
    units = {"gmax": "S/cm2", "e": "mV"}
    # A rate that reads its gate (km2) needs a value of it at the start; any does.
    before = [f"{gate.state} = 0" for gate in channel.gates]
    blocks = {
        "NEURON": [f"SUFFIX {channel.name}", *declared, f"RANGE {', '.join(places)}"],
        "PARAMETER": [f"{name} = 0 ({units[name]})" for name in places],
        "STATE": [gate.state for gate in channel.gates],
        "INITIAL": [local, *before, *rates[1:], *starts],
        "BREAKPOINT": ["SOLVE states METHOD cnexp", opening],
        "DERIVATIVE states": [*rates, *slopes],
    }
    return "".join(
        f"{head} {{\n" + "".join(f"    {line}\n" for line in lines) + "}\n"
        for head, lines in blocks.items()
    )


def _lines(rate: Assignment) -> Iterator[str]:
    """An assignment in Arbor's words, which has its own for a largest and for x/(exp(x) - 1)."""
    value = ast.unparse(rate.value)
    if rate.test is None or rate.otherwise is None:
        yield f"{rate.target} = {value}"
        return
    test, otherwise = ast.unparse(rate.test), ast.unparse(rate.otherwise)
    if linear := _EXP_LINEAR.fullmatch(f"{test}: {value}"):
        yield f"{rate.target} = {linear[2] or ''}exprelr(-{linear[1]})"
    elif test == f"{otherwise} < {value}":
        yield f"{rate.target} = max({otherwise}, {value})"
    else:
        yield f"if ({test}) {{"
        yield f"    {rate.target} = {value}"
        yield "} else {"
        yield f"    {rate.target} = {otherwise}"
        yield "}"


def _catalogue(cell: SmoothCell) -> Any:
    """Compile the channels and load them."""
    import arbor

    script = Path(arbor.__file__).parent / "bin" / "arbor-build-catalogue"
    with tempfile.TemporaryDirectory(prefix="benchmark-arbor-") as folder:
        source = Path(folder) / "mod"
        source.mkdir()
        (source / "leak.mod").write_text(LEAK)
        for name in cell.channels:
            (source / f"{name}.mod").write_text(channel_text(read_channel(name, cell.celsius)))
        command = [sys.executable, str(script), "smooth", str(source)]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            last = (done.stdout + done.stderr).strip().splitlines()[-1:]
            raise ModelError(f"arbor-build-catalogue failed: {' '.join(last)}")
        return arbor.load_catalogue(str(Path(folder) / "smooth-catalogue.so"))


def _recipe(cell: SmoothCell, arbor: Any, catalogue: Any) -> Any:
    built = cable_cell_of(cell, arbor)

    class Recipe(arbor.recipe):
        def __init__(self) -> None:
            arbor.recipe.__init__(self)
            self.properties = arbor.neuron_cable_properties()
            self.properties.catalogue = catalogue
            self.n_cvs = arbor.cv_data(built).num_cv

        def num_cells(self) -> int:
            return 1

        def cell_kind(self, gid: int) -> Any:
            return arbor.cell_kind.cable

        def cell_description(self, gid: int) -> Any:
            return built

        def global_properties(self, kind: Any) -> Any:
            return self.properties

        def probes(self, gid: int) -> list[Any]:
            return [arbor.cable_probe_membrane_voltage("(on-components 0.5 (tag 1))", "soma")]

    return Recipe()


def cable_cell_of(cell: SmoothCell, arbor: Any) -> Any:
    """The cable cell: a cylinder a segment, tagged by its number from 1 on."""
    units, tree = arbor.units, arbor.segment_tree()
    decor = arbor.decor()
    decor.set_property(Vm=cell.start_mV * units.mV, tempK=(cell.celsius + 273.15) * units.Kelvin)
    last: dict[str, int] = {}
    tag = 0
    for section in cell.sections:
        parent = _parent(section, cell.sections[0].name, last, arbor)
        length_um = section.length_um / section.nseg
        for segment in range(section.nseg):
            tag += 1
            radius_um = float(section.diam_um[segment]) / 2
            begin, end = arbor.mpoint(0, 0, 0, radius_um), arbor.mpoint(length_um, 0, 0, radius_um)
            parent = tree.append(parent, begin, end, tag=tag)
            last[section.name] = parent
            _paint(decor, f"(tag {tag})", section, segment, arbor)
    clamp = arbor.i_clamp(
        cell.onset_ms * units.ms,
        (cell.until_ms - cell.onset_ms) * units.ms,
        current=cell.amplitude_nA * units.nA,
    )
    decor.place("(on-components 0.5 (tag 1))", clamp)
    return arbor.cable_cell(arbor.morphology(tree), decor, None, arbor.cv_policy_every_segment())


def _parent(section: Any, root: str, last: dict[str, int], arbor: Any) -> Any:
    """The segment a section begins at; what is joined to the root's 0 end begins where that does."""
    if section.parent is None:
        return arbor.mnpos
    if section.parent_loc == 1:
        return last[section.parent]
    if section.parent_loc == 0 and section.parent == root:
        return arbor.mnpos
    raise ModelError(
        f"{section.name} is joined at {section.parent_loc:g} of {section.parent}; expected an end."
    )


def _paint(decor: Any, region: str, section: Any, segment: int, arbor: Any) -> None:
    units = arbor.units
    decor.paint(
        region,
        cm=float(section.cm_uF_per_cm2[segment]) * 1e-2 * units.F / units.m2,
        rL=section.Ra_ohm_cm * units.Ohm * units.cm,
    )
    for ion in ("na", "k"):
        if ion in section.reversal_mV:
            decor.paint(region, ion=ion, rev_pot=section.reversal_mV[ion] * units.mV)
    leak = {"g": float(section.leak_S_per_cm2[segment]), "e": float(section.leak_e_mV[segment])}
    decor.paint(region, arbor.density("leak", leak))
    for name, gmax in densities(section, segment).items():
        values = {"gmax": gmax}
        if name in section.reversal_mV:
            values["e"] = section.reversal_mV[name]
        decor.paint(region, arbor.density(name, values))
