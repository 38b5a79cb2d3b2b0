"""Reads and writes YAML 1.2 of plain values; bounds how deep and how large what a file holds may be."""

import io
import re
import warnings
from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer, ComposerError
from ruamel.yaml.constructor import ConstructorError, DuplicateKeyError, SafeConstructor
from ruamel.yaml.error import ReusedAnchorWarning, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

DEEPEST = 50  # lists and mappings within each other; a cell's rules have 8
MOST_VALUES = 1_000_000  # of a file, those that aliases repeat counted each time
_LONGEST_PROBLEM = 160  # characters of what the library says
_MERGE = "tag:yaml.org,2002:merge"
_MOST_MERGED = 20  # mappings in one place, and keys in all
_MOST_MERGED_KEYS = 1000
# Texts that mean the same to the library, which takes a fifth of a millisecond for each.
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,14})")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,14})\.[0-9]{1,20}")
_WORD = re.compile(r"(?!(?:true|false|null|y|n|yes|no|on|off)$)[a-z][a-z0-9_]{0,63}", re.IGNORECASE)
_NOT_PLAIN = ("binary", "omap", "pairs", "set")
_REPEATED = re.compile(r"duplicate key (\S+) with value")  # in the library's words


class NotPlain(ValueError):
    """What a file or a text holds cannot be taken; the message says why, and what is expected."""


class _Composer(Composer):
    """Stops at once where lists and mappings go deeper than they may."""

    levels = 0  # the library counts its own as `depth`

    def compose_node(self, parent: Any, index: Any) -> Any:
        self.levels += 1
        if self.levels > DEEPEST + 1:
            raise ComposerError(
                problem=_too_deep(), problem_mark=self.parser.peek_event().start_mark
            )
        node = super().compose_node(parent, index)
        self.levels -= 1
        return node


class _Values(SafeConstructor):
    """Values of YAML 1.2; what looks like a date stays a text, and every key is a text, as in JSON."""

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        for key, _ in node.value if isinstance(node, MappingNode) else ():
            if not isinstance(key, ScalarNode):
                message = "expected every key to be a plain name"
                raise ConstructorError(None, None, message, key.start_mark)
            if key.tag != _MERGE:
                key.tag = "tag:yaml.org,2002:str"
        return super().construct_mapping(node, deep=deep)

    def flatten_mapping(self, node: Any) -> None:
        """Put the mappings that `<<` names into one; so few that they cannot grow from each other."""
        named = (value for key, value in node.value if key.tag == _MERGE)
        if any(isinstance(one, SequenceNode) and len(one.value) > _MOST_MERGED for one in named):
            raise ConstructorError(None, None, "expected fewer mappings after <<", node.start_mark)
        super().flatten_mapping(node)
        if getattr(node, "merge", None) and len(node.value) > _MOST_MERGED_KEYS:
            raise ConstructorError(None, None, "expected fewer keys after <<", node.start_mark)


for _tag in ("timestamp", "value", "merge"):
    _Values.add_constructor(
        f"tag:yaml.org,2002:{_tag}", lambda reader, node: reader.construct_scalar(node)
    )
for _tag in _NOT_PLAIN:
    _Values.add_constructor(f"tag:yaml.org,2002:{_tag}", SafeConstructor.construct_undefined)


def _yaml() -> YAML:
    """A reader and writer of YAML 1.2 (1e-4 is a number, `no` a text) that takes no key twice."""
    yaml = YAML(typ="safe", pure=True)
    yaml.Composer = _Composer
    yaml.Constructor = _Values
    yaml.default_flow_style = None  # innermost lists and mappings on one line
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.width = 120
    return yaml


def as_yaml(content: Any) -> str:
    """The YAML text of a mapping, from which the same one is read."""
    text = io.StringIO()
    _yaml().dump(content, text)
    return text.getvalue()


def from_yaml(text: str) -> Any:
    """The value that a YAML text holds: number, true/false, null, text, list or mapping of texts.

    Raises NotPlain, which begins with ``line N: `` where the text has several lines.
    """
    if _WHOLE.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return float(text)
    if _WORD.fullmatch(text):
        return text
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", ReusedAnchorWarning
            )  # the last one counts, as YAML has it
            value = _yaml().load(text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 1}: " if mark and "\n" in text.strip() else ""
        raise NotPlain(f"{line}{_problem(error)}") from error
    except (ValueError, KeyError, AttributeError, TypeError, OverflowError) as error:
        # A tag that the value does not fit (!!int one), a number of thousands of digits.
        raise NotPlain("a number or a tag (!!...) that cannot be read; write it plainly") from error
    require_plain(value)
    return value


def require_plain(value: Any) -> None:
    """Raise NotPlain where a value is too deep, too large, in itself, or has half signs in a text."""
    if _size(value, {}, 0) > MOST_VALUES:
        raise NotPlain(f"more than {MOST_VALUES} values; expected fewer")


def _size(value: Any, sizes: dict[int, int], depth: int) -> int:
    """How many values there are in a value; `sizes` has those of the lists and mappings gone through."""
    if isinstance(value, str):
        _require_text(value)
    if not isinstance(value, (list, dict)):
        return 1
    if depth > DEEPEST:  # also where a list is in itself
        raise NotPlain(_too_deep())
    if id(value) not in sizes:
        sizes[id(value)] = 1 + sum(_size(one, sizes, depth + 1) for one in _within(value))
    return sizes[id(value)]


def _within(value: list | dict) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value
        yield from value.values()
    else:
        yield from value


def _require_text(text: str) -> None:
    if "\0" in text or (not text.isascii() and any("\ud800" <= one <= "\udfff" for one in text)):
        raise NotPlain("a text with a null character or half a character; write texts in UTF-8")


def _too_deep() -> str:
    return f"lists and mappings in more than {DEEPEST} others; expected fewer levels"


def _problem(error: YAMLError) -> str:
    parts = (getattr(error, "context", None), getattr(error, "problem", None))
    text = " ".join(filter(None, parts)) or str(error)
    if isinstance(error, DuplicateKeyError):
        key = _REPEATED.search(text)
        text = f"{f'key {key[1]}' if key else 'a key'} stands twice; leave one of them out"
    elif r"'\t'" in text:  # as an editor indents
        text = "a tab where blanks are expected; indent by blanks"
    return text if len(text) <= _LONGEST_PROBLEM else f"{text[:_LONGEST_PROBLEM]}..."
