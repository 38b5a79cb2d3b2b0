"""Spines and receptors of a thread lie in one pool: what else is there, and what NEURON does to their order, changes nothing.

Pulses are counted in steps or ended by events; both must be as if each event sent its own end.
"""

import numpy as np
import pytest
from test_driven_spines import E_BRANCH_MV, SAME_MV, TABLED_MV, Branch

from netpyne_model.neuroml2.components import component

# Several at a branch, awake together: two of them get an event within a pulse, and one on the limit of a step.
TRAINS = [(1.0, (2.0, 9.0)), (2.0, (2.1, 2.2, 8.0125)), (0.7, (4.0, 4.3, 4.31))]
INHIBITION_MS = ((3.0, 3.2, 7.0), (3.3, 3.7, 3.8))
END_MS = 14.0


class Loaded(Branch):
    """A branch with driven spines and inhibition; its potential is recorded."""

    def __init__(self, neuron, shift_ms=0.0, n_silent=2):
        super().__init__(neuron)
        trains = [(weight, [time + shift_ms for time in times]) for weight, times in TRAINS]
        self.spines = self.add_solved_spines(trains, n_silent)
        self.receptors = neuron.KineticReceptors(self.section(0.5))
        for parameter, value in component("GABA_A").items():
            setattr(self.receptors, parameter, value)
        for number, times in enumerate(INHIBITION_MS):
            self.connect(self.receptors, 1.0 + number, [time + shift_ms for time in times])
        self.recorded = neuron.Vector().record(self.section(0.5)._ref_v)

    def trace(self):
        return np.array(self.recorded)


@pytest.fixture
def branches(neuron):
    """Makes loaded branches; what is left of them goes when the test ends."""
    made = []

    def make(**fields):
        made.append(Loaded(neuron, **fields))
        return made[-1]

    yield make
    for one in made:
        one.kept.clear()
        one.spines = one.receptors = None


def run(neuron, until_ms=END_MS):
    neuron.finitialize(E_BRANCH_MV)
    neuron.continuerun(until_ms)


@pytest.mark.parametrize("order", [0, 2])
def test_other_cells_in_the_process_change_nothing(neuron, branches, order):
    neuron.secondorder = order
    one = branches()
    run(neuron)
    alone = one.trace()
    assert np.ptp(alone) > 5
    others = [branches(shift_ms=0.4), branches(shift_ms=1.3, n_silent=9)]
    run(neuron)
    np.testing.assert_array_equal(one.trace(), alone)
    assert not np.array_equal(others[0].trace(), alone)


@pytest.mark.parametrize("order", [0, 2])
def test_threads_share_nothing(neuron, branches, order):
    """On one thread, on three, and on one again: each time other branches lie in a pool together."""
    neuron.secondorder = order
    made = [branches(shift_ms=0.3 * number, n_silent=number) for number in range(5)]
    for one in made:
        for kept in one.kept:
            if hasattr(kept, "delay"):
                kept.delay = 0.1  # threads exchange events no faster
    parallel = neuron.ParallelContext()

    def traces(n_threads):
        parallel.nthread(n_threads)
        parallel.set_maxstep(10)
        neuron.finitialize(E_BRANCH_MV)
        parallel.psolve(END_MS)
        parallel.nthread(1)
        return [one.trace() for one in made]

    expected = traces(1)
    assert min(map(np.ptp, expected)) > 5
    for n_threads in (3, 1):
        for one, other in zip(traces(n_threads), expected, strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("order", [0, 2])
def test_instances_that_neuron_sorts_anew_within_a_run_keep_their_states(neuron, branches, order):
    """A cell goes, and one comes, while spines and receptors are awake."""
    neuron.secondorder = order
    first, kept = branches(shift_ms=0.4), branches()
    run(neuron)
    expected = kept.trace()
    run(neuron, 6.0)
    # What goes has no event on its way: no end of a pulse; spike sources wait for their next time.
    sources = [one for one in first.kept if hasattr(one, "play")]
    first.kept.clear()
    first.spines = first.receptors = first.recorded = first.section = None
    passive = neuron.Section("passive")
    passive.insert("pas")
    neuron.continuerun(END_MS)
    assert len(sources) > 4
    np.testing.assert_array_equal(kept.trace(), expected)


def test_a_cell_that_comes_within_a_run_needs_a_new_start(neuron, branches):
    branches()
    run(neuron, 5.0)
    branches(shift_ms=1.0)
    with pytest.raises(RuntimeError, match="came, within a run; call finitialize first"):
        neuron.continuerun(END_MS)


@pytest.mark.parametrize("order", [0, 2])
@pytest.mark.parametrize("dt_ms", [0.0125, 0.05])
def test_a_step_that_changes_within_pulses(neuron, branches, dt_ms, order):
    """Against sections, whose receptors send themselves the end of every pulse."""
    neuron.secondorder = order
    solved, sections = branches(), Branch(neuron)
    sections.add_silent_spines(2)
    for weight, times in TRAINS:
        sections.add_section_spine(weight, times)
    receptors = neuron.KineticReceptors(sections.section(0.5))
    for parameter, value in component("GABA_A").items():
        setattr(receptors, parameter, value)
    for number, times in enumerate(INHIBITION_MS):
        sections.connect(receptors, 1.0 + number, times)
    other = neuron.Vector().record(sections.section(0.5)._ref_v)
    run(neuron, 2.15)
    neuron.dt, neuron.steps_per_ms = dt_ms, 1 / dt_ms
    neuron.continuerun(4.1)
    neuron.dt, neuron.steps_per_ms = 0.025, 40
    neuron.continuerun(END_MS)
    np.testing.assert_allclose(
        solved.trace(), np.array(other), rtol=0, atol=TABLED_MV if order else SAME_MV
    )
    sections.kept.clear()


@pytest.mark.parametrize("stop_ms", [2.15, 4.1, 8.0125, 12.0])
@pytest.mark.parametrize("order", [0, 2])
def test_what_a_pool_saves_is_all_that_a_run_needs(neuron, branches, order, stop_ms):
    """Saved within pulses, run on, put back and run on again: bit for bit the same."""
    neuron.secondorder = order
    one, other = branches(), branches(shift_ms=0.4)
    pools = ((one.spines, other.spines), (one.receptors, other.receptors))
    run(neuron, stop_ms)
    saved = [neuron.Vector() for _ in pools]
    columns, state = neuron.Vector(), neuron.SaveState()
    for instances, vector in zip(pools, saved, strict=True):
        for instance in instances:
            assert instance.save_state(vector) == len(vector) > 5
    neuron.save_columns_MechanismColumns(columns)
    state.save()
    neuron.continuerun(END_MS)
    expected = [branch.trace() for branch in (one, other)]
    neuron.finitialize(-80)
    state.restore()
    neuron.restore_columns_MechanismColumns(columns)
    for instances, vector in zip(pools, saved, strict=True):
        start = 0
        for instance in instances:
            start = instance.restore_state(vector, start)
        assert start == len(vector)
    neuron.continuerun(END_MS)
    for branch, whole in zip((one, other), expected, strict=True):
        went_on = branch.trace()[1:]
        np.testing.assert_array_equal(went_on, whole[-len(went_on) :])


def test_a_pool_refuses_what_another_mechanism_saved(neuron, branches):
    one = branches()
    run(neuron, 5.0)
    saved = neuron.Vector()
    one.spines.save_state(saved)
    assert one.spines.restore_state(saved, 0) == len(saved)
    assert one.receptors.restore_state(saved, 0) == -1
    for start in (-1, 1, len(saved)):
        assert one.spines.restore_state(saved, start) == -1
