"""Writes that fail as on a full disk: the system allows a process no larger files."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def files_below(n_bytes: int) -> Iterator[None]:
    """Let writes beyond `n_bytes` of a file fail, as they do where disk or quota are full.

    The error is "File too large" in place of "No space left on device": both are an OSError of
    the same write.
    """
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
