"""``ca1 currentscape``: which currents, of which region, feed a place of the cell."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import ModelError
from .options import Quiet

if TYPE_CHECKING:  # pandas takes its time
    from pandas import DataFrame

Folder = Annotated[
    Path,
    typer.Argument(
        metavar="FOLDER",
        help="Results folder, or its results.nwb, of a run with record_membrane_currents_ms.",
    ),
]
At = Annotated[
    str,
    typer.Option(
        "--at",
        metavar="PLACE",
        help="A region in one piece (soma, ais), a section, a segment as in 'trunk_37(0.5)', or a"
        " recorded site.",
    ),
]
From = Annotated[
    float | None, typer.Option("--from", metavar="MS", help="Begin, in simulation time.")
]
To = Annotated[float | None, typer.Option("--to", metavar="MS", help="End, in simulation time.")]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="FILE",
        help="The figure (.png or .svg; the other is written beside it).  [default:"
        " FOLDER/currentscape.png]",
        show_default=False,
    ),
]
AsJSON = Annotated[bool, typer.Option("--json", help="Print the tables as JSON.")]
_LEAST_SHARE = 0.01  # of a side, that the table of means has
_LEAST_CHANGE = 0.02  # of the largest, that the table of the ramp has


def currentscape(
    folder: Folder,
    at: At = "soma",
    from_ms: From = None,
    to_ms: To = None,
    out: Out = None,
    as_json: AsJSON = False,
    quiet: Quiet = False,
) -> None:
    """Say and draw which currents, of which region, feed a place.

    The axial current into the place is divided among the membrane currents that feed it, up to the
    tips. The tables: means over the span, what makes the ramp (place field less the rest, spikes
    aside), and the last 20 ms before spikes.
    """
    if out is not None and out.suffix not in (".png", ".svg"):
        raise ModelError(f"figure {out}: expected a name that ends in .png or .svg.")
    from .. import analysis, figures
    from ..analysis.results_folder import load

    result = load(folder)
    scape = analysis.currentscape(result, at, from_ms=from_ms, to_ms=to_ms)
    beside = folder if folder.is_dir() else folder.parent
    file = (out or beside / "currentscape.png").with_suffix("")
    track = result.track
    fields = () if track is None else track.field_spans_ms()
    figure = figures.currentscape(
        scape,
        title=f"{at}: {analysis.title(result)}",
        spikes_ms=result.spike_times_ms,
        fields_ms=[(begin + track.start_ms, end + track.start_ms) for begin, end in fields],
    )
    written = figures.save_both(figure, file)
    if quiet:
        return
    tables = _tables(result, scape)
    if as_json:
        content = {
            name: json.loads(one.to_json(orient="table"))["data"] for name, one in tables.items()
        }
        print(json.dumps(content | {"figures": [str(one) for one in written]}, indent=2))
        return
    for name, table in tables.items():
        print(f"{name}\n{table.to_string(float_format='{:.4f}'.format)}\n")
    print(f"Figure: {written[0]}, {written[1]}")


def _tables(result: Any, scape: Any) -> dict[str, "DataFrame"]:
    """What is printed, by its heading."""
    from .. import analysis

    means = _largest(analysis.mean_parts(scape))
    time_ms = scape["time_ms"].to_numpy()
    span = f"{time_ms[0]:g} to {time_ms[-1]:g} ms, n = {len(time_ms)}"
    tables = {f"Mean of each side ({span})": means}
    try:
        ramp = analysis.ramp_parts(result, scape)
    except ModelError as reason:
        print(f"note: what makes the ramp is left out: {reason}", file=sys.stderr)
    else:
        large = ramp["change_nA"].abs() >= _LEAST_CHANGE * ramp["change_nA"].abs().max()
        tables["What makes the ramp: inside less outside the place field, without spikes"] = ramp[
            large
        ]
    before = analysis.before_spikes(scape, result.spike_times_ms)
    if before.sizes["spike_ms"]:
        mean = _largest(analysis.with_shares(before.mean("spike_ms")))
        begin, end = analysis.BEFORE_SPIKE_MS
        heading = (
            f"{begin:g} to {end:g} ms before {before.sizes['spike_ms']} spikes, others not within"
        )
        tables[heading] = mean
    return tables


def _largest(means: "DataFrame") -> "DataFrame":
    """The larger shares of each side, the largest first."""
    means = means[means["share"] >= _LEAST_SHARE].sort_values("share", ascending=False)
    return means.sort_index(level="side", sort_remaining=False)
