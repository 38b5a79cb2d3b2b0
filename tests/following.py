"""What the tests that follow an error's advice share: its line, and what is read out of it."""

import re
from collections.abc import Callable

import pytest

from netpyne_model.errors import ModelError


def told(refused: Callable[[], object], *parts: str) -> str:
    """The one line of what is refused, which has these parts."""
    with pytest.raises(ModelError) as caught:
        refused()
    line = str(caught.value)
    for part in parts:
        assert part in line
    return line


def advised(line: str, pattern: str) -> str:
    """What a line advises: the first group of a regular expression that is found in it."""
    found = re.search(pattern, line)
    assert found is not None, line
    return found[1]


def advised_number(line: str, pattern: str) -> float:
    """The same, as a number."""
    return float(advised(line, pattern).rstrip("."))
