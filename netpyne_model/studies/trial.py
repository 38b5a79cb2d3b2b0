"""One trial of a study: its key, its run on a worker, and what is read of its file."""

import json
import os
import platform
import time
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import psutil

from ..cell.cell import Cell
from ..configuration import CONTENTS, FILES, TrialConfig
from ..files import sha256_of
from ..output_folder import check_room
from ..results import Result, read_nwb
from ..results.nwb import write_nwb
from ..results.provenance import MODEL_CODE, code_hash
from ..sweeps import content_key
from .measures import TrialMeasures, measure_trial


@dataclass(frozen=True)
class StudyTrial:
    """One trial of a study.

    Attributes
    ----------
    condition : str
    swept : dict
        The fields that differ between conditions and their values here.
    config : TrialConfig
    keep_inputs : bool
        Whether its file holds the input trains.
    """

    condition: str
    swept: dict[str, Any]
    config: TrialConfig
    keep_inputs: bool = False

    @property
    def name(self) -> str:
        """Condition and seed."""
        return f"{self.condition}, seed {self.config.seed}"

    @property
    def key(self) -> str:
        """A hash of all that decides the trial's file: an equal one need not be run again."""
        named = {name: getattr(self.config, name) for name in CONTENTS}
        in_place = json.dumps(self.config.cell, sort_keys=True)
        return content_key(
            {
                "configuration": self.config.as_dict()
                | dict.fromkeys((*FILES, *CONTENTS.values())),
                "keep_inputs": self.keep_inputs,
                "cell": _cell_content(self.config.cell_file, in_place),
                "contents": {
                    name: None if file is None else sha256_of(name, file)
                    for name, file in named.items()
                },
                "code": code_hash(*MODEL_CODE),
            }
        )

    def fresh_key(self) -> str:
        """The key, of the cell's file as it is now."""
        forget_cells()
        return self.key

    def run(self, file: Path) -> None:
        """Run the trial and write its NWB file."""
        from ..simulation import expected_bytes, run_trial

        n_bytes = expected_bytes(self.config, file_alone=True, with_inputs=self.keep_inputs)
        check_room(file.parent, n_bytes, f"folder {file.parent}")
        start_s = time.monotonic()
        result = run_trial(self.config)
        write_nwb(_described(result, time.monotonic() - start_s, self.keep_inputs), file)

    def read(self, file: Path) -> TrialMeasures:
        """What is measured of the trial."""
        return measure_trial(read_nwb(file, inputs=False))


def forget_cells() -> None:
    """Read the files of cells anew: they may have changed since."""
    _cell_content.cache_clear()


@cache
def _cell_content(cell_file: Path | None, in_place: str) -> dict[str, Any]:
    content = json.loads(in_place)
    cell = Cell(cell_file) if content is None else Cell.from_dict(content)
    return {"specification": cell.specification.as_dict(), "files": cell.provenance["files"]}


def _described(result: Result, wall_s: float, keep_inputs: bool) -> Result:
    """The result with the process that made it; without input trains unless they are wanted."""
    process = {
        "host": platform.node(),
        "process": os.getpid(),
        "wall_s": round(wall_s, 3),
        "memory_MB": round(psutil.Process().memory_info().rss / 2**20, 1),
    }
    result = replace(result, provenance=result.provenance | {"run_by": process})
    if keep_inputs:
        return result
    return replace(result, synapses=result.synapses.iloc[:0], presynaptic_ms=[], released_ms=[])
