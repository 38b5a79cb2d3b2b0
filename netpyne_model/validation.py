"""Turns pydantic's errors into one line: the thing, the value, what was expected."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from .errors import ModelError, did_you_mean


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
    place = ".".join(map(str, first["loc"]))
    before = f"{what}: " if what else ""
    if not first["loc"]:
        return ModelError(f"{before}{_sentence(str(cause or first['msg']))}")
    if first["type"] == "extra_forbidden":
        known = [*model.model_fields, *further_fields]
        return ModelError(f"{what} has no field '{place}'.{did_you_mean(place, known)}")
    field = str(first["loc"][0])
    value = content.get(field) if len(first["loc"]) == 1 or expected else first["input"]
    entry = f"{before}{field if expected else place} = {value!r}{(source or {}).get(field, '')}"
    if isinstance(cause, ModelError):
        return ModelError(f"{entry}: {cause}")
    if expected is not None:
        return ModelError(f"{entry}: expected {expected(field)}.")
    message = first["msg"].removeprefix("Value error, ").replace("Input should be", "expected")
    description = model.model_fields[field].description
    if description:
        message += f" ({description})"
    return ModelError(f"{entry}: {_sentence(message)}")


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?")) else f"{text}."
