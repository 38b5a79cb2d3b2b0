"""Writes the NeuroML model as a COMBINE archive (OMEX): its files, a SED-ML document a simulation, a manifest, metadata."""

import re
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from lxml import etree

from ..data_folders import NEUROML2
from ..errors import ModelError, did_you_mean, quoted
from ..files import write_beside
from ..neuroml2.annotations import IDENTIFIERS, annotations
from ..neuroml2.validation import model_files
from ..quantities import magnitude

FULL_CELL = "CA1_full"
"""The cell whose annotations the archive has, and whose simulation is the main one."""
LEMS_LANGUAGE = "urn:sedml:language:lems"
# Of the KiSAO ontology: jLEMS steps forwards; cells of more than one compartment need an implicit step, NEURON's.
FORWARD_EULER, BACKWARD_EULER = "KISAO:0000030", "KISAO:0000031"
_TIME = "urn:sedml:symbol:time"


def write_combine_archive(
    file: str | Path, *, main: str = FULL_CELL, overwrite: bool = False
) -> Path:
    """Write the NeuroML model with its simulations as a COMBINE archive and return its path.

    Parameters
    ----------
    file : path
        Ends in ``.omex``.
    main : str
        The simulation that is run when the archive is: `simulations` lists them.
    overwrite : bool
        Whether a file that is there may be replaced.

    Raises ModelError if the file cannot be written, there is no such simulation, or libSEDML is
    missing.
    """
    file = Path(file)
    _check(file, overwrite)
    known = simulations(NEUROML2)
    if main not in known:
        raise ModelError(f"there is no simulation {quoted(main)}.{did_you_mean(main, known)}")
    with TemporaryDirectory() as temporary, write_beside(file) as half_written:
        folder = Path(temporary)
        for source in model_files(NEUROML2):
            text = side_by_side(source.read_text(encoding="utf-8"))
            (folder / source.name).write_text(text, encoding="utf-8")
        for lems in known.values():
            write_sedml(folder / lems.name)
        write_metadata(folder, file.name)
        _pack(folder, known[main].with_suffix(".sedml").name, half_written)
    return file


def _check(file: Path, overwrite: bool) -> None:
    """Refuse all that can be refused before any work is done."""
    if file.suffix != ".omex":
        raise ModelError(f"archive '{file}': expected a file that ends in .omex.")
    if file.is_dir():
        raise ModelError(f"{file} is a folder; choose another file.")
    if file.exists() and not overwrite:
        raise ModelError(f"{file} already exists; choose another file or give --overwrite.")
    try:
        import libsedml  # noqa: F401
    except ImportError:
        raise ModelError(
            "a COMBINE archive needs libSEDML; pip install python-libsedml (extra 'omex')."
        ) from None


def _pack(folder: Path, main: str, file: Path) -> None:
    """Pack all files of a folder, with a manifest; pyNeuroML knows files by their names only at the top."""
    from pyneuroml import archive

    inside = sorted(
        one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file()
    )
    form = {"zipfile_name": "archive", "zipfile_extension": ".omex"}
    disabled, archive.logger.disabled = archive.logger.disabled, True
    try:
        archive.create_combine_archive(str(folder / main), filelist=inside, **form)
    finally:
        archive.logger.disabled = disabled
    file.write_bytes((folder / "archive.omex").read_bytes())


def side_by_side(text: str) -> str:
    """The text of a NeuroML or LEMS file whose includes all lie in its own folder.

    PyLEMS, by which BioSimulators reads a model, looks for all of them beside the first file.
    """
    return re.sub(r'(<include href=|<Include file=)"[^"]*/', r'\1"', text)


def simulations(folder: Path) -> dict[str, Path]:
    """The LEMS files of a folder that hold a simulation, by what follows ``LEMS_`` in their name."""
    return {
        path.stem.removeprefix("LEMS_"): path
        for path in sorted(folder.glob("LEMS_*.xml"))
        if etree.parse(str(path)).getroot().find("Simulation") is not None
    }


def write_sedml(lems: Path) -> Path:
    """Write the simulation of a LEMS file as SED-ML beside it; return the path.

    Every column of the LEMS file's outputs becomes one of a report, with the time (s) before them.
    Raises ModelError if libSEDML finds an error in it.
    """
    import libsedml

    simulation = etree.parse(str(lems)).getroot().find("Simulation")
    document = libsedml.SedDocument(1, 3)
    _time_course(document, simulation, _algorithm(lems))
    model = document.createModel()
    # BioSimulators takes the id of the model for the component that is run.
    model.setId(simulation.get("target"))
    model.setLanguage(LEMS_LANGUAGE)
    model.setSource(lems.name)
    task = document.createTask()
    task.setId("run")
    task.setModelReference(model.getId())
    task.setSimulationReference(simulation.get("id"))
    for output in simulation.findall("OutputFile"):
        report = document.createReport()
        report.setId(output.get("id"))
        _column(document, report, f"{output.get('id')}_time", "time", symbol=_TIME)
        for column in output.findall("OutputColumn"):
            name = f"{output.get('id')}_{column.get('id')}"
            _column(document, report, name, column.get("id"), target=column.get("quantity"))
    path = lems.with_suffix(".sedml")
    libsedml.writeSedML(document, str(path))
    errors = libsedml.readSedML(str(path)).getErrorLog()
    if errors.getNumFailsWithSeverity(libsedml.LIBSEDML_SEV_ERROR):
        raise ModelError(f"{path.name} is not valid SED-ML: {errors.toString()}")
    return path


def _algorithm(lems: Path) -> str:
    return BACKWARD_EULER if lems.stem == f"LEMS_{FULL_CELL}" else FORWARD_EULER


def _time_course(document, simulation: etree._Element, kisao: str) -> None:
    length_s, step_s = (magnitude(simulation.get(name), "s") for name in ("length", "step"))
    course = document.createUniformTimeCourse()
    course.setId(simulation.get("id"))
    course.setInitialTime(0)
    course.setOutputStartTime(0)
    course.setOutputEndTime(length_s)
    course.setNumberOfPoints(round(length_s / step_s))
    course.createAlgorithm().setKisaoID(kisao)


def _column(document, report, id: str, label: str, *, symbol: str = "", target: str = "") -> None:
    """Add a data set to a report, with the generator and the variable that it shows."""
    import libsedml

    generator = document.createDataGenerator()
    generator.setId(id)
    variable = generator.createVariable()
    variable.setId(f"variable_{id}")
    variable.setTaskReference("run")
    if symbol:
        variable.setSymbol(symbol)
    else:
        variable.setTarget(target)
    generator.setMath(libsedml.parseFormula(variable.getId()))
    data_set = report.createDataSet()
    data_set.setId(f"data_{id}")
    data_set.setLabel(label)
    data_set.setDataReference(id)


def write_metadata(folder: Path, archive: str) -> None:
    """Write ``metadata.rdf``: what the archive holds and where it comes from, as for the full cell."""
    from pyneuroml.annotations import create_annotation

    terms = dict(annotations()[FULL_CELL])
    title = "CA1 place cell (Hsu, Zhao, Milstein and Spruston 2018)"
    text = create_annotation(
        archive,
        annotation_style="biosimulations",
        indent=0,
        **terms
        | {
            "title": title,
            "description": f"{terms['title']}; its one-compartment model; its receptors.",
            "keywords": ["hippocampus", "CA1", "place cell", "persistent sodium current"],
            "sources": {f"{IDENTIFIERS}modeldb:240960": "ModelDB 240960"},
            "license": {"https://spdx.org/licenses/MIT": "MIT"},
            "creation_date": date.today().isoformat(),
        },
    )
    (folder / "metadata.rdf").write_text(re.sub(r"\n\s*\n", "\n", text), encoding="utf-8")
