"""The cell in a NetPyNE network of one's own, many times: `add_cells`."""

import hashlib
import json
import warnings
from collections.abc import Mapping
from typing import Any

from ..cell.assembly import cell_params, channel_mechanisms
from ..cell.cell import Cell
from ..cell.synapses import SOLVED, SPINES, fast_mechanism, spine_globals
from ..description import CellDescription
from ..errors import ModelError, quoted, shortened
from ..mechanisms import loading
from ..mechanisms.user_channels import load_user_channels
from ..protocols.checks import check_whole
from ..receptors import receptors
from .added_cells import CELL_TAG, AddedCell, finish_at_every_start
from .netpyne_library import netpyne

_NEURONS_CELSIUS = 6.3
"""What NEURON and NetPyNE take where nothing is said."""


def add_cells(
    net_params: Any,
    sim_config: Any,
    cell: Cell | None = None,
    *,
    n: int = 1,
    name: str = "CA1",
    fused: bool = True,
    **population: Any,
) -> None:
    """Add a population of cells, and synapses for them, to a NetPyNE network; for fixed time steps.

    The cells have section lists: a region each (``soma``, ``trunk``, ``apical``, ``tuft``,
    ``basal``, ...), its sections with spines (``spiny_trunk``, ...), and all of these, ``spiny``.
    ``synMech="DrivenSpines"`` in ``connParams`` connects to a spine with its AMPA and NMDA
    receptors: every connection is a spine of its own among those of the segment, and a weight of 1
    has the conductances of the spines there. ``synMech="GABA_A"``, ``"AMPA"`` or ``"NMDA"`` is a
    receptor on the branch itself; weight 1 of GABA_A and NMDA is the conductance that the cell's
    rules give there, that of AMPA its component's gbase. A trace of ``simConfig.recordTraces`` may
    name a channel in ``mech`` and its current, conductance or a gate in ``var``: ``{"sec":
    "trunk_50", "loc": 0.5, "mech": "kad", "var": "i"}``.

    Parameters
    ----------
    net_params, sim_config : netpyne.specs.NetParams, netpyne.specs.SimConfig
        Changed in place. Of `sim_config` are set: the temperature (35 degC, all cells of a network
        share it), and that connections to one place share a synaptic mechanism.
    cell : Cell, optional
        The published cell without it.
    n : int
        How many.
    name : str
        Of the population and of its cell type.
    fused : bool
        Whether the package's channels go into one mechanism, which is faster.
    **population
        Further entries of the population's ``popParams``: ``xRange``, ``ynormRange``, ...

    Raises
    ------
    ModelError
        If the name is taken, a synaptic mechanism of the network has the name of one of these, or
        the configuration asks for CVode.

    Examples
    --------
    >>> add_cells(netParams, simConfig, Cell(), n=20)
    >>> netParams.connParams["CA3->CA1"] = {"preConds": {"pop": "CA3"}, "postConds": {"pop": "CA1"},
    ...     "probability": 0.2, "sec": "apical", "synMech": "DrivenSpines", "delay": 1.0}
    """
    check_whole("n", n, 1)
    _check(net_params, sim_config, name, population)
    cell = Cell() if cell is None else cell
    description = cell.describe("silent")
    synapses = _synapses()
    mechanisms = {str(one["mod"]) for one in synapses.values()}
    loading.load(mechanisms | channel_mechanisms(description, fused))
    load_user_channels(description.user_channels.values())
    netpyne()
    net_params.cellParams[name] = _cell_params(cell, description, fused)
    net_params.synMechParams.update(synapses)
    tag = _tag(cell, fused)
    net_params.popParams[name] = {"cellType": name, "numCells": n, CELL_TAG: tag, **population}
    _warm(net_params, sim_config, cell.specification.biophysics.run.celsius)
    sim_config.oneSynPerNetcon = False
    finish_at_every_start(tag, AddedCell(cell, description, fused))


def _check(net_params: Any, sim_config: Any, name: str, population: Mapping[str, Any]) -> None:
    if hasattr(net_params, "duration") or hasattr(sim_config, "popParams"):
        raise ModelError("add_cells: expected netParams first, then simConfig; swap the two.")
    for kind in ("popParams", "cellParams"):
        if name in getattr(net_params, kind):
            raise ModelError(
                f"name = {quoted(name)}: {kind} has one of that name; take another name."
            )
    if sim_config.cvode_active:
        raise ModelError(
            "add_cells: silent spines and fused channels take fixed time steps; set"
            " simConfig.cvode_active = False."
        )
    for entry in ("cellType", "numCells", CELL_TAG):
        if entry in population:
            raise ModelError(f"{entry}: add_cells sets it; give n and name, or leave it out.")
    for label, synapse in _synapses().items():
        if label in net_params.synMechParams and dict(net_params.synMechParams[label]) != synapse:
            raise ModelError(
                f"synMechParams has {quoted(label)}, which is also the name of a receptor of these"
                " cells; call yours otherwise."
            )


def _warm(net_params: Any, sim_config: Any, celsius: float) -> None:
    """Set the temperature, and warn if cells of the network's own were at another."""
    before = sim_config.hParams.get("celsius", _NEURONS_CELSIUS)
    sim_config.hParams["celsius"] = celsius
    pops = net_params.popParams.items()
    own = [name for name, pop in pops if "cellType" in pop and CELL_TAG not in pop]
    if own and before != celsius:
        warnings.warn(
            f"add_cells: simConfig.hParams['celsius'] was {before:g} and is {celsius:g} now, as"
            f" these cells are; it holds for {shortened(', '.join(own))} too: look whether they"
            " still do what they should.",
            RuntimeWarning,
            stacklevel=3,
        )


def _cell_params(cell: Cell, description: CellDescription, fused: bool) -> dict[str, Any]:
    """The cell as an entry of NetPyNE's ``cellParams``."""
    run = cell.specification.biophysics.run
    params = cell_params(
        description,
        spike_site=cell.spike_site,
        spike_threshold_mV=run.spike_threshold_mV,
        fused=fused,
    )
    for section in params["secs"].values():
        section["vinit"] = run.v_init_mV  # that of the network is for cells without their own
    return params | {"secLists": _section_lists(cell, description), "globals": spine_globals()}


def _section_lists(cell: Cell, description: CellDescription) -> dict[str, list[str]]:
    lists: dict[str, list[str]] = {}
    for section in cell.morphology.sections:
        lists.setdefault(section.region, []).append(section.name)
        if description.sections[section.name].silent_spines is not None:
            for spiny in (f"spiny_{section.region}", "spiny"):
                lists.setdefault(spiny, []).append(section.name)
    return lists


def _synapses() -> dict[str, dict[str, Any]]:
    """NetPyNE's ``synMechParams``; how strong each is where it sits is set on the built cell."""
    return {
        **{name: fast_mechanism(receptor) for name, receptor in receptors().items()},
        SPINES: {"mod": SPINES, **{f"w_{name}": 1.0 for name in SOLVED}},
    }


def _tag(cell: Cell, fused: bool) -> str:
    """A name of the cell's content."""
    content = json.dumps([cell.provenance, fused], sort_keys=True, default=str)
    return hashlib.sha256(content.encode()).hexdigest()[:16]
