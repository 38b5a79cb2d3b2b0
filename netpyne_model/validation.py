"""Turns pydantic's errors into one line: the thing, the value, what was expected."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from .errors import ModelError, did_you_mean, quoted, shortened

TableT = TypeVar("TableT", bound=BaseModel)
Advice = Callable[[Mapping[str, Any], Collection[str]], str | None]
"""Takes pydantic's error and the names known where it stands; what to say in place of the rest."""
_KINDS = {
    "dict_type": "a table, with a name and a colon before each of its entries",
    "string_type": "a text, in quotes if it looks like a number or a list",
    "float_type": "a number",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "list_type": "a list, in square brackets",
    "tuple_type": "a list, in square brackets",
    "finite_number": "a finite number",
}
"""What each of pydantic's errors of kind expects, as somebody who writes YAML would say it."""


def one_line(
    error: ValidationError,
    model: type[BaseModel],
    content: Mapping[str, Any],
    *,
    what: str = "",
    expected: Callable[[str], str] | None = None,
    source: Mapping[str, str] | None = None,
    further_fields: Iterable[str] = (),
) -> ModelError:
    """Turn the first of pydantic's complaints about the `content` of a `model` into a `ModelError`.

    `what` names the model (``study``) where the field's name does not say enough. `expected` tells
    what a field accepts, in words, in place of pydantic's words and the field's description.
    `source` tells by field where its value comes from (`` in my.yaml``). A file may hold
    `further_fields` beside those of the model.
    """
    first = error.errors(include_url=False)[0]
    cause = first.get("ctx", {}).get("error")
    place = shortened(".".join(map(str, first["loc"])))
    before = f"{what}: " if what else ""
    if not first["loc"]:
        return ModelError(f"{before}{_sentence(str(cause or first['msg']))}")
    if first["type"] == "extra_forbidden":
        known = [*model.model_fields, *further_fields]
        return ModelError(f"{what} has no field {quoted(place)}.{did_you_mean(place, known)}")
    field = str(first["loc"][0])
    value = content.get(field) if len(first["loc"]) == 1 or expected else first["input"]
    entry = (
        f"{before}{field if expected else place} = {quoted(value)}{(source or {}).get(field, '')}"
    )
    if isinstance(cause, ModelError):
        return ModelError(f"{entry}: {cause}")
    if expected is not None:
        return ModelError(f"{entry}: expected {expected(field)}.")
    message = first["msg"].removeprefix("Value error, ").replace("Input should be", "expected")
    if first["type"] in _KINDS:
        message = f"expected {_KINDS[first['type']]}"
    description = model.model_fields[field].description
    if description:
        message += f" ({description})"
    return ModelError(f"{entry}: {_sentence(message)}")


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?")) else f"{text}."


def validated(
    table: type[TableT],
    content: Mapping[str, Any],
    what: str,
    *,
    within: Sequence[str] = (),
    groups: Collection[str] = (),
    advice: Advice | None = None,
) -> TableT:
    """Make a table, which may hold tables, from the content of a file.

    Raises ModelError in one line: the entry, its value and what was expected; for an unknown name
    the nearest known one. It calls the content `what` (``density rules cell.yaml``), or the part of
    it at `within`, such as the rules of one parameter; there a name of `groups` is a region's.
    """
    try:
        return table.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
    # Raised here, the one line stands alone: pydantic's own would stand above it in a script.
    location = _location(first["loc"], content)
    if within and location[: len(within)] == list(within):
        location = location[len(within) :]
        if location and location[0] in groups:
            what = f"{what} in region {location.pop(0)}"
    where = shortened(".".join(map(str, location)))
    raise ModelError(_of_table(first, table, what, where, advice))


def _of_table(
    first: Mapping[str, Any], table: type[BaseModel], what: str, where: str, advice: Advice | None
) -> str:
    entry = f"{what}, '{where}'"
    place = f"{what}, {where}" if where else what
    is_table = first["type"] == "model_type"
    known = _names_of(table, first) if is_table else _known_names(table, first["loc"][:-1])
    own_words = advice(first, known) if advice and first["loc"] else None
    if first["type"] in ("extra_forbidden", "missing"):
        if own_words is not None:
            return f"{entry} {own_words}"
        if first["type"] == "missing":
            return f"{entry} is missing; add it, as in the package's own table."
        return f"{entry} is not known.{did_you_mean(str(first['loc'][-1]), known)}"
    message = first["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    if first["type"] == "value_error":
        return f"{place}: {_sentence(message)}"
    message = _KINDS.get(first["type"], message)
    if first["type"] == "string_pattern_mismatch" or _is_name(table, first):
        message = "a name of letters, digits and _ that does not start with a digit, such as cell_1"
    if is_table:
        message = f"a table with the keys {', '.join(known)}"
    return f"{place} is {_in_words(first['input'])}; {own_words or f'expected {message}.'}"


def _is_name(table: type[BaseModel], first: Mapping[str, Any]) -> bool:
    """Whether a name was expected, and what stands there is no text."""
    if first["type"] != "string_type":
        return False
    return any("pattern" in form for form in _forms_at(table, first["loc"]))


def _in_words(value: Any) -> str:
    if isinstance(value, Mapping):
        return "a table"
    return "a list" if isinstance(value, (list, tuple)) else quoted(value)


def _is_tag(part: Any) -> bool:
    """Whether a part of pydantic's location tells the forms of an entry apart (``<rules>``)."""
    return isinstance(part, str) and part.startswith("<")


def _location(location: Sequence[Any], content: Any) -> list[Any]:
    """The location in the file: a single entry stands there without the list it is read as."""
    written = []
    for part in location:
        of_single_entry = isinstance(part, int) and not isinstance(content, (list, tuple))
        if _is_tag(part) or of_single_entry:
            continue
        written.append(part)
        try:
            content = content[part]
        except (KeyError, IndexError, TypeError):
            content = None
    return written


def _names_of(table: type[BaseModel], first: Mapping[str, Any]) -> list[str]:
    """Names in the table that was expected where another value stands."""
    schema = table.model_json_schema()
    return list(schema.get("$defs", {}).get(first["ctx"]["class_name"], schema)["properties"])


def _known_names(table: type[BaseModel], location: Sequence[Any]) -> list[str]:
    """Names that the block at `location` of a table may hold."""
    forms = _forms_at(table, location)
    return sorted({name for form in forms for name in form.get("properties", {})})


def _forms_at(table: type[BaseModel], location: Sequence[Any]) -> list[Mapping[str, Any]]:
    """The forms that what stands at `location` may take, from the table's JSON schema."""
    schema = table.model_json_schema()
    blocks: list[Mapping[str, Any]] = [schema]
    for part in location:
        if not _is_tag(part):
            blocks = [inner for block in blocks for inner in _within(schema, block, part)]
    return [form for block in blocks for form in _forms(schema, block)]


def _within(
    schema: Mapping[str, Any], block: Mapping[str, Any], part: Any
) -> Iterator[Mapping[str, Any]]:
    for form in _forms(schema, block):
        if part in form.get("properties", {}):
            yield form["properties"][part]
        for inner in (form.get("additionalProperties"), form.get("items")):
            if isinstance(inner, Mapping):
                yield inner


def _forms(schema: Mapping[str, Any], block: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The forms that a block of a JSON schema may take, references followed."""
    if "$ref" in block:
        block = schema["$defs"][block["$ref"].rsplit("/", 1)[1]]
    yield block
    for alternative in block.get("anyOf", []) + block.get("oneOf", []):
        yield from _forms(schema, alternative)
