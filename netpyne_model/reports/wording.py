"""A run in words: what was done, what came out, and the command that makes it again."""

import json
import re
import shlex
from collections.abc import Mapping
from typing import Any

from ..analysis import MEASURES, RAMP_CUTOFF_HZ, TrialOnTrack, measure, summarise_recordings
from ..configuration import (
    MODEL_DEFAULTS,
    TrialConfig,
    clamp_in_a_sentence,
    description,
    differences,
    differing,
    is_dynamic_clamp,
    side_by_side,
)
from ..files import CONFIGURATION_FILE
from ..results import Result
from ..specification import find_drug

LONGEST_COMMAND = 300
"""Letters of a command that is shown; a longer one runs from the configuration's file."""
_UNIT = re.compile(r"(\d) (s|ms|mV|Hz|pA)\b")
MINUS = "\N{MINUS SIGN}"


def is_trial(result: Result) -> bool:
    """Whether a trial's configuration stands behind a result; else it is a protocol's."""
    return "setup" in result.configuration


def sentences(result: Result) -> list[str]:
    """What was done and what came out, in whole sentences for someone who does not know the model."""
    lines = [_done(result)]
    for text in result.configuration.get("drugs") or []:
        drug = find_drug(text)
        name = re.split("[:@]", text)[0]
        what = drug.description.partition(" (")[0]
        lines.append(f"{name}: {what}{f'; here {drug.amount}' if text != name else ''}.")
    if len(lines) > 1 and len(result.synapses):
        lines.append("Its inputs are, spike by spike, those of the same seed without a drug.")
    clamps = filter(is_dynamic_clamp, result.configuration.get("stimuli") or [])
    lines += map(clamp_in_a_sentence, clamps)
    lines.append(_came_out(result))
    return [_UNIT.sub("\\1\N{NO-BREAK SPACE}\\2", line) for line in lines]


def _done(result: Result) -> str:
    n, seconds = len(result.synapses), (result.time_ms[-1] - result.time_ms[0]) / 1e3
    inhibitory = int((result.synapses["kind"] == "inh").sum())
    time = f"{seconds:.2f} s" if seconds >= 1 else f"{1e3 * seconds:.0f} ms"
    if not n:
        return f"A simulated CA1 pyramidal cell without synaptic input for {time}."
    injected = [
        f"{1e3 * step.amplitude_nA:+.0f} pA injected at {step.site}" for step in result.stimulus[:2]
    ]
    current = f", with {' and '.join(injected)}" if injected else ""
    track = result.track
    place = ""
    if track is not None and track.has_field:
        spans = " and ".join(f"{a / 1e3:.2g} to {b / 1e3:.2g} s" for a, b in track.field_spans_ms())
        place = (
            " They fire as if an animal ran along a track, of which the place field is at"
            f" {spans}.{_strongest(result)}"
        )
    return (
        f"A simulated CA1 pyramidal cell receives {n - inhibitory:,} excitatory and"
        f" {inhibitory:,} inhibitory inputs for {time}{current}.{place}"
    )


def _strongest(result: Result) -> str:
    """How much stronger the synapses are that make the place field."""
    weights = result.synapses["ampa_weight"].dropna()
    fields = result.configuration  # with files, who knows what weights follow
    drawn = not (fields.get("events_file") or fields.get("weights_file"))
    if not drawn or weights.empty or weights.max() <= weights.min():
        return ""
    return (
        " Excitatory inputs whose own fields lie there have stronger synapses, up to"
        f" {weights.max() / weights.min():.2g} times as strong as those of inputs elsewhere."
    )


def _came_out(result: Result) -> str:
    n = len(result.spike_times_ms)
    spikes = f"It fires {n} spike{'' if n == 1 else 's'}" if n else "It fires no spike"
    spikes += _counted(result)
    if result.track is None or not result.track.has_field:
        return spikes.replace(" -", f" {MINUS}") + "."
    inside = int(result.track.inside(TrialOnTrack(result).spikes_ms).sum()) if n else 0
    where = f", {_share(inside, n)} in its place field" if n else ""
    measured = measure(result, summary=True)
    rest, there = measured["mean_v_settled_mV"], measured["mean_v_in_field_mV"]
    elsewhere = measured["mean_v_out_of_field_mV"]
    ramp_mV, rate_hz = measured["ramp_amplitude_mV"], measured["mean_rate_in_field_hz"]
    text = f"{spikes}{where}"
    if rate_hz == rate_hz and n:
        text += f" ({rate_hz:.1f} Hz on average there)"
    if ramp_mV == ramp_mV:
        text += (
            f". Its soma rests at {rest:.1f} mV without input and is on average at"
            f" {elsewhere:.1f} mV out of the field and {there:.1f} mV in it. The slow part of that"
            f" (below {RAMP_CUTOFF_HZ:g} Hz, the ramp) comes to {ramp_mV:.1f} mV above"
            f" {elsewhere:.1f} mV at its highest"
        )
    return text.replace(" -", f" {MINUS}") + "."


def _counted(result: Result) -> str:
    """From which potential on a spike counts: smaller ones, as under TTX, do not."""
    configuration = result.configuration
    threshold_mV = configuration.get("spike_threshold_mV")
    if threshold_mV is None:
        if not is_trial(result) or configuration.get("cell") or configuration.get("cell_file"):
            return ""  # the cell's own, which may be another
        threshold_mV = MODEL_DEFAULTS["spike_threshold_mV"]
    return f" (beyond {threshold_mV:g} mV at the soma)"


def _share(inside: int, n: int) -> str:
    return ("all" if n > 1 else "which is") if inside == n else f"{inside}" if inside else "none"


def numbers(result: Result) -> list[dict[str, Any]]:
    """What was measured: name, label, value (None where there is none), unit, description."""
    if result.track is not None and "soma" in result.voltage_mV:
        rows = []
        for name, value in measure(result, summary=True).items():
            one = MEASURES[name]
            kept = None if value != value else value
            rows.append(
                {"name": name, "label": one.label, "value": kept, "unit": one.unit}
                | {"description": one.description}
            )
        return [row for row in rows if row["value"] is not None]
    summary = summarise_recordings(result)
    rows = [
        {"name": "n_spikes_in_run", "label": "Output spikes", "value": summary["n_spikes_in_run"]}
        | {"unit": "", "description": "output spikes of the whole run"}
    ]
    for name, one in summary["recordings"].items():
        for part in ("first", "lowest", "highest", "last"):
            rows.append(
                {"name": f"{name}_{part}", "label": f"{name}, {part}", "value": one[part]}
                | {"unit": one["unit"], "description": f"{part} value of {name}"}
            )
    return rows


def in_figures(value: float | None) -> str:
    """A number as the page shows it: four figures, whole numbers whole; a dash for none."""
    if value is None:
        return "–"  # noqa: RUF001
    text = f"{value:,}" if isinstance(value, int) else f"{value:,.4g}"
    return text.replace("-", MINUS)


def unit_text(unit: str) -> str:
    """A unit as the page shows it."""
    return unit.replace("mV2", "mV²").replace("um", "µm").replace("deg/", "°/")


def configuration_rows(*results: Result) -> list[dict[str, Any]]:
    """Fields to be shown, a row each: name, values, default, words.

    Of one trial what is not the default, of two that in which they differ, of protocols all.
    """
    runs = [result.configuration for result in results]
    trials = all(map(is_trial, results))
    if not trials:
        fields = side_by_side(*runs)
    elif len(runs) == 1:
        fields = {name: [value] for name, value in differences(runs[0]).items()}
    else:
        fields = differing(*runs)
    defaults = TrialConfig().as_dict() if trials else {}
    return [
        {"name": name, "values": [_text(value) for value in values]}
        | {"default": _text(defaults.get(name)), "description": _words(name)}
        for name, values in fields.items()
    ]


def _words(name: str) -> str:
    try:
        return description(name)
    except ValueError:
        return ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _setting(key: str, value: Any) -> str:
    return f"{key}={_text(value)}"


def command(result: Result) -> str:
    """The command that makes a run again; empty of a protocol, which Python runs."""
    if not is_trial(result):
        return ""
    text = " ".join(["ca1 run", *settings(differences(result.configuration))])
    return text if len(text) <= LONGEST_COMMAND else f"ca1 run --config {CONFIGURATION_FILE}"


def settings(changes: Mapping[str, Any]) -> list[str]:
    """Changed fields as options of ``ca1 run``."""
    return [f"--set {shlex.quote(_setting(name, value))}" for name, value in changes.items()]


def made_with(result: Result) -> list[tuple[str, str]]:
    """Versions, commit and hashes, name and value."""
    provenance = result.provenance
    rows = [(name, version) for name, version in provenance.get("versions", {}).items() if version]
    if commit := provenance.get("git_commit"):
        changed = ", with changes" if provenance.get("git_changed") else ""
        rows.append(("commit", f"{commit}{changed}"))
    for key in ("simulator", "platform", "created_utc", "files_sha256"):
        if provenance.get(key):
            rows.append((key, str(provenance[key])))
    for change in provenance.get("cell", {}).get("changes", []):
        rows.append(("change of the cell", change))
    for name, content in provenance.get("cell", {}).get("files", {}).items():
        rows.append((name, str(content) if len(str(content)) < 100 else "in results.nwb"))
    return rows
