"""A run leaves nothing behind, and nothing that lives beside it changes it."""

import dataclasses
import gc

import numpy as np
import pytest
from protocol_runs import DRIVEN, MODES, STEP, difference, same

from netpyne_model import Cell, Holding, ModelError, Protocol
from netpyne_model.cell.sections import BuiltCell


@MODES
def test_nothing_of_a_run_stays_in_neuron(neuron, cell, step):
    gc.collect()
    before = list(neuron.allsec())
    neuron.celsius, neuron.dt, neuron.secondorder, neuron.steps_per_ms = 21, 0.1, 2, 10
    neuron.cvode.atol(1e-2)
    dataclasses.replace(DRIVEN, holding=Holding(target_mV=-65), **step).run(cell)
    assert list(neuron.allsec()) == before
    assert (neuron.celsius, neuron.dt, neuron.secondorder, neuron.steps_per_ms) == (21, 0.1, 2, 10)
    assert (neuron.cvode.active(), neuron.cvode.atol()) == (0, 1e-2)
    neuron.cvode_active(1)
    dataclasses.replace(STEP, **step).run(cell)
    assert neuron.cvode.active() == 1


@MODES
def test_runs_are_reproducible_and_know_nothing_of_each_other(neuron, cell, reduced, step):
    protocol = dataclasses.replace(DRIVEN, **step)
    first, other = protocol.run(cell), protocol.run(reduced)
    neuron.celsius, neuron.dt, neuron.secondorder = 21, 0.1, 2
    assert same(first, protocol.run(cell))
    assert not same(first, other)
    assert same(first, protocol.run(Cell()))


def test_a_cell_that_lives_elsewhere_does_not_matter_at_fixed_steps(neuron, cell, reduced):
    """With an adapted step it does: NEURON adapts one step to all that lives in it."""
    protocol = dataclasses.replace(DRIVEN, dt_ms=0.025)
    alone = protocol.run(cell)
    living = reduced.build()
    assert same(alone, protocol.run(cell))
    assert difference(DRIVEN.run(cell), alone) < 0.01
    assert len(living.sections) == 119


def test_the_adapted_step_is_what_fixed_steps_tend_to(neuron, cell):
    """Implicit Euler errs in proportion to its step: by 0.0044 mV at the soma at 0.025 ms; adapted, by 0.0002."""
    exact = dataclasses.replace(DRIVEN, atol=1e-7).run(cell)
    coarse, fine = (
        dataclasses.replace(DRIVEN, dt_ms=dt_ms).run(cell) for dt_ms in (0.025, 0.00625)
    )
    assert difference(coarse, exact) < 0.01
    assert difference(coarse, exact) / difference(fine, exact) == pytest.approx(4, rel=0.15)
    assert difference(DRIVEN.run(cell), exact) < 0.001


@MODES
def test_temperature_and_start_are_honoured(neuron, cell, step):
    def run(**fields):
        record = {"v": "soma_0(0.5)", "tau": "nas.m_tau soma_0(0.5)"}
        return Protocol(duration_ms=1, record=record, **fields, **step).run(cell)

    own, warm, cold = (
        run(v_init_mV=-60),
        run(v_init_mV=-60, celsius=35),
        run(v_init_mV=-60, celsius=25),
    )
    assert same(own, warm)
    assert own.voltage_mV["v"][0] == pytest.approx(-60, abs=1e-9)
    assert run().voltage_mV["v"][0] == pytest.approx(
        cell.specification.biophysics.run.v_init_mV, abs=1e-9
    )
    tau_ms = [result.recordings["tau"].values[0] for result in (warm, cold)]
    assert tau_ms[1] / tau_ms[0] == pytest.approx(2, rel=1e-6)  # Q10 of the gate
    assert warm.recordings["tau"].unit == "ms"


@MODES
def test_samples_cover_the_run(neuron, cell, step):
    for record_step_ms, n in ((0.1, 201), (0.025, 801), (0.3, 67)):
        result = dataclasses.replace(STEP, record_step_ms=record_step_ms, **step).run(cell)
        np.testing.assert_allclose(result.time_ms, record_step_ms * np.arange(n), rtol=1e-14)
        assert len(result.voltage_mV["soma"]) == n


def test_an_error_that_is_kept_keeps_no_cell(neuron, cell):
    """As a notebook keeps the last one: a cell that it kept would be integrated along with the next run."""
    gc.collect()
    before = list(neuron.allsec())
    with pytest.raises(ModelError, match=r"no channel at .* carries na") as kept:
        dataclasses.replace(STEP, record={"one": "na.i tuft@400"}).run(cell.without("nas", "tuft"))
    assert isinstance(kept.value.__context__, AttributeError)  # which holds the segment it is about
    assert list(neuron.allsec()) == before


def test_currents_are_taken_beside_a_cell_with_spines(cell):
    """Of a cell without any, where another one with spines lives: `cell` has them, silent, as a trial does."""
    simple = Cell.simple()
    recorded = dataclasses.replace(STEP, dt_ms=0.025, record_membrane_currents_ms=0.5)
    alone = recorded.run(simple)
    description = cell.describe("silent")
    beside = BuiltCell(description, cell.morphology)
    assert same(alone, recorded.run(simple))
    assert len(beside.sections) == len(description.sections)
