"""A run in words: what was done and what came of it, for titles and for the terminal."""

import json
import math

from ..configuration import differences, in_title
from ..results import CurrentStep, Result
from .input_arrangement import arrangement_of
from .measures import measure
from .on_track import TrialOnTrack
from .subthreshold import RAMP_CUTOFF_HZ

_SETUPS = {"silent_cell": "Silent cell", "place_cell": "Place cell"}
_MOST_STEPS, _MOST_LETTERS = 2, 200
_NAME_COLUMN = 11
MINUS = "\N{MINUS SIGN}"


# -- what was done


def title(result: Result) -> str:
    """What was done, in a line: set-up, injected current, what else is not the default, seed.

    Of a protocol: the name that it was run under.
    """
    fields = result.configuration
    if "setup" not in fields:
        name = fields.get("run")
        return f"Protocol on the cell {name}" if name else "Run"
    setup = str(fields["setup"])
    parts = [_SETUPS.get(setup, setup.replace("_", " ").capitalize()) + _where(result)]
    parts += injected(result) + in_title(fields)
    if not fields.get("events_file"):
        parts.append(f"seed {fields.get('seed', 0)}")
    return ", ".join(parts)


def _where(result: Result) -> str:
    """How far along the track a run gets."""
    track = result.track
    if track is None or not track.has_field:
        return ""
    if reaches_field(result):
        return " crossing its place field"
    return " before its place field" if float(result.track_time_ms[-1]) > 0 else " before the track"


def injected(result: Result) -> list[str]:
    """The injected currents, a few words each: ``+0.1 nA at the soma``."""
    end_ms = float(result.time_ms[-1])
    steps = [_step(result, one, end_ms) for one in result.stimulus[:_MOST_STEPS]]
    more = len(result.stimulus) - len(steps)
    return [*steps, f"{more} more currents"] if more else steps


def _step(result: Result, step: CurrentStep, end_ms: float) -> str:
    soma = result.sites.get("soma")
    at_soma = step.site == "soma_0" or (soma is not None and step.site == soma.section)
    place = "the soma" if at_soma else f"{step.site}({step.x:g})"
    when = "" if step.stop_ms >= end_ms - 1 else f" ({step.start_ms:g} to {step.stop_ms:g} ms)"
    return f"{step.amplitude_nA:+g} nA at {place}{when}".replace("-", MINUS)


def spikes_in_words(result: Result) -> str:
    """How many output spikes there are, and how many of them in the input's place field."""
    n = len(result.spike_times_ms)
    text = "no output spike" if not n else f"{n} output spike{'' if n == 1 else 's'}"
    if not n or result.track is None or not result.track.has_field:
        return text
    inside = int(result.track.inside(result.spike_track_times_ms).sum())
    return f"{text}, {inside} in the field"


def different(result: Result) -> str:
    """What of a trial is not the default, as fields with their values; empty if nothing is."""
    changed = differences(result.configuration)
    cell = changed.pop("cell", None)
    words = [f"{name} = {json.dumps(value)}" for name, value in changed.items()]
    if cell is not None:
        changes = "; ".join(result.provenance.get("cell", {}).get("changes", []))
        words.append(f"cell = {cell.get('name', 'own')}" + (f" ({changes})" if changes else ""))
    text = ", ".join(words)
    return text if len(text) <= _MOST_LETTERS else f"{text[:_MOST_LETTERS]}..."


# -- what came of it


def in_lines(result: Result) -> list[str]:
    """A trial in a few lines for the terminal; words that are not everybody's are explained there."""
    named = {
        "Spikes": _spikes(result),
        "Rate": _rate(result),
        "Ramp": _ramp(result),
        "Soma": _soma(result),
        "Inputs": _inputs(result),
        "Arranged": _arranged(result),
        "Time": _time(result),
        "Different": different(result) or "nothing: this is the default trial",
    }
    return [title(result), *(named_line(name, text) for name, text in named.items() if text)]


def named_line(name: str, text: str) -> str:
    """A line of the terminal's summary."""
    return f"{name:<{_NAME_COLUMN}}{text}"


def _spikes(result: Result) -> str:
    n = len(result.spike_times_ms)
    if result.track is None or not result.track.has_field:
        return f"{n} in the whole run"
    track, trial = result.track, TrialOnTrack(result)
    if not reaches_field(result):
        return f"{n} in the whole run, which ends before the place field begins"
    inside = int(track.inside(trial.spikes_ms).sum())
    unit = track.unit
    spans = track.field_spans_ms()
    places = [f"{track.position(a):.3g} to {track.position(b):.3g} {unit}" for a, b in spans]
    before = n - len(trial.spikes_ms)
    text = f"{inside} in the place field of its input ({', '.join(places)})"
    text += f", {len(trial.spikes_ms) - inside} elsewhere on the track"
    return text + (f", {before} before it" if before else "")


def reaches_field(result: Result) -> bool:
    """Whether a run gets into the place field of its input."""
    track = result.track
    if track is None or not track.has_field:
        return False
    return bool(track.inside(result.track_time_ms[result.track_time_ms >= 0]).any())


def _rate(result: Result) -> str:
    if not reaches_field(result):
        return ""
    trial, track = TrialOnTrack(result), result.track
    rates = trial.field_rates
    text = f"{rates.in_field_hz:.1f} Hz in the field"
    if math.isnan(rates.out_of_field_hz):
        text += "; the run does not leave it"
    else:
        text += f", {rates.out_of_field_hz:.1f} Hz out of it"
    time_ms, rate_hz = trial.rate_map
    if track is None or not rate_hz.any():
        return text
    at = track.position(time_ms[rate_hz.argmax()])
    return (
        f"{text}; {rate_hz.max():.1f} Hz at the peak of the smoothed rate, at {at:.3g} {track.unit}"
    )


def _ramp(result: Result) -> str:
    amplitude = _measured(result, "ramp_amplitude_mV")
    if math.isnan(amplitude):
        return ""
    return (
        f"{amplitude:.1f} mV: slow rise (below {RAMP_CUTOFF_HZ:g} Hz) of the soma's potential in the"
        " field, over its mean out of it"
    )


def _soma(result: Result) -> str:
    names = {
        "mean_v_settled_mV": "at rest without input",
        "mean_v_in_field_mV": "in the field",
        "mean_v_out_of_field_mV": "out of it",
    }
    values = {words: _measured(result, name) for name, words in names.items()}
    known = [f"{value:.1f} mV {words}" for words, value in values.items() if not math.isnan(value)]
    return ", ".join(known) + (" (means, spikes cut out)" if len(known) > 1 else "")


def _measured(result: Result, name: str) -> float:
    return measure(result, summary=True).get(name, math.nan)


def _inputs(result: Result) -> str:
    n = len(result.synapses)
    if not n:
        return "none"
    arriving = sum(map(len, result.simulated(result.presynaptic_ms)))
    released = sum(map(len, result.simulated(result.released_ms)))
    text = (
        f"{n:,} synapses are driven: {arriving:,} spikes reach them, {released:,} of which release"
    )
    return f"{text} transmitter"


def _arranged(result: Result) -> str:
    """How the inputs lie on the branches, of a trial that was given an arrangement."""
    name = result.configuration.get("arrangement")
    statistics = None if name is None else arrangement_of(result)
    if statistics is None:
        return ""
    one = statistics
    apart = "none on most branches"
    if math.isfinite(one.similar_neighbour_um):
        apart = f"{one.similar_neighbour_um:.1f} um away"
    return (
        f"{name}: the nearest input of similar field {apart}, {one.similar_within_10_um:.1f} within"
        f" 10 um; fields overlap by {one.overlap_on_branch:.2f} on a branch,"
        f" {one.overlap_between_branches:.2f} between branches; at most"
        f" {one.most_strong_on_a_branch} strong inputs on a branch"
    )


def _time(result: Result) -> str:
    seconds = float(result.time_ms[-1]) / 1e3
    track = result.track
    if track is None:
        return f"{seconds:.3g} s"
    on_track_s = max(float(result.track_time_ms[-1]) / 1e3, 0.0)
    return (
        f"{seconds:.3g} s: settling of {track.settling_ms:g} ms (no input), lead-in of"
        f" {track.lead_in_ms:g} ms (input, before the track), {on_track_s:.3g} s on the track"
    )
