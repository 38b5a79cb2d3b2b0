"""What is reported of inductions as claims, judged from a table of animals.

Numbers are means over animals with their 95 % band (Student's t); reported ones have 1.96 standard
errors. Where animals are compared with and without something, the difference of each is taken first.
"""

from collections.abc import Iterator

import pandas as pd

from ..analysis.trials import mean_and_band
from ..plasticity import SOURCE, reported
from .verdict import Banded, Claim, ReportedNumber, verdict_table

ANIMAL, RULE = "animal", "rule"
CONTROL, BLOCKED = "control", "INaP 1"
MOVED_CM = (45.0, 90.0)
"""How far behind the first place the second induction is, the way the animal runs."""
AMPLIFIES = "Hsu et al. 2018"
_SEMS = 1.96  # of a 95 % band
Row = dict[str, object]


def new(n_plateaus: int) -> str:
    """State of an animal after so many plateaus at the first place."""
    return f"new_{n_plateaus}"


def moved(distance_cm: float) -> str:
    """State of an animal after plateaus at another place, so many cm further on."""
    return f"moved_{distance_cm:g}"


FIVE = new(5)
FIELD = Claim("1 a field is made", "peak rate", "Hz", True, SOURCE)
MORE_THAN_LOST = Claim("3 the field moves", "largest gain against largest loss", "mV", True, SOURCE)
FALLS = Claim("3 the field moves", "largest loss", "mV", False, SOURCE)
HALF_EARLIER = Claim("4 asymmetry", "half of the gain, before over after", "", True, SOURCE)
EARLIER = Claim("4 asymmetry", "rise before over after the onset", "", True, SOURCE)
WITH_CURRENT = (
    ("spikes of a lap", "n_spikes", ""),
    ("peak rate", "peak_Hz", "Hz"),
    ("ramp above its own baseline", "ramp_mV", "mV"),
)
PLATEAU_SITES = ("soma", "distal_trunk", "tuft")


def judge(table: pd.DataFrame) -> pd.DataFrame:
    """Every claim: what the induction makes, moves, and what the persistent current adds."""
    rows = [*_made(table), *_numbers(table), *_moved(table), *_with_current(table)]
    return verdict_table(sorted(rows, key=lambda row: str(row["sign"])))


def _made(table: pd.DataFrame) -> Iterator[Row]:
    before, after = (mean_of(animals(table)[f"{state}_peak_Hz"]) for state in ("before", FIVE))
    yield FIELD.judged(f"{_words(FIVE)} against before", after, before)


def _numbers(table: pd.DataFrame) -> Iterator[Row]:
    """Gain, loss, place of the peak and asymmetry against the reported means."""
    said = reported()
    for sign, state in _inductions():
        rows = animals(table)
        gain = ReportedNumber(sign, "largest gain", "mV", _said(said["gain_mV"]), SOURCE)
        yield gain.judged(_words(state), mean_of(rows[f"{state}_gain_mV"]))
        if state != FIVE:
            loss = ReportedNumber(sign, "largest loss", "mV", _said(said["loss_mV"]), SOURCE)
            yield loss.judged(_words(state), mean_of(rows[f"{state}_loss_mV"]))
        distance = ReportedNumber(
            sign, "new peak to plateau", "cm", _said(said["peak_distance_cm"]), SOURCE
        )
        yield distance.judged(_words(state), mean_of(rows[f"{state}_peak_from_onset_cm"].abs()))


def _moved(table: pd.DataFrame) -> Iterator[Row]:
    rows = animals(table)
    of_new = mean_of(rows[f"{FIVE}_half_before_cm"] / rows[f"{FIVE}_half_after_cm"])
    yield HALF_EARLIER.judged(f"{_words(FIVE)} against 1", of_new, Banded(1.0))
    for distance_cm in MOVED_CM:
        state = moved(distance_cm)
        words = _words(state)
        yield FALLS.judged(f"{words} against none", mean_of(rows[f"{state}_loss_mV"]), Banded(0.0))
        yield MORE_THAN_LOST.judged(
            words, mean_of(rows[f"{state}_gain_mV"]), mean_of(-rows[f"{state}_loss_mV"])
        )
        ratio = mean_of(rows[f"{state}_rises_before_cm"] / rows[f"{state}_rises_after_cm"])
        yield EARLIER.judged(f"{words} against 1", ratio, Banded(1.0))


def _with_current(table: pd.DataFrame) -> Iterator[Row]:
    """What the same weights make with and without the current, and how far a plateau goes."""
    control, blocked = animals(table), animals(table, BLOCKED)
    for quantity, column, unit in WITH_CURRENT:
        claim = Claim("5 the persistent current", quantity, unit, True, AMPLIFIES)
        yield _paired(claim, _words(FIVE), control, blocked, f"{FIVE}_{column}")
    for site in PLATEAU_SITES:
        quantity = f"depolarisation by 0.7 nA, {site.replace('_', ' ')}"
        claim = Claim("5 the plateau's current", quantity, "mV", True, AMPLIFIES)
        yield _paired(claim, "lap 1", control, blocked, f"plateau_{site}_mV")


def _paired(
    claim: Claim, where: str, control: pd.DataFrame, blocked: pd.DataFrame, column: str
) -> Row:
    """A claim on the differences of the animals; the band of the difference stands with control's."""
    both = pd.concat([control[column], blocked[column]], axis=1, keys=["with", "without"])
    difference = mean_of(both["with"] - both["without"])
    without = float(both["without"].mean())
    with_it = Banded(without + difference.value, difference.band)
    return claim.judged(f"{where}: {CONTROL} against {BLOCKED}", with_it, Banded(without))


def animals(table: pd.DataFrame, preparation: str = CONTROL) -> pd.DataFrame:
    """Rows of the animals of a preparation, by their seed."""
    rows = table[(table["kind"] == ANIMAL) & (table["preparation"] == preparation)]
    return rows.set_index("seed").sort_index()


def mean_of(values: pd.Series) -> Banded:
    """Mean over animals and half the width of its 95 % band."""
    mean, _, upper = mean_and_band(values.to_numpy(dtype=float))
    return Banded(float(mean), float(upper - mean))


def _said(number: list[float]) -> Banded:
    mean, sem = number
    return Banded(mean, _SEMS * sem)


def _inductions() -> Iterator[tuple[str, str]]:
    yield "2 the new field", FIVE
    for distance_cm in MOVED_CM:
        yield "3 the field moves", moved(distance_cm)


def _words(state: str) -> str:
    kind, _, number = state.partition("_")
    return f"after {number} plateaus" if kind == "new" else f"moved by {number} cm"
