"""The report of experiments: how far each quantity is from the published model, as Markdown and as HTML."""

import html
from collections.abc import Mapping, Sequence

from .experiment import Comparison, Experiment

_COLUMNS = ("quantity", "published model", "this package", "difference", "tolerance", "verdict")
_STYLE = (
    "body{font-family:sans-serif;max-width:75em;margin:2em auto;color:#222}table{border-collapse:collapse}"
    "td,th{padding:.2em .8em;border-bottom:1px solid #ddd;text-align:right}td:first-child,th:first-child{text-align:left}"
    ".differs{color:#D55E00;font-weight:bold}img{max-width:100%}"
)


def markdown_report(
    results: Mapping[str, tuple[Experiment, Sequence[Comparison], int]], command: str
) -> str:
    """The report as Markdown.

    Parameters
    ----------
    results : mapping
        By name of the experiment: the experiment, its comparisons, and the number of its conditions.
    command : str
        The command that made it.
    """
    lines = [
        "# The paper's experiments, against the published model",
        "",
        f"Made by `{command}`.",
        "",
        _verdict(results),
    ]
    for name, (experiment, comparisons, n_conditions) in results.items():
        lines += ["", f"## {experiment.title}", ""]
        lines += [
            f"{experiment.source}; {n_conditions} conditions; [table]({name}/table.csv), traces in `{name}/traces.h5`.",
            "",
        ]
        lines += [f"![{experiment.title}]({name}/figure.png)", ""]
        if comparisons:
            lines += [
                "| " + " | ".join(_COLUMNS) + " |",
                "| " + " | ".join(["---"] * len(_COLUMNS)) + " |",
            ]
            lines += ["| " + " | ".join(_cells(comparison)) + " |" for comparison in comparisons]
        else:
            lines.append("No figures of the published model to compare with.")
    return "\n".join(lines) + "\n"


def html_report(
    results: Mapping[str, tuple[Experiment, Sequence[Comparison], int]], command: str
) -> str:
    """The report as one HTML page; figures beside it."""
    parts = [
        f"<h1>The paper's experiments, against the published model</h1><p>Made by <code>{html.escape(command)}</code>.</p>"
    ]
    parts.append(f"<p>{html.escape(_verdict(results))}</p>")
    for name, (experiment, comparisons, n_conditions) in results.items():
        parts.append(f"<h2>{html.escape(experiment.title)}</h2>")
        parts.append(
            f'<p>{html.escape(experiment.source)}; {n_conditions} conditions; <a href="{name}/table.csv">table</a></p>'
        )
        parts.append(f'<img src="{name}/figure.png" alt="{html.escape(experiment.title)}">')
        if comparisons:
            head = "".join(f"<th>{column}</th>" for column in _COLUMNS)
            rows = "".join(
                "<tr>" + "".join(_html_cell(cell) for cell in _cells(comparison)) + "</tr>"
                for comparison in comparisons
            )
            parts.append(f"<table><tr>{head}</tr>{rows}</table>")
    return f"<!doctype html><meta charset=utf-8><title>CA1 experiments</title><style>{_STYLE}</style>{''.join(parts)}\n"


def _verdict(results: Mapping[str, tuple[Experiment, Sequence[Comparison], int]]) -> str:
    comparisons = [comparison for _, found, _ in results.values() for comparison in found]
    agree = sum(comparison.agrees for comparison in comparisons)
    return f"{agree} of {len(comparisons)} compared quantities agree within their tolerance."


def _cells(comparison: Comparison) -> list[str]:
    unit = f" {comparison.unit}" if comparison.unit else ""
    values = (comparison.published, comparison.here)
    return [
        comparison.quantity,
        *(f"{value:.5g}{unit}" for value in values),
        f"{comparison.difference:+.2g}{unit}",
        f"{comparison.tolerance:.2g}{unit}",
        "agrees" if comparison.agrees else "DIFFERS",
    ]


def _html_cell(text: str) -> str:
    return (
        f'<td class="differs">{text}</td>' if text == "DIFFERS" else f"<td>{html.escape(text)}</td>"
    )
