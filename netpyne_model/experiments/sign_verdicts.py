"""The six signs of the persistent sodium current as claims, judged from a table of conditions."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

import pandas as pd

from ..analysis.excitability import firing_gain
from .experiment import one_row
from .verdict import Banded, Claim, from_two_runs, verdict_table

GAIN_STEPS_NA = (0.30, 0.35, 0.40, 0.45, 0.50, 0.55)
"""Steps of the f-I curve."""
GAIN_ABOVE_RHEOBASE_NA = 0.25
RHEOBASE_RESOLUTION_NA = 0.001
SPIKE_HELD_MV = (-65.0, -60.0)
STRENGTHS = (1.0,)
"""Of the EPSPs that evoke spikes, in units of the threshold."""
NEAR_MV, RISES_FROM_MV = -56.0, (-70.0, -60.0)
RATIO_FROM_MV = -62.0
VERVAEKE, CEBALLOS = "Vervaeke et al. 2006", "Ceballos et al. 2017"
AMPLIFIED = "Vervaeke et al. 2006; Ceballos et al. 2017"
ASTMAN = "Astman et al. 2006, J Neurosci 26:3465 (layer 5)"
CONTROL, ADDED = "control", "added 0.5"
HALF_BLOCK, FULL_BLOCK, TTX = BLOCKS = ("INaP 0.5", "INaP 1", "TTX 0.5")
AT, GIVEN = ", ", ", back: "
"""In a preparation's name: between block and the place where it is, and before what is given back."""
AHP_COLUMN, EPSP_COLUMN = "ahp_mV", "epsp_soma_mV"
RESISTANCE_COLUMN, TIME_COLUMN = "input_resistance_MOhm", "time_constant_ms"
OF_COLUMN = {
    AHP_COLUMN: ("spike", 1),
    RESISTANCE_COLUMN: ("step", 0),
    TIME_COLUMN: ("step", 0),
    EPSP_COLUMN: ("epsp", 0),
}
"""Kind of condition that a column at a held potential is of, and how often its cell fires."""

RHEOBASE = Claim("1 rheobase", "rheobase", "nA", False, VERVAEKE)
GAIN = Claim(
    "2 f-I gain", f"gain, to {GAIN_ABOVE_RHEOBASE_NA:g} nA above rheobase", "Hz/nA", False, VERVAEKE
)
SHARED_GAIN = Claim("2 f-I gain", "gain, same currents", "Hz/nA", False, VERVAEKE)
AHP = Claim("3 afterhyperpolarisation", "AHP", "mV", True, VERVAEKE)
JITTER = Claim("4 precision", "jitter", "ms", True, VERVAEKE)
RESISTANCE = Claim("5 input resistance", f"resistance at {NEAR_MV:g} mV", "MOhm", True, CEBALLOS)
RESISTANCE_RISE = Claim("5 input resistance", "rise of resistance", "MOhm", True, CEBALLOS)
TIME_CONSTANT = Claim("5 time constant", f"time constant at {NEAR_MV:g} mV", "ms", True, CEBALLOS)
TIME_CONSTANT_RISE = Claim("5 time constant", "rise of tau", "ms", True, CEBALLOS)
AMPLIFICATION = Claim(
    "6 amplification", f"EPSP at {NEAR_MV:g} / at {RATIO_FROM_MV:g} mV", "", True, AMPLIFIED
)
RISES = {RESISTANCE_RISE: RESISTANCE_COLUMN, TIME_CONSTANT_RISE: TIME_COLUMN}
HALF = Banded(0.5)
"""What comes back, or sits somewhere, is judged against a half: the most of it."""

Measured = Callable[[pd.DataFrame, str], Banded]
TwoRuns = Callable[[pd.DataFrame, str], tuple[float, float]]
Row = dict[str, object]


def judge(table: pd.DataFrame) -> pd.DataFrame:
    """Every sign: control against each block, more of the current against control; what comes back."""
    rows = [*_compared(table), *_rises(table), *_parts(table), *_placed_jitter(table)]
    return verdict_table(sorted(rows, key=lambda row: str(row["sign"])))


def _compared(table: pd.DataFrame) -> Iterator[Row]:
    pairs = [*((CONTROL, block) for block in BLOCKS), (ADDED, CONTROL)]
    for claim, measured in _measured():
        for more, less in pairs:
            compared = f"{more} against {less}"
            yield claim.judged(compared, measured(table, more), measured(table, less))
    for more, less in pairs:
        shared = gain_at_same_currents(table, more, less), gain_at_same_currents(table, less, more)
        yield SHARED_GAIN.judged(f"{more} against {less}", *shared)


def _rises(table: pd.DataFrame) -> Iterator[Row]:
    """Whether resistance and time constant rise towards threshold at all."""
    for claim, column in RISES.items():
        for from_mV in RISES_FROM_MV:
            risen = _rise(column, from_mV)(table, CONTROL)
            against = f"{CONTROL} against no change"
            yield _rise_from(claim, from_mV).judged(against, risen, Banded(0.0))


def _rise_from(claim: Claim, from_mV: float) -> Claim:
    return _at(claim, f"{from_mV:g} to {NEAR_MV:g} mV")


def _parts(table: pd.DataFrame) -> Iterator[Row]:
    """What a block at one place takes, and what is given back, against a half of the loss."""
    for change in changes_by_the_block():
        for name in _prepared(table, change.kind):
            block, _, given = name.partition(GIVEN)
            compared = f"{name}, against a half"
            if given:
                yield change.back.judged(compared, change.part(table, name, block), HALF)
            elif AT in name:
                left = change.part(table, name, FULL_BLOCK)
                lost = Banded(1 - left.value, left.band)
                yield change.sits.judged(compared, lost, HALF)


def _placed_jitter(table: pd.DataFrame) -> Iterator[Row]:
    """The jitter of a block at one place, against control: its bands are too wide for parts."""
    for name in _prepared(table, "precision"):
        if AT in name:
            for strength in STRENGTHS:
                claim = replace(_at(JITTER, _times_threshold(strength)), sign="4 where it sits")
                pair = _jitter(strength)(table, CONTROL), _jitter(strength)(table, name)
                yield claim.judged(f"{CONTROL} against {name}", *pair)


def _prepared(table: pd.DataFrame, kind: str) -> list[str]:
    """The preparations that have conditions of a kind."""
    return list(table.loc[table["kind"] == kind, "preparation"].unique())


class ChangeByBlock(NamedTuple):
    """A number that the block changes: which part of the change is where.

    Attributes
    ----------
    sign : str
        Number of the sign.
    kind : str
        Of the conditions that have it.
    words : str
        What the change is called.
    source : str
        Who reports that it comes back.
    runs : callable
        The number of the coarse and of the fine run of a preparation.
    resolution : float
        By how much more than the two differ each may be off.
    """

    sign: str
    kind: str
    words: str
    source: str
    runs: TwoRuns
    resolution: float = 0.0

    @property
    def sits(self) -> Claim:
        """That most of the change comes from one place."""
        words = f"part of {self.words}, block there alone"
        return Claim(f"{self.sign} where it sits", words, "", True, ASTMAN)

    @property
    def back(self) -> Claim:
        """That most of the change is undone by what is given back."""
        words = f"part of {self.words} given back"
        return Claim(f"{self.sign} comes back", words, "", True, self.source)

    def part(self, table: pd.DataFrame, name: str, block: str) -> Banded:
        """How much of what a block changes a preparation has: 0 none, 1 all."""
        here, control, blocked = (self.runs(table, one) for one in (name, CONTROL, block))
        changes = [control[run] - blocked[run] for run in (0, 1)]
        coarse, fine = ((here[run] - blocked[run]) / changes[run] for run in (0, 1))
        return from_two_runs(coarse, fine, 2 * self.resolution / abs(changes[1]))


def changes_by_the_block() -> tuple[ChangeByBlock, ...]:
    """The numbers whose change is looked for place by place."""

    def near(column: str) -> TwoRuns:
        return lambda table, name: _at_potential(table, name, NEAR_MV, column)

    at = f"at {NEAR_MV:g} mV"
    return (
        ChangeByBlock("1", "rheobase", "the rheobase's rise", VERVAEKE, _rheobase_runs,
                      RHEOBASE_RESOLUTION_NA),
        ChangeByBlock("5", "step", f"the resistance's loss {at}", CEBALLOS, near(RESISTANCE_COLUMN)),
        ChangeByBlock("5", "step", f"the time constant's loss {at}", CEBALLOS, near(TIME_COLUMN)),
        ChangeByBlock("6", "epsp", f"the EPSP's loss {at}", CEBALLOS, near(EPSP_COLUMN)),
    )  # fmt: skip


def _measured() -> Iterator[tuple[Claim, Measured]]:
    """Each claim that compares a number of two preparations, and how the number is read."""
    yield RHEOBASE, rheobase
    yield GAIN, gain
    for held_mV in SPIKE_HELD_MV:
        yield _at(AHP, f"held at {held_mV:g} mV"), _held(held_mV, AHP_COLUMN)
    for strength in STRENGTHS:
        yield _at(JITTER, _times_threshold(strength)), _jitter(strength)
    yield RESISTANCE, _held(NEAR_MV, RESISTANCE_COLUMN)
    yield TIME_CONSTANT, _held(NEAR_MV, TIME_COLUMN)
    for claim, column in RISES.items():
        for from_mV in RISES_FROM_MV:
            yield _rise_from(claim, from_mV), _rise(column, from_mV)
    yield AMPLIFICATION, amplification


def _times_threshold(strength: float) -> str:
    return f"EPSP {strength:g} x threshold"


def _at(claim: Claim, where: str) -> Claim:
    return replace(claim, quantity=f"{claim.quantity}, {where}")


def rheobase(table: pd.DataFrame, name: str) -> Banded:
    """The smallest step that fires (nA); its band is the search's width more."""
    return from_two_runs(*_rheobase_runs(table, name), resolution=RHEOBASE_RESOLUTION_NA)


def _rheobase_runs(table: pd.DataFrame, name: str) -> tuple[float, float]:
    row = one_row(table, kind="rheobase", preparation=name)
    return float(row["rheobase_coarse_nA"]), float(row["rheobase_fine_nA"])


def gain(table: pd.DataFrame, name: str) -> Banded:
    """Slope of the f-I curve (Hz/nA) from rheobase to `GAIN_ABOVE_RHEOBASE_NA` above it, over steps whose firing lasts."""
    slopes = []
    for run, rheobase_nA in zip(("coarse", "fine"), _rheobase_runs(table, name), strict=True):
        largest_nA = rheobase_nA + GAIN_ABOVE_RHEOBASE_NA
        rates = _rates(table, name, run)
        rates = rates[rates.index <= largest_nA]
        slopes.append(firing_gain(rates.index, rates))
    return from_two_runs(*slopes)


def gain_at_same_currents(table: pd.DataFrame, name: str, other: str) -> Banded:
    """Slope of the f-I curve (Hz/nA) over the steps at which this and the other fire to the end."""
    slopes = []
    for run in ("coarse", "fine"):
        rates = _rates(table, name, run)
        rates = rates.where(_rates(table, other, run).notna())
        slopes.append(firing_gain(rates.index, rates))
    return from_two_runs(*slopes)


def _rates(table: pd.DataFrame, name: str, run: str) -> pd.Series:
    here = (table["kind"] == "firing") & (table["preparation"] == name) & (table["run"] == run)
    return table[here].set_index("current_nA")["rate_Hz"].astype(float)


def _held(held_mV: float, column: str) -> Measured:
    def measured(table: pd.DataFrame, name: str) -> Banded:
        return from_two_runs(*_at_potential(table, name, held_mV, column))

    return measured


def _rise(column: str, from_mV: float) -> Measured:
    def measured(table: pd.DataFrame, name: str) -> Banded:
        near, far = (_at_potential(table, name, mV, column) for mV in (NEAR_MV, from_mV))
        return from_two_runs(near[0] - far[0], near[1] - far[1])

    return measured


def _jitter(strength: float) -> Measured:
    def measured(table: pd.DataFrame, name: str) -> Banded:
        row = one_row(table, kind="precision", preparation=name, strength=strength)
        jitter_ms = float(row["jitter_ms"])
        return Banded(jitter_ms, max(jitter_ms - row["lower_ms"], row["upper_ms"] - jitter_ms))

    return measured


def amplification(table: pd.DataFrame, name: str) -> Banded:
    """The EPSP at `NEAR_MV` over that at `RATIO_FROM_MV`."""
    near, far = (
        _at_potential(table, name, held_mV, EPSP_COLUMN) for held_mV in (NEAR_MV, RATIO_FROM_MV)
    )
    return from_two_runs(near[0] / far[0], near[1] / far[1])


def _at_potential(
    table: pd.DataFrame, name: str, held_mV: float, column: str
) -> tuple[float, float]:
    """A column of the coarse and of the fine run at a held potential; NaN where the cell fires.

    After-hyperpolarisations are of cells that fire once.
    """
    kind, expected_spikes = OF_COLUMN[column]
    values = []
    for run in ("coarse", "fine"):
        labels = {"kind": kind, "preparation": name, "target_mV": held_mV, "run": run}
        row = one_row(table, **labels)
        values.append(float(row[column]) if row["n_spikes"] == expected_spikes else float("nan"))
    return values[0], values[1]
