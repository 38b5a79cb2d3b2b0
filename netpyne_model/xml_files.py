"""Reads XML files of others: what stands in them, and nothing that they refer to."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import ModelError, shortened
from .files import read_bytes

if TYPE_CHECKING:
    from lxml import etree

MOST_XML_BYTES = 16_000_000  # a hundred times the published cell
_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)")


def read_xml(
    path: Path, kind: str, *, blank_text: bool = True, comments: bool = True
) -> "tuple[etree._Element, bytes]":
    """The root of an XML file and the file's bytes; `kind` says what is expected (``NeuroML2``).

    Without `blank_text`, what only indents the file is left out; without `comments`, these and
    processing instructions.

    Raises ModelError if the file cannot be read, is too large, is no XML, or has a DOCTYPE, with
    which it could name other files, or be a thousand times as long as it looks.
    """
    from lxml import etree

    expected = f"expected a {kind} file"
    content = read_bytes(path, path, expected, most_bytes=MOST_XML_BYTES)
    if _DOCTYPE.search(content):
        raise _doctype(path, kind)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_blank_text=not blank_text,
        remove_comments=not comments,
        remove_pis=not comments,
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        problem = shortened((str(error).splitlines() or ["it is empty"])[0])
        raise ModelError(f"{path} is not XML ({problem}); expected a {kind} file.") from error
    if root.getroottree().docinfo.doctype:  # in an encoding that hides it from the search above
        raise _doctype(path, kind)
    return root, content


def _doctype(path: Path, kind: str) -> ModelError:
    return ModelError(f"{path} has a DOCTYPE, which no {kind} file needs; remove it.")
