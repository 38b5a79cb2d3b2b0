"""The NeuroML2 files: valid, complete, rebuilt byte for byte, and read back as the published cell."""

import shutil
from pathlib import Path

import neuroml
import numpy as np
import pandas as pd
import pytest
from lxml import etree
from neuroml import loaders

from netpyne_model import Cell
from netpyne_model.biophysics import load_rules
from netpyne_model.data_folders import NEUROML2, REFERENCE
from netpyne_model.description import CellDescription
from netpyne_model.errors import ModelError
from netpyne_model.experiments import simple_current_clamp as published
from netpyne_model.neuroml2.cell_reader import read_cell
from netpyne_model.neuroml2.cells import CELLS, FULL, SIMPLE, SMOOTH, write_cells
from netpyne_model.neuroml2.components import component, quantity
from netpyne_model.neuroml2.expressions import evaluate
from netpyne_model.neuroml2.validation import (
    model_files,
    validate_includes,
    validate_schema,
    validate_with_jneuroml,
)

NS = "{http://www.neuroml.org/schema/neuroml2}"
NML = sorted(NEUROML2.rglob("*.nml"))
LEMS = sorted(NEUROML2.glob("LEMS*.xml"))
CELL_IDS = (FULL, SMOOTH, SIMPLE)


def root(path: Path) -> etree._Element:
    return etree.parse(str(path)).getroot()


def cell(cell_id: str) -> neuroml.Cell:
    return loaders.NeuroMLLoader.load(str(CELLS / f"{cell_id}.cell.nml")).cells[0]


def sections_of_groups(morphology: neuroml.Morphology) -> dict[str, set[int]]:
    """Segments of every group; a group may include only groups that stand above it."""
    groups: dict[str, set[int]] = {}
    for group in morphology.segment_groups:
        assert group.id not in groups
        segments = {member.segments for member in group.members}
        groups[group.id] = segments.union(
            *(groups[include.segment_groups] for include in group.includes)
        )
    return groups


# -- the files ----------------------------------------------------------------------------------------------------


def test_all_the_files_are_there():
    assert len([path for path in NML if path.name.endswith(".channel.nml")]) >= 15
    assert {path.name for path in NML} >= {f"{name}.cell.nml" for name in CELL_IDS} | {
        f"{name}.net.nml" for name in CELL_IDS
    }
    assert model_files() == sorted([*NML, *LEMS])


@pytest.mark.parametrize("path", [*NML, *LEMS], ids=lambda path: path.name)
def test_file_is_valid_by_the_schema_and_its_includes_exist(path):
    assert validate_schema([path]) == []
    assert validate_includes([path]) == []


@pytest.mark.java
@pytest.mark.slow
def test_jneuroml_finds_no_problem_in_the_folder():
    assert validate_with_jneuroml(NEUROML2) == []


def test_cells_are_rebuilt_byte_for_byte(tmp_path):
    paths = write_cells(tmp_path)
    assert [path.name for path in paths] == [f"{name}.cell.nml" for name in CELL_IDS]
    for path in paths:
        assert path.read_bytes() == (CELLS / path.name).read_bytes(), path.name


@pytest.mark.parametrize("path", NML, ids=lambda path: path.name)
def test_every_component_has_notes_and_the_file_its_source(path):
    # jLEMS takes no notes in a spikeArray.
    others = {f"{NS}{tag}" for tag in ("notes", "annotation", "include", "spikeArray")}
    components = [element for element in root(path) if element.tag not in others]
    for element in components:
        notes = element.findtext(f"{NS}notes") or element.get("description") or ""
        assert notes.strip(), element.get("id") or element.get("name")
    assert "Source: Hsu, Zhao, Milstein and Spruston (2018)" in " ".join(path.read_text().split())


def celsius(cell):
    """Temperature of a cell's runs in degC."""
    return cell.specification.biophysics.run.celsius


def test_networks_follow_the_conventions():
    for path in NML:
        for network in root(path).iter(f"{NS}network"):
            assert network.get("type") == "networkWithTemperature"
            cell = Cell.simple() if "simple" in path.name else Cell()
            assert network.get("temperature") == f"{celsius(cell):g} degC"
            assert "pop" not in [
                population.get("id") for population in network.iter(f"{NS}population")
            ]


def test_no_id_is_a_word_of_neuron():
    # jNeuroML makes a mechanism of every input; one called step replaces NEURON's procedure, and NEURON does not start.
    taken = {"pop", "step", "run", "init", "soma", "dend", "axon", "v", "t", "dt"}
    for path in NML:
        assert (
            not {element.get("id") for element in root(path) if element.tag != f"{NS}include"}
            & taken
        ), path.name


def test_simple_simulation_holds_the_numbers_of_its_protocol():
    lems = root(NEUROML2 / "LEMS_CA1_simple.xml")
    spikes = [quantity(spike.get("time").replace(" ", ""), "spike") for spike in lems.iter("spike")]
    assert spikes == list(published.EVENTS_MS)
    assert (
        quantity(lems.find("Simulation").get("length").replace(" ", ""), "length")
        == published.STOP_MS
    )
    assert float(next(lems.iter("connectionWD")).get("weight")) == published.PEAK_US
    assert next(lems.iter("network")).get("temperature") == f"{celsius(Cell.simple()):g} degC"
    dc = root(NEUROML2 / "networks" / "CA1_simple.net.nml").find(f"{NS}pulseGenerator")
    assert quantity(dc.get("amplitude").replace(" ", ""), "DC") in published.DCS_NA


@pytest.mark.java
def test_receptors_answer_in_jlems(tmp_path):
    # 1 % of the peak: jLEMS takes explicit steps of 0.001 ms, and an event acts one step late on AMPA's steep rise.
    from pyneuroml.runners import run_lems_with_jneuroml

    folder = tmp_path / "NeuroML2"
    shutil.copytree(NEUROML2, folder)
    lems = folder / "LEMS_receptor_response.xml"
    lems.write_text(lems.read_text().replace('length="60 ms"', 'length="15 ms"'))
    assert run_lems_with_jneuroml(
        lems.name, nogui=True, exec_in_dir=str(folder), exit_on_fail=False, verbose=False
    )
    table = np.loadtxt(folder / "receptor_response.dat")
    for column, name in enumerate(("AMPA_KIN", "NMDA_KIN5", "GABA_A_KIN"), start=1):
        exact = pd.read_csv(REFERENCE / "receptors" / f"{name}.csv.gz").query("t_ms < 15")
        conductance_uS = np.interp(exact["t_ms"], table[:, 0] * 1e3, table[:, column] * 1e6)
        expected_uS = exact["g_exact_-70mV"]
        assert np.abs(conductance_uS - expected_uS).max() < 0.01 * expected_uS.max()


# -- the cells ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cell_id", CELL_IDS)
def test_cell_follows_the_conventions(cell_id):
    model = cell(cell_id)
    assert model.id == cell_id
    assert model.notes
    assert model.morphology.segments[0].id == 0
    assert model.morphology.segments[0].parent is None
    groups = sections_of_groups(model.morphology)
    assert groups["all"] == {segment.id for segment in model.morphology.segments}
    unbranched = [
        group for group in model.morphology.segment_groups if group.neuro_lex_id == "sao864921383"
    ]
    assert {group.id for group in unbranched} == {
        segment.name for segment in model.morphology.segments
    }
    assert all(
        [p.tag for p in group.properties] == ["numberInternalDivisions"] for group in unbranched
    )
    membrane = model.biophysical_properties.membrane_properties
    (threshold,) = membrane.spike_threshes
    assert threshold.segment_groups == "all"


@pytest.mark.parametrize("cell_id", CELL_IDS)
def test_densities_name_an_ion_and_never_meet_on_a_section(cell_id):
    model = cell(cell_id)
    groups = sections_of_groups(model.morphology)
    membrane = model.biophysical_properties.membrane_properties
    densities = [
        (density, density.segment_groups or "all") for density in membrane.channel_densities
    ]
    for density in membrane.channel_density_non_uniforms:
        (varied,) = density.variable_parameters
        assert varied.parameter == "condDensity"
        densities.append((density, varied.segment_groups))
    taken: dict[str, set[int]] = {}
    for density, group in densities:
        assert density.ion in ("na", "k", "non_specific")
        assert not taken.setdefault(density.ion_channel, set()) & groups[group], (density.id, group)
        taken[density.ion_channel] |= groups[group]
    assert len({density.id for density, _ in densities}) == len(densities)


@pytest.fixture(scope="module")
def segments() -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "segments.csv.gz").fillna(0.0)


@pytest.fixture(scope="module")
def smooth() -> CellDescription:
    return read_cell(CELLS / f"{SMOOTH}.cell.nml")


def along(description: CellDescription, attribute: str) -> np.ndarray:
    """An attribute of all segments, section by section."""
    values = [
        np.broadcast_to(getattr(section, attribute), section.nseg)
        for section in description.sections.values()
    ]
    return np.concatenate(values)


def gbar(description: CellDescription, channel: str) -> np.ndarray:
    return np.concatenate(
        [
            section.gbar_S_per_cm2.get(channel, np.zeros(section.nseg))
            for section in description.sections.values()
        ]
    )


def assert_close(found: np.ndarray, expected) -> None:
    # 1e-9: both are double precision; the lengths go through float32 points that the layout chose to be exact.
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-18)


def test_smooth_cell_has_the_published_cable(smooth, segments):
    counts = segments["section_index"].value_counts(sort=False).to_list()
    assert [section.nseg for section in smooth.sections.values()] == counts
    for attribute, column in (
        ("diam_um", "diam"),
        ("area_um2", "area_um2"),
        ("cm_uF_per_cm2", "cm"),
        ("Ra_ohm_cm", "Ra"),
        ("leak_S_per_cm2", "g_pas"),
        ("leak_e_mV", "e_pas"),
    ):
        assert_close(along(smooth, attribute), segments[column])


def test_smooth_cell_has_the_published_densities(smooth, segments):
    for channel, column in (
        ("kap", "gkabar_kap"),
        ("kad", "gkabar_kad"),
        ("kdr", "gkdrbar_kdr"),
        ("km2", "gkmbar_km2"),
    ):
        assert_close(gbar(smooth, channel), segments[column])
    reversal_mV = {
        key: value
        for section in smooth.sections.values()
        for key, value in section.reversal_mV.items()
    }
    assert reversal_mV == {"na": 50.0, "k": -77.0, "h_prox": -30.0, "h_dist": -30.0}


@pytest.mark.parametrize(
    ("channel", "column", "which"),
    [
        ("nas_soma", "gbar_nas", "ar_nas == 1.0 and sha_nas == 0.0"),
        ("nas_dend", "gbar_nas", "ar_nas == 0.8 and sha_nas == 5.0"),
        ("nax", "gbar_nax", "sha_nax == 0.0"),
        ("nax_ais", "gbar_nax", "sha_nax == -3.6"),
        ("h_prox", "ghbar_h", "vhalfl_h == -73.0"),
        ("h_dist", "ghbar_h", "vhalfl_h == -81.0"),
    ],
)
def test_smooth_cell_has_each_variant_of_a_channel_in_its_place(
    smooth, segments, channel, column, which
):
    expected = segments[column].where(segments.eval(which), 0.0)
    assert (expected > 0).any()
    assert_close(gbar(smooth, channel), expected)


@pytest.mark.parametrize(
    ("factor", "column"), [(0.5, "gna_reduce_gna_0p5"), (0.0, "gna_reduce_gna_0")]
)
def test_sodium_scaled_at_its_origin(factor, column):
    reduced = Cell().with_drugs(f"TTX:{factor}").describe("none")
    expected = pd.read_csv(REFERENCE / "segments_gna_ttx.csv")[column]
    found = sum(gbar(reduced, channel) for channel in ("nas_soma", "nas_dend", "nax", "nax_ais"))
    assert_close(found, expected)


def test_full_cell_bears_the_membrane_of_all_spines(smooth):
    full = read_cell(CELLS / f"{FULL}.cell.nml")
    area = along(smooth, "area_um2")
    # 28,641 um2 with and 15,454 um2 without spines: the reference's totals, given to the um2.
    assert (area * along(full, "cm_uF_per_cm2")).sum() == pytest.approx(28641, abs=1)
    assert (area * along(smooth, "cm_uF_per_cm2")).sum() == pytest.approx(15454, abs=1)
    for channel in ("nas_dend", "kad", "h_dist"):
        np.testing.assert_array_equal(gbar(full, channel), gbar(smooth, channel))


def test_simple_cell():
    simple = read_cell(CELLS / f"{SIMPLE}.cell.nml")
    (soma,) = simple.sections.values()
    assert soma.area_um2.sum() == pytest.approx(25133, abs=1)
    assert soma.gbar_S_per_cm2["NaV2"].tolist() == [0.00275]
    assert_close(soma.leak_S_per_cm2, [6e-5])
    assert soma.leak_e_mV.tolist() == [-70.0]


def test_what_cannot_be_read_is_told_in_one_line(tmp_path):
    broken = tmp_path / "broken.cell.nml"
    broken.write_text("<neuroml>")
    for path, cell_id in (
        (broken, None),
        (tmp_path / "none.nml", None),
        (CELLS / f"{SIMPLE}.cell.nml", "CA3"),
    ):
        with pytest.raises(ModelError) as error:
            read_cell(path, cell_id)
        assert str(path) in str(error.value)
        assert "\n" not in str(error.value)


# -- formulas and components ---------------------------------------------------------------------------------------


def test_expressions_are_evaluated():
    p = np.array([0.0, 10.0, 20.0])
    np.testing.assert_array_equal(evaluate("2*p - 3", p), 2 * p - 3)
    np.testing.assert_array_equal(evaluate("H(p - 10.0)", p), [0.0, 1.0, 1.0])
    np.testing.assert_array_equal(evaluate("exp(-p/5)*(1 + p^2)", p), np.exp(-p / 5) * (1 + p**2))
    np.testing.assert_array_equal(evaluate("7", p), [7.0, 7.0, 7.0])


@pytest.mark.parametrize(
    "text", ["q", "p.real", "__import__('os')", "sin(p)", "[p]", "p if p else 1", "'p'", "p < 3"]
)
def test_expressions_refuse_everything_else(text):
    with pytest.raises(ValueError, match="only numbers, p"):
        evaluate(text, np.zeros(2))


def test_components():
    assert component("AMPA")["kon"] == 12.88
    assert component("EPSC_simple") == {"ibase": 70.0, "tauRise": 2.0, "tauDecay": 20.0}
    with pytest.raises(ModelError, match="Did you mean 'AMPA'"):
        component("AMPAR")


def test_every_channel_of_the_rules_has_a_file():
    for family in load_rules().channels.values():
        for part in family.components:
            assert (NEUROML2 / "channels" / f"{part.channel}.channel.nml").is_file()


# -- validation can fail ------------------------------------------------------------------------------------------


@pytest.fixture
def broken(tmp_path) -> Path:
    """A copy of the leak channel with a unit that does not exist."""
    path = tmp_path / "pas.channel.nml"
    text = (NEUROML2 / "channels" / "pas.channel.nml").read_text()
    assert '"10pS"' in text
    path.write_text(text.replace('"10pS"', '"10pX"'))
    return path


def test_schema_problems_are_reported_with_their_line(broken):
    line = next(
        number for number, text in enumerate(broken.read_text().splitlines(), 1) if "10pX" in text
    )
    (problem,) = validate_schema([broken])
    assert problem.startswith(f"{broken}:{line}: ")
    assert "10pX" in problem


@pytest.mark.parametrize("name", ["torn.nml", "LEMS_torn.xml"])
def test_files_that_are_not_xml_are_reported_with_their_line(tmp_path, name):
    (tmp_path / name).write_text("<Lems>\n  <a>\n</Lems>\n")
    (problem,) = validate_schema(model_files(tmp_path))
    assert problem.startswith(f"{tmp_path / name}:3: ")
    assert validate_includes(model_files(tmp_path)) == []


def test_includes_that_do_not_exist_are_reported(tmp_path):
    lems = tmp_path / "LEMS_x.xml"
    lems.write_text('<Lems>\n<Include file="Cells.xml"/>\n<Include file="gone.nml"/>\n</Lems>')
    assert validate_includes([lems]) == [f"{lems}:3: includes 'gone.nml', which does not exist."]


def test_places_without_files_are_refused(tmp_path):
    for place in (tmp_path, tmp_path / "none"):
        with pytest.raises(ModelError, match="; give "):
            model_files(place)


@pytest.mark.java
def test_jneuroml_problems_are_reported_file_by_file(broken):
    network = broken.parent / "net.nml"
    network.write_text(
        f'<neuroml xmlns="{NS[1:-1]}" id="n"><network id="net"><population id="a" component="gone" size="1"/></network>'
        "</neuroml>"
    )
    lems = broken.parent / "LEMS_run.xml"
    lems.write_text('<Lems><Target component="gone"/><Include file="Simulation.xml"/></Lems>')
    problems = validate_with_jneuroml(broken.parent)
    assert [problem.partition(": ")[0] for problem in problems] == [
        str(network),
        str(broken),
        str(lems),
    ]
    assert "gone" in problems[0]
    assert "10pX" in problems[1]
    assert "gone" in problems[2]


def test_without_java_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ModelError, match="install a Java runtime"):
        validate_with_jneuroml(NEUROML2)
