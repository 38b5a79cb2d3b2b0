"""What an HDF5 file claims to hold, looked at before the HDF5 library makes room for it.

The library (2.0.0) believes a file: it makes room for as long a text as is claimed, up to 4 GB, and
reads it afterwards; it goes through a heap of texts for ever where an entry leads nowhere. So each
size is compared with what is there: data with what is stored of them, a text with its entry in a
heap. Layout: HDF5 File Format Specification, version 3.0 (section III.E, global heaps).
"""

import math
import struct
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from .hdf5_headers import read_attributes

MOST_RECORDING_BYTES = 4_000_000_000
"""Of one recording of results."""
_LARGEST_RATIO = 1100  # of deflated to packed bytes; the method itself ends at 1032
_SMALL_BYTES = 1_000_000  # what need not be packed at all
_DEFLATE, _SHUFFLE = 1, 2  # filters
_CONTIGUOUS, _CHUNKED = 1, 2  # layouts
_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_END_AT = {0: 40, 1: 44, 2: 28, 3: 28}  # where the end of what is used stands, by version
_HEAP = b"GCOL\x01\0\0\0"  # signature and version; the heap's size follows
_HEAP_BYTES = 16  # before its first entry
_ENTRY = struct.Struct("<HHIQ")  # of a heap: number, references, reserved, size
_TEXT = struct.Struct("<IQI")  # as a text is stored: length, heap, entry

Heaps = dict[tuple[int, int], int]
"""Bytes of each entry of the heaps of texts, by the heap's place in the file and the entry's number."""


def check_claims(file: Any, content: Any, heaps: Heaps) -> None:
    """Refuse a file that takes data from another, or claims more than it holds.

    Parameters
    ----------
    file : h5py.File
        The file, open.
    content : bytes-like
        All its bytes.
    heaps : dict
        Of `read_heaps`, which has to look at them before the file is opened.

    Raises
    ------
    ValueError
        With what is claimed, and by which part of the file.
    """
    import h5py

    plan = file.id.get_create_plist()
    if plan.get_userblock() or plan.get_sizes() != (8, 8):
        raise ValueError("its addresses are not counted as in files of results")
    _check_attributes("the file", file, content, heaps)

    names: list[bytes] = []
    file.id.links.visit(names.append)  # what fails within a visit hides the library's reason
    for name in (one.decode("utf-8", "surrogateescape") for one in names):
        if isinstance(file.get(name, getlink=True), h5py.ExternalLink):
            raise ValueError(f"{name} is in another file")
        one = file.get(name)
        if one is not None:
            _check_attributes(name, one, content, heaps)
        if isinstance(one, h5py.Dataset):
            _check_data(name, one, content, heaps)


def read_heaps(content: Any) -> Heaps:
    """The entries of all heaps of texts; ValueError where one leads nowhere, or back."""
    sizes = {}
    used_bytes = _used_bytes(content)
    heap = content.find(_HEAP, 0, used_bytes)
    while heap >= 0:
        claimed_bytes = int.from_bytes(content[heap + 8 : heap + _HEAP_BYTES], "little")
        end = min(heap + claimed_bytes, used_bytes)
        entry = heap + _HEAP_BYTES
        while entry + _ENTRY.size <= end:
            number, _, _, size = _ENTRY.unpack_from(content, entry)
            if number:
                sizes[heap, number] = size
                size = _ENTRY.size + -(-size // 8) * 8  # in whole words, after its header
            if not _ENTRY.size <= size <= end - entry:
                raise ValueError("a heap of texts is damaged")
            entry += size
        heap = content.find(_HEAP, heap + 1, used_bytes)
    return sizes


def _used_bytes(content: Any) -> int:
    """Bytes that the library uses of a file, which may be longer: nothing else need be looked at."""
    if content[: len(_SIGNATURE)] != _SIGNATURE:
        raise ValueError("it does not begin as an HDF5 file of results does")
    start = _END_AT.get(content[len(_SIGNATURE)] if len(content) > len(_SIGNATURE) else -1)
    if start is None:
        raise ValueError("it is of a version of HDF5 that is not known here")
    return min(int.from_bytes(content[start : start + 8], "little"), len(content))


def _check_data(name: str, one: Any, content: Any, heaps: Heaps) -> None:
    if one.external or one.is_virtual:
        raise ValueError(f"{name} is in another file")
    stored_bytes = one.id.get_storage_size()
    if one.nbytes > min(MOST_RECORDING_BYTES, _LARGEST_RATIO * stored_bytes + _SMALL_BYTES):
        raise ValueError(f"{name} claims more data than the file holds")
    item_bytes = _item_bytes(name, one.dtype)
    if stored_bytes and item_bytes:
        for texts in _stored(name, one, content):
            _check_texts(name, item_bytes, texts, heaps)


def _check_attributes(name: str, one: Any, content: Any, heaps: Heaps) -> None:
    """Look at the texts among an object's attributes where they stand, in its header."""
    import h5py

    for attribute in read_attributes(content, h5py.h5o.get_info(one.id).addr):
        which = f"{attribute.name} of {name}"
        if attribute.claimed_bytes > len(attribute.value):
            raise ValueError(f"{which} claims more than an attribute has")
        if attribute.is_record:
            _item_bytes(which, one.attrs.get_id(attribute.name).dtype)
        if attribute.item_bytes:
            _check_texts(which, attribute.item_bytes, attribute.value, heaps)


def _item_bytes(name: str, dtype: np.dtype) -> int:
    """Bytes of an item of data that are texts, or lists, each of its own length; 0 of others."""
    import h5py

    if h5py.check_ref_dtype(dtype) is not None or not dtype.hasobject:
        return 0
    if h5py.check_string_dtype(dtype) is not None:
        return 1
    item = h5py.check_vlen_dtype(dtype)
    if item is not None and not item.hasobject:
        return item.itemsize
    parts = [dtype[part] for part in dtype.names or ()]
    if dtype.subdtype is not None:
        parts = [dtype.base]
    if not parts or any(_item_bytes(name, part) for part in parts):
        raise ValueError(f"{name} has texts or lists within others")
    return 0


def _check_texts(name: str, item_bytes: int, stored: bytes, heaps: Heaps) -> None:
    whole = stored[: len(stored) // _TEXT.size * _TEXT.size]
    for length, heap, entry in _TEXT.iter_unpack(whole):
        if length * item_bytes > heaps.get((heap, entry), 0):
            raise ValueError(f"{name} claims a longer text than the file holds")


def _stored(name: str, one: Any, content: Any) -> Iterator[bytes]:
    """The stored bytes of a dataset of texts, unpacked."""
    plan = one.id.get_create_plist()
    if plan.get_layout() == _CONTIGUOUS:
        start = one.id.get_offset()
        yield content[start : start + one.id.get_storage_size()]
    elif plan.get_layout() == _CHUNKED:
        filters = [plan.get_filter(number)[0] for number in range(plan.get_nfilters())]
        most_bytes = _TEXT.size * math.prod(plan.get_chunk())
        chunks: list[Any] = []
        one.id.chunk_iter(chunks.append)
        for chunk in chunks:
            packed = content[chunk.byte_offset : chunk.byte_offset + chunk.size]
            used = [kind for bit, kind in enumerate(filters) if not chunk.filter_mask >> bit & 1]
            yield _unpacked(name, packed, used, most_bytes)
    else:
        raise ValueError(f"{name} is stored in its header")


def _unpacked(name: str, packed: bytes, filters: Sequence[int], most_bytes: int) -> bytes:
    for used in reversed(filters):
        if used == _DEFLATE:
            packed = zlib.decompressobj().decompress(packed, most_bytes)
        elif used == _SHUFFLE:
            n_texts = len(packed) // _TEXT.size
            columns = np.frombuffer(packed, np.uint8, n_texts * _TEXT.size)
            packed = columns.reshape(_TEXT.size, n_texts).T.tobytes()
        else:
            raise ValueError(f"{name} is packed in a way that results are not")
    return packed
