"""What is made to harm a reader of values: depth, repetition, tags, pipes, errors of many lines."""

import itertools
import os
import pickle
import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from reading_times import soon
from ruamel.yaml import YAML

from netpyne_model import Cell, Study
from netpyne_model.configuration import load_configuration
from netpyne_model.errors import LONGEST_MESSAGE, ModelError, did_you_mean, quoted
from netpyne_model.files import MOST_YAML_BYTES, parse_value, read_bytes, read_mapping
from netpyne_model.mechanisms.user_channels import read_user_channel
from netpyne_model.quantities import magnitude, per_siemens_per_cm2
from netpyne_model.results import read_nwb
from netpyne_model.specification import load_specification
from netpyne_model.xml_files import read_xml
from netpyne_model.yaml_values import from_yaml

REPEATED = "[&a0 [1, 2], " + ", ".join(
    f"&a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)
)
MERGED = "{a0: &a0 {k: 1, j: 2}, " + ", ".join(
    f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 19)}], x{n}: 1}}" for n in range(1, 12)
)


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ("a\nb \r\n  c\u2028d", "a b c d"),
        ("two  blanks stay, as in a path", "two  blanks stay, as in a path"),
        ("\x1b[31mred\x07", "\\x1b[31mred\\x07"),
        ("abc\u202ecba", "abc\\u202ecba"),
        ("half \ud83d", "half \\ud83d"),
        ("5 \u00b5m, caf\u00e9", "5 \u00b5m, caf\u00e9"),
    ],
)
def test_an_error_is_one_line_that_a_terminal_can_show(message, line):
    error = ModelError(message)
    assert str(error) == line
    assert str(ModelError(error)) == line
    assert str(pickle.loads(pickle.dumps(error))) == line


@pytest.mark.parametrize("middle", ["x" * 10**6, "\n" * 10**6, "\x1b" * 10**6])
def test_a_long_error_keeps_what_it_is_about_and_what_to_do(middle):
    line = soon(lambda: str(ModelError(f"cell.yaml: {middle}: expected a number.")))
    assert len(line) <= LONGEST_MESSAGE
    assert line.startswith("cell.yaml: ")
    assert line.endswith(": expected a number.")


def test_long_names_are_not_compared_letter_by_letter():
    known = ["kdr", "n" * 10**6]
    assert len(soon(lambda: did_you_mean("x" * 10**6, known))) < 2 * 10**6
    assert did_you_mean("kdrr", known) == " Did you mean 'kdr'?"


def test_a_value_that_python_cannot_write_is_quoted_by_its_kind():
    itself: list = []
    itself.append(itself)
    assert quoted(itself) == "[[...]]"
    assert quoted(10**5000) == "<int>"
    assert len(quoted("x" * 10**6)) <= 80


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[" * (MOST_YAML_BYTES - 1), "more than 50 others"),
        ("{a: " * 10**4, "more than 50 others"),
        ("- " * 10**4, "more than 50 others"),
        ("&a [*a]", "more than 50 others"),
        (f"{REPEATED}]", "more than 1000000 values"),
        (f"{MERGED}}}", "fewer keys after <<"),
        ("9" * 5000, "a number or a tag"),
        ("!!int one", "a number or a tag"),
        ("!!float one", "a number or a tag"),
        ("!!bool one", "a number or a tag"),
        ("!!int [1]", "expected a scalar"),
        ("!!timestamp {a: 1}", "expected a scalar"),
        ("!!binary aGk=", "tag"),
        ("!!set {a}", "tag"),
        ("!!python/object/apply:os.system [id]", "tag"),
        ('"\\ud800"', "half a character"),
        ('"\\0"', "null character"),
        ("a: 1\n" * MOST_YAML_BYTES, "write it into a JSON file"),
    ],
)
def test_yaml_that_is_made_to_harm_is_refused(text, says):
    line = soon(lambda: parse_value(text))
    assert says in line
    assert len(line) < 400


def test_an_anchor_that_is_given_twice_is_the_last_one_and_warns_of_nothing(recwarn):
    assert parse_value("[&a 1, *a, &a 2, *a]") == [1, 1, 2, 2]
    assert not recwarn.list


def test_mappings_are_merged_and_keys_are_texts_as_in_json():
    text = "{a: &x {q: 1, r: 2}, b: {<<: *x, r: 3}, 12: trunk, true: 1, null: 2, 1e3: 4}"
    assert parse_value(text) == {
        "a": {"q": 1, "r": 2},
        "b": {"q": 1, "r": 3},
        "12": "trunk",
        "true": 1,
        "null": 2,
        "1e3": 4,
    }


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"a": ' * 10**5, "lists and mappings in hundreds"),
        ('{"a": ' + "[" * 60 + "]" * 60 + "}", "more than 50 others"),
        ('{"a": ' + "9" * 5000 + "}", "thousands of digits"),
        ('{"a": "\\ud800"}', "half a character"),
        ('{"a\\u0000": 1}', "null character"),
    ],
)
def test_json_that_is_made_to_harm_is_refused(tmp_path, text, says):
    path = tmp_path / "a.json"
    path.write_text(text)
    assert says in soon(lambda: read_mapping(path))


def test_only_files_that_end_are_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/dev/zero")
    (tmp_path / "large").write_bytes(b"x" * 11)
    for name, says in {
        "pipe": "is a device or a pipe, no file; give a file.",
        "link": "is a device or a pipe, no file; give a file.",
        "": "cannot be read (Is a directory); give a file.",
        "nowhere": "cannot be read (No such file or directory); give a file.",
        "null\0": "cannot be read (embedded null byte); give a file.",
        "n" * 5000: "cannot be read (File name too long); give a file.",
        "large": "is larger than 1e-05 MB",
    }.items():
        with pytest.raises(ModelError) as error:
            read_bytes(tmp_path / name, "this", "give a file", most_bytes=10)
        assert str(error.value).startswith(f"this {says}")
    (tmp_path / "small").write_bytes(b"x" * 10)
    assert read_bytes(tmp_path / "small", "this", "give a file", most_bytes=10) == b"x" * 10


def test_what_stands_where_a_file_should_is_named(tmp_path):
    os.mkfifo(tmp_path / "pipe.swc")
    (tmp_path / "folder.swc").mkdir()
    (tmp_path / "folder.nwb").mkdir()
    for path, read, says in (
        (tmp_path / "pipe.swc", Cell, "is a device or a pipe, no file; give the path of a file."),
        (tmp_path / "folder.swc", Cell, "is a folder; give the path of a file."),
        (tmp_path / "none.swc", Cell, "does not exist; give the path of a file."),
        (tmp_path / "folder.nwb", read_nwb, "is a folder; give the path of a results.nwb."),
        (Path("/dev/null"), read_nwb, "is a device or a pipe, no file; give the path of a"),
    ):
        with pytest.raises(ModelError) as error:
            read(path)
        assert f"{path} {says}" in str(error.value)


_ENTITIES = "".join(f'<!ENTITY x{n} "{f"&x{n - 1};" * 9}">' for n in range(1, 30))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE a [<!ENTITY x29 SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd">',
        f"<!DOCTYPE a [{_ENTITIES}]>",
    ],
)
def test_xml_that_names_other_things_is_refused(tmp_path, encoding, declared):
    path = tmp_path / "a.nml"
    text = f'<?xml version="1.0" encoding="{encoding}"?>{declared}<a b="1">&x29;</a>'
    path.write_bytes(text.encode(encoding))
    refused = soon(lambda: read_xml(path, "NeuroML2"))
    line = f"{path} has a DOCTYPE, which no NeuroML2 file needs; remove it."
    assert refused == line or (encoding == "utf-16" and "is not XML" in refused)


def test_units_that_are_made_to_harm_are_no_units():
    names = [chr(97 + n) * 3 for n in range(20)]
    chain = {one: " ".join([two] * 20) for one, two in itertools.pairwise(names)}
    for unit in ("aaa", "1e99999 S/cm2", "S/cm999999999", "S/cm2" + " " * 10**6 + "x", "m9" * 50):
        assert soon(lambda unit=unit: per_siemens_per_cm2(unit, chain)) is None
    for text in ("1 m999999999", "1" * 10**5 + " x", "1 " + "_".join(["m9"] * 1000)):
        with pytest.raises(ValueError, match=r"no number|none of the units"):
            magnitude(text, "um")


def test_what_is_no_mapping_and_no_path_is_refused_by_its_name():
    with pytest.raises(ModelError, match=r"parameters = None: expected a mapping of parameters"):
        load_configuration(None, {"parameters": None}, {"kdr.gbar*": 0.8})
    with pytest.raises(ModelError, match=r"table = None: expected the path of a CSV file\."):
        Study(table=None)


@pytest.mark.parametrize(
    ("name", "content", "read"),
    [
        ("a.yaml", "base: CA1\nmorphology: {{file: {0}.swc}}\n", load_specification),
        ("a.yaml", "base: {{cell: {0}.yaml}}\ntable: {0}.csv\n", Study.load),
        ("a.json", '{{"cell": "{0}.yaml"}}', load_configuration),
        ("a.mod", 'INCLUDE "{0}.inc"\n', read_user_channel),
    ],
)
def test_a_long_path_that_a_file_names_is_shown_by_its_ends(tmp_path, name, content, read):
    file = tmp_path / name
    file.write_text(content.format("x" * 200))
    with pytest.raises(ModelError) as caught:
        read(file)
    words = str(caught.value).split()
    assert max(map(len, words)) <= 100
    (cut,) = [word for word in words if "xxx" in word]
    assert str(tmp_path).startswith(cut.partition("...")[0]) or cut.startswith("x")
    assert re.search(r"\.(swc|csv|yaml|inc)[,:]?$", cut)


@given(st.from_regex(r"-?[0-9]{1,4}(\.[0-9]{0,3})?|[a-zA-Z][a-zA-Z0-9_]{0,5}", fullmatch=True))
@example("012").via("octal in YAML 1.1")
@example("on").via("true in YAML 1.1")
@example("True").via("true")
def test_short_texts_mean_what_the_library_says(text):
    """Numbers and words are taken without it, which would need a fifth of a millisecond for each."""
    value, library = from_yaml(text), YAML(typ="safe", pure=True).load(text)
    assert (type(value), value) == (type(library), library)
