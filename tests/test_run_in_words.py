"""What a run is called, what is said before it and after it; advice that is given works."""

import dataclasses
import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from drawn_trials import make_trial

from netpyne_model import Cell, ModelError, Trial
from netpyne_model.analysis import in_lines, title
from netpyne_model.analysis.in_words import different
from netpyne_model.commands.run import default_folder
from netpyne_model.commands.run_summary import next_step
from netpyne_model.configuration import (
    TrialConfig,
    differences,
    in_name,
    in_title,
    load_configuration,
)
from netpyne_model.reports.wording import sentences
from netpyne_model.simulation import prepare_trial, remarks

EXAMPLE = Path(__file__).parents[1] / "morphologies" / "example.swc"


def configured(*settings: str) -> TrialConfig:
    return load_configuration(None, settings)


# -- names and titles


def test_the_default_trial_has_its_plain_name():
    assert default_folder(TrialConfig()) == Path("output/full_silent_cell_seed0")
    assert differences(TrialConfig().as_dict()) == {}


@pytest.mark.parametrize(
    ("settings", "name", "words"),
    [
        (["drugs=[TTX]"], "_TTX", ["under TTX"]),
        (["drugs=[TTX, 'AP5:0.5']"], "_TTX_AP5_x0.5", ["under TTX and AP5 (× 0.5)"]),  # noqa: RUF001
        (["drugs=['INaP:0.5@ais']"], "_INaP_dose_0.5_ais", ["under INaP (dose 0.5) in ais"]),
        (["dc_nA=0"], "_dc0nA", ["no DC"]),
        (["dc_nA=-0.05"], "_dc-0.05nA", []),
        (["kdr.gbar*=0.8"], "_kdr.gbar_x0.8", ["kdr.gbar × 0.8"]),  # noqa: RUF001
        (["trunk:nas.gbar=0.02"], "_trunk-nas.gbar_0.02", ["trunk:nas.gbar = 0.02"]),
        (["n_excitatory=400"], "_400exc", ["400 excitatory inputs"]),
        (["excitatory_share=0.14"], "_exc_share0.14", ["excitatory inputs on 0.14 of the spines"]),
        (["spines=explicit"], "_spines_explicit", ["spines explicit"]),
        (["record={tuft: tuft@400}", "record_currents=true"], "", []),
    ],
)
def test_what_is_not_the_default_stands_in_name_and_title(settings, name, words):
    fields = configured(*settings).as_dict()
    assert in_name(fields) == name
    assert in_title(fields) == words


def test_a_name_is_bounded_and_takes_no_sign_that_a_file_system_refuses():
    stimuli = [f"{{kind: CurrentClamp, amplitude_nA: 0.1, place: trunk@{n}}}" for n in range(9)]
    fields = configured("drugs=[TTX, AP5]", f"stimuli=[{', '.join(stimuli)}]").as_dict()
    name = in_name(fields)
    assert name.startswith("_TTX_AP5_CurrentClamp-at-trunk-0_")
    assert name.endswith("_and_more")
    assert len(name) < 100
    assert re.fullmatch(r"[\w.+-]+", name)


def test_the_cell_names_the_folder():
    assert default_folder(configured(f"cell_file={EXAMPLE}")).name == "example_silent_cell_seed0"


# -- before a run


@pytest.mark.parametrize(
    ("duration_ms", "where"),
    [(200, "within the settling"), (400, "before the track begins"), (1500, "before the place")],
)
def test_a_trial_that_ends_before_its_field_is_said_and_the_advice_works(duration_ms, where):
    (line,) = remarks(configured(f"duration_ms={duration_ms}"))
    assert where in line
    advised_ms = re.search(r"--set duration_ms=(\d+)", line).group(1)
    assert remarks(configured(f"duration_ms={advised_ms}")) == []


def test_usual_trials_are_not_remarked():
    assert remarks(TrialConfig()) == remarks(TrialConfig(setup="place_cell")) == []


@pytest.mark.parametrize(
    ("off", "names"),
    [
        ("excitation=false", ["w_max=2", "theta_k=2"]),
        ("theta_depth=0", ["theta_k=2"]),
        ("n_inhibitory=0", ["inhibition_reduction=in_field"]),
        ("inhibitory_share=0", ["inhibition_reduction=in_field"]),
        ("dc_nA=0", ["dc_section=trunk_50", "dc_start_ms=10"]),
    ],
)
def test_fields_that_another_switches_off_are_said_and_change_nothing(off, names):
    (line,) = remarks(configured(off, *names))
    given = [name.partition("=")[0] for name in names]
    assert all(name in line for name in given)
    assert line.endswith(f"no effect with {off}; leave one of the two out")
    assert remarks(configured(off)) == remarks(configured(*names)) == []
    with_them, without = (
        prepare_trial(configured("duration_ms=300", off, *more)) for more in (names, [])
    )
    assert with_them.driven.synapses.equals(without.driven.synapses)
    for one, other in zip(
        with_them.driven.presynaptic_ms, without.driven.presynaptic_ms, strict=True
    ):
        assert np.array_equal(one, other)
    assert with_them.dc[-1] == without.dc[-1] or with_them.dc[-1] == 0


def test_inputs_that_were_never_scaled_to_the_cell_are_said_and_the_advice_works():
    settings = [f"cell_file={EXAMPLE}"]
    (line,) = remarks(configured(*settings))
    assert line.startswith("1,600 excitatory inputs are 66% of this cell's 2,440 spines, 14%")
    advice = re.search(r"--set (\S+)", line).group(1)
    assert remarks(configured(*settings, advice)) == []
    driven = prepare_trial(configured(*settings, advice, "duration_ms=300")).driven.synapses
    assert (driven["kind"] == "exc").sum() == pytest.approx(0.14 * 2440, abs=4)  # of 4 regions


def test_more_inputs_than_spines_are_refused_with_a_share_that_works():
    settings = [f"cell_file={EXAMPLE}", "setup=place_cell", "duration_ms=300"]
    with pytest.raises(ModelError, match="drives 3,200 spines, this cell has 2,440") as refused:
        prepare_trial(configured(*settings))
    advice = re.search(r"excitatory_share=[\d.]+", str(refused.value)).group()
    prepare_trial(configured(*settings, advice))


def test_a_share_and_a_number_are_refused():
    for kind in ("excitatory", "inhibitory"):
        with pytest.raises(ModelError, match=f"n_{kind} and {kind}_share"):
            Trial(**{f"n_{kind}": 10, f"{kind}_share": 0.1})


def test_shares_of_the_published_cell_are_numbers():
    by_share = prepare_trial(TrialConfig(excitatory_share=0.05, duration_ms=300)).driven.synapses
    by_number = prepare_trial(TrialConfig(n_excitatory=564, duration_ms=300)).driven.synapses
    assert by_share.equals(by_number)  # 0.05 of 11,294


# -- after a run


@pytest.fixture(scope="module")
def short():
    return Trial(n_excitatory=20, n_inhibitory=10, duration_ms=50, drugs=["TTX"], seed=3).run()


def test_a_short_run_is_told_in_few_lines(short):
    lines = in_lines(short)
    assert lines[0] == title(short)
    assert "under TTX" in lines[0]
    assert "before the track" in lines[0]
    assert "seed 3" in lines[0]
    named = dict(line.split(maxsplit=1) for line in lines[1:])
    assert list(named) == ["Spikes", "Inputs", "Time", "Different"]
    assert 'drugs = ["TTX"], ' in named["Different"]


def test_a_cell_of_ones_own_is_told_by_what_is_changed_of_it(short):
    of_its_own = {"base": "CA1", "biophysics": {"factors": {"kdr.gbar": {"soma": 0.8}}}}
    provenance = short.provenance | {"cell": Cell.from_dict(of_its_own).provenance}

    def told(cell):
        one = {"cell": cell, "cell_file": None}
        fields = short.configuration | one
        return different(dataclasses.replace(short, configuration=fields, provenance=provenance))

    factors = "biophysics.factors: none -> {kdr.gbar: {soma: 0.8}}"
    assert told(of_its_own).endswith(f", cell = own ({factors})")
    assert told(of_its_own | {"name": "slow"}).endswith(f", cell = slow ({factors})")
    assert "cell" not in told(None)


def test_a_file_that_changes_nothing_is_the_published_cell(tmp_path):
    (tmp_path / "same.yaml").write_text("base: CA1\n")
    (tmp_path / "other.yaml").write_text("base: CA1\nname: mine\n")
    same, other = (
        load_configuration(None, {"cell_file": str(tmp_path / name)})
        for name in ("same.yaml", "other.yaml")
    )
    assert same.standing_alone() == TrialConfig().standing_alone()
    assert other.standing_alone()["cell"] == {"base": "CA1", "name": "mine"}


def test_a_run_that_never_leaves_the_field_says_so():
    lines = {}
    for width_ms in (500.0, 5000.0):
        trial = make_trial()
        track = dataclasses.replace(trial.track, width_ms=width_ms)
        told = in_lines(dataclasses.replace(trial, track=track))
        lines[width_ms] = next(line for line in told if line.startswith("Rate"))
    assert "Hz out of it" in lines[500.0]
    assert "; the run does not leave it" in lines[5000.0]
    assert not any("nan" in line for line in lines.values())


def test_a_spike_before_the_track_begins_is_none_of_the_field():
    trial = make_trial(spikes_ms=(400.0, 1450.0, 1500.0))
    wide = dataclasses.replace(trial, track=dataclasses.replace(trial.track, width_ms=5000.0))
    counted = "It fires 3 spikes (beyond \N{MINUS SIGN}20\N{NO-BREAK SPACE}mV at the soma), 2 in its place field"
    assert counted in sentences(wide)[-1]


def test_the_next_step_is_a_command_that_holds(short, tmp_path):
    step = next_step(short, tmp_path / "a", tmp_path / "b")
    words = shlex.split(step, comments=True)
    assert words[:4] == ["ca1", "run", "--seed", "3"]
    assert set(words[4::2]) == {"--set"}  # what else the trial had stays
    assert set(words[5::2]) == {'drugs=["TTX"]', "n_excitatory=20", "n_inhibitory=10"}
    cell = {"cell": {"name": "x"}}  # its content, which no command line holds
    own = dataclasses.replace(short, configuration=short.configuration | cell)
    words = shlex.split(next_step(own, tmp_path / "a", tmp_path / "b"), comments=True)
    file = str(tmp_path / "a" / "configuration.json")
    assert words == ["ca1", "run", "--config", file, "--set", "duration_ms=null"]
