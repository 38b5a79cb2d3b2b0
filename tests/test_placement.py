"""Placement of spines and inhibitory synapses against the published draw (netpyne_model/reference), and the rules' table."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from netpyne_model.biophysics import load_rules
from netpyne_model.data_folders import REFERENCE
from netpyne_model.errors import ModelError
from netpyne_model.files import as_yaml, read_mapping
from netpyne_model.morphology import Morphology, Section, read_section_table
from netpyne_model.placement import (
    DEFAULT_RULES,
    Placement,
    inhibitory_densities,
    load_placement_rules,
    place_synapses,
    spine_densities,
)

MORPHOLOGY = read_section_table()
RULES = load_placement_rules()
NSEG = load_rules().nseg(MORPHOLOGY)
PLACEMENT = place_synapses(MORPHOLOGY, RULES, NSEG)


def small_cell(*extra: Section) -> Morphology:
    """A soma with a trunk of 60 um, and the sections given (the first has index 2)."""
    soma = Section(0, "soma_0", "soma", None, 0.0, 7.0, 9.0, 9.0)
    return Morphology([soma, Section(1, "trunk_1", "trunk", 0, 1.0, 60.0, 2.0, 2.0), *extra])


def branch(index: int, region: str, parent: int, length_um: float = 50.0) -> Section:
    return Section(index, f"{region}_{index}", region, parent, 1.0, length_um, 0.7, 0.7)


def placed(cell: Morphology) -> Placement:
    return place_synapses(cell, RULES, [1] * len(cell))


def test_spines_equal_the_published_draw():
    reference = pd.read_csv(REFERENCE / "spines.csv.gz")
    spines = PLACEMENT.spines
    assert list(spines.columns) == [
        "section",
        "region",
        "x",
        "path_distance",
        "gmax_AMPA_uS",
        "relative_gmax_NMDA",
    ]
    assert (spines["relative_gmax_NMDA"] == 1).all()
    assert len(spines) == 11294
    assert (spines["section"].to_numpy() == reference["section_index"].to_numpy()).all()
    assert (spines["region"].to_numpy() == reference["section_type"].to_numpy()).all()
    # The same stream of random numbers: only the last bits of sums and quotients may differ.
    np.testing.assert_allclose(spines["x"], reference["loc"], rtol=0, atol=1e-12)
    np.testing.assert_allclose(
        spines["path_distance"], reference["path_dist"], rtol=1e-12, atol=1e-12
    )
    np.testing.assert_allclose(spines["gmax_AMPA_uS"], reference["gmax_AMPA_uS"], rtol=1e-12)


def test_inhibitory_synapses_equal_the_published_draw():
    reference = pd.read_csv(REFERENCE / "inhibitory_synapses.csv")
    inhibitory = PLACEMENT.inhibitory
    assert list(inhibitory.columns) == [
        "section",
        "region",
        "x",
        "path_distance",
        "relative_gmax_GABA_A",
    ]
    assert (inhibitory["relative_gmax_GABA_A"] == 1).all()
    assert len(inhibitory) == 628
    assert (inhibitory["section"].to_numpy() == reference["section_index"].to_numpy()).all()
    assert (inhibitory["region"].to_numpy() == reference["section_type"].to_numpy()).all()
    np.testing.assert_allclose(inhibitory["x"], reference["loc"], rtol=0, atol=1e-12)
    np.testing.assert_allclose(
        inhibitory["path_distance"], reference["path_dist"], rtol=1e-12, atol=1e-12
    )


def test_counts_per_section_equal_the_reference_table():
    reference = pd.read_csv(REFERENCE / "sections.csv")
    spines = PLACEMENT.spines["section"].value_counts().reindex(reference["index"], fill_value=0)
    inhibitory = (
        PLACEMENT.inhibitory["section"].value_counts().reindex(reference["index"], fill_value=0)
    )
    assert spines.tolist() == reference["n_spines"].tolist()
    assert inhibitory.tolist() == reference["n_inh"].tolist()


def test_spine_geometry_has_the_published_head_and_neck():
    geometry = RULES.spine_geometry
    assert (geometry.neck_length_um, geometry.neck_diam_um) == (1.58, 0.077)
    assert (geometry.head_length_um, geometry.head_diam_um, geometry.e_pas_mV) == (0.5, 0.5, -67.0)


def test_the_global_seed_changes_nothing():
    np.random.seed(3)  # noqa: NPY002
    again = place_synapses(MORPHOLOGY, RULES, NSEG)
    pd.testing.assert_frame_equal(again.spines, PLACEMENT.spines)
    pd.testing.assert_frame_equal(again.inhibitory, PLACEMENT.inhibitory)


def test_another_seed_gives_other_places_at_the_same_density():
    other = place_synapses(MORPHOLOGY, RULES.model_copy(update={"placement_seed": 1}), NSEG).spines
    assert not np.array_equal(other["x"].head(100), PLACEMENT.spines["x"].head(100))
    # Poisson: two counts of about 11,294 differ by sqrt(2 * 11294) = 150; allow four of that.
    assert abs(len(other) - len(PLACEMENT.spines)) < 600


def test_densities_follow_the_rules_at_named_places():
    spines = spine_densities(MORPHOLOGY, RULES)
    assert spines[84] == 0
    assert spines[85] == 0.4428
    assert spines[118] == 1.891
    assert spines[5] == 0
    assert spines[7] == 0.2418
    assert spines[71] < spines[50] == 3.8
    assert spines[6] == 2.273
    assert spines[49] == 2.688
    assert spines[47] < 2.688
    assert spines[57] == 0.7157
    assert spines[51] == 1.354
    inhibitory = inhibitory_densities(MORPHOLOGY, RULES)
    assert inhibitory[2] == inhibitory[4] == 0
    assert inhibitory[5] == 0.3022
    assert inhibitory[50] == 0.0627


def test_family_without_trunk_spine_looks_outwards_then_inwards():
    spines = PLACEMENT.spines
    assert 13 not in set(spines["section"])
    outward = spines.loc[spines["section"] == 15, "gmax_AMPA_uS"].iloc[0]
    assert set(spines.loc[spines["section"] == 14, "gmax_AMPA_uS"]) == {outward}

    # trunk_3 is too short for a spine and nothing follows it: the last spine of trunk_1 stands for its oblique.
    oblique_at_soma = replace(branch(2, "apical", 0), parent_loc=0.0)
    cell = small_cell(
        oblique_at_soma, branch(3, "trunk", 1, length_um=1e-6), branch(4, "apical", 3)
    )
    drawn = placed(cell).spines
    inward = drawn.loc[drawn["section"] == 1, "gmax_AMPA_uS"].iloc[-1]
    assert 3 not in set(drawn["section"])
    assert set(drawn.loc[drawn["section"] == 4, "gmax_AMPA_uS"]) == {inward}


def test_cells_without_tuft_obliques_or_trunk_are_placed():
    bare = placed(small_cell())
    assert len(bare.spines) == 0
    assert list(bare.spines.columns) == list(PLACEMENT.spines.columns)
    single = placed(small_cell(branch(2, "apical", 1))).spines
    # One family: density of the first; the trunk ends where it springs off and bears no spine.
    assert set(single["section"]) == {2}
    expected = 7.9e-4 + 2.97e-4 * (np.exp(60 / 132.8) - 1)
    np.testing.assert_allclose(single["gmax_AMPA_uS"], expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("placement_seed", -1, "placement_seed is -1; expected greater than or equal to 0"),
        ("placement_seed", 1.5, "placement_seed is 1.5; expected"),
        (
            "spine_geometry.neck_length_um",
            0,
            "spine_geometry.neck_length_um is 0; expected greater than 0",
        ),
        (
            "spine_density_per_um.basal.first_order",
            "many",
            "basal.first_order is 'many'; expected a valid number",
        ),
        (
            "spine_density_per_um.tuft.terminal",
            float("nan"),
            "tuft.terminal is nan; expected a finite number",
        ),
        (
            "spine_density_per_um.tuft",
            3.0,
            "spine_density_per_um.tuft is 3.0; expected a table with the keys terminal, with",
        ),
        ("spine_geometry.neck_lenght_um", 1.0, "Did you mean 'neck_length_um'?"),
        ("placement_sed", 1, "'placement_sed' is not known. Did you mean 'placement_seed'?"),
        (
            "inhibitory_density_per_um.soma",
            2857.0,
            "soma is 2857.0; expected less than or equal to 100",
        ),
        ("receptors", None, "receptors is None; expected a valid dictionary"),
    ],
)
def test_wrong_rules_raise_one_clear_line(tmp_path, key, value, message):
    content = read_mapping(DEFAULT_RULES)
    *outer, last = key.split(".")
    block = content
    for part in outer:
        block = block[part]
    block[last] = value
    path = tmp_path / "rules.yaml"
    path.write_text(as_yaml(content))
    with pytest.raises(ModelError) as raised:
        load_placement_rules(path)
    assert message in str(raised.value)
    assert str(path) in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [1\nb: 2\n", "line 2: malformed YAML"),
        ("- 1\n- 2\n", "expected a mapping"),
        ("placement_seed: 0\nplacement_seed: 1\n", "line 2: malformed YAML"),
        ("placement_seed: 0\n", "'spine_geometry' is missing"),
    ],
)
def test_files_that_are_no_rules_raise_one_clear_line(tmp_path, text, message):
    path = tmp_path / "rules.yaml"
    path.write_text(text)
    with pytest.raises(ModelError) as raised:
        load_placement_rules(path)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_missing_file_raises_one_clear_line(tmp_path):
    with pytest.raises(ModelError, match=r"nowhere\.yaml cannot be read"):
        load_placement_rules(tmp_path / "nowhere.yaml")
