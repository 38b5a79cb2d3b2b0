"""A cell whose sections are cut into one a segment, against the cell itself."""

import numpy as np
import pytest

from netpyne_model.cell.cell import Cell
from netpyne_model.cell.sections import build_sections
from netpyne_model.description import cut_sections
from netpyne_model.mechanisms import loading


@pytest.fixture(scope="module")
def whole():
    """Its spines folded, which differ in number from segment to segment."""
    return Cell().describe("folded")


@pytest.fixture(scope="module")
def cut(whole):
    return cut_sections(whole)


def test_no_parameter_differs_along_a_section(cut):
    for section in cut.sections.values():
        for values in (
            section.cm_uF_per_cm2,
            section.diam_um,
            section.leak_S_per_cm2,
            section.leak_e_mV,
            *section.gbar_S_per_cm2.values(),
        ):
            assert len(values) == section.nseg
            assert np.ptp(values) == 0
        assert not section.tapered


def test_every_segment_is_there_once_with_its_membrane(whole, cut):
    for name, section in whole.sections.items():
        pieces = [cut.sections[piece] for piece in cut.pieces.get(name, (name,))]
        for attribute in ("area_um2", "cm_uF_per_cm2", "leak_S_per_cm2", "path_length_um"):
            joined = np.concatenate([getattr(piece, attribute) for piece in pieces])
            np.testing.assert_allclose(joined, getattr(section, attribute), rtol=1e-12)
        for channel, gbar in section.gbar_S_per_cm2.items():
            joined = np.concatenate([piece.gbar_S_per_cm2[channel] for piece in pieces])
            np.testing.assert_array_equal(joined, gbar)
    n_segments = sum(section.nseg for section in whole.sections.values())
    assert sum(section.nseg for section in cut.sections.values()) == n_segments


def test_a_place_is_on_the_piece_that_has_its_segment(whole, cut):
    name, section = next(
        (name, one) for name, one in whole.sections.items() if name in cut.pieces and one.nseg == 3
    )
    first, middle, last = cut.pieces[name]
    assert cut.place(name, 0.0) == (first, 0.0)
    assert cut.place(name, 1.0) == (last, 1.0)
    assert cut.place(name, 0.5) == (middle, pytest.approx(0.5))
    piece, x = cut.place(name, 1 / 3)  # the border is the later segment's, and no end of the piece
    assert piece == middle
    assert 0 < x < 1
    assert cut.place("head_1", 0.5) == ("head_1", 0.5)
    assert section.name == name


def test_to_neuron_it_is_the_same_cell(whole, cut):
    """A spike at the soma and on the trunk. NEURON keeps 3D points in float32, from which it takes
    lengths: those of short pieces are rounded by up to 1e-5, which moves the steepest sample of a
    spike by 4e-4 mV."""
    loading.load()
    traces = [_voltages(description, "trunk_50") for description in (whole, cut)]
    assert traces[0].max() > 0
    np.testing.assert_allclose(traces[1], traces[0], rtol=0, atol=2e-3)


def _voltages(description, distal: str) -> np.ndarray:
    from neuron import h

    sections = build_sections(description)
    soma = sections["soma_0"]
    clamp = h.IClamp(soma(0.5))
    clamp.delay, clamp.dur, clamp.amp = 1.0, 1e9, 0.8
    recorded = []
    for name in ("soma_0", distal):
        piece, x = description.place(name, 0.5)
        recorded.append(h.Vector().record(sections[piece](x)._ref_v))
    h.celsius, h.secondorder = 35.0, 0
    h.CVode().active(False)
    h.dt = 0.025
    h.finitialize(-67.0)
    while h.t < 12.0:
        h.fadvance()
    return np.array([list(vector) for vector in recorded])
