"""What the shell completes of a command's values: names from files and tables, no simulator."""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).parents[1]
_ASKS, _BASH = "_CA1_COMPLETE", "complete_bash"
_WORDS, _NUMBER = "COMP_WORDS", "COMP_CWORD"


@contextmanager
def joined_at_equals() -> Iterator[None]:
    """One word again of what bash takes apart at ``=``, while it asks for completions.

    To bash ``setup=pl`` is three words, of which the last is completed: of what is offered it takes
    the part after the sign.
    """
    if os.environ.get(_ASKS) != _BASH:
        yield
        return
    words = re.split("[ \n]", os.environ[_WORDS])
    joined: list[str] = []
    for word in words[: int(os.environ[_NUMBER]) + 1]:
        if joined and (word == "=" or joined[-1].endswith("=")):
            joined[-1] += word
        else:
            joined.append(word)
    os.environ[_WORDS], os.environ[_NUMBER] = "\n".join(joined), str(len(joined) - 1)
    offered = StringIO()
    try:
        with redirect_stdout(offered):
            yield
    finally:
        apart = "=" in words and "=" in joined[-1]
        for name in offered.getvalue().splitlines():
            print(name.rpartition("=")[2] if apart else name)


def from_names(names: Callable[[], Iterable[str]]) -> Any:
    """What `typer` asks for completions: those of the names that begin as the word does."""

    def begun(incomplete: str) -> list[str]:
        return [name for name in names() if name.startswith(incomplete)]

    return begun


def experiments() -> list[str]:
    """The experiments and ``all``; an experiment has the name of its module."""
    files = sorted((_PACKAGE / "experiments").glob("*.py"))
    texts = {file.stem: file.read_text(encoding="utf-8") for file in files}
    return [*(name for name, text in texts.items() if "\nEXPERIMENT = " in text), "all"]


def studies() -> list[str]:
    """The studies of the package."""
    return sorted(file.stem for file in (_PACKAGE / "studies").glob("*.yaml"))


def setups() -> Iterable[str]:
    """The set-ups of inputs."""
    from ..configuration import SETUPS

    return SETUPS


def parameters() -> Iterable[str]:
    """The parameters of the published cell."""
    from ..biophysics import load_rules

    return load_rules().parameters()


def settings() -> list[str]:
    """Fields of the configuration as ``--set`` takes them; of those that are names, their values."""
    from ..configuration import TrialConfig
    from ..specification import drugs

    words = [f"{name}=" for name in TrialConfig.model_fields if name != "drugs"]
    words += [f"setup={name}" for name in setups()]
    return sorted([*words, *(f"drugs=[{name}]" for name in drugs())])
