"""What feeds the soma of a run, as a page has it: parts by current over time, to be stacked."""

from typing import Any

import numpy as np

from ..analysis.currentscapes import currentscape
from ..figures.currentscapes import current_colours, parts_by_current, thinned
from ..results import Result
from .packing import PackedArrays

PLACE = "soma"
MOST_SAMPLES = 4000
"""Samples that a page has; of more, means over as many as come together."""
_RESOLUTION_NA = 5e-5  # a thousandth of what flows between spikes


def currents_content(result: Result, arrays: PackedArrays) -> dict[str, Any] | None:
    """Describe the currentscape of a run's soma; None where its currents were not recorded.

    Returns
    -------
    dict
        ``place, first_ms, step_ms, currents`` (name and colour, in the order of the stack)``,
        together`` (samples that one stands for)``, inward, outward``: nA, a row a sample, a column
        a current.
    """
    if result.membrane_currents is None:
        return None
    whole = currentscape(result, PLACE)
    scape = thinned(whole, MOST_SAMPLES)
    parts = parts_by_current(scape["part_nA"].sum("region"))
    time_ms = scape["time_ms"].to_numpy()
    colours = current_colours([str(one) for one in parts["current"].values])
    step_ms = float(np.diff(time_ms[:2])[0]) if len(time_ms) > 1 else 1.0
    return {
        "place": PLACE,
        "first_ms": float(time_ms[0]),
        "step_ms": step_ms,
        "together": max(round(step_ms / result.membrane_currents.step_ms), 1),
        "currents": [{"name": name, "colour": colour} for name, colour in colours.items()],
    } | {
        side: arrays.add(
            parts.sel(side=side, current=list(colours)).transpose("time_ms", "current").to_numpy(),
            _RESOLUTION_NA,
            delta=True,
        )
        for side in ("inward", "outward")
    }
