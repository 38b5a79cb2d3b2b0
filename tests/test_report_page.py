"""The page of a run in a real browser: what it shows is what the result's file holds."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from browser_pages import chromium, needs_chromium, opened

from netpyne_model import Cell, CurrentClamp, Protocol, save
from netpyne_model.analysis import currentscape, title
from netpyne_model.commands import main
from netpyne_model.configuration import load_configuration
from netpyne_model.reports import COMPARISON_FILE, FILE, write_page
from netpyne_model.results import read_nwb

pytestmark = needs_chromium

# Half a second on the track, in a field that is there from its start; strong enough a DC to fire.
RUN = ("--setup", "place_cell", "--dc", "0.4", "--duration", "1050", "--seed", "1")
FIELD = ("--set", "field_centre_fraction=0.1", "--quiet")
FIRST_VIEW_MS = 2000
EXAMPLE = Path(__file__).parents[1] / "morphologies" / "example.swc"
LARGEST_MB = 10


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Results of a short place-cell trial, as ``ca1 run`` leaves them."""
    folder = tmp_path_factory.mktemp("report") / "control"
    assert main(["run", *RUN, *FIELD, "--out", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def result(folder):
    return read_nwb(folder / "results.nwb")


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def shown(browser, folder):
    with opened(browser, folder / FILE) as page:
        yield page


def test_the_page_opens_offline_without_errors_or_requests(browser, folder, capsys):
    size_mb = (folder / FILE).stat().st_size / 1e6
    assert size_mb < LARGEST_MB
    for width, scheme in ((1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")):
        with opened(browser, folder / FILE, width=width, scheme=scheme) as page:
            assert (page.state(), page.said) == ("whole", [])
            assert page.asked[0] == (folder / FILE).as_uri()
            assert all(url.startswith("data:") for url in page.asked[1:])
            # Nothing is wider than the window: no sideways scrolling.
            assert page.page.evaluate("document.documentElement.scrollWidth") == width
            timings = page.report("timings")
        with capsys.disabled():
            print(
                f"\nreport {size_mb:.2f} MB, {width} px {scheme}: first view"
                f" {timings['first_view_ms']:.0f} ms, whole {timings['whole_ms']:.0f} ms"
            )


def test_potentials_of_the_page_are_those_of_the_file(shown, result):
    sections = ("soma_0", result.sites["distal_trunk"].section, result.segments.sections[-1])
    for section in sections:
        for time_ms in (0.0, 250.0, 551.0, 800.5, 1050.0):
            here = shown.report("voltage(a[0], a[1], a[2])", section, 0.4, time_ms)
            # Both hold the same whole numbers of 0.01 mV.
            assert here == pytest.approx(result.segments.at(section, 0.4, time_ms), abs=1e-9)


def test_traces_of_the_page_are_those_of_the_file(shown, result):
    for name, values in result.voltage_mV.items():
        here = shown.page.evaluate("n => [...window.ca1report.trace(n).values]", name)
        np.testing.assert_allclose(here, values, atol=0.005 + 1e-9)  # rounded to 0.01 mV


def test_scrubbing_moves_the_cursor_and_the_colours(shown, result):
    page = shown.page
    soma = result.sites["soma"].section
    spike_ms = float(result.spike_times_ms[0])
    shown.page.evaluate("t => { window.ca1report.time_ms = t }", spike_ms - 40)
    before = page.locator(".now").first.evaluate("line => line.style.transform")
    dim = shown.report("colourOf(a[0], 0.5)", soma)
    slider = page.locator("[data-control=scrub]")
    slider.evaluate(
        "(one, t) => { one.value = t; one.dispatchEvent(new Event('input')) }", spike_ms
    )
    assert page.locator(".now").first.evaluate("line => line.style.transform") != before
    bright = shown.report("colourOf(a[0], 0.5)", soma)
    assert sum(bright) > sum(dim)  # lightness rises with the potential
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert shown.report("time_ms") == pytest.approx(spike_ms + 1, abs=1.0)
    # The last colour of the scale: the soma is above -35 mV within a spike.
    peak_ms = max(np.arange(0, 1051), key=lambda t: result.segments.at(soma, 0.5, float(t)))
    page.evaluate("t => { window.ca1report.time_ms = t }", float(peak_ms))
    assert shown.report("colourOf(a[0], 0.5)", soma) == [255, 245, 190]


def test_dragging_over_a_plot_zooms_all_plots_and_keys_zoom_too(shown):
    page = shown.page
    whole = shown.report("range")
    over = page.locator("[data-plot=soma] .u-over").bounding_box()
    y = over["y"] + over["height"] / 2
    page.mouse.move(over["x"] + 0.4 * over["width"], y)
    page.mouse.down()
    page.mouse.move(over["x"] + 0.6 * over["width"], y, steps=4)
    page.mouse.up()
    low, high = shown.report("range")
    width = whole[1] - whole[0]
    assert low == pytest.approx(whole[0] + 0.4 * width, abs=0.01 * width)
    assert high == pytest.approx(whole[0] + 0.6 * width, abs=0.01 * width)
    page.locator("h1").click()
    page.keyboard.press("0")
    assert shown.report("range") == whole
    page.keyboard.press("n")
    assert shown.report("range")[1] - shown.report("range")[0] == pytest.approx(0.06, abs=1e-3)
    page.keyboard.press("0")


def test_the_keys_go_from_spike_to_spike_and_play(shown, result):
    page = shown.page
    page.evaluate("() => { window.ca1report.time_ms = 0 }")
    page.locator("h1").click()
    for spike_ms in result.spike_times_ms[:2]:
        page.keyboard.press("n")
        assert shown.report("time_ms") == pytest.approx(spike_ms, abs=0.0126)
    page.keyboard.press("0")
    at = shown.report("time_ms")
    page.keyboard.press(" ")
    for _ in range(200):  # a busy machine draws few pictures a second
        page.wait_for_timeout(100)
        if shown.report("time_ms") > at:
            break
    page.keyboard.press(" ")
    after = shown.report("time_ms")
    assert after > at
    page.wait_for_timeout(200)
    assert shown.report("time_ms") == after


@pytest.mark.parametrize("region", ["soma", "trunk", "tuft"])
def test_a_click_on_a_section_shows_its_numbers(shown, result, cell, region):
    page = shown.page
    section = cell.morphology.in_region(region)[0]
    page.evaluate("() => { window.ca1report.time_ms = 700; window.scrollTo(0, 0) }")
    place = shown.report("placeOnPage(a[0], 0.5)", section.name)
    page.mouse.click(*place)
    picked = shown.report("picked")
    table = cell.table()
    row = table.iloc[picked]
    assert row["region"] == region  # branches overlap in the picture: the nearest is taken
    assert page.locator(".picked h3").inner_text() == row["section"]
    here = page.locator(".potential").inner_text().replace("\N{MINUS SIGN}", "-")
    assert float(here.split()[0]) == pytest.approx(
        result.segments.at(row["section"], row["x"], 700.0), abs=0.005
    )
    rows = page.locator(".picked details").first.locator("tr").all_inner_texts()
    numbers = {name: value for name, value, *_ in (text.split("\t") for text in rows)}
    for name in ("nas.gbar", "kdr.gbar", "diam_um"):
        value = float(numbers[name].replace("\N{MINUS SIGN}", "-"))
        assert value == pytest.approx(row[name], rel=5e-4)  # shown with four figures
    indices = result.synapses["section"] == row["index"]
    counted = (
        page.locator(".picked details").nth(1).locator("tr td:first-of-type").all_inner_texts()
    )
    assert sum(map(int, counted)) == int(indices.sum())


def test_a_section_is_chosen_by_its_name(shown):
    field = shown.page.locator("[data-control=section]")
    field.fill("trunk_37")
    field.press("Enter")
    assert shown.page.locator(".picked h3").inner_text() == "trunk_37"
    assert "picked" in shown.report("plots")


def test_synapses_light_up_when_they_release(shown, result):
    released_ms = np.round(np.concatenate(result.released_ms), 1)
    for time_ms in (400.0, 700.0):
        shown.page.evaluate("t => { window.ca1report.time_ms = t }", time_ms)
        within = (released_ms >= time_ms - 4 - 1e-6) & (released_ms <= time_ms + 1e-6)
        assert shown.report("lit") == [pytest.approx(int(within.sum()), abs=2)]


def test_the_page_says_what_was_done_and_what_came_out(shown, folder, result):
    page = shown.page
    assert page.locator("h1").inner_text() == title(result)
    n = len(result.spike_times_ms)
    assert f"It fires {n} spikes" in page.locator("header").inner_text()
    assert page.locator("[data-name=n_spikes_in_run] .number").inner_text() == str(n)
    # The command makes the same configuration, apart from what is recorded.
    words = page.locator(".command").inner_text().replace("'", "").split()
    again = load_configuration(None, {}, words[3::2]).as_dict()
    assert again | {"record_segments_ms": 1.0} == result.configuration


def test_the_theme_is_chosen_by_a_button(shown):
    page = shown.page

    def paper() -> str:
        return page.evaluate("getComputedStyle(document.body).backgroundColor")

    light = paper()
    page.locator("[data-control=theme]").click()
    assert paper() != light
    page.locator("[data-control=theme]").click()
    assert paper() == light


def test_two_results_stand_side_by_side(browser, folder, result, tmp_path, monkeypatch):
    drug = tmp_path / "ttx"
    assert main(["run", *RUN, *FIELD, "--set", "drugs=[TTX]", "--out", str(drug)]) == 0
    monkeypatch.chdir(tmp_path)
    assert main(["report", str(folder), str(drug), "--quiet"]) == 0
    other = read_nwb(drug / "results.nwb")
    with opened(browser, tmp_path / COMPARISON_FILE) as page:
        assert (page.state(), page.said) == ("whole", [])
        assert page.page.locator(".canvas-holder canvas").count() == 2
        for run, one in enumerate((result, other)):
            here = page.report("voltage(a[0], a[1], a[2], a[3])", "soma_0", 0.5, 700.0, run)
            assert here == pytest.approx(one.segments.at("soma_0", 0.5, 700.0), abs=1e-9)
        assert "soma difference" in page.report("plots")
        rows = page.page.locator("#configuration tbody tr").all_inner_texts()
        assert [row.split("\t")[:3] for row in rows] == [["drugs", "[]", '["TTX"]']]
        numbers = page.page.locator("[data-name=n_spikes_in_run] .number").all_inner_texts()
        a, b = len(result.spike_times_ms), len(other.spike_times_ms)
        assert [int(text.replace("\N{MINUS SIGN}", "-")) for text in numbers] == [a, b, b - a]
        page.page.locator("[data-control=colour]").select_option("difference")
        page.page.evaluate("() => { window.ca1report.time_ms = 100 }")
        assert page.said == []


def test_nothing_of_a_result_becomes_part_of_the_page(browser, result, tmp_path):
    evil = "</script><img src=x onerror=window.hacked=1>\u2028<b>\"'&"
    site = dataclasses.replace(result.sites["soma"], name=evil)
    voltages = {evil: result.voltage_mV["soma"]}
    hostile = dataclasses.replace(
        result,
        sites={evil: site},
        voltage_mV=voltages,
        configuration=result.configuration | {"events_file": evil, "note": evil},
        synapses=result.synapses.assign(group=evil),
    )
    write_page([hostile], tmp_path / "page.html", cell_files=())
    with opened(browser, tmp_path / "page.html") as page:
        assert (page.state(), page.said) == ("whole", [])
        assert page.page.evaluate("window.hacked") is None
        assert "onerror" in page.page.locator("h1").inner_text()
        assert page.page.locator("img, header b").count() == 0
        assert [url for url in page.asked[1:] if not url.startswith("data:")] == []


def test_a_protocol_has_a_page_without_a_track(browser, tmp_path):
    import netpyne_model as ca1

    step = ca1.CurrentClamp(amplitude_nA=0.3, start_ms=20, stop_ms=80)
    protocol = ca1.Protocol(duration_ms=100, stimuli=[step], record={"trunk": "trunk@200"})
    ca1.save(protocol.run(Cell()), tmp_path / "step")
    assert main(["report", str(tmp_path / "step"), "--quiet"]) == 0
    with opened(browser, tmp_path / "step" / FILE) as page:
        assert (page.state(), page.said) == ("whole", [])
        assert page.page.locator(".stage canvas").count() == 1
        assert "were not recorded" in page.page.locator(".stage-note").inner_text()
        assert page.report("range") == [0, 100]


def test_the_cell_of_a_protocol_is_given_by_an_option(browser, tmp_path, capsys):
    """On a changed cell, which the result does not hold: the page says so, and the advice works."""
    cell = Cell().with_rule("all", "nas.gbar", factor=0.5)
    cell.save(tmp_path / "half.yaml", changes_only=True)
    step = CurrentClamp(amplitude_nA=0.1, start_ms=5)
    record = {"soma": "soma", "tuft": "tuft_60(0.5)"}
    protocol = Protocol(duration_ms=20, stimuli=step, dt_ms=0.1, record=record)
    save(protocol.run(cell), tmp_path / "run")
    told = "The cell is not drawn"
    assert main(["report", str(tmp_path / "run"), "--quiet"]) == 0
    with opened(browser, tmp_path / "run" / FILE) as page:
        assert page.page.get_by_text(told).inner_text().endswith("give it as --cell FILE.")
    options = ["--cell", str(tmp_path / "half.yaml"), "--out", str(tmp_path / "page.html")]
    assert main(["report", str(tmp_path / "run"), *options]) == 0
    assert capsys.readouterr().out == f"Report: {tmp_path / 'page.html'}\n"
    with opened(browser, tmp_path / "page.html") as page:
        assert (page.state(), page.said) == ("whole", [])
        assert page.page.get_by_text(told).count() == 0
        field = page.page.locator("[data-control=section]")
        field.fill("soma_0")
        field.press("Enter")
        rows = page.page.locator(".picked details").first.locator("tr").all_inner_texts()
        numbers = dict(text.split("\t")[:2] for text in rows)
        assert float(numbers["nas.gbar"]) == 0.02  # half of 0.04 S/cm2
    assert main(["report", str(tmp_path / "run"), "--cell", str(EXAMPLE)]) == 2
    assert "give the cell of the run as --cell FILE" in capsys.readouterr().err
    assert main(["report", str(tmp_path / "run"), "--cell", "a.yaml", "--cell", "b.yaml"]) == 2
    assert "expected one a result" in capsys.readouterr().err


# -- what feeds the soma


@pytest.fixture(scope="module")
def with_currents(tmp_path_factory):
    """The same trial, its last part with all currents."""
    folder = tmp_path_factory.mktemp("currents") / "run"
    fields = ["record_membrane_currents_ms=0.1", "record_membrane_currents_from_ms=600"]
    settings = [word for one in fields for word in ("--set", one)]
    assert main(["run", *RUN, *FIELD, *settings, "--out", str(folder)]) == 0
    return folder


def test_the_page_stacks_what_feeds_the_soma(browser, with_currents):
    result = read_nwb(with_currents / "results.nwb")
    scape = currentscape(result, "soma")["part_nA"].sum("region")
    with opened(browser, with_currents / FILE) as page:
        assert (page.state(), page.said) == ("whole", [])
        plots = page.report("plots")
        assert plots.index("currentscape") + 1 == plots.index("shares") < plots.index("rate")
        # 4,501 samples come two by two; means of them, rounded to 0.00005 nA.
        for number in (0, 700, 2000):
            both = scape.isel(time_ms=slice(2 * number, 2 * number + 2)).mean("time_ms")
            shown = page.report("parts(a[0])", 600.05 + 0.2 * number)
            for side in ("inward", "outward"):
                others = both.sel(side=side).sum("current")
                for name, value in shown[side].items():
                    if name == "others":
                        continue
                    expected = float(both.sel(side=side, current=name))
                    others = others - expected
                    assert value == pytest.approx(expected, abs=2.6e-5)
                assert shown[side].get("others", 0) == pytest.approx(float(others), abs=2.6e-5)
        drawn = page.page.locator("[data-plot=shares] canvas").evaluate(
            "c => new Set(c.getContext('2d').getImageData(0, 0, c.width, c.height).data).size"
        )
        assert drawn > 20  # colours of many currents, not an empty panel


def test_without_currents_there_is_no_such_plot(shown):
    assert "currentscape" not in shown.report("plots")
    assert shown.report("parts(0)") is None
