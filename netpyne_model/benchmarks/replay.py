"""Published trials played again: their released events, and how voltages and spikes then compare.

A published trial is up to three tables: the events that its synapses released, the times of its
output spikes and, where they were kept, voltages. Its spikes are held against those of a run on the
same events one to one, in the steps of the integration.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..errors import ModelError, quoted
from ..files import reading
from ..results import Result
from .accuracy import BEFORE_SPIKE_MS, match_spikes

LARGEST_STEPS = 1.0
"""A spike that comes again within so many time steps is the same to the step."""
LARGEST_DIFFERENCE_MV = 0.1
"""Of voltages until 5 ms before the first spike, on whose upstroke 1 us is 0.5 mV."""
SAME_SPIKE_MS = 5.0
"""Further apart than this, two spikes are not the same one a little late."""
DIGITS_MS = 1e-3
"""Of the tables of spikes."""
_TIME = ("time_ms", "t_ms")
_EVENTS = re.compile(r"(.*)events\.csv(\.gz)?")


@dataclass(frozen=True)
class PublishedTrial:
    """A trial of the published model.

    Attributes
    ----------
    name : str
    events_file : Path
        Its released events, as `inputs.read_events` reads them.
    spikes_ms : ndarray
        Output spikes, ascending.
    voltage_mV : DataFrame or None
        One column a site, by the time in ms; None where no voltages were kept.
    """

    name: str
    events_file: Path
    spikes_ms: np.ndarray
    voltage_mV: pd.DataFrame | None = None

    def duration_ms(self) -> float:
        """How long to run: to the last voltage, or to the second after the last event or spike."""
        if self.voltage_mV is not None:
            return float(self.voltage_mV.index[-1])
        with reading(self.events_file, "expected a table of events"):
            times_ms = _table(self.events_file).get("time_ms", pd.Series(dtype=float))
        last_ms = np.nanmax([*times_ms, *self.spikes_ms, 0.0])
        return float(np.floor(last_ms) + 1)


@dataclass(frozen=True)
class Comparison:
    """How a run compares with the published trial of the same events.

    Attributes
    ----------
    pairs : list of (float, float)
        Published spike and the run's; every spike once at most.
    missing_ms, added_ms : list of float
        Published spikes that the run lacks, and spikes of its own.
    step_ms : float
        Time step of the run.
    dv_mV : dict of str to float
        By site, largest difference until `until_ms`.
    until_ms : float
        5 ms before the first spike of either.
    parts_ms : float or None
        When voltages are first `LARGEST_DIFFERENCE_MV` apart, spikes included.
    """

    pairs: list[tuple[float, float]]
    missing_ms: list[float]
    added_ms: list[float]
    step_ms: float
    dv_mV: dict[str, float]
    until_ms: float
    parts_ms: float | None

    @property
    def shifts_ms(self) -> np.ndarray:
        """How late each spike of a pair comes in the run."""
        return np.array([mine - published for published, mine in self.pairs])

    def out_of_step(self, steps: float) -> list[tuple[float, float]]:
        """The pairs that are further apart than so many time steps."""
        within_ms = steps * self.step_ms + DIGITS_MS
        late = np.abs(self.shifts_ms) > within_ms
        return [pair for pair, out in zip(self.pairs, late.tolist(), strict=True) if out]

    def agrees(self, steps: float, largest_mV: float) -> bool:
        """Whether every spike comes again within so many steps, and voltages agree before."""
        spikes = not (self.missing_ms or self.added_ms or self.out_of_step(steps))
        return spikes and all(difference <= largest_mV for difference in self.dv_mV.values())


def read_trial(events: Path, spikes: Path, voltage: Path | None = None) -> PublishedTrial:
    """Read a published trial from its tables; see `_times` and `_voltages` for their columns."""
    if not events.is_file():
        raise ModelError(f"{events} does not exist; give a table of released events.")
    name = events.name.partition(".csv")[0].removesuffix("events").rstrip("_-.") or events.stem
    voltage_mV = None if voltage is None else _voltages(voltage)
    return PublishedTrial(name, events, _times(spikes), voltage_mV)


def trials_of_folder(folder: Path) -> list[PublishedTrial]:
    """Read all published trials of a folder.

    A trial is ``<name>events.csv`` with ``<name>soma_spikes.csv`` or ``<name>spikes.csv`` beside it,
    and ``<name>voltage.csv`` where voltages were kept; each may end in ``.gz``.
    """
    trials = []
    for path in sorted(folder.glob("*events.csv*")):
        if match := _EVENTS.fullmatch(path.name):
            spikes = _beside(folder, match[1], "soma_spikes", "spikes")
            if spikes is None:
                raise ModelError(
                    f"{path} has no spikes beside it; expected {match[1]}soma_spikes.csv, with a"
                    " header alone where there were none."
                )
            trials.append(read_trial(path, spikes, _beside(folder, match[1], "voltage")))
    if not trials:
        raise ModelError(f"{folder} holds no published trial; expected <name>events.csv there.")
    return trials


def compare(trial: PublishedTrial, result: Result) -> Comparison:
    """Hold the spikes and voltages of a run against the published trial, as far as it went."""
    end_ms = float(result.time_ms[-1])
    step_ms = float(result.configuration["dt_ms"])
    published = trial.spikes_ms[trial.spikes_ms <= end_ms + step_ms / 2].tolist()
    mine = result.spike_times_ms.tolist()
    pairs = match_spikes(published, mine, SAME_SPIKE_MS)
    until_ms = min([*published, *mine, end_ms + BEFORE_SPIKE_MS]) - BEFORE_SPIKE_MS
    dv_mV, parts_ms = _voltage_differences(trial, result, until_ms)
    return Comparison(
        pairs,
        sorted({*published} - {one for one, _ in pairs}),
        sorted({*mine} - {other for _, other in pairs}),
        step_ms,
        dv_mV,
        until_ms,
        parts_ms,
    )


def _voltage_differences(
    trial: PublishedTrial, result: Result, until_ms: float
) -> tuple[dict[str, float], float | None]:
    if trial.voltage_mV is None:
        return {}, None
    voltages = trial.voltage_mV[trial.voltage_mV.index <= result.time_ms[-1]]
    times_ms = voltages.index.to_numpy()
    largest, parts_ms = {}, []
    for site in voltages:
        if site not in result.voltage_mV:
            known = ", ".join(result.voltage_mV)
            raise ModelError(
                f"{trial.name}: the run records no site {quoted(site)}; expected of {known}, or one of"
                f" yours: record='{{{site}: <place>}}'."
            )
        mine_mV = np.interp(times_ms, result.time_ms, result.voltage_mV[site])
        difference = np.abs(mine_mV - voltages[site].to_numpy())
        largest[str(site)] = float(difference[times_ms <= until_ms].max(initial=0.0))
        parts_ms += times_ms[difference > LARGEST_DIFFERENCE_MV][:1].tolist()
    return largest, min(parts_ms, default=None)


def report(
    compared: Comparison, steps: float, largest_mV: float, show: Callable[[str], Any] = print
) -> None:
    """Say how a run compares: pairs, largest shift, and every spike and time at which they part."""
    n_published = len(compared.pairs) + len(compared.missing_ms)
    n_mine = len(compared.pairs) + len(compared.added_ms)
    largest_ms = np.abs(compared.shifts_ms).max(initial=0.0)
    show(
        f"spikes: {n_published} published, {n_mine} here, {len(compared.pairs)} of them pairs;"
        f" largest shift {largest_ms:.3f} ms (at most {steps * compared.step_ms:g},"
        f" {steps:g} time step{'s' * (steps != 1)})"
    )
    for line in _parting_spikes(compared, steps):
        show(f"  {line}")
    for site, difference in compared.dv_mV.items():
        show(
            f"{site}: largest difference until {compared.until_ms:.1f} ms: {difference:.5f} mV"
            f" (at most {largest_mV:g})"
        )
    if compared.parts_ms is not None:
        show(f"voltages are first {LARGEST_DIFFERENCE_MV:g} mV apart at {compared.parts_ms:.1f} ms")


def _parting_spikes(compared: Comparison, steps: float) -> Iterator[str]:
    """A line for every spike without its like within the steps, in the order of time."""
    lines = [(one, f"{one:.3f} ms is missing here") for one in compared.missing_ms]
    lines += [(one, f"{one:.3f} ms is none of the published") for one in compared.added_ms]
    lines += [
        (published, f"{published:.3f} ms comes at {mine:.3f}, {mine - published:+.3f} ms")
        for published, mine in compared.out_of_step(steps)
    ]
    return (line for _, line in sorted(lines))


def _beside(folder: Path, prefix: str, *names: str) -> Path | None:
    paths = [folder / f"{prefix}{name}.csv{end}" for name in names for end in ("", ".gz")]
    return next((path for path in paths if path.is_file()), None)


def _table(path: Path) -> pd.DataFrame:
    with reading(path, "expected a CSV table"):
        try:
            return pd.read_csv(path)
        except (ValueError, EOFError) as error:
            raise ModelError(f"{path} is no CSV table ({error}); expected one.") from error


def _times(path: Path) -> np.ndarray:
    """Ascending times of a table with the column ``time_ms`` (or ``t_ms``).

    A table of one column may call it anything, or have no header.
    """
    table = _table(path)
    column = _time_column(table)
    if column is None and len(table.columns) == 1:
        if _is_number(table.columns[0]):
            table = pd.read_csv(path, header=None)
        column = table.columns[0]
    if column is None or not (numbers := _numeric(table, [column])):
        raise ModelError(f"{path}: columns {_columns(table)}; expected time_ms, in numbers.")
    return np.sort(numbers[column])


def _is_number(text: Any) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _voltages(path: Path) -> pd.DataFrame:
    """Voltages of a table with the columns ``t_ms`` (or ``time_ms``) and ``<site>_mV``."""
    table = _table(path)
    time = _time_column(table)
    sites = [name for name in table if str(name).endswith("_mV")]
    numbers = _numeric(table, [time, *sites]) if time is not None else {}
    if not sites or not numbers or not len(table):
        raise ModelError(
            f"{path}: columns {_columns(table)}; expected t_ms and <site>_mV, in numbers."
        )
    voltages = {str(site).removesuffix("_mV"): numbers[site] for site in sites}
    return pd.DataFrame(voltages, index=numbers[time])


def _time_column(table: pd.DataFrame) -> str | None:
    return next((name for name in _TIME if name in table), None)


def _numeric(table: pd.DataFrame, columns: Sequence[Any]) -> dict[Any, np.ndarray]:
    """The columns as numbers; none of them where one holds anything else."""
    try:
        return {column: table[column].to_numpy(dtype=float) for column in columns}
    except (TypeError, ValueError):
        return {}


def _columns(table: pd.DataFrame) -> str:
    return ", ".join(map(str, table.columns))
