"""The EPSP condition: five trunk spines driven five times at 100 Hz, at a holding current, as the reference tables have it."""

import csv
import json
from pathlib import Path
from typing import Any

from ..errors import ModelError

FIRST_EVENT_MS = 250.0
EVENT_TIMES_MS = tuple(FIRST_EVENT_MS + 10.0 * number for number in range(5))
DURATION_MS = 450.0
GROUP, TARGET_MV, SPINES = "Control", "-56", "DC_soma_ap5_0"
CONVERGED = "atol1e-6"


def reference_row(reference: Path) -> dict[str, str]:
    """The published converged measurement: the row of ``epsp/convergence.csv``, by column.

    Parameters
    ----------
    reference : path
        Folder of the reference figures.

    Raises
    ------
    ModelError
        If the table cannot be read or lacks the row.
    """
    path = Path(reference) / "epsp" / "convergence.csv"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except OSError as error:
        raise ModelError(
            f"{path} cannot be read ({error.strerror}); give the folder of the reference figures with --reference."
        ) from error
    wanted = {"group": GROUP, "target_vrest": TARGET_MV, "mode": CONVERGED}
    for row in rows:
        if wanted.items() <= row.items():
            return row
    raise ModelError(f"{path} has no row with {wanted}; take the table of the package's tests.")


def converged_epsp_mV(reference: Path) -> float:
    """Amplitude of the published converged EPSP at the soma."""
    return float(reference_row(reference)["epsp_soma"])


def epsp_fields(reference: Path, folder: Path) -> dict[str, Any]:
    """Fields of the configuration, with the events written to a file.

    Parameters
    ----------
    reference : path
        Folder of the reference figures.
    folder : path
        Where the file of events goes.
    """
    row = reference_row(reference)
    events = write_epsp_events(reference, folder)
    return condition(
        events, v_init_mV=float(row["v_init"]), holding_current_nA=float(row["i_holding"])
    )


def condition(events_file: Path, *, v_init_mV: float, holding_current_nA: float) -> dict[str, Any]:
    """Fields of the configuration for one holding current, injected at the joint of the soma from the start."""
    return {
        "setup": "place_cell",
        "events_file": str(events_file),
        "duration_ms": DURATION_MS,
        "v_init_mV": v_init_mV,
        "dc_nA": holding_current_nA,
        "dc_start_ms": 0.0,
        "dc_section": "soma_0",
        "dc_x": 0.0,
        "record_step_ms": 0.2,
    }


def write_epsp_events(reference: Path, folder: Path) -> Path:
    """Write the events of the published spines, each on the spine of the placement nearest the published place.

    Returns
    -------
    path
        ``epsp_events.csv`` in `folder`.
    """
    import numpy as np
    import pandas as pd

    from ..cell.cell import Cell
    from ..inputs import write_events

    path = Path(reference) / "epsp" / "stimulated_spines.json"
    stimulated = json.loads(path.read_text(encoding="utf-8"))[SPINES]["spines"]
    placed = Cell().placement.spines
    rows = []
    for number, spine in enumerate(stimulated):
        same_section = placed[placed["section"] == spine["section_index"]]
        nearest = same_section.loc[(same_section["x"] - spine["loc"]).abs().idxmin()]
        rows.append(
            {
                "synapse": number,
                "group": "CA3",
                "section": int(nearest["section"]),
                "x": nearest["x"],
                "kind": "exc",
            }
            | {"ampa_weight": 1.0, "gmax_uS": nearest["gmax_AMPA_uS"]}
        )
    events = folder / "epsp_events.csv"
    write_events(events, pd.DataFrame(rows), [np.array(EVENT_TIMES_MS)] * len(rows))
    return events
