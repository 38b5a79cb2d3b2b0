"""Asks jNeuroML (through pyNeuroML) for the mod files of channels and synapses. Needs Java."""

import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from xml.sax.saxutils import quoteattr

from ..neuroml2.validation import require_java
from ..xml_files import NEUROML2_NAMESPACE, read_xml
from .jneuroml_export import ExportError

CHANNEL_TAGS = ("ionChannel", "ionChannelHH", "ionChannelKS")


def ion_channel(path: Path):
    """Return the lxml element of the one ion channel in a NeuroML file."""
    tags = [f"{{*}}{tag}" for tag in CHANNEL_TAGS]
    (channel,) = read_xml(path, "NeuroML2")[0].iterchildren(*tags)
    return channel


_NONE: Mapping[str, Path] = MappingProxyType({})


def export_mechanisms(
    channels: Sequence[Path],
    synapses: Mapping[str, Path] = _NONE,
    inputs: Mapping[str, Path] = _NONE,
) -> dict[str, str]:
    """Export channels, synapses and inputs with jNeuroML: the text of a mod file by mechanism.

    jNeuroML writes mod files for what a simulation uses: here a one-compartment cell that bears
    every channel and receives a connection of every synapse and every input. It takes spaces out of paths: those of
    `channels`, NeuroML files of one ion channel each, may have none. `synapses` gives the LEMS file
    by the synapse that it defines, and `inputs` by the input. Raises ModelError if Java is missing, and ExportError with
    jNeuroML's reason if a mechanism has no file.
    """
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        ids = [ion_channel(path).get("id") for path in channels]
        (work / "bearer.cell.nml").write_text(_cell(channels, ids))
        (work / "LEMS_bearer.xml").write_text(_simulation(synapses, inputs))
        ran = run_jneuroml("LEMS_bearer.xml", "-neuron", folder=work)
        exported = {}
        for name in [*ids, *synapses, *inputs]:
            path = work / f"{name}.mod"
            if ran.returncode != 0 or not path.is_file():
                raise ExportError(f"jNeuroML wrote no {name}.mod: {complaint(ran.stdout)}")
            exported[name] = path.read_text()
        return exported


def run_jneuroml(
    lems: str, *options: str, folder: Path, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess:
    """Run jNeuroML on a LEMS file of a folder; raises ModelError if Java is missing.

    Not by pyNeuroML's own runner: where jNeuroML fails, it prints all of its output. The exit code
    says little; look for what it should have written.
    """
    require_java()
    from pyneuroml.utils.misc import get_path_to_jnml_jar

    command = ["java", "-Xmx400M", "-Djava.awt.headless=true", "-jar", get_path_to_jnml_jar()]
    return subprocess.run(
        [*command, lems, *options, "-nogui"],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )


def complaint(output: str) -> str:
    """The first line of jNeuroML's output that tells an error."""
    lines = (line.strip() for line in output.splitlines())
    told = re.compile(r"(Error|Exception)\b.*:|^\(ERROR\)")
    no_reason = "it gives no reason; run it on the file by hand to see why"
    return next(filter(told.search, lines), no_reason)[:300]


def _cell(channels: Sequence[Path], ids: Sequence[str]) -> str:
    includes = "".join(f"<include href={quoteattr(str(path.resolve()))}/>" for path in channels)
    densities = "".join(
        f'<channelDensity id="{id_}_all" ionChannel="{id_}" condDensity="1 S_per_cm2" erev="0 mV"'
        f' ion="{ion_channel(path).get("species", "non_specific")}"/>'
        for id_, path in zip(ids, channels, strict=True)
    )
    return f"""<neuroml xmlns="{NEUROML2_NAMESPACE}" id="bearer">{includes}
<cell id="bearer"><morphology id="morphology">
<segment id="0" name="soma">
<proximal x="0" y="0" z="0" diameter="10"/><distal x="0" y="0" z="10" diameter="10"/></segment>
<segmentGroup id="soma" neuroLexId="sao864921383"><member segment="0"/></segmentGroup>
<segmentGroup id="all"><include segmentGroup="soma"/></segmentGroup></morphology>
<biophysicalProperties id="biophysics"><membraneProperties>{densities}<spikeThresh value="0 mV"/>
<specificCapacitance value="1 uF_per_cm2"/><initMembPotential value="-65 mV"/></membraneProperties>
<intracellularProperties><resistivity value="100 ohm_cm"/></intracellularProperties>
</biophysicalProperties></cell></neuroml>"""


def _simulation(synapses: Mapping[str, Path], inputs: Mapping[str, Path]) -> str:
    projections = "".join(
        f'<projection id="to_{name}" presynapticPopulation="sources"'
        f' postsynapticPopulation="cells" synapse="{name}">'
        '<connection id="0" preCellId="../sources[0]" postCellId="../cells[0]"/></projection>'
        for name in synapses
    )
    injected = "".join(f'<explicitInput target="cells[0]" input="{name}"/>' for name in inputs)
    files = dict.fromkeys([*synapses.values(), *inputs.values()])
    includes = "".join(f"<Include file={quoteattr(str(file.resolve()))}/>" for file in files)
    return f"""<Lems><Target component="run"/>
<Include file="Cells.xml"/><Include file="Networks.xml"/><Include file="Simulation.xml"/>
<Include file="bearer.cell.nml"/>{includes}
<spikeArray id="spikes"><spike id="0" time="1 ms"/></spikeArray>
<network id="net" type="networkWithTemperature" temperature="35 degC">
<population id="cells" component="bearer" size="1"/>
<population id="sources" component="spikes" size="1"/>
{projections}{injected}</network>
<Simulation id="run" length="1 ms" step="0.025 ms" target="net"/></Lems>"""
