"""Folders of results appear complete or not at all, and are never lost at the end."""

import shutil
from pathlib import Path

import pytest
from full_disks import files_below

from netpyne_model.errors import ModelError
from netpyne_model.output_folder import next_folder, output_folder


def content(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def write_result(folder: Path, text: str) -> None:
    (folder / "configuration.json").write_text("{}")
    (folder / "results.nwb").write_text(text)


def test_output_folder_appears_only_when_complete(tmp_path):
    folder = tmp_path / "output" / "run"
    with output_folder(folder) as output:
        write_result(output.written, "new")
        assert not folder.exists()
    assert content(tmp_path) == [
        "output",
        "output/run",
        "output/run/configuration.json",
        "output/run/results.nwb",
    ]


@pytest.mark.parametrize("stop", [RuntimeError, KeyboardInterrupt])
def test_output_folder_leaves_nothing_on_failure(tmp_path, stop):
    with pytest.raises(stop), output_folder(tmp_path / "output" / "run") as output:
        write_result(output.written, "half")
        raise stop
    assert content(tmp_path) == []


def test_earlier_results_are_replaced_only_on_demand_and_at_the_end(tmp_path):
    folder = tmp_path / "run"
    with output_folder(folder) as output:
        write_result(output.written, "first")
    with pytest.raises(ModelError, match="already holds results"), output_folder(folder):
        pytest.fail("the block must not be entered")
    with pytest.raises(RuntimeError), output_folder(folder, overwrite=True) as output:
        write_result(output.written, "half")
        raise RuntimeError
    assert (folder / "results.nwb").read_text() == "first"
    with output_folder(folder, overwrite=True) as output:
        (output.written / "configuration.json").write_text("{}")
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


def test_results_whose_name_was_taken_meanwhile_stand_under_the_next_number(tmp_path):
    folder = tmp_path / "run"
    with output_folder(folder) as output:
        write_result(output.written, "late")
        for taken in ("run", "run_2"):
            (tmp_path / taken).mkdir()
            write_result(tmp_path / taken, "early")
    assert (folder / "results.nwb").read_text() == "early"
    assert (tmp_path / "run_3" / "results.nwb").read_text() == "late"
    assert output.moved
    assert output.place == tmp_path / "run_3"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run", "run_2", "run_3"]


@pytest.mark.parametrize("replaced_by", ["a file", "other files", "nothing"])
def test_results_are_kept_whatever_came_in_the_place_of_their_folder(tmp_path, replaced_by):
    folder = tmp_path / "output" / "run"
    with output_folder(folder) as output:
        write_result(output.written, "old")
    with output_folder(folder, overwrite=True) as output:
        shutil.rmtree(tmp_path / "output")
        output.make()  # as a run does before it writes
        write_result(output.written, "new")
        if replaced_by == "a file":
            folder.write_text("mine")
        elif replaced_by == "other files":
            folder.mkdir()
            (folder / "chapter.txt").write_text("mine")
    expected = folder if replaced_by == "nothing" else folder.with_name("run_2")
    assert output.place == expected
    assert (expected / "results.nwb").read_text() == "new"


def test_an_empty_folder_is_filled(tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    with output_folder(folder) as output:
        write_result(output.written, "new")
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
    (tmp_path / "deep").mkdir()
    monkeypatch.chdir(tmp_path / "deep")
    with pytest.raises(ModelError, match="name a new folder inside"), output_folder(".."):
        pytest.fail("the block must not be entered")
    with pytest.raises(ModelError, match="File name too long"), output_folder("a" * 256):
        pytest.fail("the block must not be entered")


@pytest.mark.parametrize("name", ["5", "Läufe 名", "ü" * 127 + "a"])
def test_any_name_that_the_file_system_takes_is_right(tmp_path, name):
    for _ in range(2):
        with output_folder(next_folder(tmp_path / name)) as output:
            write_result(output.written, "new")
    assert len(list(tmp_path.iterdir())) == 2
    assert (tmp_path / name / "results.nwb").read_text() == "new"


def test_a_link_leads_to_where_results_stand(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with output_folder(tmp_path / "link") as output:
        write_result(output.written, "new")
    assert (tmp_path / "elsewhere" / "results.nwb").read_text() == "new"
    assert output.place == tmp_path / "link"
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    with (
        pytest.raises(ModelError, match="choose another folder"),
        output_folder(tmp_path / "circle"),
    ):
        pytest.fail("the block must not be entered")


def test_room_is_looked_for_before_the_work(tmp_path):
    refused = "File too large for about 2.0 MB of results; nothing was simulated"
    with (
        pytest.raises(ModelError, match=refused),
        output_folder(tmp_path / "run") as output,
        files_below(1_000_000),
    ):
        output.check_room(2_000_000)
    with output_folder(tmp_path / "run") as output:
        output.check_room(2_000_000)
        assert not list(output.written.iterdir())
        write_result(output.written, "new")
