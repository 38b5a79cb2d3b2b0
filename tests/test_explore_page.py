"""`ca1 explore` in a real browser, driven as by a user."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest
from browser_pages import chromium, needs_chromium
from explored_pages import WAIT_S, Explored, served

from netpyne_model import Cell
from netpyne_model.experiments.epsp_amplification import epsp_protocol, somatic_epsp
from netpyne_model.experiments.experiment import published_spines
from netpyne_model.experiments.held import solved_at
from netpyne_model.explore.settings import STEPS

pytestmark = [needs_chromium, pytest.mark.slow]

ROUNDED_MV = 0.5e-4  # the table has four decimals
FACTOR = 0.8


@pytest.fixture(scope="module")
def explored():
    """The page of the published cell, light, in a wide window."""
    with served() as one, chromium() as browser:
        yield Explored(browser.new_page(), one.address)


@pytest.fixture(scope="module")
def changed(explored):
    """The page after sodium channels were scaled in it, and the cell that this makes."""
    explored.type("nas", FACTOR)
    explored.wait_busy()
    explored.wait()
    return Cell().with_rule("all", "nas.gbar", factor=FACTOR)


def test_it_asks_nobody_else_and_says_nothing(explored):
    assert explored.said == []
    assert all(url.startswith(("http://127.0.0.1", "data:", "blob:")) for url in explored.asked)
    assert "token" not in explored.page.url


def test_every_field_says_what_it_is_for(explored):
    fields = explored.page.locator(".slider-edit input")
    names = fields.evaluate_all("all => all.map(one => one.labels[0]?.innerText)")
    assert len(names) == len(set(names)) >= 11
    assert "Sodium channel of the soma / dendrites (nas), factor" in names
    assert {"DC into the soma (nA)", "Spines driven"} < set(names)


def test_a_changed_density_gives_the_epsp_of_the_protocol(explored, changed):
    spines = published_spines()["epsp_amplification"]["soma"]
    for run, target_mV in (("low", -62), ("high", -56)):
        protocol = epsp_protocol(spines, solved_at(target_mV, "soma_0(0)"), {"soma": "soma_0(0)"})
        protocol = replace(protocol, **STEPS)
        for cell, column in ((changed, 1), (Cell(), 2)):
            epsp_mV = somatic_epsp(protocol.run(cell))["epsp_soma_mV"]
            assert explored.number(run, column) == pytest.approx(epsp_mV, abs=ROUNDED_MV)


def test_the_saved_cell_runs(explored, changed, tmp_path):
    with explored.page.expect_download() as download:
        explored.page.get_by_text("Save as YAML").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    assert Cell(file) == changed
    command = [sys.executable, "-m", "netpyne_model", "run", "--cell", str(file), "--quiet"]
    further = ["--duration", "60", "--no-report", "--out", str(tmp_path / "run")]
    done = subprocess.run([*command, *further], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    provenance = json.loads((tmp_path / "run" / "provenance.json").read_text(encoding="utf-8"))
    assert provenance["cell"]["changes"] == [str(change) for change in changed.diff()]


def test_the_code_shown_gives_the_numbers_shown(explored, changed, tmp_path, monkeypatch):
    explored.page.get_by_text("Show the code").click()
    code = explored.page.locator(".code pre").first.inner_text()
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    exec(code[: code.index("from netpyne_model.experiments")], names)
    for run, result in zip(("low", "high", "dc"), names["runs"].values(), strict=True):
        epsp_mV = somatic_epsp(result)["epsp_soma_mV"]
        assert explored.number(run, 1) == pytest.approx(epsp_mV, abs=ROUNDED_MV)
    assert names["cell"] == changed


def test_a_number_that_does_not_hold_is_one_line_and_goes_away(explored, changed):
    explored.type("spines", 100_000)
    line = explored.page.get_by_role("alert")
    line.wait_for()
    assert line.inner_text() == (
        "n_spines = 100000: cell CA1 has 954 on its trunk; expected 1 to 954."
    )
    explored.type("spines", 5)
    explored.wait()
    assert line.count() == 0


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_the_window(explored, changed, width, scheme):
    context = explored.page.context.browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme
    )
    context.set_default_timeout(1e3 * WAIT_S)
    page = context.new_page()
    page.goto(explored.address)
    page.locator("tr[data-run=low] td", has_text="-62").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.url.endswith("dark" if scheme == "dark" else "default")
    context.close()
