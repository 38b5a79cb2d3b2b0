"""Attributes as they stand in the headers of an HDF5 file's objects.

The HDF5 library gives an attribute's value, but not what the file claims of it. Layout: HDF5 File
Format Specification, version 3.0 (sections IV.A.1 object headers, IV.A.2 messages).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_TYPE, _ATTRIBUTE, _CONTINUATION, _ATTRIBUTES_ELSEWHERE = 0x03, 0x0C, 0x10, 0x15  # messages
_SHARED = 0x02  # flag of a message that is kept elsewhere
_SHARED_TYPE = 0x01  # flag of an attribute
_RECORD, _LIST, _ARRAY = 6, 9, 10  # classes of types
_TEXT, _UTF8 = 1, 1  # largest kind of a list, and of letters, that there is
_LIST_BYTES = 16  # of a text or list where it is stored: length, heap, entry
_NOWHERE = 2**64 - 1
_HEADER_BYTES = 16  # before the messages of a header of version 1


@dataclass(frozen=True)
class Attribute:
    """An attribute of an object.

    Attributes
    ----------
    name : str
    item_bytes : int
        Of values that are texts, or lists, each of its own length: of an item; else 0.
    is_record : bool
        Whether its values consist of others.
    claimed_bytes : int
        What its values need, by their type and number.
    value : bytes
        What stands in the file.
    """

    name: str
    item_bytes: int
    is_record: bool
    claimed_bytes: int
    value: bytes


def read_attributes(content: Any, header: int) -> Iterator[Attribute]:
    """The attributes of the object whose header is at a place of a file's content.

    Raises
    ------
    ValueError
        If one of them stands outside the header, or the type of one, or of the object's data, is
        none that the library writes.
    """
    for kind, flags, message in _messages(content, header):
        if kind == _TYPE:
            if flags & _SHARED:
                raise ValueError("a type is kept elsewhere")
            _item_bytes(message)
        if kind == _ATTRIBUTE:
            if flags & _SHARED:
                raise ValueError("an attribute is kept elsewhere")
            yield _attribute(message)
        elif kind == _ATTRIBUTES_ELSEWHERE:
            heap = 4 if message[1] & 1 else 2  # after the largest number, where there is one
            if _number(message, heap) != _NOWHERE:
                raise ValueError("attributes are kept elsewhere")


def _attribute(message: bytes) -> Attribute:
    version = message[0]
    if version > 1 and message[1] & _SHARED_TYPE:
        raise ValueError("an attribute's type is kept elsewhere")
    parts = []
    place = 9 if version == 3 else 8  # 3 has the encoding of its name
    for size_place in (2, 4, 6):  # name, type, space
        size = _number(message, size_place, 2)
        parts.append(message[place : place + size])
        place += -(-size // 8) * 8 if version == 1 else size
    name, kind, space = parts
    return Attribute(
        name.partition(b"\0")[0].decode(),
        item_bytes=_item_bytes(kind),
        is_record=kind[0] & 0x0F in (_RECORD, _ARRAY),
        claimed_bytes=_number(kind, 4, 4) * _size(space),
        value=message[place:],
    )


def _item_bytes(kind: bytes) -> int:
    """Of a type of texts or lists, the bytes of an item; 0 of others."""
    if kind[0] & 0x0F != _LIST:
        return 0
    if kind[8] & 0x0F in (_RECORD, _LIST, _ARRAY):
        raise ValueError("there are lists within lists")
    of_texts, letters = kind[1] & 0x0F, kind[2] & 0x0F
    if _number(kind, 4, 4) != _LIST_BYTES or of_texts > _TEXT or letters > _UTF8:
        raise ValueError("the type of a list is damaged")
    return _number(kind, 12, 4)


def _size(space: bytes) -> int:
    """Number of values of an attribute."""
    version, dimensions = space[0], space[1]
    if version == 2 and space[3] == 2:
        return 0
    place, size = 8 if version == 1 else 4, 1
    for dimension in range(dimensions):
        size *= _number(space, place + 8 * dimension)
    return size


def _messages(content: Any, header: int) -> Iterator[tuple[int, int, bytes]]:
    """Kind, flags and content of the messages of an object's header, of version 1 or 2."""
    second = content[header : header + 5] == b"OHDR\x02"
    if second:
        flags = content[header + 5]
        start = header + 6 + (16 if flags & 0x20 else 0) + (4 if flags & 0x10 else 0)
        width = 1 << (flags & 3)
        parts = [(start + width, _number(content, start, width))]
        kind_bytes, before = 1, 6 if flags & 4 else 4
    else:
        parts = [(header + _HEADER_BYTES, _number(content, header + 8, 4))]
        kind_bytes, before = 2, 8
    left = len(content)  # a header that leads back to itself ends, too
    for place, size in parts:
        end = min(place + size, len(content))
        left -= max(size, before)
        while place + before <= end and left >= 0:
            kind = _number(content, place, kind_bytes)
            size = _number(content, place + kind_bytes, 2)
            flags = content[place + kind_bytes + 2]
            message = content[place + before : min(place + before + size, end)]
            place += before + size
            if kind == _CONTINUATION:
                further, size = _number(message, 0), _number(message, 8)
                # Of version 2, between a signature and a checksum.
                parts.append((further + 4, max(size - 8, 0)) if second else (further, size))
            yield kind, flags, message


def _number(content: Any, place: int, size: int = 8) -> int:
    return int.from_bytes(content[place : place + size], "little")
