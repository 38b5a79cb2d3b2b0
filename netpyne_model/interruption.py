"""Work that Ctrl-C and the termination signal end, whatever library is at work."""

import os
import signal
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

# After an interrupt: how often to look whether NetPyNE has returned, and when to raise again what
# something caught; in processor time, since NEURON's solver uses the timer of real time itself
# and clears it.
_LOOK_AGAIN_S, _RAISE_AGAIN_S = 0.01, 1.0
INTERRUPTED = 130
"""Exit code of a program that was interrupted."""


class Interrupted(Exception):
    """A block was interrupted that left something to go on from, which the message names."""


def end_when_interrupted() -> None:
    """Let Ctrl-C end the process at once: for a program that starts, before it has done anything.

    Within `interruptible` it is as it says there. Libraries that are being imported would catch an
    exception, or make another of it.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # not where it is ignored
        signal.signal(signal.SIGINT, _end)


def _end(number: int, frame: FrameType | None) -> None:
    try:
        os.write(2, b"error: interrupted; nothing was done.\n")
    finally:
        os._exit(INTERRUPTED)


@contextmanager
def interruptible() -> Iterator[None]:
    """Stop the block on Ctrl-C and on the termination signal (a cluster's time limit).

    NetPyNE and other libraries catch every exception in places, the interrupt too, and go on: it is
    raised again until the block ends. Inside NetPyNE it waits, since NEURON aborts the process when
    half a cell is used.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    interrupted = False

    def interrupt(number: int, frame: FrameType | None) -> None:
        nonlocal interrupted
        interrupted = True
        # What a destructor catches is raised again later, not printed.
        sys.unraisablehook = lambda _: None
        wait = _inside_netpyne(frame)
        signal.setitimer(signal.ITIMER_VIRTUAL, _LOOK_AGAIN_S if wait else _RAISE_AGAIN_S)
        if not wait:
            raise KeyboardInterrupt

    unraisablehook = sys.unraisablehook
    before = {
        number: signal.signal(number, interrupt)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGVTALRM)
    }
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)
        sys.unraisablehook = unraisablehook
        if interrupted:  # also in place of the error that half a cell may have given
            # Of files and processes that are let go of at once.
            warnings.simplefilter("ignore", ResourceWarning)
            raise KeyboardInterrupt


def _inside_netpyne(frame: FrameType | None) -> bool:
    while frame is not None:
        if str(frame.f_globals.get("__name__")).partition(".")[0] in ("netpyne", "neuron"):
            return True
        frame = frame.f_back
    return False
