"""Libraries that import what few of their users need, imported without it.

The standard library's own means, `importlib.util.LazyLoader`, for imports that stand in someone
else's code: a module is promised, and read when something of it is first used.
"""

import importlib.abc
import importlib.util
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType


@contextmanager
def imported_when_used(*modules: str) -> Iterator[None]:
    """Within the block, an import of these modules only promises them.

    Each is read when one of its attributes is first asked for, then or later, and is the same
    module as ever from then on. ``from module import name`` asks for an attribute, so it reads the
    module at once. A module that is imported already, or is not installed, is left as it is.
    """
    finder = _Finder(modules)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


class _Finder(importlib.abc.MetaPathFinder):
    """Finds the named modules where Python does, and leaves the reading of them for later."""

    def __init__(self, modules: Sequence[str]):
        self._modules = frozenset(modules)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in self._modules:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = importlib.util.LazyLoader(spec.loader)
        return spec
