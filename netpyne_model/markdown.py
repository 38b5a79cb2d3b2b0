"""Tables in markdown, and pages of which some blocks are made anew."""

import re
from collections.abc import Iterable, Mapping, Sequence


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table in markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def with_blocks(page: str, blocks: Mapping[str, str]) -> str:
    """A page with what stands between ``<!-- NAME -->`` and ``<!-- end -->`` replaced.

    `blocks` has it by name; one that it does not name stays as it is.
    """

    def replaced(match: re.Match[str]) -> str:
        name = match[1]
        return f"<!-- {name} -->\n{blocks[name]}\n<!-- end -->" if name in blocks else match[0]

    return re.sub(r"<!-- (.+?) -->\n.*?<!-- end -->", replaced, page, flags=re.DOTALL)
