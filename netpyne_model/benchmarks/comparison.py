"""The cases of a workload, and the table of what its choices cost and how exact they are."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import Any

from ..configuration import as_mapping, load_configuration
from ..experiments.experiment import EVENTS_MS
from .accuracy import compare_epsp, compare_trials, worst
from .elsewhere import measure_elsewhere
from .epsp import SITE, converged_epsp_mV
from .measure import Request, measure_one
from .suite import Answer, Case
from .workloads import BEFORE, COMPARED_SITES, Workload

Answers = Mapping[tuple[str, str], Answer]


def cases(
    workload: Workload,
    seeds: int,
    reference: Path,
    folder: Path,
    settings: Sequence[str],
    baseline: Path | None = None,
) -> list[Case]:
    """A case for every choice and seed of a workload.

    `seeds` is their number where input is drawn; files that a workload needs go to `folder`. The
    `settings`, ``key=value``, win over all other fields of the configuration. The choices of
    `BEFORE` are measured with the package of the checkout `baseline` too, each beside its own.
    """
    shared = {**workload.fields, **workload.further_fields(reference, folder)}
    each = []
    for choice, how in workload.choices.items():
        for seed in _seeds(workload, seeds):
            config = load_configuration(None, shared, how.fields, settings, {"seed": seed})
            request = Request(
                config.as_dict(),
                how.neuron_globals,
                workload.window_ms,
                traces=workload.accuracy is not None,
                simple=workload.simple,
            )
            run = partial(measure_one, request)
            each.append(Case(workload.name, _case_name(choice, seed), run, _cost_s))
            if baseline is not None and how in BEFORE and not workload.simple:
                # Not all fields: another version may have others.
                fields = {**shared, **how.fields, **as_mapping(settings), "seed": seed}
                run = partial(measure_elsewhere, replace(request, fields=fields), baseline)
                each.append(Case(workload.name, _case_name(_before(choice), seed), run, _cost_s))
    return each


def _before(choice: str) -> str:
    return f"before: {choice}"


def _seeds(workload: Workload, seeds: int) -> range:
    return range(seeds if workload.seeded else 1)


def _case_name(choice: str, seed: int) -> str:
    return f"{choice}, seed {seed}"


def _cost_s(answer: Answer) -> float:
    """Processor time of a simulated second, in seconds."""
    return answer["cpu_ms_per_ms"]


def results(
    workload: Workload, answers: Answers, seeds: int, reference: Path, settings: Sequence[str]
) -> dict[str, Any]:
    """Sum up the choices of a workload: means over seeds, the largest memory, the worst accuracy.

    By choice the numbers of `measure.measure`, ``accuracy``, ``accuracy_converged`` and
    ``times_as_fast`` (as the straightforward choice, by processor time of the integration); where a
    baseline was measured, its numbers by choice are ``before``, and a choice has ``of_before``: its
    processor time over that of the baseline.
    """
    measured = {}
    for choice in workload.choices:
        names = [_case_name(choice, seed) for seed in _seeds(workload, seeds)]
        measured[choice] = [answers[workload.name, name] for name in names]
    rows = {}
    for choice, how in workload.choices.items():
        described = {"fields": dict(how.fields), "neuron_globals": dict(how.neuron_globals)}
        rows[choice] = described | _means(measured[choice]) | {"seeds": len(measured[choice])}
        rows[choice] |= _accuracy(workload, choice, measured, reference)
        if workload.straightforward is not None:
            straightforward_ms = _means(measured[workload.straightforward])["cpu_ms_per_ms"]
            rows[choice]["times_as_fast"] = straightforward_ms / rows[choice]["cpu_ms_per_ms"]
    before = {}
    for choice in workload.choices:
        names = [_case_name(_before(choice), seed) for seed in _seeds(workload, seeds)]
        if (workload.name, names[0]) in answers:
            before[choice] = _means([answers[workload.name, name] for name in names])
            of_before = rows[choice]["cpu_ms_per_ms"] / before[choice]["cpu_ms_per_ms"]
            rows[choice]["of_before"] = of_before
    return {
        "description": workload.description,
        "fields": dict(workload.fields),
        "settings": list(settings),
        "straightforward": workload.straightforward,
        "choices": rows,
        "before": before,
    }


def _means(measured: Sequence[Answer]) -> dict[str, Any]:
    means: dict[str, Any] = {}
    for key in measured[0]:
        values = [answer[key] for answer in measured if answer[key] is not None]
        if key != "traces":
            means[key] = fmean(values) if values else None
    return means | {"peak_mb": max(answer["peak_mb"] for answer in measured)}


def _accuracy(
    workload: Workload, choice: str, measured: Mapping[str, Sequence[Answer]], reference: Path
) -> dict[str, Any]:
    if workload.accuracy is None:
        return {}
    traces = {name: [answer["traces"] for answer in each] for name, each in measured.items()}
    if workload.accuracy == "epsp":
        converged_mV = converged_epsp_mV(reference)
        compared = [compare_epsp(one, SITE, EVENTS_MS[0], converged_mV) for one in traces[choice]]
        return {"accuracy": worst(compared)}
    against = {"accuracy": workload.straightforward, "accuracy_converged": workload.converged}
    compared_with = {}
    for key, other in against.items():
        if other is not None:
            window_ms, pairs = workload.window_ms, zip(traces[choice], traces[other], strict=True)
            compared = [compare_trials(*pair, window_ms, COMPARED_SITES) for pair in pairs]
            compared_with[key] = worst(compared)
    return compared_with
