"""All currents of a cell over a run: along its tree, and through its membrane by type."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

NODE_COLUMNS = ("section", "x", "region", "on_spine", "area_um2", "is_segment", "parent_node")
CURRENT_COLUMNS = ("current", "node", "side")

SIGNIFICANT_BITS = 16
"""To which membrane currents are rounded, within 1.6e-5 of each, so that files are half as large."""

MOST_BYTES = 1_000_000_000
"""Most that the currents of a run may take in memory."""


def rounded(current_nA: np.ndarray) -> np.ndarray:
    """Currents as they are kept: float32 of `SIGNIFICANT_BITS`, which are packed well."""
    dropped = np.uint32(24 - SIGNIFICANT_BITS)  # float32 has 24
    bits = np.asarray(current_nA, np.float32).view(np.uint32)
    half = np.uint32(1) << (dropped - np.uint32(1))
    kept = (bits + half) & ~((np.uint32(1) << dropped) - np.uint32(1))
    return kept.view(np.float32)


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class MembraneCurrents:
    """What flows in a cell at some moments of a run, in 32 bit.

    The currents of a moment are those that its time step was solved with, so that in every node the
    axial currents, those through the membrane and its charging sum to zero. The charging current is
    what the others leave, and is not kept.

    Attributes
    ----------
    first_ms, step_ms : float
        Simulation time of the first sample, and interval between two.
    nodes : DataFrame
        The tree, a node a row, parents first: ``section, x, region, on_spine, area_um2,
        is_segment, parent_node`` (its row; -1 of the root). What is no segment is an end of a section,
        a joint without membrane. The region of a spine is its branch's.
    columns : DataFrame
        Which current of which node a column of `current_nA` is: ``current`` (its name)``, node``
        (row of `nodes`)``, side``: 0 as it flows, -1 and 1 the inward and the outward parts of
        several currents together.
    potential_mV : ndarray of float32, shape (n_samples, n_segments)
        Of the nodes that are segments.
    axial_nA : ndarray of float32, shape (n_samples, n_segments)
        From each segment to its parent in the tree.
    current_nA : ndarray of float32, shape (n_samples, n_columns)
        Through the membrane, outward positive; `rounded`.
    """

    first_ms: float
    step_ms: float
    nodes: pd.DataFrame
    columns: pd.DataFrame
    potential_mV: np.ndarray
    axial_nA: np.ndarray
    current_nA: np.ndarray

    def __post_init__(self):
        n_segments = int(self.nodes["is_segment"].sum())
        shapes = {one.shape for one in (self.potential_mV, self.axial_nA)}
        n_samples = len(self.current_nA)
        if shapes != {(n_samples, n_segments)} or self.current_nA.shape[1] != len(self.columns):
            raise ValueError(
                f"{n_segments} segments, {len(self.columns)} columns and arrays of shapes"
                f" {self.potential_mV.shape}, {self.axial_nA.shape} and {self.current_nA.shape};"
                " expected a column of each."
            )

    def __repr__(self) -> str:
        names = ", ".join(sorted(set(self.columns["current"])))
        return f"MembraneCurrents({len(self.current_nA)} samples, {names})"

    @property
    def time_ms(self) -> np.ndarray:
        """Simulation time of the samples."""
        return self.first_ms + np.arange(len(self.current_nA)) * self.step_ms

    def between(self, from_ms: float, to_ms: float) -> "MembraneCurrents":
        """The samples of a span of simulation time, its ends included."""
        time_ms = self.time_ms
        first, end = np.searchsorted(time_ms, [from_ms - 1e-9, to_ms + 1e-9])
        return MembraneCurrents(
            first_ms=float(time_ms[first]) if first < len(time_ms) else from_ms,
            step_ms=self.step_ms,
            nodes=self.nodes,
            columns=self.columns,
            potential_mV=self.potential_mV[first:end],
            axial_nA=self.axial_nA[first:end],
            current_nA=self.current_nA[first:end],
        )
