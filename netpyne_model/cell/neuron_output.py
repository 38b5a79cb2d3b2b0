"""What NEURON writes to the terminal by itself, where it is told in a line of the package's own."""

import ctypes
import io
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout


@contextmanager
def without_lines(*words: str) -> Iterator[None]:
    """Keep off the terminal lines of NEURON's that hold one of the words; the rest goes there after.

    NEURON writes past Python too, so that the process's own output goes to a file meanwhile.
    """
    written = io.StringIO()
    sys.stdout.flush()
    sys.stderr.flush()
    with tempfile.TemporaryFile() as kept:
        own = {}
        try:
            for stream in (1, 2):
                own[stream] = os.dup(stream)
                os.dup2(kept.fileno(), stream)
            with redirect_stdout(written), redirect_stderr(written):
                yield
        finally:
            ctypes.CDLL(None).fflush(None)  # of C, which holds back what it writes
            for stream, copy in own.items():
                os.dup2(copy, stream)
                os.close(copy)
            kept.seek(0)
            text = kept.read().decode(errors="replace") + written.getvalue()
            for line in text.splitlines(keepends=True):
                if line.strip() and not any(word in line for word in words):
                    sys.stderr.write(line)
