"""A plugin of pytest's that records which messages the tests raise, and which of them are followed.

`python -m pytest -p recorded_messages --messages FILE tests/...` adds a line of JSON to FILE for
each message and test. A message counts as followed where, later in the same test, the same door of
the package (the outermost function that refused) returns; the command line, with exit code 0.
"""

import dis
import functools
import json
import sys
from pathlib import Path
from types import CodeType, FrameType

from message_sites import PACKAGE, keys_of

from netpyne_model import errors

_RETURN = dis.opmap["RETURN_VALUE"]
_ROOT = str(PACKAGE)


def pytest_addoption(parser):
    parser.addoption("--messages", help="file to which the messages of this run are added")


class Recorder:
    """Messages of the test that runs."""

    def __init__(self, file: Path):
        self.file, self.raised, self.waiting = file, {}, {}

    def begin(self) -> None:
        self.raised, self.waiting = {}, {}

    def message(self, error: errors.ModelError) -> None:
        frames = _package_frames(sys._getframe(2))
        frames = [one for one in frames if not one.f_code.co_filename.endswith("/errors.py")]
        if not frames:
            return
        file = Path(frames[0].f_code.co_filename).relative_to(PACKAGE).as_posix()
        for key in keys_of(file, frames[0].f_lineno, str(error)):
            self.raised.setdefault(key, {"message": str(error), "followed": False})
            self.waiting.setdefault(frames[-1].f_code, set()).add(key)
        sys.setprofile(self.returned)

    def returned(self, frame: FrameType, event: str, value: object) -> None:
        code: CodeType = frame.f_code
        if event != "return" or code not in self.waiting:
            return
        if code.co_code[frame.f_lasti] != _RETURN or _package_frames(frame.f_back):
            return
        if code.co_name == "main" and value != 0:
            return
        for key in self.waiting.pop(code):
            self.raised[key]["followed"] = True

    def end(self, test: str) -> None:
        sys.setprofile(None)
        with self.file.open("a", encoding="utf-8") as lines:
            for key, what in self.raised.items():
                print(json.dumps({"test": test, "key": key, **what}), file=lines)


def _package_frames(frame: FrameType | None) -> list[FrameType]:
    """Frames of the package, from the innermost outwards."""
    found = []
    while frame is not None:
        if frame.f_code.co_filename.startswith(_ROOT):
            found.append(frame)
        frame = frame.f_back
    return found


def pytest_configure(config):
    if config.getoption("--messages") is None:
        return
    recorder = Recorder(Path(config.getoption("--messages")).absolute())
    config.pluginmanager.register(_Hooks(recorder))
    for kind in (errors.ModelError, errors.NotWritten):
        original = kind.__init__

        @functools.wraps(original)
        def noticed(self, *arguments, original=original, **named):
            original(self, *arguments, **named)
            recorder.message(self)

        kind.__init__ = noticed


class _Hooks:
    def __init__(self, recorder: Recorder):
        self.recorder = recorder

    def pytest_runtest_setup(self, item):
        self.recorder.begin()

    def pytest_runtest_teardown(self, item):
        self.recorder.end(item.nodeid)
