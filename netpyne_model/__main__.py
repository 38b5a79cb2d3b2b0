"""``python -m netpyne_model`` is the command ``ca1``."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType


def command(*first: str) -> None:
    """Run ``ca1`` with the arguments of this process, after those given, and end the process."""
    from .interruption import INTERRUPTED, end_when_interrupted

    end_when_interrupted()
    sys.excepthook = sys.__excepthook__
    import signal

    from .standard_streams import let_go_of_what_cannot_be_said, unsaid

    let_go_of_what_cannot_be_said()
    from .commands import USER_ERROR, main

    code = main([*first, *sys.argv[1:]])
    if code == 0 and (reason := unsaid()):
        code = USER_ERROR
        left = "files are complete; give it a place with room"
        print(f"error: standard output cannot be written ({reason}); {left}.", file=sys.stderr)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # all is done; the end of Python takes a moment
    if code == INTERRUPTED:
        # Where a text was being run, as named tuples are made of one, Python remembers Ctrl-C until
        # it runs another, and would end by the signal.
        exec("")
    sys.exit(code)


def _end_if_interrupted(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    """End of Ctrl-C before `end_when_interrupted`, whose own imports take a moment."""
    if issubclass(kind, KeyboardInterrupt):
        os.write(2, b"error: interrupted; nothing was done.\n")
        os._exit(130)  # `INTERRUPTED`
    sys.__excepthook__(kind, error, traceback)


sys.excepthook = _end_if_interrupted

if __name__ == "__main__":
    command()
