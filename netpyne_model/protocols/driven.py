"""The synapses that stimuli drive, in one table for protocols and trials."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd

from ..cell.cell import Cell
from ..description import CellDescription
from ..description.spines import add_silent_spines, bear_spines
from ..morphology import Location
from ..results.result import SYNAPSE_COLUMNS

ON_BRANCH = -1
# A synapse of an events file sits on a spine of the placement if their positions agree to this.
_SAME_PLACE = 1e-6


@dataclass(frozen=True)
class DrivenSynapses:
    """Driven synapses, one a row, with their events.

    Attributes
    ----------
    synapses : DataFrame
        As in a result: ``synapse, group, section, x, kind, ampa_weight, gmax_uS, region,
        path_distance``, and ``peak`` of place-field input.
    spines : ndarray of int
        Number of the spine that each row's events reach, `ON_BRANCH` without one. A spine has one
        receptor of a kind, which all inputs to it share.
    weights : list of dict of str to float
        Weight of each row by receptor, in units of the component's gbase.
    presynaptic_ms, released_ms : list of ndarray
        Times at which the input fires, and at which the receptors get an event.
    all_spines : DataFrame
        Columns ``section`` and ``x``: the placement's spines, and below them those of synapses away
        from all of these.
    theta_phase_rad : float or None
        Of place-field input that was drawn.
    """

    synapses: pd.DataFrame
    spines: np.ndarray
    weights: list[dict[str, float]]
    presynaptic_ms: list[np.ndarray]
    released_ms: list[np.ndarray]
    all_spines: pd.DataFrame
    theta_phase_rad: float | None = None

    def __len__(self) -> int:
        """How many there are."""
        return len(self.synapses)

    def places(self, cell: Cell) -> list[Location]:
        """Where each sits on the branch."""
        columns = zip(self.synapses["section"], self.synapses["x"], strict=True)
        return [
            Location(cell.morphology.section(int(index)).name, float(x)) for index, x in columns
        ]


def declared_synapses(
    cell: Cell, rows: Sequence[dict[str, Any]], times_ms: tuple[float, ...]
) -> DrivenSynapses:
    """Synapses that all get the same events.

    Each of `rows` has ``group, section`` (its index)``, x, kind, ampa_weight, gmax_uS``, and
    ``spine`` and ``weights`` as in `DrivenSynapses`.
    """
    morphology = cell.morphology
    table = []
    for number, row in enumerate(rows):
        section = morphology.section(row["section"])
        entries = {name: row[name] for name in SYNAPSE_COLUMNS if name != "synapse"}
        distance_um = morphology.path_distance(section.index, row["x"])
        table.append(
            {"synapse": number, **entries, "region": section.region, "path_distance": distance_um}
        )
    events = [np.array(times_ms, float) for _ in rows]
    return DrivenSynapses(
        pd.DataFrame(table, columns=[*SYNAPSE_COLUMNS, "region", "path_distance"]),
        np.array([row["spine"] for row in rows], dtype=int),
        [row["weights"] for row in rows],
        events,
        events,
        cell.placement.spines,
    )


def join(cell: Cell, parts: Sequence[DrivenSynapses]) -> DrivenSynapses:
    """The synapses of several stimuli in one table; those of the first keep their numbers."""
    if not parts:
        return declared_synapses(cell, [], ())
    added = [part.all_spines for part in parts if len(part.all_spines) > len(cell.placement.spines)]
    return replace(
        parts[0],
        synapses=_joined_tables(parts),
        spines=np.concatenate([part.spines for part in parts]),
        weights=list(chain.from_iterable(part.weights for part in parts)),
        presynaptic_ms=list(chain.from_iterable(part.presynaptic_ms for part in parts)),
        released_ms=list(chain.from_iterable(part.released_ms for part in parts)),
        all_spines=added[0] if added else parts[0].all_spines,
        theta_phase_rad=next((p.theta_phase_rad for p in parts if p.theta_phase_rad), None),
    )


def _joined_tables(parts: Sequence[DrivenSynapses]) -> pd.DataFrame:
    """Their synapses in one table; from the second part on they count on from the last number."""
    tables = [parts[0].synapses]
    for part in parts[1:]:
        first = max((int(table["synapse"].max()) for table in tables if len(table)), default=-1) + 1
        tables.append(part.synapses.assign(synapse=np.arange(first, first + len(part))))
    tables = [table for table in tables if len(table)] or tables[:1]
    return tables[0] if len(tables) == 1 else pd.concat(tables, ignore_index=True)


def with_spines(
    cell: Cell, driven: DrivenSynapses, mode: str, recorded: Collection[int] = ()
) -> tuple[CellDescription, list[Location]]:
    """Add the spines to a cell.

    Parameters
    ----------
    mode : {'solved', 'folded', 'silent', 'explicit', 'none'}
        As `TrialConfig.spines`; 'silent' has driven and recorded spines as sections and the others
        solved with their segments.
    recorded : collection of int
        Numbers of spines that become sections beside the driven ones.

    Returns
    -------
    description : CellDescription
    targets : list of Location
        Of every row: a place on the branch, or the head of a driven spine that is a section.
    """
    bare, morphology, targets = cell.describe("none"), cell.morphology, driven.places(cell)
    if mode == "none":
        return bare, targets
    all_spines, geometry = driven.all_spines, cell.specification.placement.spine_geometry
    if mode == "solved":
        return add_silent_spines(bare, morphology, all_spines, geometry), targets
    reached = driven.spines[driven.spines != ON_BRANCH].tolist()
    for row, number in enumerate(driven.spines.tolist()):
        if number != ON_BRANCH:
            targets[row] = spine_head(number)
    explicit = set(all_spines.index) if mode == "explicit" else {*reached, *recorded}
    others = "silent" if mode == "silent" else "folded"
    return bear_spines(bare, morphology, all_spines, geometry, others, explicit), targets


def spine_head(number: int) -> Location:
    """The head of a spine that is a section."""
    return Location(f"head_{number}", 0.5)


def spines_of_places(
    spines: pd.DataFrame, synapses: pd.DataFrame
) -> tuple[pd.DataFrame, np.ndarray]:
    """Find the number of the spine of every excitatory synapse, by ``section`` and ``x``.

    A synapse away from all spines gets one of its own, added below the placement's `spines`.
    """
    if not len(spines):
        places = synapses[["section", "x"]].drop_duplicates(ignore_index=True)
        return places, _numbers_of(places, synapses)
    order = np.lexsort((spines["x"], spines["section"]))
    # Section and position in one ascending key: x never exceeds 1, so sections do not mix.
    keys = (2.0 * spines["section"] + spines["x"]).to_numpy()[order]
    wanted = (2.0 * synapses["section"] + synapses["x"]).to_numpy()
    right = np.clip(np.searchsorted(keys, wanted), 1, len(keys) - 1)
    nearest = np.where(wanted - keys[right - 1] < keys[right] - wanted, right - 1, right)
    numbers = spines.index.to_numpy()[order][nearest]
    missing = np.abs(keys[nearest] - wanted) > _SAME_PLACE
    if missing.any():
        places = synapses.loc[missing, ["section", "x"]].drop_duplicates()
        places.index = spines.index.max() + 1 + np.arange(len(places))
        spines = pd.concat([spines, places])
        numbers[missing] = _numbers_of(places, synapses.loc[missing])
    return spines, numbers


def _numbers_of(places: pd.DataFrame, synapses: pd.DataFrame) -> np.ndarray:
    number_at = {(section, x): number for number, section, x in places.itertuples()}
    rows = synapses[["section", "x"]].itertuples(index=False)
    return np.array([number_at[tuple(row)] for row in rows], dtype=int)
