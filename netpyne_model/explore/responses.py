"""What is run on a cell that the sliders make: conditions of the paper's experiments, one at a time.

No protocol is declared here: EPSPs are those of `experiments.epsp_amplification`, steps those of
`experiments.intrinsic_features`.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from pandas import DataFrame

from ..cell.cell import Cell
from ..cell.worked_out import worked_out
from ..experiments.epsp_amplification import epsp_of, epsp_protocol
from ..experiments.experiment import EVENTS_MS
from ..experiments.held import SITES, Held, solved_at
from ..protocols import CurrentClamp, Protocol
from ..protocols.holding import CannotHold
from ..protocols.rig import sample_times_ms
from .firing import firing_during_steps
from .settings import STEPS, Settings, changed_cell, driven_spines

SOMA = {"soma": SITES["soma"]}
SHOWN_MS = (-10.0, 150.0)
"""From the first event: where pictures of EPSPs begin and end."""
RISES_FOR_MS = 40.0
"""From the last event: an EPSP, or the spike of one, has its peak within a few ms."""
LATER_STEP_MS = 0.5


class Response(NamedTuple):
    """The somatic potential around the events; `note` says why there is none.

    Attributes
    ----------
    time_ms : ndarray
        From the first event.
    v_mV : ndarray
    base_mV, epsp_mV : float
        Potential before the first event, and the highest above it.
    n_spikes : int
    note : str
    """

    time_ms: np.ndarray
    v_mV: np.ndarray
    base_mV: float
    epsp_mV: float
    n_spikes: int
    note: str = ""


def held_protocol(cell: Cell, target_mV: float, n_spines: int) -> Protocol:
    """The paper's EPSP at a potential of the soma, which a solved current holds."""
    held = solved_at(target_mV, SITES["soma"])
    return _epsp(cell, n_spines, held)


def dc_protocol(cell: Cell, dc_nA: float, n_spines: int) -> Protocol:
    """The same events where nothing is held but a DC flows into the soma from the start."""
    stimuli = [CurrentClamp(amplitude_nA=dc_nA, place=SITES["soma"])] if dc_nA else []
    return _epsp(cell, n_spines, Held({}, stimuli, {}))


def _epsp(cell: Cell, n_spines: int, held: Held) -> Protocol:
    return replace(epsp_protocol(driven_spines(cell, n_spines), held, SOMA), **STEPS)


def protocols(cell: Cell, settings: Settings) -> dict[str, Protocol]:
    """The runs with events, by their name: at either held potential, and with the DC."""
    cell = worked_out(cell)
    low, high = (held_protocol(cell, mV, settings.n_spines) for mV in settings.held_mV)
    dc = dc_protocol(cell, settings.dc_nA, settings.n_spines)
    return {"low": low, "high": high, "dc": dc}


def respond(cell: Cell, protocol: Protocol) -> Response:
    """Run a protocol with events, and read the somatic EPSP off it.

    Recorded over `SHOWN_MS`, and every `LATER_STEP_MS` once the events are over for a while, which
    changes no potential.
    """
    try:
        recorded = protocol.sampled(worked_out(cell), _sampled_ms(protocol))
    except CannotHold as reason:
        empty = np.zeros(0)
        return Response(empty, empty, math.nan, math.nan, 0, str(reason))
    time_ms, v_mV = recorded.time_ms, recorded.values["soma"]
    row = epsp_of(time_ms, v_mV)
    n_spikes = len(recorded.spike_times_ms)
    return Response(
        time_ms - EVENTS_MS[0], v_mV, row["v_base_soma_mV"], row["epsp_soma_mV"], n_spikes
    )


def _sampled_ms(protocol: Protocol) -> np.ndarray:
    """As fine as the experiment's where an EPSP rises and has its peak, then as a figure needs it."""
    from_ms, to_ms = (EVENTS_MS[0] + one for one in SHOWN_MS)
    fine_ms = EVENTS_MS[-1] + RISES_FOR_MS
    fine = sample_times_ms(fine_ms, protocol.record_step_ms, from_ms)
    later = sample_times_ms(to_ms, LATER_STEP_MS, fine_ms + LATER_STEP_MS)
    return np.concatenate([fine, later])


def parameter_table(cell: Cell) -> DataFrame:
    """Every parameter of the cell by segment: see `Cell.table`."""
    return worked_out(cell).table()


def coarse_first(values: Sequence[float]) -> list[float]:
    """The values of a series so that the first few already span it: every eighth, fourth, ..."""
    order = sorted(range(1, len(values) + 1), key=lambda number: -(number & -number))
    return [values[number - 1] for number in order]


def explore(cell: Cell, settings: Settings) -> dict[str, Any]:
    """All that the sliders show of a cell, in this process: what `ca1 explore` shows piece by piece.

    Returns
    -------
    dict
        ``cell``, the changed cell; ``low``, ``high`` and ``dc``, the `Response` at either held
        potential and with the DC; ``rates_Hz``, by the current of the step (nA).

    Examples
    --------
    >>> from netpyne_model.explore.responses import explore
    >>> from netpyne_model.explore.settings import Settings
    >>> less_sodium = explore(Cell(), Settings(factors={"nas": 0.5}))
    >>> less_sodium["high"].epsp_mV
    """
    changed = changed_cell(cell, settings)
    runs = {
        name: respond(changed, protocol) for name, protocol in protocols(changed, settings).items()
    }
    steps = firing_during_steps(changed, settings.currents_nA, settings.dc_nA)
    rates_Hz = {current_nA: firing.rate_Hz for current_nA, firing in steps}
    return {"cell": changed, **runs, "rates_Hz": rates_Hz}
