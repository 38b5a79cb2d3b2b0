"""The report of sweeps, as Markdown and as a page: what came out, how far it is from published."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from matplotlib.figure import Figure

from ..figures import save
from ..files import write_text
from ..markdown import markdown_table
from ..reports.sweep_page import (
    ANSWERED,
    COMPARED,
    CONTRASTED,
    JUDGED,
    ExperimentShown,
    PageSection,
    StudyShown,
    write_sweep_page,
)
from .comparison import Comparison

_KINDS = (".png", ".svg")


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
        Paths of pictures, for the Markdown.
    comparisons : sequence of Comparison
    left_out : dict of str to str
        Why figures are not there, by name.
    shown : StudyShown or ExperimentShown, optional
        What the page shows of it.
    judged : sequence of sequence of str
        Verdicts on what is reported elsewhere, in the order of `reports.sweep_page.JUDGED`.
    contrasted : sequence of sequence of str
        Claims about conditions, in the order of `reports.sweep_page.CONTRASTED`.
    answered : sequence of sequence of str
        What moves each measure, in the order of `reports.sweep_page.ANSWERED`.
    """

    title: str
    about: str
    files: Mapping[str, str] = field(default_factory=dict)
    figures: Sequence[str] = ()
    comparisons: Sequence[Comparison] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    shown: StudyShown | ExperimentShown | None = None
    judged: Sequence[Sequence[str]] = ()
    contrasted: Sequence[Sequence[str]] = ()
    answered: Sequence[Sequence[str]] = ()


def write_report(folder: Path, title: str, sections: Sequence[Section], command: str = "") -> None:
    """Write ``REPORT.md`` and ``REPORT.html``; paths in the sections are relative to the folder."""
    write_text(folder / "REPORT.md", markdown_report(title, sections, command))
    pages = [_on_page(section) for section in sections]
    write_sweep_page(folder / "REPORT.html", title, _verdict(sections), command, pages)


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
        if section.left_out:
            lines += [*(f"- {line}" for line in left_out_lines(section.left_out)), ""]
        if section.judged:
            lines += [markdown_table(JUDGED, section.judged), ""]
        if section.contrasted:
            lines += [markdown_table(CONTRASTED, section.contrasted), ""]
        if section.answered:
            lines += [markdown_table(ANSWERED, section.answered), ""]
        if section.comparisons:
            lines.append(markdown_table(COMPARED, map(_cells, section.comparisons)))
        elif not section.judged:
            lines.append("No figures of the published model to compare with.")
    return "\n".join(lines) + "\n"


def _on_page(section: Section) -> PageSection:
    return PageSection(
        section.title,
        section.about,
        agreement(section.comparisons),
        section.files,
        left_out_lines(section.left_out),
        [_cells(comparison) for comparison in section.comparisons],
        section.judged,
        section.contrasted,
        section.answered,
        section.shown,
    )


def left_out_lines(left_out: Mapping[str, str]) -> list[str]:
    """A line a figure that is left out, with the reason."""
    return [f"no figure {name}: {reason}" for name, reason in left_out.items()]


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
