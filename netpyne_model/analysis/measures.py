"""The list of what is measured of a trial: behind tables, summary, figures, ``docs/measures.md``.

A measure more is an entry more in `_LIST`, or `add_measure` of it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from ..errors import ModelError, quoted
from ..results import Result
from .intrinsic import spike_thresholds
from .on_track import EXCURSION_MV, FINE_MS, LEVEL_MV, TrialOnTrack
from .place_field import FIELD_FRACTION, spatial_information
from .precession import FEWEST_SPIKES
from .spikes import ONSET_MV_PER_MS
from .subthreshold import RAMP_CUTOFF_HZ, THETA_BAND_HZ
from .synaptic_currents import EXCITATORY, INHIBITORY
from .trials import ramp_asymmetry, ramp_width, slope

NO_SPIKES, FEW_SPIKES = "no spikes", f"fewer than {FEWEST_SPIKES} spikes in the field"
"""Why a trial has no value of a measure."""
SETTLED_MS = 10.0  # the end of the settling, over which the resting voltage is averaged

# How descriptions name the filters.
SLOW: str = f"below {RAMP_CUTOFF_HZ:g} Hz"
THETA: str = "at {:g} to {:g} Hz".format(*THETA_BAND_HZ)


@dataclass(frozen=True)
class Measure:
    """A number that is measured of a trial.

    Attributes
    ----------
    name : str
        Column of tables and key of ``summary.json``; ends with its unit.
    label : str
        What axes call it, without the unit.
    unit : str
        Plain, as in ``mV2``.
    description : str
        What it is, in one line.
    function : callable
        Takes a `TrialOnTrack`, gives the number, NaN where it is undefined.
    needs : tuple of str
        What a trial must hold (`TrialOnTrack.holds`); the measure of one that does not is NaN.
    in_summary : bool
        Whether the summary of a run has it.
    none_if : str
        Why a trial that holds what it needs can have none, such as ``no spikes``.
    """

    name: str
    label: str
    unit: str
    description: str
    function: Callable[[TrialOnTrack], float]
    needs: tuple[str, ...] = ("track",)
    in_summary: bool = False
    none_if: str = ""

    def of(self, trial: TrialOnTrack) -> float:
        """The measure of a trial; whole numbers stay whole."""
        if not trial.holds.issuperset(self.needs):
            return float("nan")
        value = self.function(trial)
        return value if isinstance(value, int) else float(value)


def measure(trial: TrialOnTrack | Result, *, summary: bool = False) -> dict[str, float]:
    """Measure a trial.

    Parameters
    ----------
    trial : TrialOnTrack or Result
    summary : bool
        Take the measures of the summary only.

    Returns
    -------
    dict of str to float
        By name; NaN where the run does not hold it, for instance since it ends before the track
        does.
    """
    if not isinstance(trial, TrialOnTrack):
        trial = TrialOnTrack(trial)
    return {name: one.of(trial) for name, one in MEASURES.items() if one.in_summary or not summary}


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _in_and_out(
    name: str,
    label: str,
    unit: str,
    description: str,
    function: Callable[..., float],
    **options: Any,
) -> list[Measure]:
    """A measure in the field and one out of it, for which `function` also takes the part."""
    pair = []
    for part, words in (("in_field", "in the field"), ("out_of_field", "out of the field")):
        named, labelled = name.replace("{part}", part), label.replace("{part}", words)
        what, function_there = description.replace("{part}", words), partial(function, part=part)
        pair.append(Measure(named, labelled, unit, what, function_there, **options))
    return pair


def _mean_current(trial: TrialOnTrack, part: str, name: str) -> float:
    return _mean(trial.recorded(name)[trial.parts[part]])


def _peak_rate_at_ms(trial: TrialOnTrack) -> float:
    time_ms, rate_hz = trial.rate_map
    return time_ms[rate_hz.argmax()] if rate_hz.any() else np.nan


def _peak_rate_at_cm(trial: TrialOnTrack) -> float:
    if trial.track.length_cm is None:
        return np.nan
    return _peak_rate_at_ms(trial) / trial.track.lap_ms * trial.track.length_cm


def _mean_v_settled(trial: TrialOnTrack) -> float:
    time_ms, settling_ms = np.asarray(trial.result.time_ms), trial.track.settling_ms
    return _mean(trial.soma_mV[(time_ms >= settling_ms - SETTLED_MS) & (time_ms < settling_ms)])


def _peak_ramp(trial: TrialOnTrack) -> float:
    inside_mV = trial.ramp_mV[trial.parts["in_field"]]
    return inside_mV.max() if len(inside_mV) else np.nan


def _ramp_amplitude(trial: TrialOnTrack) -> float:
    return _peak_ramp(trial) - _mean(trial.ramp_mV[trial.parts["out_of_field"]])


def _ramp_width(trial: TrialOnTrack) -> float:
    if trial.track.kind == "circular" and not trial.whole_lap:
        return np.nan
    return ramp_width(trial.time_ms, trial.ramp_mV, **trial.track.field)


def _spike_threshold(trial: TrialOnTrack) -> float:
    v_mV = np.asarray(trial.result.voltage_mV["soma"], float)[trial.samples]
    return _mean(spike_thresholds(trial.time_ms, v_mV, threshold_mV_per_ms=ONSET_MV_PER_MS))


def _crossings_in_field(trial: TrialOnTrack) -> float:
    if not trial.parts["in_field"].any():
        return np.nan
    return int(trial.track.inside(trial.crossings.times_ms).sum())


def _failed_excursion_rate(trial: TrialOnTrack) -> float:
    return trial.excursion_rates.in_field_hz - trial.field_rates.in_field_hz


def _place_field_shift(trial: TrialOnTrack) -> float:
    place_field = trial.place_field
    return np.nan if place_field is None else float(trial.track.distance_ms(place_field.centre))


_FIELD: dict[str, Any] = {"needs": ("field",)}
_FIELD_SOMA: dict[str, Any] = {"needs": ("field", "soma")}
_FIELD_THETA: dict[str, Any] = {"needs": ("field", "theta")}

# fmt: off
_LIST = [
    Measure("n_spikes_in_run", "Output spikes of the run", "",
            "output spikes of the whole run, settling and lead-in included",
            lambda trial: len(trial.result.spike_times_ms), needs=(), in_summary=True),
    Measure("n_spikes", "Output spikes", "", "output spikes on the track",
            lambda trial: len(trial.spikes_ms), in_summary=True),
    Measure("peak_rate_hz", "Peak rate", "Hz", "peak of the smoothed firing rate",
            lambda trial: trial.rate_map[1].max(), in_summary=True),
    Measure("peak_rate_at_ms", "Track time of the peak rate", "ms", "track time of this peak",
            _peak_rate_at_ms, in_summary=True, none_if=NO_SPIKES),
    Measure("peak_rate_at_cm", "Position of the peak rate", "cm",
            "its position on a circular track", _peak_rate_at_cm, in_summary=True,
            none_if=NO_SPIKES),
    *_in_and_out("mean_rate_{part}_hz", "Rate {part}", "Hz",
                 "mean firing rate {part} of the input,"
                 " half its width to either side of its centre",
                 lambda trial, part: getattr(trial.field_rates, f"{part}_hz"),
                 **_FIELD, in_summary=True),
    Measure("mean_v_settled_mV", "Mean V, settled", "mV",
            f"mean somatic voltage over the last {SETTLED_MS:g} ms of the settling",
            _mean_v_settled, needs=("soma",), in_summary=True),
    *_in_and_out("mean_v_{part}_mV", "Mean V {part}", "mV",
                 "mean somatic voltage {part}, spikes cut out",
                 lambda trial, part: _mean(trial.voltage_mV[trial.parts[part]]),
                 **_FIELD_SOMA, in_summary=True),
    Measure("peak_ramp_mV", "Peak of the ramp", "mV",
            f"highest value of the somatic voltage {SLOW} in the field",
            _peak_ramp, **_FIELD_SOMA),
    Measure("ramp_amplitude_mV", "Ramp amplitude", "mV",
            "highest point of the ramp in the field, less its mean out of the field",
            _ramp_amplitude, **_FIELD_SOMA, in_summary=True),
    Measure("ramp_asymmetry", "Asymmetry of the ramp", "",
            "(late - early)/(late + early) half of the ramp in the field",
            lambda trial: ramp_asymmetry(trial.time_ms, trial.ramp_mV, **trial.track.field),
            **_FIELD_SOMA),
    *_in_and_out("theta_amplitude_{part}_mV", "Theta amplitude {part}", "mV",
                 f"mean amplitude of the somatic voltage {THETA} {{part}}",
                 lambda trial, part: _mean(trial.theta_amplitude_mV[trial.parts[part]]),
                 **_FIELD_SOMA),
    Measure("ramp_width_ms", "Width of the ramp", "ms",
            "time for which the ramp is above half of its amplitude, about its peak in the field",
            _ramp_width, **_FIELD_SOMA),
    Measure("theta_slope", "Slope of theta amplitude against the ramp", "",
            f"slope of the amplitude of the somatic voltage {THETA} against that {SLOW}",
            lambda trial: slope(trial.ramp_mV, trial.theta_amplitude_mV),
            needs=("track", "soma")),
    Measure("spike_threshold_mV", "Spike threshold", "mV",
            f"mean potential at which spikes on the track begin to rise by {ONSET_MV_PER_MS:g} V/s;"
            f" of a soma that is recorded each {FINE_MS:g} ms or finer",
            _spike_threshold, needs=("track", "soma_fine"), none_if=NO_SPIKES),
    *_in_and_out("v_variance_{part}_mV2", "V variance {part}", "mV2",
                 "variance of the somatic voltage less its ramp {part}, spikes cut out",
                 lambda trial, part: getattr(trial.variance, f"{part}_mV2"), **_FIELD_SOMA),
    Measure("n_crossings_in_field", f"Crossings of {LEVEL_MV:g} mV in the field", "",
            f"upward crossings of {LEVEL_MV:g} mV by the spike-free voltage in the field",
            _crossings_in_field, **_FIELD_SOMA),
    Measure("fraction_above_in_field", f"Share of time above {LEVEL_MV:g} mV in the field", "",
            f"share of the time in the field at which that voltage is above {LEVEL_MV:g} mV",
            lambda trial: _mean(trial.voltage_mV[trial.parts["in_field"]] >= LEVEL_MV),
            **_FIELD_SOMA),
    Measure("excursion_rate_in_field_hz", f"Excursions above {EXCURSION_MV:g} mV in the field", "Hz",
            f"how often a second the somatic voltage, spikes not cut out, rises above"
            f" {EXCURSION_MV:g} mV in the field",
            lambda trial: trial.excursion_rates.in_field_hz, **_FIELD_SOMA),
    Measure("failed_excursion_rate_in_field_hz", "Excursions without a spike in the field", "Hz",
            "the same less the rate of spikes in the field", _failed_excursion_rate, **_FIELD_SOMA),
    Measure("place_field_shift_ms", "Shift of the place field", "ms",
            "centre of mass of the place field found in the rate, less the centre of the input's",
            _place_field_shift, **_FIELD, none_if=NO_SPIKES),
    Measure("place_field_width_ms", "Width of the place field", "ms",
            f"width of the place field found in the rate, at {FIELD_FRACTION:g} of its peak",
            lambda trial: np.nan if trial.place_field is None else trial.place_field.width,
            none_if=NO_SPIKES),
    Measure("spatial_information_bits", "Spatial information", "bits/spike",
            "spatial information of the smoothed rate",
            lambda trial: spatial_information(trial.rate_map[1]), none_if=NO_SPIKES),
    Measure("precession_deg_per_field", "Phase precession", "deg/field",
            "change of the spikes' theta phase over one width of the input's field",
            lambda trial: trial.precession.slope_deg_per_unit, **_FIELD_THETA, none_if=FEW_SPIKES),
    Measure("precession_rho", "Phase precession, \N{GREEK SMALL LETTER RHO}", "",
            "circular-linear correlation of theta phase and position in the field",
            lambda trial: trial.precession.rho, **_FIELD_THETA, none_if=FEW_SPIKES),
    Measure("precession_p", "Phase precession, p", "", "p value of precession_rho",
            lambda trial: trial.precession.p_value, **_FIELD_THETA, none_if=FEW_SPIKES),
]
# fmt: on
for _name in (*EXCITATORY, *INHIBITORY):
    _LIST += _in_and_out(
        f"i_{_name}_{{part}}_nA",
        f"{_name} current {{part}}",
        "nA",
        f"mean {_name} current {{part}}, sum over the cell, inward negative",
        partial(_mean_current, name=f"i_{_name}"),
        needs=("field", f"i_{_name}"),
    )

MEASURES: dict[str, Measure] = {}
"""All measures by name, in the order of the tables."""


def add_measure(one: Measure) -> None:
    """Put a measure at the end of the list."""
    if one.name in MEASURES:
        raise ModelError(
            f"measure {quoted(one.name)} is in the list already; give it another name."
        )
    MEASURES[one.name] = one


for _one in _LIST:
    add_measure(_one)


_PAGE_HEAD = """# Measures

What is measured of a trial. `make measures` writes this page from the list in
`netpyne_model/analysis/measures.py`; a measure more is an entry more there ([how](extend/measure.md)).

A study's `trials.csv` has all of them, the `summary.json` of a run those that are marked. There is no
value where a trial does not hold what the measure needs: the run ends before the track does, the
current was not recorded, the input was replayed and has no theta phase.
""".splitlines()


def as_page() -> str:
    """The list as a page of the documentation."""
    header = "| name | unit | what it is | needs | none if | summary |"
    lines = [*_PAGE_HEAD, "", header, "| - | - | - | - | - | - |"]
    for one in MEASURES.values():
        needs, mark = ", ".join(one.needs), "yes" if one.in_summary else ""
        lines.append(
            f"| `{one.name}` | {one.unit} | {one.description} | {needs} | {one.none_if} | {mark} |"
        )
    return "\n".join([*lines, ""])
