"""The cases of the peers' comparison, and their table: nanoseconds a segment and step, and spikes."""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from typing import Any

from ..accuracy import match_spikes
from ..measure import in_a_process_of_its_own
from ..suite import Answer, Case
from . import arbor_cell, jaxley_cell, neuron_cells
from .condition import SmoothCell, crossings_ms

NAME = "peers"


@dataclass(frozen=True)
class Peer:
    """A way to run the smooth cell.

    Attributes
    ----------
    run : callable
        Takes the cell; returns processor seconds after the onset of the current (``cpu_s``),
        ``time_ms`` and ``soma_mV`` of every step, ``n_compartments``, ``version``, and ``how``.
    needs : str or None
        The library it needs beside the package's own.
    """

    run: Callable[[SmoothCell], dict[str, Any]]
    needs: str | None = None


OURS = "this package (fused channels)"
PEERS = {
    OURS: Peer(partial(neuron_cells.run, fused=True)),
    "NEURON, a mechanism each": Peer(partial(neuron_cells.run, fused=False)),
    "CoreNEURON": Peer(neuron_cells.run_in_coreneuron),
    "Arbor": Peer(arbor_cell.run, "arbor"),
    "Jaxley, double precision": Peer(
        partial(jaxley_cell.run, precision=jaxley_cell.DOUBLE), "jaxley"
    ),
    "Jaxley, its default": Peer(partial(jaxley_cell.run, precision=jaxley_cell.SINGLE), "jaxley"),
}


def missing() -> dict[str, str]:
    """The peers that are not installed, and the library that each needs."""
    return {
        name: peer.needs
        for name, peer in PEERS.items()
        if peer.needs is not None and find_spec(peer.needs) is None
    }


def cases(cell: SmoothCell | None = None) -> list[Case]:
    """A case for every peer that is installed."""
    cell, absent = SmoothCell() if cell is None else cell, missing()
    return [
        Case(NAME, name, partial(in_a_process_of_its_own, run_peer, name, cell), _cost_s)
        for name in PEERS
        if name not in absent
    ]


def run_peer(name: str, cell: SmoothCell) -> Answer:
    """Run a peer in this process, on one core, which is all that some of them would leave idle.

    Returns
    -------
    dict
        ``ns_per_segment_step`` (processor time, of the cell's segments), ``n_segments, n_gates``,
        ``n_compartments`` (as the simulator counts them), ``spikes_ms``, ``version``, ``how``.
    """
    if sys.platform == "linux":
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    ran = PEERS[name].run(cell)
    return {
        "ns_per_segment_step": 1e9 * ran["cpu_s"] / (cell.n_steps * cell.n_segments),
        "n_segments": cell.n_segments,
        "n_gates": cell.n_gates,
        "n_compartments": ran["n_compartments"],
        "spikes_ms": crossings_ms(ran["time_ms"], ran["soma_mV"], cell.threshold_mV),
        "version": ran["version"],
        "how": ran["how"],
    }


def _cost_s(answer: Answer) -> float:
    return 1e-9 * answer["ns_per_segment_step"] * answer["n_segments"]


def results(answers: Mapping[tuple[str, str], Answer]) -> dict[str, Any]:
    """What was measured by peer, each with its spikes held against this package's.

    ``n_unmatched`` counts spikes of either without their like within 2 ms; ``spike_shift_ms`` is
    the largest shift of the others.
    """
    rows = {name: dict(answers[NAME, name]) for name in PEERS if (NAME, name) in answers}
    ours = rows[OURS]["spikes_ms"]
    for row in rows.values():
        pairs = match_spikes(ours, row["spikes_ms"])
        row["n_unmatched"] = len(ours) + len(row["spikes_ms"]) - 2 * len(pairs)
        row["spike_shift_ms"] = max((abs(its - mine) for mine, its in pairs), default=None)
        row["times_of_ours"] = row["ns_per_segment_step"] / rows[OURS]["ns_per_segment_step"]
    return {"rows": rows, "missing": missing()}
