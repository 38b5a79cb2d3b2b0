"""Puts a page together: template, style and script in one file that may neither fetch nor run more.

The scripts are the bundles of ``browser/`` (see ``browser/bundle/manifest.json``). A page's
Content-Security-Policy names their hashes and lets nothing else run and nothing be fetched.
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from ..files import write_text
from . import wording

_BUNDLE = Path(__file__).parent / "browser" / "bundle"
_STYLE = "report.css"


def write_rendered(
    path: Path,
    template: str,
    words: Mapping[str, Any],
    content: Any,
    arrays: Sequence[str],
    *,
    script: str,
    libraries: Sequence[str],
) -> None:
    """Write a page; it appears whole or not at all.

    Parameters
    ----------
    path : Path
    template : str
        File of the template, which extends ``shell.html``.
    words : mapping
        What the template fills in; all of it is escaped.
    content : JSON
        What the script reads.
    arrays : sequence of str
        See `PackedArrays`.
    script : str
        File of the bundle.
    libraries : sequence of str
        What is in that bundle, for their licences.
    """
    text = (
        _environment()
        .get_template(template)
        .render(
            **words,
            content=_as_script(content),
            arrays=arrays,
            script=_bundled(script),
            style=_bundled(_STYLE),
            licences=_licences(libraries),
            policy=_policy(script),
        )
    )
    write_text(path, text)


@cache
def _environment() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader(__package__, "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["figures"] = wording.in_figures
    environment.filters["unit"] = wording.unit_text
    return environment


def _as_script(content: Any) -> Any:
    """JSON that may stand in a script element: nothing in it ends the element or the line."""
    from markupsafe import Markup

    text = json.dumps(content, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


@cache
def _bundled(name: str) -> Any:
    from markupsafe import Markup

    text = (_BUNDLE / name).read_text(encoding="utf-8")
    if "</script" in text.lower() or "</style" in text.lower():
        raise ValueError(f"{name} would end the element that it stands in.")
    return Markup(text)


def _licences(libraries: Sequence[str]) -> str:
    """The licences of some libraries; the file has them apart by two empty lines."""
    parts = (_BUNDLE / "licences.txt").read_text(encoding="utf-8").split("\n\n\n")
    return "\n\n".join(one.strip() for one in parts if one.split(maxsplit=1)[0] in libraries)


def _policy(script: str) -> str:
    """What the page may do: run this script, have this style; fetch nothing."""

    def source(name: str) -> str:
        digest = hashlib.sha256(str(_bundled(name)).encode()).digest()
        return f"'sha256-{base64.b64encode(digest).decode()}'"

    return (
        f"default-src 'none'; script-src {source(script)}; style-src {source(_STYLE)};"
        " img-src data:; base-uri 'none'; form-action 'none'"
    )
