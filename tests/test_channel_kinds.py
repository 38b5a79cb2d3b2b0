"""Mod files in the ways in which people write them run on a cell, with the current that they state."""

import numpy as np
import pytest
from channel_kinds import CATIONS, KINDS, NUMBER, open_part
from channel_texts import written

from netpyne_model import Cell, ModelError, Protocol

GBAR_S_PER_CM2 = 2e-4


def first_sample(cell: Cell) -> tuple[float, float]:
    """Current of the channel (mA/cm2) and potential (mV) of the soma at the start."""
    record = {"i": "own.i soma", "v": "soma_0(0.5)"}
    result = Protocol(duration_ms=1, dt_ms=0.025, record=record).run(cell)
    assert all(np.isfinite(trace).all() for trace in result.voltage_mV.values())
    return result.recordings["i"].values[0], result.voltage_mV["v"][0]


@pytest.mark.parametrize("kind", KINDS)
def test_a_potassium_channel_however_it_is_written(tmp_path, kind):
    path = tmp_path / "own.mod"
    path.write_bytes(KINDS[kind].encode("latin-1"))
    cell = Cell().with_channel("own", path, {"soma": GBAR_S_PER_CM2})
    table = cell.table()
    soma = table[table["region"] == "soma"].iloc[0]
    current, v_mV = first_sample(cell)
    # A table of rates is linear between entries 0.1 mV apart: wrong by 2e-5 at most. NEURON finds
    # the steady state of a scheme by steps of 1e9 ms: 1.4e-8 off here.
    tolerance = {"table": 1e-4, "array of states, kinetic": 1e-7}.get(kind, 1e-9)
    expected = GBAR_S_PER_CM2 * open_part(v_mV) * (v_mV - soma["k.e"])
    assert current == pytest.approx(expected, rel=tolerance)


@pytest.mark.parametrize("kind", CATIONS)
def test_a_cation_channel_however_it_is_written(tmp_path, kind):
    path = written(tmp_path, CATIONS[kind])
    cell = Cell().with_channel("own", path, {"soma": GBAR_S_PER_CM2}, e_mV={"soma": -41.0})
    assert cell.table()["own.e"].dropna().unique().tolist() == [-41.0]
    current, v_mV = first_sample(cell)
    assert current == pytest.approx(GBAR_S_PER_CM2 * (v_mV + 41), rel=1e-12)


def test_a_reversal_potential_that_is_a_number_in_the_file(tmp_path):
    path = written(tmp_path, NUMBER)
    cell = Cell().with_channel("own", path, {"soma": GBAR_S_PER_CM2})
    assert "own.e" not in cell.table()
    current, v_mV = first_sample(cell)
    assert current == pytest.approx(GBAR_S_PER_CM2 * (v_mV + 30), rel=1e-12)
    with pytest.raises(
        ModelError, match=r"own\.mod computes its own reversal potential; leave out e_mV"
    ):
        Cell().with_channel("own", path, {"soma": GBAR_S_PER_CM2}, e_mV=-20)
