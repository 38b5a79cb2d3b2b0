"""Numbers of a page: whole numbers as bytes, deflated, in base64; a few kB where text takes a MB."""

import base64
import zlib
from typing import Any

import numpy as np


class PackedArrays:
    """Collects the arrays of a page. Each is kept as text of its own, which the page reads when asked.

    Attributes
    ----------
    texts : list of str
        Base64 of the deflated bytes of each array.
    """

    def __init__(self) -> None:
        self.texts: list[str] = []

    def add(self, values: Any, resolution: float = 1.0, *, delta: bool = False) -> dict[str, Any]:
        """Take an array, rounded to a resolution; return what the page needs to read it.

        Parameters
        ----------
        values : array_like, shape (n,) or (n, m)
        resolution : float
            What one step of the whole numbers stands for.
        delta : bool
            Whether the differences along the first axis are kept, which pack better where values
            change little.

        Returns
        -------
        dict
            ``array`` (index of its text)``, shape, resolution, delta`` and ``bytes``, the number of
            bytes of a value: its first bytes come first, then all the second ones, ...
        """
        counts = np.rint(np.asarray(values, float) / resolution).astype(np.int64)
        return self.add_counts(counts, resolution, delta=delta)

    def add_counts(
        self, counts: np.ndarray, resolution: float, *, delta: bool = False
    ) -> dict[str, Any]:
        """Take whole numbers as they are."""
        kept = np.asarray(counts, np.int64)
        if delta and len(kept):
            kept = np.diff(kept, axis=0, prepend=np.zeros_like(kept[:1]))
        size = _bytes_of(kept)
        planes = [((kept >> (8 * plane)) & 255).astype(np.uint8).tobytes() for plane in range(size)]
        packed = zlib.compress(b"".join(planes), 6)
        self.texts.append(base64.b64encode(packed).decode("ascii"))
        return {
            "array": len(self.texts) - 1,
            "shape": list(np.shape(counts)),
            "resolution": resolution,
            "delta": delta,
            "bytes": size,
        }


def _bytes_of(counts: np.ndarray) -> int:
    """How many bytes, 1 to 4, hold the largest of signed whole numbers."""
    largest = int(np.abs(counts).max(initial=0))
    size = 1
    while largest >= 1 << (8 * size - 1):
        size += 1
    if size > 4:
        raise ValueError(f"{largest} does not fit into 32 bit; take a coarser resolution.")
    return size
