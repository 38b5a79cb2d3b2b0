"""What the errors of files, and of values typed, advise is done, as it stands, and works."""

import io
import os
import zipfile

import numpy as np
import pytest
from following import advised, advised_number, told

from netpyne_model.array_files import read_arrays
from netpyne_model.files import parse_value, read_bytes, read_mapping, write_beside, writing

DEEP = "[" * 5000 + "]" * 5000


def put(path, text):
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("wrong", "says", "right"),
    [
        ("{a: 'x", "put a text with such signs in quotes.", '"{a: \'x"'),
        ("1" * 1_100_000, "write it into a JSON file", "1"),
        ("9" * 5000, "", "9" * 20),
    ],
)
def test_values(wrong, says, right):
    told(lambda: parse_value(wrong), says)
    parse_value(right)


@pytest.mark.parametrize(
    ("wrong", "says", "right"),
    [
        (DEEP, "lists and mappings in hundreds of others; expected few levels", "[[[]]]"),
        ("1" + "0" * 5000, "a number of thousands of digits; write it plainly", "0.1"),
    ],
)
def test_json(tmp_path, wrong, says, right):
    file = put(tmp_path / "a.json", f'{{"a": {wrong}}}')
    told(lambda: read_mapping(file), says)
    put(file, f'{{"a": {right}}}')
    assert "a" in read_mapping(file)


def test_what_is_no_file(tmp_path):
    file = tmp_path / "a.yaml"
    os.mkfifo(file)
    told(lambda: read_mapping(file), "is a device or a pipe, no file; give the path of a JSON or")
    file.unlink()
    put(file, "a: 1")
    assert read_mapping(file) == {"a": 1}


def test_a_file_that_is_too_large(tmp_path):
    file = put(tmp_path / "a", "x" * 3000)

    def read():
        return read_bytes(file, file, "give a file", most_bytes=2000)

    line = told(read, "is larger than 0.002 MB; give a file below that.")
    put(file, "x" * round(1e6 * advised_number(line, r"than (\S+) MB")))
    assert read()


def test_what_is_written(tmp_path):
    def write(path):
        with write_beside(path) as half:
            half.write_text("a")

    line = told(lambda: write(tmp_path), "is a folder; give the name of a file in it.")
    write(f"{advised(line, '(.*) is a folder')}/a.txt")
    assert (tmp_path / "a.txt").read_text() == "a"

    def into(folder):
        with writing(folder, "choose another folder"):
            (tmp_path / folder).mkdir()

    told(lambda: into("a.txt/b"), "cannot be written", "; choose another folder.")
    into("b")


def archive(file, **arrays):
    with zipfile.ZipFile(file, "w") as made:
        for name, array in arrays.items():
            content = io.BytesIO()
            np.save(content, array)
            made.writestr(f"{name}.npy", content.getvalue())


def test_archives(tmp_path):
    file = put(tmp_path / "a.npz", "not an archive")

    def read():
        return read_arrays(file, str(file), "it was cut off", advice="run it again")

    told(read, "cannot be read (it was cut off); run it again.")
    archive(file, a=np.arange(3))
    assert read()["a"].tolist() == [0, 1, 2]
