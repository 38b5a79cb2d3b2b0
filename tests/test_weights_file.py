"""Weights from a file: what a trial takes, refuses and runs again."""

import json
import re

import numpy as np
import pytest

from netpyne_model import PlaceFieldInput
from netpyne_model.cell.cell import Cell
from netpyne_model.configuration import load_configuration
from netpyne_model.errors import ModelError
from netpyne_model.inputs import read_weights, write_weights
from netpyne_model.simulation.prepared import prepare_trial
from netpyne_model.simulation.run import run_trial

SMALL = {"n_excitatory": 200, "n_inhibitory": 20, "seed": 3}


@pytest.fixture(scope="module")
def cell():
    return Cell()


@pytest.fixture(scope="module")
def drawn(cell):
    return PlaceFieldInput(**SMALL).trains(cell)


@pytest.fixture(scope="module")
def excitatory(drawn):
    return drawn.synapses[drawn.synapses["kind"] == "exc"]


@pytest.fixture
def weights_file(tmp_path, drawn, excitatory):
    path = tmp_path / "weights.csv"
    write_weights(path, drawn.synapses, 1 + 0.01 * np.arange(len(excitatory)))
    return path


# -- weights ----------------------------------------------------------------------------------------------------------


def test_weights_are_those_of_the_file_to_the_last_bit(tmp_path, drawn, excitatory):
    weights = np.random.default_rng(1).uniform(0, 4, len(excitatory))
    write_weights(tmp_path / "w.csv", drawn.synapses, weights)
    read = read_weights(tmp_path / "w.csv", drawn.synapses)
    np.testing.assert_array_equal(read[: len(weights)], weights)
    np.testing.assert_array_equal(read[len(weights) :], 1.0)  # the inhibitory ones


def test_a_file_of_the_own_weights_changes_nothing_and_others_reach_the_cell(
    tmp_path, drawn, excitatory
):
    own, stronger = tmp_path / "own.csv", tmp_path / "stronger.csv"
    write_weights(own, drawn.synapses, excitatory["ampa_weight"])
    write_weights(stronger, drawn.synapses, 4.0 * excitatory["ampa_weight"])
    fields = {**SMALL, "duration_ms": 300.0, "dt_ms": 0.05}
    plain, same, other = (
        run_trial(load_configuration(None, fields, {"weights_file": file}))
        for file in (None, str(own), str(stronger))
    )
    np.testing.assert_array_equal(plain.voltage_mV["soma"], same.voltage_mV["soma"])
    assert other.voltage_mV["soma"].max() > plain.voltage_mV["soma"].max() + 0.1
    weights = other.synapses["ampa_weight"].to_numpy()[: len(excitatory)]
    np.testing.assert_array_equal(weights, 4.0 * excitatory["ampa_weight"])


def test_a_run_again_takes_the_same_weights_or_says_that_they_changed(tmp_path, weights_file):
    config = prepare_trial(load_configuration(None, SMALL, {"weights_file": weights_file}))
    assert config.files.keys() == {str(weights_file)}
    file = tmp_path / "configuration.json"
    file.write_text(json.dumps(config.configuration))
    assert load_configuration(file).weights_file == weights_file
    weights_file.write_text(weights_file.read_text().replace(",1.01\n", ",1.02\n"))
    with pytest.raises(ModelError, match="has another content than when this was run") as caught:
        load_configuration(file)
    advice = re.search(r"set (\S+) to take", str(caught.value))[1]
    assert load_configuration(file, [advice]).weights_file == weights_file


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"w_max": 2.0}, "w_max = 2.0: weights_file has the weights"),
        ({"excitation": False}, "excitation = False: weights_file has the weights"),
        (
            {"assignment_seed": 4},
            "these are the weights of another cell, set-up, seed, arrangement or number of inputs",
        ),
        ({"n_excitatory": 210}, "another cell, set-up, seed, arrangement or number of inputs"),
        ({"n_excitatory": 150}, "another cell, set-up, seed, arrangement or number of inputs"),
    ],
)
def test_what_contradicts_the_weights_is_refused(weights_file, fields, named):
    with pytest.raises(ModelError, match=re.escape(named)) as caught:
        prepare_trial(load_configuration(None, SMALL, {"weights_file": weights_file}, fields))
    assert "\n" not in str(caught.value)


def test_events_of_a_file_have_weights_already():
    with pytest.raises(
        ModelError, match=r"weights_file = .*: it has no effect on the inputs of ev"
    ):
        PlaceFieldInput(events_file="e.csv", weights_file="w.csv")


def test_what_a_file_held_belongs_to_a_file():
    with pytest.raises(ModelError, match="weights_sha256: it has no effect without weights_file"):
        load_configuration(None, {"weights_sha256": "0" * 64})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: "", "columns ''; expected synapse, section, x, ampa_weight"),
        (lambda text: text.replace("ampa_weight", "weight"), "expected synapse, section, x, amp"),
        (lambda text: text.replace(",1.01\n", ",much\n"), "line 3: ampa_weight is 'much'"),
        (lambda text: text.replace(",1.01\n", ",-1\n"), "line 3: ampa_weight is '-1'"),
        (lambda text: text.replace(",1.01\n", ",nan\n"), "line 3: ampa_weight is 'nan'"),
        (lambda text: text.replace(",1.01\n", "\n"), "line 3: 3 cells; expected 4."),
        (lambda text: text + text.splitlines()[-1] + "\n", "stands there twice; keep one."),
        (lambda text: "\n".join(text.splitlines()[:-1]), "has no weight; expected one for every"),
    ],
)
def test_a_file_that_does_not_hold_is_refused(weights_file, drawn, change, message):
    weights_file.write_text(change(weights_file.read_text()))
    with pytest.raises(ModelError, match=re.escape(message)):
        read_weights(weights_file, drawn.synapses)
    with pytest.raises(ModelError, match="cannot be read"):
        read_weights(weights_file.with_name("none.csv"), drawn.synapses)
