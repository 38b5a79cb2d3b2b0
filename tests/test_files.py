"""Files: mappings from JSON and YAML, and writes that appear complete or not at all."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netpyne_model.errors import ModelError
from netpyne_model.files import output_folder, parse_value, read_mapping, write_beside


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


def write_result(folder: Path, text: str) -> None:
    (folder / "configuration.json").write_text("{}")
    (folder / "results.nwb").write_text(text)


def test_output_folder_appears_only_when_complete(tmp_path):
    folder = tmp_path / "output" / "run"
    with output_folder(folder) as temporary:
        write_result(temporary, "new")
        assert not folder.exists()
    assert content(tmp_path) == [
        "output",
        "output/run",
        "output/run/configuration.json",
        "output/run/results.nwb",
    ]


@pytest.mark.parametrize("stop", [RuntimeError, KeyboardInterrupt])
def test_output_folder_leaves_nothing_on_failure(tmp_path, stop):
    with pytest.raises(stop), output_folder(tmp_path / "output" / "run") as temporary:
        write_result(temporary, "half")
        raise stop
    assert content(tmp_path) == []


def test_earlier_results_are_replaced_only_on_demand_and_at_the_end(tmp_path):
    folder = tmp_path / "run"
    with output_folder(folder) as temporary:
        write_result(temporary, "first")
    with pytest.raises(ModelError, match="already holds results"), output_folder(folder):
        pytest.fail("the block must not be entered")
    with pytest.raises(RuntimeError), output_folder(folder, overwrite=True) as temporary:
        write_result(temporary, "half")
        raise RuntimeError
    assert (folder / "results.nwb").read_text() == "first"
    with output_folder(folder, overwrite=True) as temporary:
        (temporary / "configuration.json").write_text("{}")
        assert (folder / "results.nwb").read_text() == "first"
    assert content(tmp_path) == ["run", "run/configuration.json"]


def test_a_folder_that_is_not_ours_is_never_touched(tmp_path):
    folder = tmp_path / "thesis"
    folder.mkdir()
    (folder / "chapter.txt").write_text("years of work")
    with pytest.raises(ModelError, match="left alone"), output_folder(folder, overwrite=True):
        pytest.fail("the block must not be entered")
    with (
        pytest.raises(ModelError, match="is a file"),
        output_folder(folder / "chapter.txt", overwrite=True),
    ):
        pytest.fail("the block must not be entered")
    assert (folder / "chapter.txt").read_text() == "years of work"


def test_a_result_that_appears_during_the_run_is_kept(tmp_path):
    folder = tmp_path / "run"
    with (
        pytest.raises(ModelError, match="already holds results"),
        output_folder(folder) as temporary,
    ):
        write_result(temporary, "late")
        folder.mkdir()
        write_result(folder, "early")
    assert (folder / "results.nwb").read_text() == "early"
    assert content(tmp_path) == ["run", "run/configuration.json", "run/results.nwb"]


def test_an_empty_folder_is_filled(tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    with output_folder(folder) as temporary:
        write_result(temporary, "new")
    assert (folder / "results.nwb").read_text() == "new"


def test_places_that_cannot_take_a_folder_are_refused(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(ModelError, match="cannot be made"),
        output_folder(tmp_path / "file" / "run"),
    ):
        pytest.fail("the block must not be entered")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError, match="name a new folder inside"), output_folder("."):
        pytest.fail("the block must not be entered")
