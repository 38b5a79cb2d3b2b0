"""How the excitatory inputs of a trial lie on the branches: whether neighbours have like fields."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..errors import ModelError
from ..inputs.setups import ENVELOPE_EXPONENT
from ..results import Result
from .place_field import distance_from

SIMILAR_FIELD_WIDTHS = 0.1
"""Distance of two fields' peaks, in field widths, up to which they are similar."""

STRONG_FIELD_WIDTHS = 0.3
"""Distance from the field's centre up to which inputs are strong: the upper half of the weights."""

NEAR_UM = 10.0
"""Length of branch within which neighbours count: the span of a cluster."""


@dataclass(frozen=True)
class ArrangementStatistics:
    """What tells an arrangement of inputs from another; a branch is a section.

    Attributes
    ----------
    n_inputs : int
        Excitatory inputs with a field.
    similar_neighbour_um : float
        Median distance along the branch to the nearest input of similar field; inf where more than
        half of the inputs have none on their branch.
    similar_within_10_um : float
        Mean number of inputs of similar field within 10 um on the same branch.
    overlap_on_branch, overlap_between_branches : float
        Mean overlap of two inputs' fields, 1 for equal ones, of pairs on one branch and of pairs on
        two branches; equal for a random arrangement.
    strong_on_a_branch : float
        Mean number of strong inputs, within 0.3 field widths of the field's centre, on a branch
        that has inputs.
    most_strong_on_a_branch : int
        The largest such number.
    branches_without_strong : float
        Share of the branches with inputs that have no strong one.
    """

    n_inputs: int
    similar_neighbour_um: float
    similar_within_10_um: float
    overlap_on_branch: float
    overlap_between_branches: float
    strong_on_a_branch: float
    most_strong_on_a_branch: int
    branches_without_strong: float


def arrangement_statistics(
    synapses: pd.DataFrame, *, centre: float, width: float, track_length: float | None = None
) -> ArrangementStatistics:
    """Work out how inputs of like fields lie on the branches.

    Parameters
    ----------
    synapses : DataFrame
        ``kind, section, path_distance`` (um) and ``peak``, as in `InputTrains`; only excitatory
        ones count.
    centre, width : float
        Of the place field, in the unit of ``peak``.
    track_length : float, optional
        Of a circular track, in the same unit.

    Raises
    ------
    ModelError
        If fewer than two excitatory inputs have a field, as of replayed inputs.
    """
    inputs = synapses[(synapses["kind"] == "exc") & synapses["peak"].notna()]
    if len(inputs) < 2:
        raise ModelError(
            f"arrangement of {len(inputs)} excitatory inputs with a field: expected two or more;"
            " take a trial whose inputs were drawn."
        )
    peak = inputs["peak"].to_numpy(dtype=float)
    branch = inputs["section"].to_numpy()
    at_um = inputs["path_distance"].to_numpy(dtype=float)
    nearest_um, n_near = np.empty(len(inputs)), np.empty(len(inputs))
    same_sum, all_sum, n_same = 0.0, 0.0, 0
    for row in range(len(inputs)):
        apart = distance_from(peak, peak[row], track_length=track_length)
        # Of the overlap of two envelopes the exponent is half of theirs.
        overlap = np.exp(-ENVELOPE_EXPONENT / 2 * np.square(apart / width))
        beside = branch == branch[row]
        all_sum += overlap.sum() - overlap[row]
        same_sum += overlap[beside].sum() - overlap[row]
        n_same += int(beside.sum()) - 1
        beside &= np.abs(apart) <= SIMILAR_FIELD_WIDTHS * width
        beside[row] = False
        away_um = np.abs(at_um[beside] - at_um[row])
        nearest_um[row] = away_um.min(initial=np.inf)
        n_near[row] = (away_um <= NEAR_UM).sum()
    n_between = len(inputs) * (len(inputs) - 1) - n_same
    distance = distance_from(peak, centre, track_length=track_length)
    strong = np.abs(distance) <= STRONG_FIELD_WIDTHS * width
    by_branch = pd.Series(strong).groupby(branch).sum()
    return ArrangementStatistics(
        n_inputs=len(inputs),
        similar_neighbour_um=float(np.median(nearest_um)),
        similar_within_10_um=float(n_near.mean()),
        overlap_on_branch=float(same_sum / n_same) if n_same else float("nan"),
        overlap_between_branches=(
            float((all_sum - same_sum) / n_between) if n_between else float("nan")
        ),
        strong_on_a_branch=float(by_branch.mean()),
        most_strong_on_a_branch=int(by_branch.max()),
        branches_without_strong=float((by_branch == 0).mean()),
    )


def arrangement_of(result: Result) -> ArrangementStatistics | None:
    """The arrangement of a trial's inputs; None if they have no fields, or were not kept."""
    track, synapses = result.track, result.synapses
    if track is None or not track.has_field or "peak" not in synapses:
        return None
    if (synapses["peak"].notna() & (synapses["kind"] == "exc")).sum() < 2:
        return None
    # Peaks are in cm on a circular track, else in ms.
    per_ms = 1.0 if track.length_cm is None else track.units_per_ms
    centre, width = (per_ms * track.field[name] for name in ("centre", "width"))
    return arrangement_statistics(
        synapses, centre=centre, width=width, track_length=track.length_cm
    )
