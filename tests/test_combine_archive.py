"""The COMBINE archive: read back by libCombine, its SED-ML by libSEDML, its metadata by rdflib; unpacked, it is the model."""

import importlib
import sys
import zipfile

import libcombine
import libsedml
import pytest
from following import advised
from lxml import etree
from rdflib import Graph

from netpyne_model.data_folders import NEUROML2
from netpyne_model.errors import ModelError
from netpyne_model.exports import write_combine_archive
from netpyne_model.exports.combine_archive import simulations
from netpyne_model.neuroml2.validation import (
    included_files,
    model_files,
    problems_of,
    validate_includes,
)
from netpyne_model.quantities import magnitude

FORMATS = "http://identifiers.org/combine.specifications/"
SIMULATIONS = list(simulations(NEUROML2).values())


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    return write_combine_archive(tmp_path_factory.mktemp("archive") / "CA1.omex")


@pytest.fixture(scope="module")
def unpacked(archive):
    folder = archive.parent / "unpacked"
    zipfile.ZipFile(archive).extractall(folder)
    return folder


def test_libcombine_reads_it_back(archive):
    read = libcombine.CombineArchive()
    assert read.initializeFromArchive(str(archive))
    entries = [read.getEntry(index) for index in range(read.getNumEntries())]
    formats = {entry.getLocation(): entry.getFormat().removeprefix(FORMATS) for entry in entries}
    model = {path.name: "neuroml" for path in model_files()}
    assert len(model) == len(model_files())  # no two of one name
    runs = {path.with_suffix(".sedml").name: "sed-ml" for path in SIMULATIONS}
    assert formats == model | runs | {"metadata.rdf": "omex-metadata"}
    assert read.getMasterFile().getLocation() == "LEMS_CA1_full.sedml"
    assert sum(entry.isSetMaster() and entry.getMaster() for entry in entries) == 1


def test_it_holds_the_model_but_for_the_folders_of_its_includes(unpacked):
    for path in model_files():
        text = path.read_text()
        for included in included_files(path):
            for way in (f"../{included.parent.name}/", f"{included.parent.name}/"):
                text = text.replace(f'"{way}{included.name}"', f'"{included.name}"')
        assert (unpacked / path.name).read_text() == text, path.name
    assert validate_includes(model_files(unpacked)) == []


@pytest.mark.parametrize("lems", SIMULATIONS, ids=lambda path: path.stem)
def test_sedml_is_valid_and_says_what_the_lems_file_runs_and_records(lems, unpacked):
    document = libsedml.readSedML(str(unpacked / f"{lems.stem}.sedml"))
    assert document.getErrorLog().getNumFailsWithSeverity(libsedml.LIBSEDML_SEV_ERROR) == 0
    assert document.getErrorLog().getNumFailsWithSeverity(libsedml.LIBSEDML_SEV_WARNING) == 0
    simulation = etree.parse(str(lems)).getroot().find("Simulation")
    model, course = document.getModel(0), document.getSimulation(0)
    assert model.getSource() == lems.name
    assert model.getId() == simulation.get("target")
    assert model.getLanguage() == "urn:sedml:language:lems"
    assert course.getOutputEndTime() == magnitude(simulation.get("length"), "s")
    step_s = course.getOutputEndTime() / course.getNumberOfPoints()
    assert step_s == pytest.approx(magnitude(simulation.get("step"), "s"), rel=1e-12)
    generators = [document.getDataGenerator(one) for one in range(document.getNumDataGenerators())]
    variables = {one.getId(): one.getVariable(0) for one in generators}
    for index, output in enumerate(simulation.findall("OutputFile")):
        report = document.getOutput(index)
        sets = [report.getDataSet(one) for one in range(report.getNumDataSets())]
        time, *columns = (variables[one.getDataReference()] for one in sets)
        assert time.getSymbol() == "urn:sedml:symbol:time"
        recorded = [one.get("quantity") for one in output.findall("OutputColumn")]
        assert [one.getTarget() for one in columns] == recorded


def test_metadata_names_the_sources(unpacked):
    graph = Graph().parse(unpacked / "metadata.rdf", format="application/rdf+xml")
    told = {str(value) for value in graph.objects()}
    assert {
        "https://identifiers.org/modeldb:240960",
        "https://identifiers.org/doi:10.1016/j.neuron.2018.05.025",
        "https://spdx.org/licenses/MIT",
        "CA1 field of hippocampus",
    } <= told
    assert "http://omex-library.org/CA1.omex" in {str(subject) for subject in graph.subjects()}


@pytest.mark.java
@pytest.mark.slow
def test_jneuroml_finds_no_problem_in_what_is_unpacked(unpacked):
    assert problems_of(model_files(unpacked)) == []


def test_the_command_writes_it_and_replaces_nothing_unasked(tmp_path, refused, capsys):
    from netpyne_model.commands import main

    file = tmp_path / "model.omex"
    assert main(["export", "omex", str(file)]) == 0
    assert str(file) in capsys.readouterr().out
    assert zipfile.is_zipfile(file)
    file.write_bytes(b"")
    assert "already exists" in refused("export", "omex", file)
    assert main(["export", "omex", str(file), "--overwrite"]) == 0
    assert zipfile.is_zipfile(file)
    assert main(["export", "omex", str(tmp_path / "simple.omex"), "--main", "CA1_simple"]) == 0
    read = libcombine.CombineArchive()
    assert read.initializeFromArchive(str(tmp_path / "simple.omex"))
    assert read.getMasterFile().getLocation() == "LEMS_CA1_simple.sedml"
    (tmp_path / "simple.omex").unlink()
    command = ["export", "omex", str(file), "--overwrite", "--main"]
    line = refused(*command, "CA1_simpl")
    assert main([*command, advised(line, "Did you mean '(.*)'")]) == 0
    assert "ends in .omex" in refused("export", "omex", tmp_path / "model.zip")
    (tmp_path / "folder.omex").mkdir()
    assert "is a folder; choose another file" in refused("export", "omex", tmp_path / "folder.omex")
    (tmp_path / "folder.omex").rmdir()
    assert "cannot be written" in refused("export", "omex", tmp_path / "missing" / "model.omex")
    assert list(tmp_path.iterdir()) == [file]


def test_without_libsedml_the_error_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "libsedml", None)
    with pytest.raises(ModelError, match=r"needs libSEDML; pip install python-libsedml"):
        write_combine_archive(tmp_path / "CA1.omex")
    monkeypatch.undo()
    assert importlib.import_module("libsedml")
