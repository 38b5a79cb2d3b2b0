"""Scripts that start processes: they need ``if __name__ == "__main__":``.

A new process imports the script that started it, and would start processes itself. What it imports
before that comes from Python, not from the folder that it is started in.
"""

import ast
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import process
from pathlib import Path
from types import FrameType

GUARD = "put its last lines under if __name__ == '__main__':"
"""What such a script has to be changed in."""
_EXIT_CODE = 2
OWN_MODULES_ONLY = {"PYTHONSAFEPATH": "1"}
"""Environment of a process that Python starts: a ``signal.py`` in the working folder is not Python's.

A new process looks there first until it has got the paths of the one that started it. Python knows
this from 3.11 on.
"""


def check_main_guard() -> None:
    """End a script that would start processes while they import it, with one line.

    Raises
    ------
    SystemExit
        With code 2, the line written: not `ModelError`, whose traceback such a script would show
        once for itself and once for every process.
    """
    if getattr(process.current_process(), "_inheriting", False):
        sys.exit(_EXIT_CODE)  # in such a process, whose parent tells it
    frame = _script()
    if frame is not None and not _guarded(frame):
        line = f"error: a script that runs a sweep is imported by its workers; {GUARD}"
        print(line, file=sys.stderr)
        sys.exit(_EXIT_CODE)


@contextmanager
def in_environment(**further: str) -> Iterator[None]:
    """Set variables of the environment for processes that the block starts."""
    before = {name: os.environ.get(name) for name in further}
    os.environ.update(further)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _script() -> FrameType | None:
    """The frame of the main script's own lines; None if it is none that processes import."""
    main = sys.modules["__main__"]
    if getattr(main, "__file__", None) is None:  # typed in, a notebook
        return None
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        own = frame.f_globals is vars(main) and frame.f_code.co_name == "<module>"
        if own and frame.f_code.co_filename == main.__file__:
            return frame
        frame = frame.f_back
    return None


def _guarded(frame: FrameType) -> bool:
    """Whether the line at which a script is stands under a look at ``__name__``."""
    try:
        tree = ast.parse(Path(frame.f_code.co_filename).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return True  # nothing to be known of it
    # A process that imports it cannot leave early: nothing but what is around the line counts.
    return any(
        isinstance(node, ast.If | ast.IfExp | ast.BoolOp)
        and node.lineno <= frame.f_lineno <= (node.end_lineno or 0)
        and any(isinstance(part, ast.Name) and part.id == "__name__" for part in ast.walk(node))
        for node in ast.walk(tree)
    )
