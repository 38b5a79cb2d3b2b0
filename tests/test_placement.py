"""Placement of spines and inhibitory synapses against the published draw (netpyne_model/reference), and the rules' table."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from netpyne_model import Cell
from netpyne_model.biophysics import load_rules
from netpyne_model.data_folders import REFERENCE
from netpyne_model.errors import ModelError
from netpyne_model.files import read_mapping
from netpyne_model.morphology import Morphology, Section, read_section_table
from netpyne_model.placement import (
    DEFAULT_RULES,
    Placement,
    inhibitory_densities,
    load_placement_rules,
    place_synapses,
    spine_densities,
)
from netpyne_model.yaml_values import as_yaml

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
            "basal.first_order is 'many'; expected a number",
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
        (
            "receptors",
            None,
            "receptors is None; expected a table, with a name and a colon before each of its entries.",
        ),
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


def forked() -> Morphology:
    """A basal dendrite of 10 um with 28 branches of 90 um, which bear spines."""
    branches = [branch(index, "basal", 2, length_um=90.0) for index in range(3, 31)]
    return small_cell(branch(2, "basal", 0, length_um=10.0), *branches)


def changed_rules(tmp_path, receptor: str, rules: dict):
    """The published rules of placement with other ones of a receptor, as read from a file."""
    content = read_mapping(DEFAULT_RULES)
    content["receptors"][receptor] = rules
    path = tmp_path / "rules.yaml"
    path.write_text(as_yaml(content))
    return load_placement_rules(path)


@pytest.mark.parametrize("receptor", ["NMDA", "GABA_A"])
def test_a_gradient_is_held_also_between_the_last_centre_and_the_end(tmp_path, receptor):
    """A synapse may lie beyond the only centre (55 um) of its section: the gradient ends at 70 um."""
    held = {"value": 1.0, "gradient": {"linear_per_um": 0.01}, "held_beyond_um": 70.0}
    rules = changed_rules(tmp_path, receptor, {"relative_gmax": {"basal": held}})
    cell = forked()
    placement = place_synapses(cell, rules, [1] * len(cell))
    synapses = placement.spines if receptor == "NMDA" else placement.inhibitory
    synapses = synapses[synapses["section"] > 2]
    distance = synapses["path_distance"].to_numpy()
    assert min((distance < 55).sum(), ((distance > 55) & (distance < 70)).sum()) > 2
    assert (distance > 70).sum() > 5
    found = synapses[f"relative_gmax_{receptor}"]
    np.testing.assert_allclose(found, 1 + 0.01 * np.minimum(distance, 70), rtol=1e-12)


@pytest.mark.parametrize("region", ["basal", "trunk"])
def test_spines_whose_region_has_no_conductance_are_told_and_placed_with_one(tmp_path, region):
    published = read_mapping(DEFAULT_RULES)["receptors"]["AMPA"]["gmax_uS"]
    without = {name: rule for name, rule in published.items() if name != region}
    with pytest.raises(ModelError) as caught:
        place_synapses(MORPHOLOGY, changed_rules(tmp_path, "AMPA", {"gmax_uS": without}), NSEG)
    told = f"AMPA.gmax has no rule in region {region}, which bears spines; add one."
    assert str(caught.value) == told
    rules = changed_rules(tmp_path, "AMPA", {"gmax_uS": without | {region: {"value": 5e-4}}})
    spines = place_synapses(MORPHOLOGY, rules, NSEG).spines
    assert set(spines.loc[spines["region"] == region, "gmax_AMPA_uS"]) == {5e-4}


def test_a_conductance_below_zero_is_told_and_placed_with_a_minimum(tmp_path):
    falling = {"value": 1.0, "gradient": {"linear_per_um": -0.02}}
    cell = forked()
    rules = changed_rules(tmp_path, "NMDA", {"relative_gmax": {"basal": falling}})
    with pytest.raises(ModelError) as caught:
        place_synapses(cell, rules, [1] * len(cell))
    lowest, told = str(caught.value).removeprefix("NMDA.relative_gmax is -").split(" ", 1)
    assert 0 < float(lowest) < 1
    assert told == "on section basal_3; expected 0 or more: give its rule a minimum."
    bounded = falling | {"minimum": 0.0}
    rules = changed_rules(tmp_path, "NMDA", {"relative_gmax": {"basal": bounded}})
    found = place_synapses(cell, rules, [1] * len(cell)).spines["relative_gmax_NMDA"]
    assert found.min() == 0


def test_a_receptor_of_the_other_kind_of_conductance_is_told(tmp_path):
    with pytest.raises(ModelError) as caught:
        changed_rules(tmp_path, "NMDA", {"gmax_uS": {"basal": {"value": 1e-3}}})
    assert str(caught.value).endswith("receptors.NMDA: expected relative_gmax only.")
    changed_rules(tmp_path, "NMDA", {"relative_gmax": {"basal": {"value": 0.5}}})


@pytest.mark.parametrize(
    ("change", "told", "mend"),
    [
        ({"value": 200.0}, "is 200 per um; expected 0 to 100: give its rule a maximum.", "maximum"),
        ({"value": -1.0}, "is -1 per um; expected 0 to 100: give its rule a minimum.", "minimum"),
    ],
)
def test_a_density_beyond_its_bounds_is_told_and_taken_with_what_it_says(change, told, mend):
    cell = Cell()
    with pytest.raises(ModelError) as caught:
        _ = cell.with_rule("tuft", "spines.density", **change).placement
    told_of, _, rest = str(caught.value).partition(" is ")
    assert told_of.startswith("spines.density: density on section tuft_")
    assert f"is {rest}" == told
    bound = 0.5
    made = cell.with_rule("tuft", "spines.density", **change, **{mend: bound})
    lengths_um = sum(one.length_um for one in cell.morphology.in_region("tuft"))
    n_spines = (made.placement.spines["region"] == "tuft").sum()
    # Five standard deviations of a Poisson number.
    assert abs(n_spines - bound * lengths_um) < 5 * np.sqrt(bound * lengths_um)


def test_a_factor_that_makes_a_density_too_large_is_told():
    with pytest.raises(ModelError) as caught:
        _ = Cell().with_rule("tuft", "spines.density", factor=1000.0).placement
    assert str(caught.value).endswith(
        "expected 0 to 100: give its factor in region tuft a lower value."
    )
    assert len(Cell().with_rule("tuft", "spines.density", factor=1.5).placement.spines) > 11294
