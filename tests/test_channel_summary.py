"""Channels in jLEMS, by pyNeuroML's channel analysis: it ends well on each, and what it gives is the published curves."""

import re

import pytest

from netpyne_model.benchmarks.channel_summary import (
    analyse,
    differences,
    gated_channels,
    write_summary,
)
from netpyne_model.data_folders import NEUROML2
from netpyne_model.errors import ModelError
from netpyne_model.experiments.gating import CHANNELS


def test_all_channels_but_leaks_and_the_one_of_12_states_are_analysed():
    files = {path.name.split(".")[0] for path in (NEUROML2 / "channels").glob("*.channel.nml")}
    gated = {name for name in files if not name.startswith("pas") and not name.endswith("_steady")}
    assert set(gated_channels()) == gated - {"NaV2"}


@pytest.mark.java
@pytest.mark.slow
def test_jlems_has_the_published_curves_of_every_channel(tmp_path):
    table = analyse(gated_channels())
    assert table["here"].notna().all()
    largest = differences(table)
    published = largest.loc[list(CHANNELS)]
    assert published.notna().sum().sum() == 2 * (3 + 3 + 2 + 2 + 1 + 2 + 2 + 1 + 1 + 1)
    # float32 in the output, and a ramp of 0.018 mV a step between whose points a kink of a time constant falls.
    assert published.filter(like="inf").max(axis=None) < 1e-6
    assert published.filter(like="tau").max(axis=None) < 5e-5

    page = write_summary(table, tmp_path / "summary")
    committed = NEUROML2.parent / "docs" / "channel_summary"
    assert sorted(path.name for path in page.parent.iterdir()) == sorted(
        path.name for path in committed.iterdir()
    )

    def words(path):
        return re.sub(r"\d+e-\d+", "", path.read_text())

    assert words(page) == words(committed / "README.md"), "run ca1 channels docs/channel_summary"


@pytest.mark.java
def test_an_analysis_that_fails_says_with_what():
    with pytest.raises(
        ModelError,
        match=r"ended with 13 \(.*Unable to find file: no_such_channel.*run it on a file",
    ):
        analyse(["no_such_channel"])


def test_without_java_the_error_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ModelError, match="'java' was not found; jNeuroML needs it"):
        analyse(["kdr"])
