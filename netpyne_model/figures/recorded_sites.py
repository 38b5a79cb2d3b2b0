"""What trials of a study recorded beside the usual: a column a trial, a row a recording."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from .panels import headline, wrapped
from .style import INK, SMALL_PT, label, new_figure, unit_text
from .track_axis import track_axis

if TYPE_CHECKING:  # xarray takes half a second to import
    from xarray import Dataset

Recorded = tuple[str, np.ndarray, Mapping[str, tuple[np.ndarray, str]]]
"""Label of a trial, positions, and by name the values and unit of what it recorded."""

MOST_ROWS, MOST_COLUMNS = 6, 6


def recorded_sites(
    recorded: Sequence[Recorded],
    *,
    trials: Sequence[int] | None = None,
    profiles: "Dataset | None" = None,
) -> Figure:
    """Draw recordings along the track, a column a trial and a row a recording, rows to one scale.

    Parameters
    ----------
    recorded : sequence of Recorded
        At most `MOST_COLUMNS` trials are drawn, and `MOST_ROWS` recordings of each.
    trials : sequence of int, optional
        Number of every trial in `profiles`, whose place field is shaded.
    profiles : Dataset, optional
        The track and its place fields, as in `track_profiles`.
    """
    recorded = recorded[:MOST_COLUMNS]
    names = list(dict.fromkeys(name for _, _, values in recorded for name in values))[:MOST_ROWS]
    width_in = max(2.1 * len(recorded) + 0.8, 6.0)
    figure, grid = new_figure(len(names), len(recorded), width_in=width_in, row_in=1.25)
    track = track_axis(profiles, max(trials or [-1]) + 1)
    for column, (title, position, values) in enumerate(recorded):
        for row, name in enumerate(names):
            ax = grid[row, column]
            track.draw(ax, None if trials is None else [trials[column]])
            if name in values:
                ax.plot(position, values[name][0], color=INK, linewidth=0.5, rasterized=True)
            unit = next(of[name][1] for _, _, of in recorded if name in of)
            y = f"{name.replace('_', ' ')}\n({unit_text(unit)})" if column == 0 else ""
            label(ax, track.label if row == len(names) - 1 else "", y)
            ax.tick_params(labelbottom=row == len(names) - 1, labelleft=column == 0)
        grid[0, column].set_title(wrapped(title, 24, 2), fontsize=SMALL_PT, loc="left")
    for line in grid:
        low, high = min(ax.get_ylim()[0] for ax in line), max(ax.get_ylim()[1] for ax in line)
        for ax in line:
            ax.set_ylim(low, high)
    headline(figure, "Recordings along the track, the first trial of each condition")
    return figure
