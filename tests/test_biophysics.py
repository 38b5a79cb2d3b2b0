"""Density rules: every form of a profile against its closed form, and rules that do not hold."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netpyne_model.biophysics import FULL_RULES, Profile, RuleProfiles, Term, load_rules
from netpyne_model.biophysics.rules import Rule, factors_by_region
from netpyne_model.errors import ModelError
from netpyne_model.files import read_mapping
from netpyne_model.morphology import Section, read_section_table
from netpyne_model.neuroml2.expressions import evaluate
from netpyne_model.yaml_values import as_yaml

MORPHOLOGY = read_section_table()
NSEG = load_rules().nseg(MORPHOLOGY)
D = np.linspace(-5.0, 400.0, 82)
FORMS = {
    "constant": lambda x: np.full_like(x, 2.0),
    "linear": lambda x: 2.0 + 3.0 * x,
    "exponential": lambda x: 2.0 + 3.0 * (np.exp(x / 120.0) - 1),
    "sigmoidal": lambda x: (
        2.0 + 3.0 * (1 / (1 + np.exp((260.0 - x) / 120.0)) - 1 / (1 + math.exp(260.0 / 120.0)))
    ),
}
PARAMETERS = {
    "constant": {},
    "linear": {"amplitude": 3.0},
    "exponential": {"amplitude": 3.0, "tau_um": 120.0},
    "sigmoidal": {"amplitude": 3.0, "half_um": 260.0, "tau_um": 120.0},
}
GRADIENTS = {
    "linear": {"linear_per_um": 3.0},
    "exponential": {"exponential": {"amplitude": 3.0, "tau_um": 120.0}},
    "sigmoidal": {"sigmoidal": {"amplitude": 3.0, "half_um": 260.0, "tau_um": 120.0}},
}


def profiles(**rules: dict | list[dict]) -> RuleProfiles:
    """Profiles of a parameter with these rules by region; a list of rules is one of ranges."""
    ranges = {region: rule if isinstance(rule, list) else [rule] for region, rule in rules.items()}
    made = {region: tuple(Rule(**rule) for rule in group) for region, group in ranges.items()}
    return RuleProfiles(MORPHOLOGY, made, NSEG)


def close(found, expected) -> None:
    # 1e-13: the same arithmetic in another order.
    np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-13)


@pytest.fixture(scope="module")
def branch() -> Section:
    """A basal branch that is not terminal, in several segments."""
    return next(
        s
        for s in MORPHOLOGY.sections
        if s.region == "basal" and not MORPHOLOGY.is_terminal(s.index)
    )


# -- terms --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize("origin_um", [0.0, 37.5])
def test_term_is_its_closed_form(kind, origin_um):
    term = Term(2.0, kind, origin_um=origin_um, **PARAMETERS[kind])
    close(term.at(D), FORMS[kind](D - origin_um))
    assert term.at(origin_um) == pytest.approx(2.0, abs=1e-12)


@pytest.mark.parametrize("kind", FORMS)
def test_term_is_zero_outside_its_window(kind):
    term = Term(2.0, kind, start_um=75.0, stop_um=300.0, **PARAMETERS[kind])
    inside = (D > 75.0) & (D <= 300.0)
    close(term.at(D), np.where(inside, FORMS[kind](D), 0.0))
    assert term.at(75.0) == 0.0
    assert term.at(300.0) != 0.0


@pytest.mark.parametrize("kind", ["linear", "exponential", "sigmoidal"])
@pytest.mark.parametrize("amplitude", [3.0, -3.0])
def test_term_reaches_its_own_values_where_it_has_them(kind, amplitude):
    term = Term(2.0, kind, origin_um=10.0, **PARAMETERS[kind] | {"amplitude": amplitude})
    for distance in (10.0, 80.0, 310.0):
        # 1e-9 um: the inverse loses digits where the form is flat.
        assert term.reaches(float(term.at(distance))) == pytest.approx(distance, abs=1e-9)
    assert term.reaches(2.0 - amplitude / 10) == math.inf


def test_a_constant_reaches_nothing():
    assert Term(2.0).reaches(2.0) == math.inf


@given(
    kind=st.sampled_from(list(FORMS)),
    base=st.floats(-1, 1),
    amplitude=st.floats(-1, 1),
    origin_um=st.sampled_from([0.0, 21.3]),
    start_um=st.sampled_from([-math.inf, 30.1]),
    stop_um=st.sampled_from([math.inf, 299.7]),
)
def test_expression_is_the_term(kind, base, amplitude, origin_um, start_um, stop_um):
    term = Term(base, kind, amplitude, 120.0, 260.0, origin_um, start_um, stop_um)
    # The Heaviside function of NeuroML counts the start itself as inside; no distance here is one.
    found, expected = evaluate(term.expression("(p - 7.0)"), D + 7.0), term.at(D)
    # An expression is written with twelve figures; base and gradient may cancel, hence the absolute part.
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-10 * np.abs(expected).max())


# -- profiles -----------------------------------------------------------------------------------------------------


def test_profile_adds_scales_and_cuts_its_terms():
    profile = Profile((Term(2.0, stop_um=75.0), Term(1.0, "linear", 0.5, start_um=75.0)))
    expected = np.where(D <= 75.0, 2.0, 1.0 + 0.5 * D)
    close(profile.at(D), expected)
    close(profile.scaled(0.25).at(D), 0.25 * expected)
    close(profile.within(50.0, 100.0).at(D), np.where((D > 50.0) & (D <= 100.0), expected, 0.0))
    close(evaluate(profile.expression("p"), D[D != 75.0]), expected[D != 75.0])
    assert profile.within(400.0, 300.0).terms == ()


def test_profile_knows_whether_it_is_constant():
    assert Profile(()).constant == 0.0
    assert Profile((Term(2.0),)).constant == 2.0
    assert Profile((Term(2.0, stop_um=75.0),)).constant is None
    assert Profile((Term(2.0, "linear", 1.0),)).constant is None
    assert evaluate(Profile(()).expression("p"), D).tolist() == [0.0] * len(D)


# -- rules on a morphology ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", GRADIENTS)
def test_gradient_of_a_rule(branch, kind):
    rule = {"value": 2.0, "gradient": GRADIENTS[kind]}
    close(profiles(basal=rule).of(branch).at(D), FORMS[kind](D))


@pytest.mark.parametrize(
    ("slope", "bounds", "expected"),
    [
        (-0.1, {"minimum": 0.0}, np.maximum(2.0 - 0.1 * D, 0.0)),
        (-0.1, {"minimum": 0.5}, np.maximum(2.0 - 0.1 * D, 0.5)),
        (0.1, {"maximum": 5.0}, np.minimum(2.0 + 0.1 * D, 5.0)),
        (0.1, {"minimum": 3.0}, np.maximum(2.0 + 0.1 * D, 3.0)),
        (-0.1, {"maximum": 5.0}, 2.0 - 0.1 * D),
        (-0.1, {"minimum": 3.0}, np.full_like(D, 3.0)),
        (0.1, {"minimum": 3.0, "maximum": 5.0}, np.clip(2.0 + 0.1 * D, 3.0, 5.0)),
        (-0.1, {"minimum": -5.0, "maximum": 1.0}, np.clip(2.0 - 0.1 * D, -5.0, 1.0)),
    ],
)
def test_bounds_clamp_where_the_gradient_meets_them(branch, slope, bounds, expected):
    rule = {"value": 2.0, "gradient": {"linear_per_um": slope}, **bounds}
    close(profiles(basal=rule).of(branch).at(D), expected)


def test_window_of_a_rule(branch):
    rule = {"value": 2.0, "gradient": {"linear_per_um": 0.1}, "from_um": 75.0, "to_um": 300.0}
    inside = (D > 75.0) & (D <= 300.0)
    close(profiles(basal=rule).of(branch).at(D), np.where(inside, 2.0 + 0.1 * D, 0.0))
    close(
        profiles(basal=rule | {"outside": 9.0}).of(branch).at(D),
        np.where(inside, 2.0 + 0.1 * D, 9.0),
    )
    only_far = {"value": 2.0, "from_um": 75.0, "outside": 9.0}
    close(profiles(basal=only_far).of(branch).at(D), np.where(D > 75.0, 2.0, 9.0))


def test_terminal_branches_fall_to_zero_at_their_end():
    made = profiles(basal={"value": 2.0, "gradient": {"linear_per_um": 0.1}, "terminal": True})
    for section in (s for s in MORPHOLOGY.sections if s.region == "basal"):
        centres = np.array(made.centres(section))
        along = 2.0 + 0.1 * centres
        if MORPHOLOGY.is_terminal(section.index):
            x = (np.arange(len(centres)) + 0.5) / len(centres)
            along = along[0] * (1 - x)
        # 1e-12: the relative position is recovered from the path distance.
        np.testing.assert_allclose(made.of(section).at(centres), along, rtol=1e-12)


def test_terminal_branch_without_conductance_has_none():
    section = next(
        s for s in MORPHOLOGY.sections if s.region == "basal" and MORPHOLOGY.is_terminal(s.index)
    )
    assert profiles(basal={"value": 0.0, "terminal": True}).of(section).constant == 0.0


def test_inheritance_from_the_soma_counts_from_the_soma(branch):
    made = profiles(
        soma={"value": 2.0}, basal={"inherit": "soma", "gradient": {"linear_per_um": 0.1}}
    )
    close(made.of(branch).at(D), 2.0 + 0.1 * D)


def test_inheritance_from_the_trunk_starts_at_its_last_segment_and_counts_from_its_end():
    made = profiles(
        soma={"value": 2.0},
        trunk={"inherit": "soma", "gradient": {"linear_per_um": 0.1}},
        apical={"inherit": "trunk", "gradient": {"linear_per_um": -0.01}},
        tuft={"inherit": "trunk"},
    )
    for section in MORPHOLOGY.sections:
        if section.region not in ("apical", "tuft"):
            continue
        trunk = MORPHOLOGY.sections[MORPHOLOGY.trunk_origin(section.index)]
        root_value = 2.0 + 0.1 * made.centres(trunk)[-1]
        if section.region == "tuft":
            assert made.of(section).constant == pytest.approx(root_value, rel=1e-13)
        else:
            close(
                made.of(section).at(D),
                root_value - 0.01 * (D - MORPHOLOGY.path_distance(trunk.index, 1.0)),
            )


def test_a_region_without_a_rule_bears_nothing(branch):
    assert profiles(soma={"value": 2.0}).of(branch) is None


def test_inheritance_needs_a_rule_to_inherit_from(branch):
    with pytest.raises(ModelError, match="inherits from soma, which has no rule of its own"):
        profiles(basal={"inherit": "soma"}).of(branch)
    with pytest.raises(
        ModelError, match="inherits from trunk, but its path to the soma leads through none"
    ):
        profiles(basal={"inherit": "trunk"}, trunk={"value": 1.0}).of(branch)


def test_scaling_at_the_origin_scales_values_and_keeps_slopes(branch):
    scaled = load_rules().scaled_at_origin(("nas", "nax"), 0.5)
    made = scaled.profiles(MORPHOLOGY, "nas.gbar", NSEG)
    # model.md 8: basal becomes max(0, 0.02 - 0.0002 d).
    inside = D > 0
    close(made.of(branch).at(D[inside]), np.maximum(0.02 - 0.0002 * D[inside], 0.0))
    assert scaled.channels["nax"].gbar_S_per_cm2["ais"][0].value == pytest.approx(
        0.5 * 0.41184, rel=1e-15
    )
    assert scaled.channels["kdr"] == load_rules().channels["kdr"]
    assert load_rules().channels["nas"].gbar_S_per_cm2["soma"][0].value == 0.04


# -- the table ----------------------------------------------------------------------------------------------------


def test_reversal_gradient_stays_between_the_two_leaks():
    rules = load_rules()
    made = rules.profiles(MORPHOLOGY, "pas.e", NSEG)
    for section in MORPHOLOGY.sections:
        values = made.of(section).at(made.centres(section))
        assert (rules.pas.lower_e_mV < values).all()
        assert (values < rules.pas.upper_e_mV).all()


def changed(path: str, value) -> str:
    """The table of the full cell with one entry replaced, as YAML."""
    table = read_mapping(FULL_RULES)
    *above, last = path.split(".")
    place = table
    for key in above:
        place = place[key]
    place[last] = value
    return as_yaml(table)


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (
            "cable.cm_uF_per_cm2",
            -1.0,
            "cable.cm_uF_per_cm2 is -1.0; expected a table by region, such as {soma: {value: 1.0}}.",
        ),
        ("cable.Rm", 1.0, "'cable.Rm' is not known. Known: Ra_ohm_cm, cm_uF_per_cm2."),
        ("pas.g_S_per_cm2.soma", {}, "exactly one of value and inherit"),
        (
            "pas.g_S_per_cm2.soma",
            {"value": 1.0, "inherit": "trunk"},
            "exactly one of value and inherit",
        ),
        ("pas.g_S_per_cm2.soma", {"inherit": "trnk"}, "Did you mean 'trunk'?"),
        ("pas.g_S_per_cm2.trunk", {"inherit": "trunk"}, "region trunk inherits from itself"),
        (
            "pas.g_S_per_cm2.sooma",
            {"value": 1.0},
            "region 'sooma' does not exist. Did you mean 'soma'?",
        ),
        (
            "pas.g_S_per_cm2.soma",
            {"value": "much"},
            "pas.g_S_per_cm2.soma.value is 'much'; expected a number",
        ),
        (
            "pas.g_S_per_cm2.soma",
            {"value": float("inf")},
            "pas.g_S_per_cm2.soma.value is inf; expected a finite",
        ),
        (
            "pas.g_S_per_cm2.soma",
            {"vallue": 1.0},
            "'pas.g_S_per_cm2.soma.vallue' is not known. Did you mean 'value'?",
        ),
        ("pas.g_S_per_cm2.soma", [], "expected at least one rule"),
        (
            "pas.g_S_per_cm2.soma",
            {"value": 1.0, "from_um": 9.0, "to_um": 9.0},
            "lies not below to_um",
        ),
        (
            "pas.g_S_per_cm2.soma",
            {"value": 1.0, "minimum": 2.0, "maximum": 1.0},
            "minimum (2) is above maximum (1)",
        ),
        (
            "pas.g_S_per_cm2.trunk",
            [{"value": 1.0, "to_um": 50.0}, {"value": 2.0, "from_um": 40.0}],
            "two ranges overlap: one goes to 50 um, the next starts at 40 um",
        ),
        (
            "pas.g_S_per_cm2.trunk",
            [
                {"value": 1.0, "to_um": 50.0, "outside": 1.0},
                {"value": 2.0, "from_um": 60.0, "outside": 2.0},
            ],
            "outside stands in more than one range",
        ),
        (
            "channels.nas.components",
            [{"channel": "nas_dend", "regions": ["tufts"]}],
            "Did you mean 'tuft'?",
        ),
        ("channels.nas.components", [], "either components"),
        (
            "channels.pas",
            {"ion": "k", "file": "a.mod", "gbar_S_per_cm2": {}},
            "'pas' bears the name of an ion, a receptor",
        ),
        ("channels.nas.gbar_S_per_cm2.trunk.gradient", {}, "exactly one of linear_per_um"),
        (
            "channels.nas.gbar_S_per_cm2.trunk.gradient",
            {"linear_per_um": 1.0, "exponential": {"amplitude": 1.0, "tau_um": 1.0}},
            "exactly one of linear_per_um",
        ),
        (
            "channels.nas.gbar_S_per_cm2.trunk.gradient",
            {"exponential": {"amplitude": 1.0, "tau_um": 0.0}},
            "exponential.tau_um",
        ),
        (
            "channels.nas.gbar_S_per_cm2.trunk",
            {"value": 0.04, "linear_per_um": 1e-4},
            "'channels.nas.gbar_S_per_cm2.trunk.linear_per_um' stands under gradient; write"
            " gradient: {linear_per_um: ...}.",
        ),
        (
            "channels.nas.gbar_S_per_cm2.trunk.gradient",
            {"sigmoidal": {"amplitude": 0.01}},
            "'channels.nas.gbar_S_per_cm2.trunk.gradient.sigmoidal.half_um' is missing; the gradient"
            " sigmoidal needs amplitude, half_um, tau_um.",
        ),
        ("channels.nas.gbar_S_per_cm2.trunk", 0.04, "expected a rule, such as {value: 0.04}."),
        (
            "factors",
            {"nas.gbar": {"dendrite": 0.5}},
            "region 'dendrite' does not exist. Known: ais, apical, axon, axon_hill",
        ),
    ],
)
def test_rules_that_do_not_hold_are_told_in_one_line(tmp_path, path, value, told):
    table = tmp_path / "rules.yaml"
    table.write_text(changed(path, value))
    with pytest.raises(ModelError) as error:
        load_rules(table)
    assert str(error.value).startswith(f"density rules {table}")
    assert told in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("path", "as_told"),
    [
        ("channels.nas.gbar_S_per_cm2.trunk", {"value": 0.04, "gradient": {"linear_per_um": 1e-4}}),
        (
            "channels.nas.gbar_S_per_cm2.trunk.gradient",
            {"sigmoidal": {"amplitude": 0.01, "half_um": 100.0, "tau_um": 40.0}},
        ),
        ("channels.nas.gbar_S_per_cm2.trunk", {"value": 0.04}),
        ("factors", {"nas.gbar": {"dendrites": 0.5, "soma": 2.0, "tuft": 0.5}}),
    ],
)
def test_a_table_that_is_mended_as_told_is_read(tmp_path, path, as_told):
    table = tmp_path / "rules.yaml"
    table.write_text(changed(path, as_told))
    read = load_rules(table)
    if path == "factors":
        # A group and a region of it multiply.
        assert factors_by_region(read.factors, "nas.gbar") == {
            "soma": 2.0,
            "basal": 0.5,
            "trunk": 0.5,
            "apical": 0.5,
            "tuft": 0.25,
        }


def test_files_that_are_no_table_are_told_in_one_line(tmp_path):
    (tmp_path / "torn.yaml").write_text("cable: {\npassive: [")
    (tmp_path / "list.yaml").write_text("- 1\n- 2\n")
    for name in ("torn.yaml", "list.yaml", "none.yaml"):
        with pytest.raises(ModelError) as error:
            load_rules(tmp_path / name)
        assert name in str(error.value)
        assert "\n" not in str(error.value)
