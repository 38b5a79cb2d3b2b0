"""The membrane currents of a run in its NWB file: two tables, of the tree and of the currents."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from .membrane_currents import SIGNIFICANT_BITS, MembraneCurrents

NODES, CURRENTS = "membrane_nodes", "membrane_currents"
"""Names of the tables."""

_OF_NODES = {
    "section": "Name of its section.",
    "x": "Relative position on the section, 0 to 1.",
    "region": "Region of the cell; of a spine, its branch's.",
    "on_spine": "Whether it is part of a spine that is a section: 0 or 1.",
    "area_um2": "Membrane area in square micrometres; 0 of a joint.",
    "is_segment": "1 of a segment, 0 of an end of a section, a joint without membrane.",
    "parent_node": "Row of its parent, -1 of the root.",
}
_OF_CURRENTS = {
    "current": "Name of the current.",
    "node": "Row of its node.",
    "side": "0: as it flows; -1 and 1: inward and outward parts of several currents together.",
}
_FLAGS = ("on_spine", "is_segment")


def tables(currents: MembraneCurrents, compressed: Any) -> list[Any]:
    """The tables, a node a row and a column of currents a row, as hdmf has them."""
    from hdmf.common import DynamicTable, VectorData

    when = f"a sample each {currents.step_ms:g} ms from {currents.first_ms:g} ms on"
    is_segment = currents.nodes["is_segment"].to_numpy(bool)
    nodes = _columns(currents.nodes, _OF_NODES, compressed)
    for name, values, what in (
        ("potential", currents.potential_mV, "Membrane potential in mV, 0 of joints"),
        ("axial", currents.axial_nA, "Current to the parent in nA, 0 of joints"),
    ):
        rows = np.zeros((len(is_segment), len(values)), np.float32)
        rows[is_segment] = values.T
        nodes.append(VectorData(name=name, description=f"{what}; {when}.", data=compressed(rows)))
    what = f"Through the membrane in nA, outward positive, {SIGNIFICANT_BITS} significant bits; {when}."
    flows = _columns(currents.columns, _OF_CURRENTS, compressed)
    data = compressed(np.ascontiguousarray(currents.current_nA.T))
    flows.append(VectorData(name="flow", description=what, data=data))
    return [
        DynamicTable(name=NODES, description="The tree of the cell, a node a row.", columns=nodes),
        DynamicTable(name=CURRENTS, description="All membrane currents, by node.", columns=flows),
    ]


def _columns(table: pd.DataFrame, described: Mapping[str, str], compressed: Any) -> list[Any]:
    from hdmf.common import VectorData

    columns = []
    for name, description in described.items():
        values = table[name].to_numpy()
        values = values.astype(np.int8) if name in _FLAGS else values
        values = [str(one) for one in values] if values.dtype.kind in "OUST" else values
        columns.append(VectorData(name=name, description=description, data=compressed(values)))
    return columns


def read_tables(times: Mapping[str, float], module: Any) -> MembraneCurrents:
    """Read them back, from an open file; `times` has ``first_ms`` and ``step_ms``."""
    nodes = _table(module[NODES], _OF_NODES).astype(dict.fromkeys(_FLAGS, bool))
    is_segment = nodes["is_segment"].to_numpy()
    return MembraneCurrents(
        first_ms=times["first_ms"],
        step_ms=times["step_ms"],
        nodes=nodes,
        columns=_table(module[CURRENTS], _OF_CURRENTS),
        potential_mV=module[NODES]["potential"][:][is_segment].T,
        axial_nA=module[NODES]["axial"][:][is_segment].T,
        current_nA=module[CURRENTS]["flow"][:].T,
    )


def _table(table: Any, names: Mapping[str, str]) -> pd.DataFrame:
    columns = {}
    for name in names:
        data = table[name]
        columns[name] = data[:] if data.dtype.kind in "iuf" else data.asstr()[:]
    return pd.DataFrame(columns)
