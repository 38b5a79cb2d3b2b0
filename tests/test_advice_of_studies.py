"""What the errors of studies, their contrasts, samples and folders advise is done, and works."""

import pytest
from following import advised, advised_number, told

from netpyne_model.studies import Study
from netpyne_model.studies.command import chosen_study

RATE_HZ, WIDTH_MS = "mean_rate_in_field_hz", "ramp_width_ms"
TWO = {"list": [{"condition": "a"}, {"condition": "b", "dc_nA": 0.1}]}
CLAIM = {"claim": "b does more", "measure": RATE_HZ, "difference": ["b", "a"], "expected": "larger"}
NONE = {"expected": "none", "within": 1}


def claims(without=(), **changes):
    """A study of two conditions with a contrast of these entries."""
    kept = {name: value for name, value in CLAIM.items() if name not in without}
    return Study.of_content(TWO | {"contrasts": [kept | changes]})


CONTRASTS = {
    "no pair": (
        lambda: claims(difference=[]),
        "difference has no pair; give [A, B], two names of conditions",
        lambda line: claims(difference=["b", "a"]),
    ),
    "no difference without what does not matter": (
        lambda: claims(expected="none"),
        "expected: none needs 'within', what does not matter, and no other has it",
        lambda line: claims(expected="none", **{advised(line, "needs '(.*?)'"): 1}),
    ),
    "a difference with what does not matter": (
        lambda: claims(within=1),
        "and no other has it",
        lambda line: [claims(), claims(expected=advised(line, r"expected: (\w+) needs"), within=1)],
    ),
    "no difference, larger than": (
        lambda: claims(than=1, **NONE),
        "expected: none has no 'than'; give 'within' alone",
        lambda line: claims(**NONE),
    ),
    "a whole measure of nothing": (
        lambda: claims(whole_measure=RATE_HZ),
        "'whole_measure' is that of share_of, which is missing",
        lambda line: claims(
            whole_measure=RATE_HZ, **{advised(line, r"that of (\w+),"): ["b", "a"]}
        ),
    ),
    "a share of what is less": (
        lambda: claims(less=["a", "b"], share_of=["b", "a"]),
        "'less' and 'share_of' in one; give each a contrast of its own",
        lambda line: [claims(less=["a", "b"]), claims(share_of=["b", "a"])],
    ),
    "a share of another unit": (
        lambda: claims(share_of=["b", "a"], whole_measure=WIDTH_MS),
        "a share is of one unit.",
        lambda line: claims(share_of=["b", "a"], whole_measure=RATE_HZ),
    ),
    "a condition of another name": (
        lambda: claims(difference=["b", "A"]),
        "contrasts: condition 'A' does not exist. Did you mean 'a'?",
        lambda line: claims(difference=["b", advised(line, "mean '(.*)'")]),
    ),
    "a measure of another name": (
        lambda: claims(measure="mean_rate"),
        "contrasts: measure 'mean_rate' does not exist. Did you mean",
        lambda line: claims(measure=advised(line, "mean '(.*)'")),
    ),
}


@pytest.mark.parametrize("case", CONTRASTS)
def test_contrasts(case):
    refused, line, as_told = CONTRASTS[case]
    as_told(told(refused, line))


def words(name=None, *, sweep=(), samples=None):
    """The study of the words of a command."""
    return chosen_study(name, sweep, None, (), None, samples=samples)


DC = {"name": "DC", "field": "dc_nA", "low": 0, "high": 0.1}
SEED = {"name": "chance", "field": "assignment_seed", "low": 0, "high": 100, "whole": True}


def sampled(*parameters, beside=None, **changes):
    """A study that draws samples of two parameters."""
    of_samples = {"samples": 2, "measures": [RATE_HZ], "parameters": parameters or (DC, SEED)}
    return Study.of_content({"sensitivity": of_samples | changes, **(beside or {})})


SAMPLES = {
    "a range from above": (
        lambda: sampled(DC | {"low": 0.1, "high": 0}, SEED),
        "low 0.1 and high 0; give low below high",
        lambda line: sampled(DC, SEED),
    ),
    "a whole number between halves": (
        lambda: sampled(DC, SEED | {"low": 0.5}),
        "whole: true needs whole numbers as low and high",
        lambda line: sampled(DC, SEED),
    ),
    "samples that no power gives": (
        lambda: sampled(samples=6),
        "no power of two; give 4 or 8",
        lambda line: [
            sampled(samples=int(advised(line, pattern)))
            for pattern in (r"give (\d+) or", r" or (\d+)")
        ],
    ),
    "a name twice": (
        lambda: sampled(DC, SEED | {"name": "DC"}),
        "name 'DC' stands twice; give each once",
        lambda line: sampled(DC, SEED),
    ),
    "a noise of another name": (
        lambda: sampled(noise="chanc"),
        "noise 'chanc' is none of the parameters. Did you mean 'chance'?",
        lambda line: sampled(noise=advised(line, "mean '(.*?)'")),
    ),
    "a measure of another name": (
        lambda: sampled(measures=["mean_rate_in_field"]),
        "measure 'mean_rate_in_field' does not exist. Did you mean",
        lambda line: sampled(measures=[advised(line, "mean '(.*?)'")]),
    ),
    "conditions of one's own": (
        lambda: sampled(beside=TWO),
        "sensitivity draws the conditions itself; remove conditions, grid, list or table.",
        lambda line: sampled(),
    ),
    "samples of a study that draws none": (
        lambda: words("place_cell", samples=4),
        "samples = 4: the study draws none; give one with sensitivity, such as ca1 study sensitivity.",
        lambda line: words(advised(line, r"ca1 study (\w+)"), samples=4),
    ),
    "samples of a sweep": (
        lambda: words(sweep=["dc_nA=[0,0.1]"], samples=4),
        "--samples is of a study of sensitivity: ca1 study sensitivity --samples 8.",
        lambda line: words(
            advised(line, r"ca1 study (\w+)"), samples=int(advised(line, r"--samples (\d+)"))
        ),
    ),
}


@pytest.mark.parametrize("case", SAMPLES)
def test_samples(case):
    refused, line, as_told = SAMPLES[case]
    as_told(told(refused, line))


def test_a_condition_that_no_trial_holds():
    study = Study(list=[{"condition": "a", "dc_nA": 9}])
    line = told(study.first_trial, "condition 'a': ", "dc_nA = 9")
    most_nA = advised_number(line, r"from -5 to (\d+)")
    assert Study(list=[{"condition": "a", "dc_nA": most_nA}]).first_trial().config.dc_nA == most_nA


def test_names_of_studies(tmp_path):
    line = told(lambda: Study.load("place_cel"), "does not exist.", "is a .yaml file.")
    Study.load(advised(line, "mean '(.*?)'"))
    own = tmp_path / f"place_cel{advised(line, r'is a (.yaml)')}"
    own.write_text("trials: 2")
    assert Study.load(own).trials == 2
