"""The assembled cell: every parameter read back from NEURON's sections against the published model's table."""

import numpy as np
import pandas as pd
import pytest

from netpyne_model import Cell
from netpyne_model.configuration import load_configuration
from netpyne_model.data_folders import REFERENCE
from netpyne_model.mechanisms.fusing import FUSED
from netpyne_model.morphology import read_section_table
from netpyne_model.placement import load_placement_rules
from netpyne_model.simulation import prepare_trial
from netpyne_model.simulation.run import build, clear

# NEURON keeps 3D points and diameters in float32 (relative rounding 6e-8), and axial resistance goes with
# the square of the diameter.
RELATIVE = 3e-7
NO_INPUT = {"n_excitatory": 0, "n_inhibitory": 0, "dc_nA": 0.0}
CHANNEL_COLUMNS = {
    "gbar_nas": ("nas_soma", "nas_dend"),
    "gbar_nax": ("nax", "nax_ais"),
    "gkabar_kap": ("kap",),
    "gkabar_kad": ("kad",),
    "gkdrbar_kdr": ("kdr",),
    "gkmbar_km2": ("km2",),
    "ghbar_h": ("h_prox", "h_dist"),
}


@pytest.fixture(scope="module")
def published() -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "segments.csv.gz")


def built(**fields):
    trial = prepare_trial(load_configuration(None, NO_INPUT | fields))
    return trial, build(trial).view.sections


@pytest.fixture(scope="module", params=["fused", "separate"])
def smooth_segments(request):
    trial, sections = built(spines="none", channels=request.param)
    yield [segment for name in trial.description.sections for segment in sections[name]]
    clear()


def gmax(segment, channels) -> float:
    """Density of some channels, in the mechanism of all channels or in their own."""
    if hasattr(segment, FUSED):
        return sum(getattr(getattr(segment, FUSED), f"gmax_{channel}") for channel in channels)
    return sum(getattr(segment, channel).gmax for channel in channels if hasattr(segment, channel))


def leak(segment) -> tuple[float, float]:
    """Density and reversal potential of the leak, which is part of the mechanism of all channels where that is."""
    if hasattr(segment, FUSED):
        together = getattr(segment, FUSED)
        return together.g_leak, together.e_leak
    return segment.pas.g, segment.pas.e


def read_back(segment) -> dict[str, float]:
    """One row as in the published table."""
    row = {column: gmax(segment, channels) for column, channels in CHANNEL_COLUMNS.items()}
    row |= {
        "diam": segment.diam,
        "area_um2": segment.area(),
        "ri_megohm": segment.ri(),
        "cm": segment.cm,
    }
    g_pas, e_pas = leak(segment)
    row |= {"Ra": segment.sec.Ra, "g_pas": g_pas, "e_pas": e_pas, "ek": segment.ek}
    return row


def test_every_parameter_of_every_segment(smooth_segments, published):
    mine = pd.DataFrame([read_back(segment) for segment in smooth_segments])
    assert len(mine) == len(published) == 453
    for column in mine:
        expected = published[column].fillna(0).to_numpy()
        np.testing.assert_allclose(
            mine[column], expected, rtol=RELATIVE, atol=1e-18, err_msg=column
        )


def test_reversal_potentials_where_a_channel_sits(smooth_segments, published):
    for segment, (_, row) in zip(smooth_segments, published.iterrows(), strict=True):
        if row[["gbar_nas", "gbar_nax"]].fillna(0).any():
            assert segment.ena == row["ena"]
        for channel in ("h_prox", "h_dist"):
            if gmax(segment, [channel]):
                e_mV = (
                    getattr(segment, FUSED)
                    if hasattr(segment, FUSED)
                    else getattr(segment, channel)
                )
                assert (
                    getattr(e_mV, f"e_{channel}" if hasattr(segment, FUSED) else "e") == row["eh_h"]
                )


def test_the_right_variant_of_a_channel_sits_on_every_segment(smooth_segments, published):
    variants = {
        ("sha_nas", 0.0): "nas_soma",
        ("sha_nas", 5.0): "nas_dend",
        ("sha_nax", 0.0): "nax",
        ("sha_nax", -3.6): "nax_ais",
        ("vhalfl_h", -73.0): "h_prox",
        ("vhalfl_h", -81.0): "h_dist",
    }
    gbar = {"sha_nas": "gbar_nas", "sha_nax": "gbar_nax", "vhalfl_h": "ghbar_h"}
    for segment, (_, row) in zip(smooth_segments, published.iterrows(), strict=True):
        for (column, value), channel in variants.items():
            if row[column] == value and row[gbar[column]] > 0:
                assert gmax(segment, [channel]) == pytest.approx(row[gbar[column]], rel=RELATIVE)


def test_the_tree_is_the_section_table(smooth_segments):
    sections = list(dict.fromkeys(segment.sec for segment in smooth_segments))
    for row, section in zip(read_section_table().sections, sections, strict=True):
        assert row.name in section.name()
        assert row.length_um == pytest.approx(section.L, rel=RELATIVE)
        if row.parent is not None:
            parent = section.parentseg()
            assert parent.sec == sections[row.parent]
            assert parent.x == row.parent_loc


@pytest.mark.parametrize("factor", [0.5, 0.0])
def test_sodium_scaled_at_the_origin(factor):
    published = pd.read_csv(REFERENCE / "segments_gna_ttx.csv")
    cell = Cell().with_drugs(f"TTX:{factor}").describe("none")
    mine = [
        sum(
            section.gbar_S_per_cm2.get(channel, np.zeros(section.nseg))
            for channel in CHANNEL_COLUMNS[column]
        )
        for section in cell.sections.values()
        for column in (
            ["gbar_nas"] if not {"nax", "nax_ais"} & set(section.gbar_S_per_cm2) else ["gbar_nax"]
        )
    ]
    expected = published[f"gna_reduce_gna_{str(factor).replace('.', 'p') if factor else '0'}"]
    np.testing.assert_allclose(np.concatenate(mine), expected, rtol=RELATIVE, atol=1e-12)


def test_sodium_scaled_everywhere(published):
    cell = Cell().with_drugs("TTX_everywhere:0.25").describe("none")
    mine = np.concatenate(
        [cell.sections[name].gbar_S_per_cm2["nas_soma"] for name in ("soma_0", "soma_1")]
    )
    np.testing.assert_allclose(mine, 0.25 * published["gbar_nas"][:2], rtol=RELATIVE)


def total_membrane(sections) -> tuple[float, float]:
    """Capacitance (nF) and leak (uS) of all sections."""
    capacitance = (
        sum(segment.cm * segment.area() for section in sections for segment in section) * 1e-5
    )
    leaks = (leak(segment)[0] * segment.area() for section in sections for segment in section)
    return capacitance, sum(leaks) * 1e-2


def test_folding_keeps_the_membrane_of_every_spine():
    """Capacitance and leak of the cell with folded spines equal those of the cell plus 11,294 spines."""
    rules = load_placement_rules()
    spines = Cell().placement.spines
    published = pd.read_csv(REFERENCE / "spines.csv.gz")
    _, sections = built(spines="none")
    bare_capacitance, bare_leak = total_membrane(sections.values())
    trial, sections = built(spines="folded")
    capacitance, all_leak = total_membrane(sections.values())
    area = rules.spine_geometry.area_um2
    assert capacitance == pytest.approx(bare_capacitance + len(spines) * area * 1e-5, rel=1e-9)
    assert all_leak == pytest.approx(
        bare_leak + (published["g_pas_head"] * area * 1e-2).sum(), rel=1e-9
    )
    assert len(trial.description.sections) == 119
    clear()


def test_a_driven_spine_is_a_neck_and_a_head_and_is_not_folded_too():
    trial, sections = built(spines="folded", n_excitatory=400)
    driven = trial.driven.synapses.query("kind == 'exc'")
    geometry = load_placement_rules().spine_geometry
    assert len(sections) == 119 + 2 * len(driven)
    capacitance, _ = total_membrane(sections.values())
    all_folded = built(spines="folded")[1]
    assert capacitance == pytest.approx(total_membrane(all_folded.values())[0], rel=1e-9)
    trial, sections = built(spines="folded", n_excitatory=400)
    name, x = trial.targets[0]
    head, neck = sections[name], sections[name.replace("head", "neck")]
    assert x == 0.5
    assert (head.L, head.diam) == pytest.approx(
        (geometry.head_length_um, geometry.head_diam_um), rel=1e-6
    )
    assert (neck.L, neck.diam) == pytest.approx(
        (geometry.neck_length_um, geometry.neck_diam_um), rel=1e-6
    )
    assert head.parentseg().sec == neck
    branch = neck.parentseg()
    assert trial.morphology.section(int(driven["section"].iloc[0])).name in branch.sec.name()
    assert head(0.5).pas.g == pytest.approx(
        Cell()
        .describe("none")
        .sections[trial.morphology.section(int(driven["section"].iloc[0])).name]
        .leak_S_per_cm2[-1]
    )
    assert head(0.5).pas.e == geometry.e_pas_mV
    clear()
