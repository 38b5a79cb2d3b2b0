"""The configuration: precedence, one clear line for every wrong input, and nothing lost on the way to a file."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from netpyne_model.configuration import (
    TrialConfig,
    description,
    differences,
    differing,
    expected,
    field_value,
    load_configuration,
    unit,
)
from netpyne_model.errors import ModelError
from netpyne_model.morphology import parse_site, read_section_table, standard_sites
from netpyne_model.simulation import prepare_trial


def message(*arguments) -> str:
    with pytest.raises(ModelError) as error:
        load_configuration(*arguments)
    text = str(error.value)
    assert "\n" not in text
    return text


def test_later_layers_win(tmp_path):
    path = tmp_path / "run.yaml"
    path.write_text("seed: 1\ndc_nA: 0.05\nw_max: 1.5\n")
    config = load_configuration(path, {"seed": 2, "dc_nA": 0.06}, ["seed=3"])
    assert (config.seed, config.dc_nA, config.w_max, config.dt_ms) == (3, 0.06, 1.5, 0.025)


def test_null_takes_back_what_a_file_says(tmp_path):
    path = tmp_path / "run.yaml"
    path.write_text("dc_nA: 0.05\n")
    assert load_configuration(path, ["dc_nA=null"]).dc_nA is None


def test_the_written_configuration_loads_again_as_the_same(tmp_path):
    settings = [
        "dc_nA=1e-1",
        "record={tuft: tuft_60(0.5)}",
        f"events_file='{tmp_path}/events.csv'",
        "drugs=[TTX, AP5]",
    ]
    config = load_configuration(None, settings)
    path = tmp_path / "configuration.json"
    path.write_text(json.dumps(config.as_dict()))
    assert load_configuration(path) == config
    assert set(config.as_dict()) == set(TrialConfig.model_fields)


@given(
    seed=st.integers(0, 2**32 - 1),
    dc_nA=st.none() | st.floats(-5, 5),
    w_max=st.none() | st.floats(0, 100),
    n_excitatory=st.none() | st.integers(0, 11294),
    spines=st.sampled_from(["solved", "folded", "explicit", "none"]),
)
def test_settings_as_text_and_as_values_agree(**values):
    texts = [f"{name}={json.dumps(value)}" for name, value in values.items()]
    assert load_configuration(None, texts) == load_configuration(None, values)


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("dc_nA=100 pA", "dc_nA = '100 pA': expected a number in nA from -5 to 5, or null."),
        ("dc_nA='0.1'", "expected a number in nA"),
        ("dc_nA=true", "expected a number in nA"),
        ("dc_nA=5.1", "expected a number in nA from -5 to 5"),
        ("dt_ms=nan", "expected a number in ms from 0.001 to 0.1"),
        (
            "integration=variable_step",
            "integration = 'variable_step': what is made for the fixed step must go; "
            "set spines=folded receptors=generated channels=separate.",
        ),
        (
            "receptors=generated",
            "spines solved within their synapse have the fast ones; set spines=folded too.",
        ),
        ("seed=1.5", "expected a whole number"),
        ("seed=-1", "expected a whole number from 0"),
        ("excitation=1", "expected true or false"),
        ("setup=place", "there is no such set-up. Did you mean 'place_cell'?"),
        ("duration_ms=0", "expected a number in ms above 0"),
        ("duration_ms=0.1", "two steps of record_step_ms"),
        ("record_step_ms=0.13", "expected a multiple of dt_ms"),
        ("n_inhibitory=1000001", "expected a whole number from 0 to 1000000"),
        ("events_file=3", "expected a text"),
        ("record={site: soma_0(1.5)}", "expected section(x)"),
        ("record={site: soma_0}", "expected section(x)"),
        ("record=[]", "expected a mapping"),
        ("record={a-b: soma_0(0)}", "expected a mapping"),
        ("record={site: soma_9(0)}", "section 'soma_9' does not exist."),
        ("dc_section=trunc_37", "section 'trunc_37' does not exist. Did you mean 'trunk_37'?"),
        ("dc=0.1", "unknown field 'dc'."),
        ("sede=1", "unknown field 'sede'. Did you mean 'seed'?"),
        ("dc_nA", "expected key=value"),
        ("dc_nA=[1", "value '[1'"),
    ],
)
def test_a_wrong_setting_is_one_clear_line(setting, says):
    assert says in message(None, [setting])


def test_silent_spines_are_for_fixed_steps():
    says = "must go; set spines=folded receptors=generated channels=separate."
    assert says in message(None, ["integration=variable_step", "spines=silent"])


def test_an_unknown_key_of_a_file_names_the_file(tmp_path):
    path = tmp_path / "run.json"
    path.write_text('{"sede": 1}')
    assert message(path) == f"unknown field 'sede' in {path}. Did you mean 'seed'?"
    path.write_text('{"seed": "x"}')
    assert message(path) == f"seed = 'x' in {path}: expected a whole number from 0 to 4294967295."


def test_null_temperature_and_start_voltage_are_the_cells():
    own = prepare_trial(TrialConfig(n_excitatory=1, n_inhibitory=1)).conditions
    assert (own.celsius, own.v_init_mV) == (35, -67)
    set_to_0 = TrialConfig(n_excitatory=1, n_inhibitory=1, celsius=0, v_init_mV=0)
    conditions = prepare_trial(set_to_0).conditions
    assert (conditions.celsius, conditions.v_init_mV) == (0, 0)


def test_a_configuration_cannot_be_changed():
    with pytest.raises(ValidationError):
        TrialConfig().seed = 1


@pytest.mark.parametrize(
    ("settings", "different"),
    [
        (["dc_nA=0.1", "w_max=1.25", "n_excitatory=1600", "arrangement=random"], {}),
        (["dc_nA=0"], {"dc_nA": 0.0}),
        (["setup=place_cell", "dc_nA=0"], {"setup": "place_cell"}),
        (["setup=place_cell", "dc_nA=0.1"], {"setup": "place_cell", "dc_nA": 0.1}),
    ],
)
def test_what_the_set_up_has_is_no_difference(settings, different):
    """The trial is the same one: what prepares it says so too."""
    stated, silent = load_configuration(None, settings), load_configuration(None, settings[:0])
    assert differences(stated.as_dict()) == different
    found = differing(stated.as_dict(), silent.as_dict())
    assert found.keys() == different.keys()
    if not different:
        assert prepare_trial(stated).setup == prepare_trial(silent).setup
        assert prepare_trial(stated).dc == prepare_trial(silent).dc


def test_every_field_is_described_with_what_it_accepts():
    for name in TrialConfig.model_fields:
        assert len(description(name)) > 10
        assert expected(name)
    assert unit("dc_nA") == "nA"
    assert unit("celsius") == "degC"
    assert unit("seed") == ""
    with pytest.raises(ModelError, match="Did you mean 'dc_nA'"):
        description("dc_na")


def test_standard_sites_are_those_of_the_published_recordings():
    morphology = read_section_table()
    sites = standard_sites(morphology)
    assert list(sites) == ["soma", "ais", "proximal_trunk", "distal_trunk"]
    assert {name: str(site) for name, site in sites.items()} == {
        "soma": "soma_0(0)",
        "ais": "ais_3(0.5)",
        "proximal_trunk": "trunk_37(1)",
        "distal_trunk": "trunk_50(1)",
    }
    distances = {
        name: morphology.path_distance(morphology.section(site.section).index, site.x)
        for name, site in sites.items()
    }
    # model.md 6 states the two trunk sites to 0.1 um.
    assert distances["soma"] == 0
    assert math.isclose(distances["proximal_trunk"], 152.9, abs_tol=0.05)
    assert math.isclose(distances["distal_trunk"], 278.8, abs_tol=0.05)


def test_a_site_is_read_exactly():
    assert parse_site("trunk_50(0.25)") == ("trunk_50", 0.25)
    for wrong in (
        "trunk_50",
        "trunk_50(2)",
        "trunk_50(-0.1)",
        "trunk_50(.)",
        "trunk_50(0.5) ",
        "(0.5)",
        "trunk_50(1..2)",
    ):
        with pytest.raises(ModelError, match=r"expected section\(x\)"):
            parse_site(wrong)


def test_parameters_of_the_cell_are_fields_too(tmp_path):
    settings = ["kdr.gbar*=0.8", "trunk:nas.gbar=0.02", "dendrites: h.gbar *= 0.5"]
    config = load_configuration(None, settings)
    assert config.parameters == {"kdr.gbar*": 0.8, "trunk:nas.gbar": 0.02, "dendrites:h.gbar*": 0.5}
    path = tmp_path / "configuration.json"
    path.write_text(json.dumps(config.as_dict()))
    assert load_configuration(path) == config
    changed = load_configuration(path, {"kdr.gbar*": 1.2}, ["trunk:nas.gbar=null"])
    assert changed.parameters == {"dendrites:h.gbar*": 0.5, "kdr.gbar*": 1.2}
    assert [field_value(changed, name) for name in ("kdr.gbar*", "kad.gbar*", "soma:pas.e")] == [
        1.2,
        1.0,
        None,
    ]
    assert description("trunk:kdr.gbar*") == "factor on kdr.gbar in trunk"
    assert (unit("trunk:kdr.gbar*"), unit("trunk:kdr.gbar")) == ("", "S/cm2")


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("kdr.gbarr*=0.8", "parameter 'kdr.gbarr' does not exist. Did you mean 'kdr.gbar'?"),
        ("trunkk:kdr.gbar*=0.8", "region 'trunkk' does not exist. Did you mean 'trunk'?"),
        (
            "kdr.gbar*=half",
            "kdr.gbar* = 'half': expected a factor of 0 or more, as in kdr.gbar*=0.8",
        ),
        ("kdr.gbar*=-1", "kdr.gbar* = -1: expected a factor of 0 or more"),
        ("trunk:kdr.gbar=true", "trunk:kdr.gbar = True: expected a number in the parameter's unit"),
        ("trunk:kdr=1", "setting 'trunk:kdr': expected a parameter as in kdr.gbar*=0.8"),
        ("axon:h.gbar*=2", "h.gbar has no rule in region axon"),
        ("parameters={kdr.gbar*: x}", "expected a mapping of parameters to factors and values"),
    ],
)
def test_a_wrong_parameter_is_one_clear_line(setting, says):
    assert says in message(None, [setting])
