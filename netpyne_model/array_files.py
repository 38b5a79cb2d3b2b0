"""Reads archives of arrays (``.npz``): no more than the file holds, and no objects."""

import io
import zipfile
from pathlib import Path

import numpy as np

from .errors import ModelError
from .files import read_bytes

MOST_ARRAY_BYTES = 2_000_000_000
"""Of an archive, and of what it unpacks to; a checkpoint of the published trial has 30 MB."""
_LARGEST_RATIO = 1100  # of deflated to packed bytes; the method itself ends at 1032


def read_arrays(path: Path, what: str, damaged: str, *, advice: str) -> dict[str, np.ndarray]:
    """The arrays of an archive by name.

    Raises ModelError if it cannot be read (`what` cannot be read (why); `advice`), or is damaged:
    then why is `damaged`. Arrays of Python objects, which could run what a file says, are damage.
    """
    content = read_bytes(path, what, advice, most_bytes=MOST_ARRAY_BYTES)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(one.file_size for one in archive.infolist())
        if unpacked > min(MOST_ARRAY_BYTES, _LARGEST_RATIO * len(content)):
            raise ValueError("it unpacks to more than it can hold")
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except Exception as error:  # zipfile and numpy raise what they come upon first
        raise ModelError(f"{what} cannot be read ({damaged}); {advice}.") from error
