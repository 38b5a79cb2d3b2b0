"""Results as the DANDI archive takes them: its own validator, in an environment of its own (dandi brings a
hundred libraries that nothing else here needs).
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from environments import make_environment

from netpyne_model import CurrentClamp, Protocol, SpineInput
from netpyne_model.results import write_nwb

DANDI = "dandi==0.81.0"


@pytest.mark.slow
def test_dandi_validates_results(tmp_path, cell, loaded):
    stimuli = [
        CurrentClamp(amplitude_nA=1.0, start_ms=5),
        SpineInput(times_ms=[5], place="trunk@200", n=3),
    ]
    record = {"soma": "soma", "trunk": "trunk@200", "sodium": "nas.i soma"}
    result = Protocol(duration_ms=30, stimuli=stimuli, record=record).run(cell)
    assert len(result.spike_times_ms)
    # As `dandi organize` would lay them out: a folder a subject, named as the archive wants.
    subject = tmp_path / "dandiset" / "sub-model-cell"
    subject.mkdir(parents=True)
    (tmp_path / "dandiset" / "dandiset.yaml").write_text("identifier: DANDI:000000\nname: CA1\n")
    write_nwb(result, subject / "sub-model-cell_icephys.nwb")
    shutil.copy(subject / "sub-model-cell_icephys.nwb", subject / "named_otherwise.nwb")
    dandi = make_environment(tmp_path / "environment", DANDI) / "dandi"
    command = [dandi, "validate", "--min-severity", "INFO", "--format", "json_lines"]
    # A new version is not asked for, and dandi's log stays here.
    environment = os.environ | {"DANDI_NO_ET": "1", "XDG_STATE_HOME": str(tmp_path / "log")}
    done = subprocess.run(
        [*command, subject.parent], env=environment, capture_output=True, text=True
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert {(Path(one["path"]).name, one["id"]) for one in found} == {
        ("named_otherwise.nwb", "DANDI.NON_DANDI_FILENAME")  # the validator can say no
    }
