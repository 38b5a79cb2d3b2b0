"""What an HDF5 file claims is compared with what it holds, before the library makes room for it."""

import struct
import zlib

import h5py
import numpy as np
import pytest
from damaged_files import MOST_MB, peak_MB
from drawn_trials import make_trial

from netpyne_model.errors import ModelError
from netpyne_model.results import read_nwb, write_nwb
from netpyne_model.results.hdf5 import read_hdf5, written_hdf5
from netpyne_model.results.hdf5_headers import read_attributes

TEXTS = ["soma", "trunk at 200 \u00b5m", ""]
CLAIMED = 0xFFFF_FFF0  # the longest there may be is 4 GB
LONGER = "claims a longer text than the file holds"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.h5"


def written(path, fill, libver=None):
    with h5py.File(path, "w", libver=libver) as file:
        fill(file)
    return path


def claim_more(path, text: str, length: int = CLAIMED) -> None:
    """Let the text, where it is not packed, be as long as is said: its first four bytes."""
    content = bytearray(path.read_bytes())
    heap = content.index(b"GCOL")
    entry = heap + 16
    while text.encode() != content[entry + 16 : entry + 16 + len(text.encode())]:
        size = int.from_bytes(content[entry + 8 : entry + 16], "little")
        entry += 16 + -(-size // 8) * 8
    number = int.from_bytes(content[entry : entry + 2], "little")
    stored = struct.pack("<IQI", len(text.encode()), heap, number)
    assert content.count(stored) == 1
    content = content.replace(stored, struct.pack("<IQI", length, heap, number))
    path.write_bytes(content)


def refusal(path) -> str:
    """Why a file is refused, without any room having been made for what it claims."""
    before_MB = peak_MB()
    with pytest.raises(ValueError, match=r"\w") as caught:
        read_hdf5(path)
    assert peak_MB() - before_MB < MOST_MB / 10
    return str(caught.value)


def in_data(file):
    file["where"] = TEXTS


def in_one_value(file):
    file["where"] = TEXTS[1]


def in_an_attribute(file):
    file.create_group("a").attrs["where"] = TEXTS[1]


def in_an_attribute_of_several(file):
    file.create_group("a").attrs["where"] = TEXTS


@pytest.mark.parametrize(
    ("fill", "libver"),
    [
        (in_data, "earliest"),
        (in_data, "v110"),
        (in_one_value, "earliest"),
        (in_one_value, "v110"),
        # A header of a newer version has a checksum, which tells of any change.
        (in_an_attribute, "earliest"),
        (in_an_attribute_of_several, "earliest"),
    ],
)
def test_a_text_that_claims_more_than_its_heap_holds_is_refused(path, fill, libver):
    written(path, fill, libver)
    read_hdf5(path).close()
    claim_more(path, TEXTS[1], len(TEXTS[1].encode()) + 1)
    assert LONGER in refusal(path)
    written(path, fill, libver)
    claim_more(path, TEXTS[1])
    assert refusal(path).endswith(LONGER)


@pytest.mark.parametrize("shuffle", [False, True])
def test_texts_in_packed_data_are_looked_at_too(path, shuffle):
    names = np.array(TEXTS * 200, dtype=object)
    with h5py.File(path, "w") as file:
        kind = {"dtype": h5py.string_dtype(), "compression": "gzip", "shuffle": shuffle}
        file.create_dataset("names", data=names, chunks=(100,), **kind)
    with read_hdf5(path) as file:
        assert file["names"].asstr()[:].tolist() == TEXTS * 200
    with h5py.File(path, "r+") as file:
        _, packed = file["names"].id.read_direct_chunk((500,))
        stored = np.frombuffer(zlib.decompress(packed), np.uint8).copy()
        stored = stored.reshape(16, 100).T.copy() if shuffle else stored.reshape(100, 16)
        stored[40, :4] = 0xFF
        stored = stored.T if shuffle else stored
        file["names"].id.write_direct_chunk((500,), zlib.compress(stored.tobytes()))
    assert refusal(path) == f"names {LONGER}"


def test_lists_of_numbers_count_by_the_bytes_of_a_number(path):
    def fill(file):
        lists = file.create_dataset("lists", (1,), h5py.vlen_dtype(np.float64))
        lists[0] = np.arange(5.0)

    written(path, fill)
    read_hdf5(path).close()
    content = path.read_bytes()
    heap = content.index(b"GCOL")
    stored = struct.pack("<IQI", 5, heap, 1)
    path.write_bytes(content.replace(stored, struct.pack("<IQI", 6, heap, 1)))
    assert refusal(path) == f"lists {LONGER}"


def test_lists_within_lists_and_texts_within_records_are_refused_references_are_not(path):
    def nested(file):
        file.create_dataset("lists", (1,), h5py.vlen_dtype(h5py.vlen_dtype(np.int8)))

    assert refusal(written(path, nested)) == "there are lists within lists"
    record = np.dtype([("at", "i4"), ("name", h5py.string_dtype())])
    for fill in (
        lambda file: file.create_dataset("records", (2,), record),
        lambda file: file.attrs.create("records", np.array([(1, "a")], record)),
    ):
        assert "records" in refusal(written(path, fill))

    def referring(file):
        pair = np.dtype([("start", "i4"), ("series", h5py.ref_dtype)])
        file.create_dataset("pairs", (2,), pair)
        file.attrs["target"] = file["pairs"].ref

    read_hdf5(written(path, referring)).close()


@pytest.mark.parametrize("libver", ["earliest", "v110"])
@pytest.mark.parametrize("tracked", [False, True])
def test_attributes_are_found_where_the_library_finds_them(path, libver, tracked):
    with h5py.File(path, "w", libver=libver) as file:
        group = file.create_group("a", track_order=tracked)
        for number in range(6):  # in parts: each was made room for by itself
            group.attrs[f"name {number}"] = "x" * number
            group.attrs[f"{number}"] = np.full((2, 1 + number), 1.0)
            if number == 2:
                group.create_group("b" * 300)
            if number == 3 and (tracked or libver != "earliest"):
                break  # more would stand in a heap of their own
    content = path.read_bytes()
    with h5py.File(path) as file:
        group = file["a"]
        found = {
            one.name: one for one in read_attributes(content, h5py.h5o.get_info(group.id).addr)
        }
        assert sorted(found) == sorted(group.attrs)
        for name, one in found.items():
            assert one.claimed_bytes == group.attrs.get_id(name).get_storage_size()
            assert len(one.value) >= one.claimed_bytes
            if one.item_bytes == 0:
                assert one.value[: one.claimed_bytes] == np.asarray(group.attrs[name]).tobytes()


@pytest.mark.parametrize("fill", [in_data, in_an_attribute])
@pytest.mark.parametrize(
    "other",
    [
        b"\x19\x01\x01\x00\x01\0\0\0",  # of another size
        b"\x19\x0f\x01\x00\x10\0\0\0",  # no kind of list: reading one ended the process
        b"\x19\x01\x0f\x00\x10\0\0\0",  # no alphabet
    ],
)
def test_a_type_of_texts_that_is_none_is_refused(path, fill, other):
    content = written(path, fill).read_bytes()
    kind = b"\x19\x01\x01\x00\x10\0\0\0"  # texts of variable length, in 16 bytes each
    assert content.count(kind) == 1
    path.write_bytes(content.replace(kind, other))
    assert refusal(path) == "the type of a list is damaged"


def test_attributes_outside_their_object_are_refused(path):
    def many(file):
        for number in range(20):
            file.attrs[f"{number}"] = "x"

    assert refusal(written(path, many, "v110")) == "attributes are kept elsewhere"


def test_every_attribute_of_a_result_is_looked_at(tmp_path):
    path = tmp_path / "a.nwb"
    write_nwb(make_trial(n_synapses=3, stop_ms=1600.0), path)
    content, n_attributes = path.read_bytes(), 0
    with h5py.File(path) as file:
        names: list[str] = []
        file.visit(names.append)
        for one in (file, *map(file.get, names)):
            found = [a.name for a in read_attributes(content, h5py.h5o.get_info(one.id).addr)]
            assert sorted(found) == sorted(one.attrs)
            n_attributes += len(found)
    assert n_attributes > 150
    claim_more(path, "mV" if b'"unit": "mV"' in content else "volts")
    with pytest.raises(ModelError, match=LONGER):
        read_nwb(path)


def test_what_is_written_here_is_taken(path):
    with written_hdf5(path) as file:
        in_data(file)
        in_an_attribute_of_several(file)
    with read_hdf5(path) as file:
        assert file["where"].asstr()[:].tolist() == TEXTS
        assert file["a"].attrs["where"].tolist() == TEXTS


@pytest.mark.parametrize("valid", [False, True])
def test_only_what_the_library_uses_of_a_file_is_looked_at(path, valid):
    """Of 20 GB that hold nothing, every page would be in memory; on the disk they take no room."""
    if valid:
        written(path, in_data)
    with path.open("ab") as file:
        file.truncate(20_000_000_000)
    if not valid:
        assert "does not begin as an HDF5 file" in refusal(path)
        return
    before_MB = peak_MB()
    with read_hdf5(path) as file:
        assert [text.decode() for text in file["where"]] == TEXTS
    assert peak_MB() - before_MB < MOST_MB / 10


@pytest.mark.parametrize("libver", ["earliest", "v110", "latest"])
def test_every_version_of_the_first_bytes_is_read(path, libver):
    with read_hdf5(written(path, in_data, libver)) as file:
        assert [text.decode() for text in file["where"]] == TEXTS
