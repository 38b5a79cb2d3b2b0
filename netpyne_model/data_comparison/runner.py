"""Runs what the chosen rows need, and sets the model's values beside the recorded ones."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from typing_extensions import Unpack

from ..analysis import pair_correlations
from ..analysis.late_opening import late_opening
from ..cell.cell import Cell
from ..configuration import MODEL_DEFAULTS
from ..files import write_beside
from ..mechanisms.channel_equations import read_channel
from ..scores import TESTS
from ..scores.runner import CellScores, score_cell
from ..studies import Study, StudyResults, run_study
from ..sweeps import Workers
from .answers import Alike, Answer, Late, OfScore, OfTrials
from .recorded import NOT_MODELLED, Recorded

TRIALS = Path(__file__).with_name("trials.yaml")
TABLE = "data_comparison.csv"
SEEDS = 5

COLUMNS = (
    *Recorded._fields,
    "here",
    "here_sd",
    "here_low",
    "here_high",
    "n_values",
    "made_of",
    "verdict",
    "why",
)
"""Columns of the table: the recorded row, the model's value and band, what it was made of."""


class Here(NamedTuple):
    """What the model gives: a value, its standard deviation and range over `n` values."""

    value: float
    sd: float
    low: float
    high: float
    n: int
    made_of: str


@dataclass(frozen=True)
class Evidence:
    """What was run: trials and scores, as far as the chosen rows need them."""

    cell: Cell
    trials: StudyResults | None = None
    scored: CellScores | None = None

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a trial."""
        assert self.trials is not None
        return self.trials.table

    def by_seed(self, condition: str, column: str) -> pd.Series:
        """A column of the trials of a condition, by seed."""
        rows = self.table[self.table["condition"] == condition]
        return rows.set_index("seed")[column]

    def curves(self, condition: str, profile: str) -> np.ndarray:
        """A profile along the track, shape (trials, bins)."""
        assert self.trials is not None
        chosen = self.trials.profiles[profile].isel(
            trial=np.flatnonzero(self.table["condition"] == condition)
        )
        values = chosen.to_numpy()
        return values[:, np.isfinite(values).all(axis=0)]


def compare_rows(
    rows: Sequence[tuple[Recorded, Answer]],
    folder: str | Path,
    *,
    seeds: int = SEEDS,
    **workers: Unpack[Workers],
) -> pd.DataFrame:
    """Run what rows need, and write the table of the model beside the recordings.

    Parameters
    ----------
    rows : sequence of (Recorded, Answer)
        From `chosen_rows`.
    folder : path
        Gets ``data_comparison.csv``, ``trials`` (a study) and ``scores``; what is finished there
        is not run again.
    seeds : int
        Trials of each condition.
    **workers
        See `sweeps.Workers`.

    Returns
    -------
    DataFrame
        One row a recorded quantity, with `COLUMNS`.

    Raises
    ------
    ModelError
        If the folder holds something else, or runs failed.
    """
    folder = Path(folder)
    evidence = Evidence(
        Cell(),
        _run_trials(rows, folder / "trials", seeds, workers),
        _run_scores(rows, folder / "scores", workers),
    )
    table = pd.DataFrame(
        [_line(row, answer, evidence) for row, answer in rows], columns=list(COLUMNS)
    )
    folder.mkdir(parents=True, exist_ok=True)
    with write_beside(folder / TABLE) as temporary:
        table.to_csv(temporary, index=False, lineterminator="\n")
    return table


def _run_trials(
    rows: Sequence[tuple[Recorded, Answer]], folder: Path, seeds: int, workers: Workers
) -> StudyResults | None:
    needed = {name for _, answer in rows for name in answer.conditions}
    if not needed:
        return None
    study = Study.load(TRIALS, trials=seeds)
    chosen = [one for one in study.conditions if one["condition"] in needed]
    return run_study(study.model_copy(update={"conditions": tuple(chosen)}), folder, **workers)


def _run_scores(
    rows: Sequence[tuple[Recorded, Answer]], folder: Path, workers: Workers
) -> CellScores | None:
    needed = {answer.score.test for _, answer in rows if answer.score is not None}
    if not needed:
        return None
    return score_cell(Cell(), [TESTS[name] for name in TESTS if name in needed], folder, **workers)


def _line(row: Recorded, answer: Answer, evidence: Evidence) -> dict[str, Any]:
    """A row of the table."""
    if isinstance(answer.of, OfScore):
        row = _with_spread(row, answer.of, evidence)
    beside: dict[str, Any] = {"verdict": NOT_MODELLED, "why": answer.why}
    here = here_of(answer, evidence)
    if here is not None:
        beside["verdict"] = row.verdict(here.value, here.low, here.high)
        beside |= {
            "here": here.value,
            "here_sd": here.sd,
            "here_low": here.low,
            "here_high": here.high,
            "n_values": here.n,
            "made_of": here.made_of,
        }
    return {**row._asdict(), **beside}


def here_of(answer: Answer, evidence: Evidence) -> Here | None:
    """What the model gives for a row; None where it is not modelled."""
    if answer.count is not None:
        return _alone(len(getattr(evidence.cell.placement, answer.count)), "placement on the cell")
    match answer.of:
        case OfTrials() as one:
            return over_seeds(by_seed(one, evidence), one)
        case Alike() as one:
            pairs = pair_correlations(evidence.curves(one.condition, one.profile))
            return _band(pairs[np.isfinite(pairs)], f"{one.condition}: pairs of trials")
        case OfScore() as one:
            return _alone(_score(one, evidence).here, f"ca1 scores --test {one.test}")
        case Late() as one:
            channel = read_channel(one.channel, MODEL_DEFAULTS["celsius"])
            opening = late_opening(channel, one.step_mV, from_mV=one.from_mV)
            return _alone(opening.share, f"{one.channel} at {one.step_mV:g} mV")
    return None


def by_seed(one: OfTrials, evidence: Evidence) -> np.ndarray:
    """A measure of every seed, less another's of the same seed, in the row's unit."""
    values = evidence.by_seed(one.condition, one.measure)
    if one.less is not None:
        values = values - evidence.by_seed(one.less.condition, one.less.measure)
        if one.per is not None:
            swept = (evidence.by_seed(name, one.per) for name in one.conditions)
            values = values / (next(swept) - next(swept))
    return one.scale * values.dropna().to_numpy(float)


def over_seeds(values: np.ndarray, one: OfTrials) -> Here:
    """What stands for all seeds, with the band over them."""
    words = " less ".join(dict.fromkeys(one.conditions))
    here = _band(values, words)
    if one.over_seeds == "max":
        return here._replace(value=here.high, sd=math.nan, low=here.high)
    if one.over_seeds == "sign":
        sign = float(np.sign(here.value))
        return here._replace(value=sign, sd=math.nan, low=sign, high=sign)
    return here


def _band(values: np.ndarray, made_of: str) -> Here:
    if not len(values):
        return Here(math.nan, math.nan, math.nan, math.nan, 0, made_of)
    sd = float(values.std(ddof=1)) if len(values) > 1 else math.nan
    low, high = float(values.min()), float(values.max())
    return Here(float(values.mean()), sd, low, high, len(values), made_of)


def _alone(value: float, made_of: str) -> Here:
    """A value that no seed has a part in."""
    return Here(float(value), math.nan, float(value), float(value), 1, made_of)


def _score(one: OfScore, evidence: Evidence) -> Any:
    assert evidence.scored is not None
    (found,) = (
        score
        for result in evidence.scored.results
        for score in result.scores
        if (result.test.name, score.target.quantity) == (one.test, one.feature)
    )
    return found


def _with_spread(row: Recorded, one: OfScore, evidence: Evidence) -> Recorded:
    """The row with the standard deviation that HippoUnit's own file has of it, if it has one."""
    sd = _score(one, evidence).target.sd
    return row._replace(spread=sd, spread_is="sd") if math.isfinite(sd) else row
