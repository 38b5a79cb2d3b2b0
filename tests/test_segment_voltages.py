"""The potentials of all segments, taken together."""

import numpy as np
import pytest

from netpyne_model import Cell
from netpyne_model.cell.segment_voltages import SegmentVoltages


def one_by_one_mV(sections):
    return np.array([segment.v for section in sections.values() for segment in section])


def some_sections(n, nseg):
    from neuron import h

    sections = {f"branch_{number}": h.Section(f"branch_{number}") for number in range(n)}
    for section in sections.values():
        section.nseg = nseg
        for segment in section:
            segment.v = -70 + 100 * np.random.default_rng(n).random()
    return sections


def test_each_segment_has_its_place_and_its_potential_whatever_neuron_reorders():
    built = Cell().build()
    from neuron import h

    voltages = SegmentVoltages(built.sections)
    of_sections = [(name, segment.x) for name, one in built.sections.items() for segment in one]
    assert [place.section for place in voltages.places] == [name for name, _ in of_sections]
    assert [place.x for place in voltages.places] == pytest.approx([x for _, x in of_sections])
    clamp = h.IClamp(built.segment("soma_0(0.5)"))
    clamp.dur, clamp.amp = 100, 0.5
    cvode = h.CVode()
    try:
        for adapted in (0, 1, 0):
            cvode.active(adapted)
            h.finitialize(-66)
            h.ParallelContext().set_maxstep(10)
            h.ParallelContext().psolve(5)
            now_mV = voltages.now_mV()
            assert np.ptp(now_mV) > 1
            assert np.array_equal(now_mV, one_by_one_mV(built.sections))
            others = some_sections(3, 5)  # NEURON sorts the segments anew
            h.finitialize(-60)
            assert np.array_equal(voltages.now_mV(), np.full(len(voltages), -60.0))
            del others
        # What was taken stays as it was.
        assert np.ptp(now_mV) > 1
    finally:
        cvode.active(0)


def test_a_thousand_segments_are_taken_together():
    sections = some_sections(200, 5)
    assert np.array_equal(SegmentVoltages(sections).now_mV(), one_by_one_mV(sections))
