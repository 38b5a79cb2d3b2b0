"""Standard output and error of a command, where they are closed, full, or know few letters.

What a command says is worth less than what it works out: text that cannot be written is let go, and
the run goes on to its results.
"""

import errno
import io
import os
import select
import sys
from typing import Any

_DESCRIPTORS = {"stdout": 1, "stderr": 2}


class _UntilItFails(io.FileIO):
    """Writes to a descriptor until a write fails; what comes after that is let go."""

    failure: OSError | None = None

    def write(self, text: Any) -> int:
        while self.failure is None:
            try:
                written = super().write(text)
                if written is not None:
                    return written
                select.select([], [self], [])  # a full pipe that does not wait by itself
            except OSError as error:
                self.failure = error
        return len(text)


def let_go_of_what_cannot_be_said() -> None:
    """Let a command go on where its standard output or error cannot be written.

    Closed ones are opened onto nothing: the next file that is opened, of results for example, would
    take their place, and what libraries print would go into it. Letters that the encoding has not
    stand as Python writes them.
    """
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= max(_DESCRIPTORS.values()):
        os.set_inheritable(descriptor, True)
    os.close(descriptor)
    for name, descriptor in _DESCRIPTORS.items():
        before = getattr(sys, name)
        if before is not getattr(sys, f"__{name}__"):
            continue  # somebody listens
        raw = _UntilItFails(descriptor, "w", closefd=False)
        stream = io.TextIOWrapper(
            io.BufferedWriter(raw),
            encoding=getattr(before, "encoding", "utf-8"),
            errors="backslashreplace",
            line_buffering=getattr(before, "line_buffering", True),
            write_through=getattr(before, "write_through", False),
        )
        setattr(sys, name, stream)


def unsaid() -> str:
    """Why standard output could not be written to its end; empty if it was, or nobody listened."""
    sys.stdout.flush()
    failure = getattr(getattr(getattr(sys.stdout, "buffer", None), "raw", None), "failure", None)
    if failure is None or failure.errno == errno.EPIPE:  # as of `head`, which has enough
        return ""
    return failure.strerror or str(failure)
