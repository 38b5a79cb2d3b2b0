"""Reads XML files of others: what stands in them, and nothing that they refer to."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import ModelError, quoted, shortened
from .files import read_bytes

if TYPE_CHECKING:
    from lxml import etree

MOST_XML_BYTES = 16_000_000  # a hundred times the published cell
NEUROML2_NAMESPACE = "http://www.neuroml.org/schema/neuroml2"
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


def read_neuroml2(path: Path, *, comments: bool = True) -> "tuple[etree._Element, bytes]":
    """As `read_xml` of a document of NeuroML 2.

    Raises ModelError too if it is one of NeuroML 1, whose elements have other names and meanings,
    or of anything else: jNeuroML and libNeuroML would take what they know of it.
    """
    root, content = read_xml(path, "NeuroML2", comments=comments)
    namespace, _, tag = str(root.tag).rpartition("}")
    namespace = namespace.removeprefix("{")
    if namespace == NEUROML2_NAMESPACE and tag == "neuroml":
        return root, content
    present = f"its first element is {shortened(tag)} of {quoted(namespace) if namespace else 'no namespace'}"
    expected = f'expected <neuroml xmlns="{NEUROML2_NAMESPACE}"'
    if tag == "neuroml" and "morphml" not in namespace:
        raise ModelError(f"{path}: {present}; {expected}: write so there.")
    of_one = " (NeuroML 1)" if "morphml" in namespace else ""
    raise ModelError(
        f"{path}: {present}{of_one}; {expected}: give the same in NeuroML 2, or a channel as a mod"
        " file."
    )


def _doctype(path: Path, kind: str) -> ModelError:
    return ModelError(f"{path} has a DOCTYPE, which no {kind} file needs; remove it.")
