"""Files: mappings from JSON and YAML, and writes that appear complete or not at all."""

import json
import pickle
from pathlib import Path

import pytest
from full_disks import files_below
from hypothesis import given
from hypothesis import strategies as st

from netpyne_model.errors import ModelError
from netpyne_model.files import parse_value, read_mapping, write_beside, write_bytes


def content(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-4", 1e-4),
        ("-.5", -0.5),
        ("010", 10),
        ("no", "no"),
        ("true", True),
        ("null", None),
        ("1:30", "1:30"),
        ("[0, 1.5]", [0, 1.5]),
        ("{soma: soma_0(0)}", {"soma": "soma_0(0)"}),
        ("100 pA", "100 pA"),
        ("2024-01-31", "2024-01-31"),
        ("=", "="),
    ],
)
def test_values_are_read_as_yaml_1_2(text, value):
    read = parse_value(text)
    assert read == value
    assert type(read) is type(value)


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers() | st.booleans() | st.none())
def test_what_json_writes_is_read_back_exactly(value):
    assert parse_value(json.dumps(value)) == value


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.yaml", "seed: 1\ndc_nA: [1\n", "line 3"),
        ("a.yaml", "seed: 1\nseed: 2\n", "line 2"),
        ("a.yaml", "? [1, 2]\n: 3\n", "plain name"),
        ("a.yaml", "- 1\n", "expected a mapping"),
        ("a.yaml", "", "expected a mapping"),
        ("a.json", '{"seed": 1,\n "dc_nA" 2}', "line 2"),
        ("a.json", '{"seed": 1, "seed": 2}', "'seed' stands twice"),
        ("a.json", "[1]", "expected a mapping"),
        ("a.txt", "seed: 1", "ends in .json, .yaml or .yml"),
    ],
)
def test_malformed_files_are_refused_with_file_and_line(tmp_path, name, text, says):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(ModelError) as error:
        read_mapping(path)
    assert str(path) in str(error.value)
    assert says in str(error.value)


def test_a_file_that_is_not_text_or_not_there_is_refused(tmp_path):
    (tmp_path / "a.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ModelError, match="not UTF-8"):
        read_mapping(tmp_path / "a.yaml")
    with pytest.raises(ModelError, match="cannot be read"):
        read_mapping(tmp_path / "b.yaml")


def test_write_beside_replaces_the_file_on_success(tmp_path):
    path = tmp_path / "figure.png"
    path.write_text("old")
    with write_beside(path) as temporary:
        assert temporary.parent == tmp_path
        assert temporary.suffix == ".png"
        temporary.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert content(tmp_path) == ["figure.png"]


@pytest.mark.parametrize("stop", [RuntimeError, KeyboardInterrupt])
def test_write_beside_leaves_the_old_file_on_failure(tmp_path, stop):
    path = tmp_path / "table.csv"
    path.write_text("old")
    with pytest.raises(stop), write_beside(path) as temporary:
        temporary.write_text("half")
        raise stop
    assert path.read_text() == "old"
    assert content(tmp_path) == ["table.csv"]


def test_write_beside_refuses_a_missing_folder(tmp_path):
    with (
        pytest.raises(ModelError, match="cannot be written"),
        write_beside(tmp_path / "no" / "a.csv"),
    ):
        pass


def test_names_as_long_as_the_file_system_takes_are_written(tmp_path):
    path = tmp_path / ("ü" * 125 + ".json")
    write_bytes(path, b"{}")
    assert [one.name for one in tmp_path.iterdir()] == [path.name]
    with pytest.raises(ModelError, match="is a folder; give the name of a file in it"):
        write_bytes(tmp_path, b"{}")


def test_a_write_that_fails_names_the_file_and_leaves_nothing(tmp_path):
    path = tmp_path / "results.nwb"
    with pytest.raises(ModelError) as caught, files_below(1000):
        write_bytes(path, bytes(2000))
    line = f"{path}: File too large; choose a folder on another disk, or free some room."
    assert str(caught.value) == line
    assert str(pickle.loads(pickle.dumps(caught.value))) == line  # as it comes from a worker
    assert not content(tmp_path)
