"""What ``MembraneCurrents.mod`` takes of a step, beside plain NEURON: each current recorded at each step."""

import numpy as np
import pytest

from netpyne_model.mechanisms import loading

DT_MS = 0.025


@pytest.fixture
def cell():
    """A soma with NEURON's own channels, a dendrite that forks, an electrode and a synapse."""
    loading.load([])
    h = loading.neuron()
    soma, stem, left, right = (h.Section(name) for name in ("soma", "stem", "left", "right"))
    for section, parent in ((stem, soma), (left, stem), (right, stem)):
        section.connect(parent(1))
    for section, length, diam, nseg in (
        (soma, 20, 20, 1),
        (stem, 80, 3, 3),
        (left, 90, 2, 3),
        (right, 60, 1, 1),
    ):
        section.L, section.diam, section.nseg, section.Ra = length, diam, nseg, 120
    for section in (soma, stem):
        section.insert("hh")
    for section in (left, right):
        section.insert("pas")
        section.g_pas, section.e_pas = 1e-3, -65
    electrode, synapse = h.IClamp(stem(0.5)), h.ExpSyn(left(0.9))
    electrode.delay, electrode.dur, electrode.amp = 1.0, 4.0, 0.9
    synapse.tau = 2.0
    netcon = h.NetCon(None, synapse)
    netcon.weight[0] = 0.01
    process = h.MembraneCurrents(soma(0.5))
    yield h, [soma, stem, left, right], electrode, synapse, netcon, process
    h.celsius = 6.3


def densities(sections):
    """References to the currents of NEURON's mechanisms, by name and node; and their conductances."""
    of = {}
    for section in sections:
        for segment in section:
            node = segment.node_index()
            if section.has_membrane("hh"):
                hh = segment.hh
                of["hh", node] = (
                    [segment._ref_ina, segment._ref_ik, hh._ref_il],
                    [hh._ref_gna, hh._ref_gk],
                    hh.gl,
                )
            else:
                of["pas", node] = ([segment.pas._ref_i], [], segment.pas.g)
    return of


@pytest.mark.parametrize("second_order", [0, 2])
def test_each_current_is_that_of_the_solved_step(cell, second_order):
    h, sections, electrode, synapse, netcon, process = cell
    cvode = h.CVode()
    cvode.active(0)
    h.dt, h.secondorder, h.celsius = DT_MS, second_order, 6.3
    h.finitialize(-65)
    netcon.event(2.0)
    layout, taken, now = h.Vector(), h.Vector(), h.Vector()
    n_values = int(process.layout(layout))
    numbers = np.array(layout)
    n = int(numbers[0])
    parents, area_um2, g_uS = numbers[1 : 1 + 3 * n].reshape(n, 3).T
    for section in sections[1:]:  # NEURON's own resistance (MOhm) from a segment to the one before
        first = section(0.5 / section.nseg)
        assert g_uS[first.node_index()] == pytest.approx(1 / first.ri(), rel=1e-12)
    names = _names(h)
    references = densities(sections)
    fired = 0.0
    try:
        for _ in range(240):
            process.take(taken)
            assert len(taken) == n_values
            before = np.array([0.0] * n)
            process.now(now)
            before[:] = now
            h.fadvance()
            assert process.taken()
            process.now(now)
            moved = (np.array(now) - before) * (0.5 if second_order else 1.0)
            at = before + moved
            values = np.array(taken)
            np.testing.assert_array_equal(values[:n], before)
            through = np.zeros(n)  # all but the charging, in nA
            for name, nodes, places in _mechanisms(numbers[1 + 3 * n :].astype(int), names, n):
                flows = values[places] + values[places + 1] * moved[nodes]
                np.add.at(through, nodes, 1e-2 * area_um2[nodes] * flows)
                for node, flow in zip(nodes.tolist(), flows, strict=True):
                    if (name, node) not in references or second_order:
                        continue  # at second order NEURON moves ina and ik on to the step's end
                    currents, gates, leak = references[name, node]
                    conductance = sum(one[0] for one in gates) + leak
                    start = sum(one[0] for one in currents)
                    # gna and gk are of the gates that the step began with; NEURON's slope is numeric.
                    assert flow == pytest.approx(
                        start + conductance * moved[node], rel=1e-8, abs=1e-12
                    )
            kirchhoff = through + _charging(sections, moved, n) / DT_MS * (2 if second_order else 1)
            for node in range(n):
                if parents[node] >= 0:
                    along = g_uS[node] * (at[node] - at[int(parents[node])])
                    kirchhoff[node] += along
                    kirchhoff[int(parents[node])] -= along
            np.testing.assert_allclose(kirchhoff, 0, atol=1e-11)
            fired = max(fired, sections[0](0.5).v)
    finally:
        h.secondorder = 0
    assert fired > 20
    assert electrode.i == 0.0
    assert abs(synapse.i) > 1e-3


def _charging(sections, moved, n):
    charge = np.zeros(n)
    for section in sections:
        for segment in section:
            node = segment.node_index()
            charge[node] = 1e-5 * segment.cm * segment.area() * moved[node]
    return charge


def _names(h):
    from netpyne_model.mechanisms.known import known_mechanisms

    return {one.number: one.name for one in known_mechanisms()}


def _mechanisms(numbers, names, first):
    at = 0
    while at < len(numbers):
        kind, size = numbers[at], numbers[at + 1]
        yield names[kind], numbers[at + 2 : at + 2 + size], first + 2 * np.arange(size)
        first, at = first + 2 * size, at + 2 + size
