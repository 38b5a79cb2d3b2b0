"""The library libNeuroML without networkx, which it needs for the distances of `Cell` only."""

from typing import TYPE_CHECKING

from ..imported_when_used import imported_when_used

with imported_when_used("networkx"):
    import neuroml

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["document_of", "neuroml"]


class _NoMessages:
    """Takes what the parser would say of the schema: libNeuroML's own takes 10 ms for each."""

    def add_message(self, message: str) -> None:
        pass


def document_of(root: "etree._Element") -> neuroml.NeuroMLDocument:
    """The document of an XML tree of NeuroML 2 without comments, as libNeuroML holds it."""
    document = neuroml.NeuroMLDocument.factory()
    document.build(root, gds_collector_=_NoMessages())
    return document
