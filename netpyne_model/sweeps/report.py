"""The report of sweeps: figures, and how far each quantity is from the published model."""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from matplotlib.figure import Figure

from ..figures import save
from ..files import write_text
from ..markdown import markdown_table
from .comparison import Comparison

_COLUMNS = ("quantity", "published model", "this package", "difference", "tolerance", "verdict")
_KINDS = (".png", ".svg")
_STYLE = (
    "body{font-family:sans-serif;max-width:75em;margin:2em auto;color:#222}"
    "table{border-collapse:collapse}"
    "td,th{padding:.2em .8em;border-bottom:1px solid #ddd;text-align:right}"
    "td:first-child,th:first-child{text-align:left}"
    ".differs{color:#D55E00;font-weight:bold}img{max-width:100%}"
)


@dataclass(frozen=True)
class Section:
    """One experiment or study in a report.

    Attributes
    ----------
    title : str
    about : str
        Where it comes from and how much was run.
    files : dict of str to str
        Paths that are linked, by what they are called.
    figures : sequence of str
        Paths of pictures.
    comparisons : sequence of Comparison
    """

    title: str
    about: str
    files: Mapping[str, str] = field(default_factory=dict)
    figures: Sequence[str] = ()
    comparisons: Sequence[Comparison] = ()


def write_report(folder: Path, title: str, sections: Sequence[Section], command: str = "") -> None:
    """Write ``REPORT.md`` and ``REPORT.html``; paths in the sections are relative to the folder."""
    write_text(folder / "REPORT.md", markdown_report(title, sections, command))
    write_text(folder / "REPORT.html", html_report(title, sections, command))


def save_figures(figures: Mapping[str, Figure], folder: Path) -> list[str]:
    """Save figures as PNG and SVG, remove earlier ones of other names, and return their names."""
    folder.mkdir(exist_ok=True)
    for earlier in folder.iterdir():
        if earlier.suffix in _KINDS and earlier.stem not in figures:
            earlier.unlink()
    for name, figure in figures.items():
        for kind in _KINDS:
            save(figure, folder / f"{name}{kind}")
    return list(figures)


def markdown_report(title: str, sections: Sequence[Section], command: str) -> str:
    """The report as Markdown."""
    lines = [f"# {title}", ""]
    if command:
        lines += [f"Made by `{command}`.", ""]
    lines.append(_verdict(sections))
    for section in sections:
        links = [f"[{name}]({path})" for name, path in section.files.items()]
        lines += ["", f"## {section.title}", "", "; ".join([section.about, *links]) + ".", ""]
        for figure in section.figures:
            lines += [f"![{_alternative(section, figure)}]({figure})", ""]
        if section.comparisons:
            lines.append(markdown_table(_COLUMNS, map(_cells, section.comparisons)))
        else:
            lines.append("No figures of the published model to compare with.")
    return "\n".join(lines) + "\n"


def html_report(title: str, sections: Sequence[Section], command: str) -> str:
    """The report as one HTML page; figures beside it."""
    parts = [f"<h1>{html.escape(title)}</h1>"]
    if command:
        parts.append(f"<p>Made by <code>{html.escape(command)}</code>.</p>")
    parts.append(f"<p>{html.escape(_verdict(sections))}</p>")
    for section in sections:
        heading = html.escape(section.title)
        links = [f'<a href="{path}">{name}</a>' for name, path in section.files.items()]
        parts.append(f"<h2>{heading}</h2>")
        parts.append(f"<p>{'; '.join([html.escape(section.about), *links])}</p>")
        for figure in section.figures:
            text = html.escape(_alternative(section, figure))
            parts.append(f'<img src="{figure}" alt="{text}">')
        if section.comparisons:
            head = "".join(f"<th>{column}</th>" for column in _COLUMNS)
            parts.append(f"<table><tr>{head}</tr>")
            for comparison in section.comparisons:
                parts.append(f"<tr>{''.join(map(_html_cell, _cells(comparison)))}</tr>")
            parts.append("</table>")
    head = f"<!doctype html><meta charset=utf-8><title>{html.escape(title)}</title>"
    return f"{head}<style>{_STYLE}</style>{''.join(parts)}\n"


def _alternative(section: Section, figure: str) -> str:
    """What a picture is, for those who do not see it."""
    return f"{section.title}: {Path(figure).stem.replace('_', ' ')}"


def agreement(comparisons: Sequence[Comparison]) -> str:
    """How many comparisons agree, in words."""
    if not comparisons:
        return "nothing to compare with"
    agree = sum(comparison.agrees for comparison in comparisons)
    return f"{agree} of {len(comparisons)} quantities agree"


def _verdict(sections: Sequence[Section]) -> str:
    comparisons = [comparison for section in sections for comparison in section.comparisons]
    if not comparisons:
        return "Nothing of it is compared with the published model."
    agree = sum(comparison.agrees for comparison in comparisons)
    return f"{agree} of {len(comparisons)} compared quantities agree within their tolerance."


def _cells(comparison: Comparison) -> list[str]:
    unit = f" {comparison.unit}" if comparison.unit else ""
    return [
        comparison.quantity,
        f"{comparison.published:.5g}{unit}",
        f"{comparison.here:.5g}{unit}",
        f"{comparison.difference:+.2g}{unit}",
        f"{comparison.tolerance:.2g}{unit}",
        "agrees" if comparison.agrees else "DIFFERS",
    ]


def _html_cell(text: str) -> str:
    kind = ' class="differs"' if text == "DIFFERS" else ""
    return f"<td{kind}>{html.escape(text)}</td>"
