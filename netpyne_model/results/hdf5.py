"""HDF5 files by plain reads and writes: a full disk and a file system without locks do no harm.

The HDF5 library writes piece by piece, locks what it opens, and ends the process where a disk is
full as it exits. So a file is made in memory and written as bytes; what is read was written whole,
and needs no lock.
"""

import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..files import write_bytes
from .hdf5_claims import check_claims, read_heaps


@contextmanager
def written_hdf5(path: str | Path) -> Iterator[Any]:
    """An ``h5py.File`` to fill, which appears at `path` whole or not at all: see `write_beside`."""
    import h5py

    with h5py.File(str(path), "w", driver="core", backing_store=False) as file:
        yield file
        file.flush()
        content = file.id.get_file_image()
    write_bytes(path, content)


def read_hdf5(path: str | Path) -> Any:
    """An ``h5py.File`` to read, to be closed by the caller.

    Raises ValueError if the file claims more than it holds: see `hdf5_claims`.
    """
    import h5py

    with (
        open(path, "rb") as opened,
        mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content,
    ):
        heaps = read_heaps(content)
        file = h5py.File(path, "r", locking=False)
        try:
            check_claims(file, content, heaps)
        except BaseException:
            file.close()
            raise
        return file
