"""A specification, a rule or a name that does not hold is refused in one line."""

import re
import shutil

import pytest
from channel_texts import written
from specified_cells import DATA, EXAMPLE, refusal

from netpyne_model import Cell
from netpyne_model.specification import load_specification


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{base: CA1, biofysics: {}}", "'biofysics' is not known. Did you mean 'biophysics'?"),
        ("{base: CA1, biophysics: {chanels: {}}}", "Did you mean 'channels'?"),
        ("{base: CA1, biophysics: {run: {celcius: 3}}}", "Did you mean 'celsius'?"),
        ("{base: CA1, biophysics: {cable: {Ra_ohm: {}}}}", "Did you mean 'Ra_ohm_cm'?"),
        (
            "{base: CA1, biophysics: {ions: {na: {e: {}}}}}",
            "'biophysics.ions.na.e' is not known. Did you mean 'e_mV'?",
        ),
        (
            "{base: CA1, biophysics: {channels: {nas: {gbar_S_cm2: {}}}}}",
            "Did you mean 'gbar_S_per_cm2'?",
        ),
        ("{base: CA1, biophysics: {pas: {e_mV: {tuf: {value: 1}}}}}", "Did you mean 'tuft'?"),
        (
            "{base: CA1, biophysics: {pas: {e_mV: {tuft: {value: 1, form_um: 1}}}}}",
            "Did you mean 'from_um'?",
        ),
        (
            "{base: CA1, biophysics: {pas: {e_mV: {tuft: {value: 1, gradient: {linear: 1}}}}}}",
            "Did you mean 'linear_per_um'?",
        ),
        ("{base: CA1, morphology: {fil: a.swc}}", "Did you mean 'file'?"),
        ("{base: CA1, placement: {spine_geometry: {neck: 1}}}", "Did you mean 'neck_diam_um'?"),
        (
            "{base: CA1, placement: {spine_density_per_um: {tuft: {terminl: 1}}}}",
            "Did you mean 'terminal'?",
        ),
        (
            "{base: CA1, placement: {spine_density_per_um: {trunks: {value: 1}}}}",
            "Did you mean 'trunk'?",
        ),
        ("{base: CA1, placement: {receptors: {AMPA: {gmax: {}}}}}", "Did you mean 'gmax_uS'?"),
        ("{base: CA1, placement: {receptors: {GABA: {}}}}", "Did you mean 'GABA_A'?"),
        (
            "{base: CA1, placement: {receptors: {NMDA: {gmax_uS: {trunk: {value: 1e-3}}}}}}",
            "receptors.NMDA: expected relative_gmax only.",
        ),
        (
            "{base: CA1, biophysics: {channels: {kmm: null}}}",
            "'kmm' is null, to be taken away, but does not stand",
        ),
        ("{base: CA1, biophysics: 3}", "biophysics is 3"),
        ("{base: CA1, biophysics: null}", "biophysics"),
        ("{base: CA1, biophysics: {channels: null}}", "channels"),
        ("{base: CA1, biophysics: {channels: [nas]}}", "channels"),
        ("{base: CA1, biophysics: {channels: {nas: null, nax: 3}}}", "nax is 3"),
        ("{base: CA1, name: my cell}", "name is 'my cell'"),
        ("{base: CA1, morphology: {file: gone.swc}}", "gone.swc does not exist"),
        (
            "{base: CA1, biophysics: {channels: {mine: {file: gone.mod}}}}",
            "gbar_S_per_cm2' is missing",
        ),
        ("{base: CA3}", "base is 'CA3'; expected CA1"),
        (
            "{base: CA1, biophysics: {cable: {cm_uF_per_cm2: {tuft: null}}}}",
            "cable.cm has no rule in region tuft",
        ),
        ("{name: bare}", "'biophysics' is missing; add it, or base: CA1"),
        ("{bas: CA1}", "'bas' is not known. Did you mean 'base'?"),
        ("base: CA1\nbiophysics: {", "line 2: malformed YAML"),
        ("- 1", "expected a mapping"),
    ],
)
def test_a_file_that_does_not_hold_is_refused_in_one_line(tmp_path, text, told):
    path = written(tmp_path, text, "cell.yaml")
    message = refusal(lambda: Cell(specification=path).table())
    assert told in message
    assert str(path) in message or "cable.cm" in told  # found out on the morphology


@pytest.mark.parametrize("name", ["example.swc", "kslow.mod"])
def test_a_file_with_another_content_is_refused(tmp_path, name):
    shutil.copy(EXAMPLE if name == "example.swc" else DATA / name, tmp_path)
    cell = (
        Cell(tmp_path / name)
        if name == "example.swc"
        else Cell().with_channel("mine", tmp_path / name, {"soma": 1e-3})
    )
    cell.save(tmp_path / "cell.yaml")
    (tmp_path / name).write_text((tmp_path / name).read_text() + "\n")
    assert f"{name} has another content than when this was saved" in refusal(
        lambda: load_specification(tmp_path / "cell.yaml")
    )
    (tmp_path / name).unlink()
    assert f"{name} does not exist" in refusal(lambda: load_specification(tmp_path / "cell.yaml"))
    assert "none.yaml cannot be read" in refusal(lambda: Cell(specification=tmp_path / "none.yaml"))


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        (
            ("trnk", "nas.gbar", {"value": 1.0}),
            "region 'trnk' does not exist. Did you mean 'trunk'?",
        ),
        (
            ("trunk", "nass.gbar", {"value": 1.0}),
            "parameter 'nass.gbar' does not exist. Did you mean 'nas.gbar'?",
        ),
        (("trunk", "k.er", {"value": 1.0}), "Did you mean 'k.e'?"),
        (("trunk", "nas.gbar", {"valeu": 1.0}), "a rule has no 'valeu'. Did you mean 'value'?"),
        (
            ("trunk", "nas.gbar", {"value": 1.0, "exponential": {"amplitude": 1.0, "tau": 1.0}}),
            "tau_um",
        ),
        (
            ("trunk", "nas.gbar", {"inherit": "soma", "from_um": 50.0, "add_range": True}),
            "two ranges overlap",
        ),
        (
            ("apical", "nas.gbar", {"value": 0.01, "linear_per_um": -1e-3}),
            r"nas.gbar is -0\.\d+ on section apical_\d+; expected 0 to 1000 S/cm2: .* minimum\.$",
        ),
        (
            ("basal", "kdr.gbar", {"inherit": "trunk"}),
            r"section basal_\d+ inherits from trunk, but its path to the soma",
        ),
        (
            ("trunk", "cable.cm", {"value": 1.0, "to_um": 100.0}),
            r"cable.cm is 0 on section trunk_\d+; expected 0.01 to 100 uF/cm2",
        ),
        (
            ("basal", "cable.Ra", {"value": 9.0, "linear_per_um": -1.0}),
            r"cable.Ra is -[\d.]+ on section basal_\d+",
        ),
        (
            ("basal", "spines.density", {"value": 101.0}),
            r"density on section basal_\d+ is 101 per um; expected 0 to 100",
        ),
        (
            ("tuft", "spines.density", {"value": 1.0, "linear_per_um": -0.1}),
            r"density on section tuft_\d+ is -",
        ),
        (
            ("tuft", "NMDA.relative_gmax", {"value": -1.0}),
            r"NMDA.relative_gmax is -1 on section tuft_\d+",
        ),
    ],
    ids=lambda given: given if isinstance(given, str) else None,
)
def test_a_rule_that_does_not_hold_is_refused_in_one_line(rule, told):
    region, parameter, entries = rule
    message = refusal(lambda: Cell().with_rule(region, parameter, **entries).table(spines="folded"))
    assert re.search(told, message), message


def test_a_name_or_a_region_that_does_not_hold_is_refused_in_one_line():
    for make in (lambda: Cell(name="my cell"), lambda: Cell().named("my cell")):
        assert "my cell" in refusal(make)
    assert "Did you mean 'tuft'?" in refusal(lambda: Cell(EXAMPLE, regions={43: "tufft"}))


@pytest.mark.parametrize("stem", ["2 b", "_1", "Zelle é", "Ärger"])
def test_a_cell_bears_the_name_of_its_file_as_neuroml_can_write_it(tmp_path, stem):
    cell = Cell(shutil.copy(EXAMPLE, tmp_path / f"{stem}.swc"))
    assert re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", cell.name)
