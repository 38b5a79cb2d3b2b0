"""Every message of the package is followed by a test, or has a reason why none can: `followed_messages`."""

import json
import os
import subprocess
import sys
from pathlib import Path

import followed_messages
import pytest
from message_sites import sites

from netpyne_model.specification.arguments import as_path

ROOT = Path(__file__).resolve().parents[1]
A_TEST = """
import pytest
from netpyne_model.errors import ModelError
from netpyne_model.specification.arguments import as_path

def test_followed():
    with pytest.raises(ModelError):
        as_path(3, "file", "a.csv")
    as_path("a.csv", "file", "a.csv")

def test_refused_alone():
    with pytest.raises(ModelError):
        as_path(3, "file", "a.csv")
"""


def test_a_new_message_is_followed():
    new = followed_messages.unfollowed()
    told = [f"{one.file}:{one.first_line}: {one.written[:100]}" for one in new]
    assert not told, "\n".join([*told, f"followed by no test: {followed_messages.HOW}"])


def test_the_table_names_messages_and_tests_that_exist():
    known = followed_messages.by_key()
    for message, row in followed_messages.read().items():
        assert message in known, f"{message}: the package has it no more; remove its row"
        assert bool(row["followed_by"]) != bool(row["reason"]), message
        if row["followed_by"]:
            file, _, test = row["followed_by"].partition("::")
            text = (ROOT / "tests" / file).read_text(encoding="utf-8")
            assert f"def {test.split('::')[-1]}(" in text, f"{message}: no {row['followed_by']}"


def test_the_recorder_tells_what_is_followed_from_what_is_refused_alone(tmp_path):
    (tmp_path / "test_one.py").write_text(A_TEST)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "recorded_messages", "-p"]
    command += ["no:cacheprovider", "--messages", "told", "test_one.py"]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)
    lines = (tmp_path / "told").read_text().splitlines()
    told = {one["test"].split("::")[1]: one["followed"] for one in map(json.loads, lines)}
    assert told == {"test_followed": True, "test_refused_alone": False}


def test_a_site_knows_its_own_message():
    told = [one for one in sites() if one.file == "specification/arguments.py"]
    with pytest.raises(ValueError, match="expected a path") as raised:
        as_path(3, "a", "b")
    assert [one.function for one in told if one.is_in(str(raised.value))] == ["as_path"]
