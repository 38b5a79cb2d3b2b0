"""The pages of a study and of experiments in a real browser: what they show is what the files hold."""

import dataclasses
import re

import drawn_studies
import numpy as np
import pandas as pd
import pytest
from browser_pages import chromium, needs_chromium, opened
from drawn_trials import STEP_MS, make_trial
from matplotlib.figure import Figure

from netpyne_model.experiments import EXPERIMENTS
from netpyne_model.experiments.outcome import Outcome, write_traces
from netpyne_model.experiments.runner import DECLARATION, FIGURE, TABLE, TRACES, report_experiments
from netpyne_model.figures import StudyData
from netpyne_model.reports.packing import PackedArrays
from netpyne_model.reports.recordings import Recording, lowest_and_highest, pack_recordings
from netpyne_model.reports.sweep_page import PageSection, StudyShown, write_sweep_page
from netpyne_model.results.nwb import write_nwb
from netpyne_model.studies import Study, load_results
from netpyne_model.studies.measures import measure_trial
from netpyne_model.studies.report import report_study
from netpyne_model.studies.results import write_tables
from netpyne_model.studies.runner import declaration, study_store
from netpyne_model.sweeps import Comparison
from netpyne_model.sweeps.report import Section, write_report

EVIL = "</script><img src=x onerror=window.hacked=1>\u2028<b>\"'&"
LARGEST_STUDY_MB = 5
PAGE = "REPORT.html"
MINUS = "\N{MINUS SIGN}"


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """A study of two conditions, of which one has a hostile name, and two trials as files."""
    folder = tmp_path_factory.mktemp("study")
    conditions = [{"condition": "control"}, {"condition": EVIL, "dc_nA": 0.1}]
    compare = [{"condition": EVIL, "measure": "peak_rate_hz", "value": 300.0, "tolerance": 1}]
    base = {"setup": "place_cell"}
    study = Study(base=base, list=conditions, trials=2, title="Two", compare=compare)
    store = study_store(folder)
    store.declare(declaration(study))
    (folder / store.entries).mkdir()
    measured = []
    for number, trial in enumerate(study.trial_list()):
        spikes_ms = tuple(1400.0 + 60.0 * np.arange(3 + 2 * number))
        changes = {"configuration": trial.config.as_dict(), "spikes_ms": spikes_ms}
        result = make_trial(n_synapses=4, **changes)
        file = folder / store.entries / f"trial_{number}.nwb"
        write_nwb(result, file)
        measured.append((trial, file, measure_trial(result)))
    write_tables(measured, study, folder)
    results = load_results(folder)
    report_study(results, command="ca1 study two.yaml")
    return results


@pytest.fixture(scope="module")
def shown(browser, results):
    with opened(browser, results.folder / PAGE) as page:
        yield page


def written(value: float) -> str:
    """A number as the page writes it: four figures."""
    return f"{float(f'{value:.4g}'):g}".replace("-", MINUS)


@needs_chromium
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_of_a_study_opens_offline_without_errors(browser, results, width, scheme):
    with opened(browser, results.folder / PAGE, width=width, scheme=scheme) as page:
        assert page.page.locator("[data-state=drawn]").count() <= 2
        page.page.locator(".card .charts[data-state=drawn]").first.wait_for(state="attached")
        assert (page.state(), page.said) == ("whole", [])
        assert all(url.startswith("data:") for url in page.asked[1:])
        assert page.page.evaluate("document.documentElement.scrollWidth") == width


@needs_chromium
def test_nothing_of_a_study_becomes_part_of_its_page(shown):
    assert shown.page.evaluate("window.hacked") is None
    assert shown.page.locator("img, b:not(figcaption b)").count() == 0
    assert "onerror" in shown.page.locator("[data-condition='1']").inner_text()
    assert "DIFFERS" in shown.page.locator(".compared").inner_text()


@needs_chromium
@needs_chromium
def test_means_are_named_where_there_are_several_trials_alone(shown, results, tmp_path):
    assert shown.page.get_by_text("its 95 % confidence band").count() == 2
    data = StudyData(results.table.drop_duplicates("condition", ignore_index=True), by="condition")
    section = PageSection("One each", "", "", shown=StudyShown(data))
    write_sweep_page(tmp_path / PAGE, "One", "", "", [section])
    text = (tmp_path / PAGE).read_text(encoding="utf-8")
    assert "of one trial" in text
    assert "its 95 % confidence band" not in text


def test_a_click_on_a_condition_shows_its_trials_with_the_numbers_of_the_table(shown, results):
    page = shown.page
    page.locator("[data-condition='1']").click()
    assert page.locator("[data-condition='1']").get_attribute("aria-pressed") == "true"
    rows = page.locator(".trials tbody tr").all()
    heads = page.locator(".trials thead th").all_inner_texts()
    column = heads.index("Peak rate (Hz)")
    table = results.table[results.table["condition"] == EVIL]
    assert len(rows) == len(table) + 1  # and the mean
    for row, trial in zip(rows, table.to_dict("records"), strict=False):
        assert row.locator("button").inner_text() == f"seed {trial['seed']}"
        here = row.locator("td").nth(column - 1).inner_text()
        assert here == written(trial["peak_rate_hz"])
        assert row.locator("a").get_attribute("href") == trial["file"]
    means = results.conditions
    mean = means[(means["condition"] == EVIL) & (means["measure"] == "peak_rate_hz")].iloc[0]
    here = rows[-1].locator("td").nth(column - 1).inner_text()
    numbers = [written(mean[name]) for name in ("mean", "lower", "upper")]
    assert here == f"{numbers[0]} [{numbers[1]}, {numbers[2]}]"


@needs_chromium
def test_a_click_on_a_trial_shows_its_traces(shown, results):
    page = shown.page
    page.locator("[data-condition='0']").click()
    page.locator("[data-trial='1']").click()
    page.locator(".opened .plot").nth(1).wait_for()
    assert page.locator(".opened h3").inner_text() == "control, seed 1"
    assert "5 output spikes" in page.locator(".opened .explained").first.inner_text()
    trial = results.trial(1)
    for name, values in trial.voltage_mV.items():
        here = page.evaluate("n => [...ca1report.trace(n).values]", name)
        # Rounded to a 2,000th of the spread, about 0.05 mV of a trace with spikes.
        np.testing.assert_allclose(here, values, atol=np.ptp(values) / 4000 + 1e-9)
    low, high = shown.report("range")
    over = page.locator(".opened .u-over").first.bounding_box()
    y = over["y"] + over["height"] / 2
    page.mouse.move(over["x"] + 0.25 * over["width"], y)
    page.mouse.down()
    page.mouse.move(over["x"] + 0.75 * over["width"], y, steps=4)
    page.mouse.up()
    assert shown.report("range")[0] == pytest.approx(low + 0.25 * (high - low), abs=0.05)


@needs_chromium
def test_a_click_on_a_row_of_spikes_opens_that_trial(shown):
    page = shown.page
    raster = page.locator(".card").nth(1).locator(".u-over.rows")
    raster.scroll_into_view_if_needed()
    box = raster.bounding_box()
    raster.click(position={"x": 20, "y": 0.75 * box["height"]})
    page.locator(".opened h3", has_text="onerror").wait_for()
    assert page.locator(".opened h3").inner_text().endswith("seed 1")
    assert page.locator("[data-condition='1']").get_attribute("aria-pressed") == "true"
    assert page.locator("[data-trial='3']").get_attribute("aria-pressed") == "true"


def noisy_trial(seed: int, gain: float):
    """8 s of a trial with theta, synaptic noise, and spikes, as dense as those of a place cell."""
    draw = np.random.default_rng(seed)
    spikes_ms = tuple(np.sort(draw.uniform(2500, 5500, 10 + int(20 * gain))).round(1))
    one = make_trial(n_synapses=4, stop_ms=8000.0, spikes_ms=spikes_ms)
    noise = draw.normal(0, 0.15, len(one.time_ms))
    wander = np.convolve(noise, np.exp(-np.arange(0, 60, STEP_MS) / 12), "same")
    theta = 2 * np.sin(2 * np.pi * one.time_ms / 150)
    voltages = {name: v + wander + theta for name, v in one.voltage_mV.items()}
    return dataclasses.replace(one, voltage_mV=voltages)


@needs_chromium
@pytest.mark.slow
def test_a_study_of_220_trials_is_under_five_megabytes(browser, tmp_path, capsys):
    levels = np.linspace(-0.15, 0.1, 11).round(3)
    rows = [
        {"condition": f"dc_nA={dc}, {drug}", "drugs": drug, "dc_nA": dc, "seed": seed}
        for drug in ("control", "AP5")
        for dc in levels
        for seed in range(10)
    ]
    table, profiles, spikes = drawn_studies.study(rows)
    table = table.assign(file=[f"trials/{number}.nwb" for number in range(len(table))])
    data = StudyData(table, profiles, spikes, by="dc_nA", panels="drugs")
    trials = (noisy_trial(number, row["dc_nA"] + 0.2) for number, row in enumerate(rows))
    page_file = tmp_path / PAGE
    section = PageSection("Many", "220 trials", "", shown=StudyShown(data, trials))
    write_sweep_page(page_file, "Many", "", "ca1 study many", [section])
    size_mb = page_file.stat().st_size / 1e6
    assert size_mb < LARGEST_STUDY_MB
    with opened(browser, page_file) as page:
        page.page.locator("[data-condition='21']").click()
        page.page.locator("[data-trial='219']").click()
        page.page.wait_for_selector(".opened .plot")
        assert (page.state(), page.said) == ("whole", [])
        soma = page.page.evaluate("[...ca1report.trace('soma').values]")
        thinned_ms = page.report("trace('soma').thinned_ms")
        timings = page.report("timings")
    values = noisy_trial(219, 0.3).voltage_mV["soma"]
    # However thinned, no spike is lost: the highest of every span is there.
    n = round(thinned_ms / STEP_MS)
    expected = lowest_and_highest(values, n)
    np.testing.assert_allclose(soma, expected, atol=np.ptp(values) / 4000 + 1e-9)
    with capsys.disabled():
        print(
            f"\n220 trials: {size_mb:.2f} MB, two values a {thinned_ms:g} ms, first view"
            f" {timings['first_view_ms']:.0f} ms"
        )


def test_recordings_give_way_in_turn_where_there_is_no_room():
    draw = np.random.default_rng(1)
    recordings = [
        Recording(name, name, "mV", 0.0, 0.1, draw.normal(-60, 5, 80_000)) for name in "abc"
    ]
    rooms = {10_000_000: ("abc", 0), 60_000: ("abc", 2), 20_000: ("ab", 5), 9_000: ("a", 5)}
    for room, (names, most_ms) in rooms.items():
        arrays = PackedArrays()
        packed = pack_recordings(recordings, arrays, room)
        assert "".join(one["name"] for one in packed) == names
        assert all(one["thinned_ms"] <= most_ms for one in packed)
        assert sum(map(len, arrays.texts)) <= room
        assert len(arrays.texts) == len(packed)
    assert pack_recordings(recordings, PackedArrays(), 100) == []


def test_thinning_keeps_the_lowest_and_the_highest_in_their_order():
    values = np.array([1.0, 5.0, 2.0, 9.0, 0.0, 3.0, 7.0])
    assert lowest_and_highest(values, 3).tolist() == [1.0, 5.0, 9.0, 0.0, 7.0, 7.0]


@pytest.fixture(scope="module")
def experiments(tmp_path_factory):
    """The folder of two experiments, as ``ca1 reproduce`` leaves it, of known traces."""
    folder = tmp_path_factory.mktemp("experiments")
    time_ms = np.arange(0, 300, 0.1)
    chosen = {name: EXPERIMENTS[name] for name in ("simple_current_clamp", "gating")}
    for name in chosen:
        outcomes = [
            Outcome(
                {"drugs": EVIL, "dc_nA": 0.1 * n, "held": n < 2, "epsp_mV": 1.5 if n < 2 else None},
                {}
                if n == 2
                else {"soma": (time_ms, -65 + n + np.exp(-time_ms / 50), "mV", "soma, V")},
            )
            for n in range(3)
        ]
        (folder / name).mkdir()
        table = pd.DataFrame([outcome.row for outcome in outcomes])
        table.to_csv(folder / name / TABLE, index=False)
        write_traces(outcomes, folder / name / TRACES)
        (folder / name / DECLARATION).write_text('{"conditions": ["a", "b", "c"]}')
        figure = Figure(figsize=(2, 1))
        figure.savefig(folder / name / f"{FIGURE}.png")
    report_experiments(chosen, folder, None)
    return folder


@needs_chromium
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_the_page_of_experiments_has_figure_table_and_traces(browser, experiments, width, scheme):
    with opened(browser, experiments / PAGE, width=width, scheme=scheme) as page:
        assert (page.state(), page.said) == ("whole", [])
        assert page.page.locator(".picture img").evaluate_all("all => all.map(i => i.naturalWidth)")
        assert page.page.evaluate("window.hacked") is None
        second = page.page.locator("#section-1")
        second.locator("summary").last.click()
        assert second.locator(".runs-table tbody tr").count() == 3
        assert second.locator("[data-run]").count() == 2  # the third has no traces
        second.locator("[data-run='1']").click()
        page.page.wait_for_selector("#section-1 .opened .plot")
        assert second.locator("[data-run='1']").get_attribute("aria-pressed") == "true"
        here = page.page.evaluate("[...ca1report.trace('soma').values]")
        np.testing.assert_allclose(here, -64 + np.exp(-np.arange(0, 300, 0.1) / 50), atol=0.005)
        assert second.locator("td", has_text=re.compile("onerror")).count() == 3
        assert page.page.evaluate("document.documentElement.scrollWidth") == width
        assert page.said == []
        assert all(url.startswith("data:") for url in page.asked[1:])


@needs_chromium
def test_the_comparison_stands_on_the_page(browser, tmp_path):
    rows = [Comparison("EPSP", "mV", 1.0, 1.001, 0.01), Comparison("ratio", "", 2.0, 2.5, 0.1)]
    write_report(tmp_path, "All", [Section("A title", "Fig. 1", comparisons=rows)], "the command")
    with opened(browser, tmp_path / PAGE) as page:
        assert "1 of 2 compared quantities agree" in page.page.locator("header").inner_text()
        assert page.page.locator(".command").inner_text() == "the command"
        cells = page.page.locator(".compared tbody tr").nth(1).locator("th, td").all_inner_texts()
        assert cells == ["ratio", "2", "2.5", "+0.5", "0.1", "DIFFERS"]
