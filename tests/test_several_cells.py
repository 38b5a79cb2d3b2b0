"""Several cells in one NEURON process: names of their own, their spines and receptors, against a trial of one."""

import numpy as np
import pytest

from netpyne_model import Cell, ModelError, Protocol, ShaftInput, SpineInput, Trial
from netpyne_model.neuroml2.components import component

DURATION_MS = 60.0
APICAL, TRUNK = "apical@150", "trunk@220"
TIMES_MS = (20.0, 25.0, 30.0)
INHIBITION_MS = (22.0,)
WEIGHT = 2.5  # of the inhibition, in what a synapse has there
# The weights of a trial are one number, here products of two: rounding.
ROUNDING_MV = 1e-9


def spines_at(cell: Cell, place: str, n: int) -> list[int]:
    """Numbers of spines of the segment in which a place lies."""
    location = cell.locate(place)
    nseg = cell.describe("none").sections[location.section].nseg
    spines = cell.placement.spines
    spines = spines[spines["section"] == cell.morphology.section(location.section).index]
    segment = np.minimum((spines["x"] * nseg).astype(int), nseg - 1)
    return spines.index[segment == int(location.x * nseg)][:n].tolist()


@pytest.fixture(scope="module")
def driven(cell) -> dict[str, list[int]]:
    return {APICAL: spines_at(cell, APICAL, 8), TRUNK: spines_at(cell, TRUNK, 4)}


@pytest.fixture(scope="module")
def alone(driven) -> np.ndarray:
    """The soma of a trial with the same input (mV)."""
    inputs = [SpineInput(spines=numbers, times_ms=TIMES_MS) for numbers in driven.values()]
    relative_gmax = Cell().relative_gmax("GABA_A", APICAL)
    inhibition = ShaftInput(place=APICAL, times_ms=INHIBITION_MS, weight=WEIGHT * relative_gmax)
    trial = Trial(
        duration_ms=DURATION_MS,
        n_excitatory=0,
        n_inhibitory=0,
        dc_nA=0,
        record_step_ms=0.025,
        stimuli=[*inputs, inhibition],
    )
    return trial.run().voltage_mV["soma"]


def sources(h, times_ms):
    vector = h.Vector(times_ms)
    stim = h.VecStim()
    stim.play(vector)
    return stim, vector


def test_one_of_three_cells_does_what_it_does_in_a_trial_alone(neuron, cell, driven, alone):
    h = neuron
    cells = [cell.build(spines="silent", fused=True, name=f"CA1_{k}") for k in range(3)]
    assert [str(one.soma) for one in cells] == [f"CA1_{k}.soma_0" for k in range(3)]
    one = cells[1]
    excitation, inhibition = sources(h, TIMES_MS), sources(h, INHIBITION_MS)
    connections = []

    def connect(source, target, weight):
        connections.append(h.NetCon(source, target))
        connections[-1].weight[0], connections[-1].delay = weight, 0

    for place, numbers in driven.items():
        spines = one.spines(place)
        assert one.spines(place) == spines  # one on the segment
        gmax_uS = cell.placement.spines.loc[numbers, "gmax_AMPA_uS"]
        for number in numbers:  # a connection is a spine; weight 1 is the mean of its segment
            connect(
                excitation[0],
                spines,
                gmax_uS[number] / (spines.w_AMPA * component("AMPA")["gbase"]),
            )
        assert gmax_uS.mean() == pytest.approx(spines.w_AMPA * component("AMPA")["gbase"], rel=0.1)
    connect(inhibition[0], one.receptors("GABA_A", APICAL), WEIGHT)
    soma_mV = [h.Vector().record(other.soma(0)._ref_v, h.dt) for other in cells]
    h.finitialize(cell.specification.biophysics.run.v_init_mV)
    h.continuerun(DURATION_MS)
    rest_mV, v_mV, also_rest_mV = map(np.array, soma_mV)
    n = min(len(v_mV), len(alone))
    assert n > 2000
    np.testing.assert_allclose(v_mV[:n], alone[:n], rtol=0, atol=ROUNDING_MV)
    np.testing.assert_array_equal(rest_mV, also_rest_mV)
    assert np.max(v_mV - rest_mV) > 3


def test_more_spines_than_there_are_are_refused(neuron, cell):
    h = neuron
    built = cell.build(spines="silent", fused=True)
    spines = built.spines("trunk@150")
    segment = spines.get_segment()
    n_spines = int(segment.SilentSpines.n_spines)
    stim, _ = sources(h, [1.0])
    connections = [h.NetCon(stim, spines) for _ in range(n_spines + 1)]
    for connection in connections:
        connection.weight[0], connection.delay = 1, 0
    h.finitialize(-67)
    with pytest.raises(RuntimeError, match="more driven spines are awake than their segment has"):
        h.continuerun(2)
    del connection
    connections.pop()
    h.finitialize(-67)
    h.continuerun(2)
    assert spines.n_awake == n_spines
    assert segment.SilentSpines.n == 0


def test_a_place_without_spines_is_refused(neuron, cell):
    silent, folded = cell.build(spines="silent", fused=True), cell.build()
    for built, place in ((silent, "soma"), (folded, TRUNK)):
        with pytest.raises(ModelError, match=r'bears none; ask elsewhere, and build .*"silent"'):
            built.spines(place)
    assert silent.spines(TRUNK).get_segment() == silent.segment(TRUNK)
    assert silent.receptors("AMPA", "soma").gbase == component("AMPA")["gbase"]
    with pytest.raises(ModelError, match="receptor 'GABA' does not exist"):
        silent.receptors("GABA", "soma")


def test_a_cell_that_goes_leaves_nothing_to_the_next_run(cell, driven):
    """A protocol after it runs as before."""
    protocol = Protocol(duration_ms=10, dt_ms=0.025, stimuli=[])
    before = protocol.run(cell).voltage_mV["soma"]
    built = cell.build(spines="silent", fused=True, name="gone")
    built.spines(TRUNK)
    del built
    np.testing.assert_array_equal(protocol.run(cell).voltage_mV["soma"], before)
