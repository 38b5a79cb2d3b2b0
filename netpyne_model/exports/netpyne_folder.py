"""A trial as a folder that NetPyNE opens and that imports nothing of this package."""

import dataclasses
import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from string import Template
from typing import Any

from ..configuration import TrialConfig
from ..description import cut_sections
from ..files import CONFIGURATION_FILE
from ..mechanisms.compilation import included_files
from ..mechanisms.conversion import GENERATED, HANDWRITTEN
from ..mechanisms.loading import neuron
from ..mechanisms.user_channels import mod_file
from ..output_folder import output_folder
from ..protocols import CurrentClamp
from ..simulation import PreparedTrial, Trial, prepare_trial
from ..simulation.netpyne_params import POPULATION, configure, mechanisms_of, net_params
from ..simulation.run import quiet_netpyne
from .general_mode import in_general_mode

_TEMPLATES = Path(__file__).with_name("templates") / "netpyne"
# What follows in netParams.py where a cell has channels of a user's own.
_OWN_CHANNELS = _TEMPLATES.with_name("netParams_of_own_channels.txt")
_NET_PARAMS = (
    "defaultDelay",
    "cellParams",
    "popParams",
    "synMechParams",
    "connParams",
    "stimSourceParams",
    "stimTargetParams",
)
LABEL = "CA1_place_cell"
# What the README says of spines, by the field.
_SPINES = {
    "folded": "Spines with input are sections (`neck_*`, `head_*`); those without are part of their"
    " segment's membrane.",
    "explicit": "All spines are sections (`neck_*`, `head_*`).",
    "none": "Spines are left out; their receptors sit on the branch.",
}
# From a source to its synapse. On several processes NEURON exchanges spikes once a delay.
_DELAY_MS = 1.0


def write_netpyne(
    trial: Trial | TrialConfig, folder: str | Path, *, overwrite: bool = False
) -> Path:
    """Write a trial as a NetPyNE model in a folder of its own.

    The folder holds ``index.npjson``, which NetPyNE, NetPyNE-UI and Open Source Brain open, the
    network and its events (``netParams.json``), the settings of the run (``simConfig.json``), mod
    files that NEURON 8 and 9 compile, ``init.py``, which runs it, and a README. It has the general
    mechanisms whatever the trial has (see `in_general_mode`): the same spikes as this package's
    general mode.

    Parameters
    ----------
    trial : Trial or TrialConfig
    folder : path
    overwrite : bool
        Whether to replace an earlier export, or results, in that folder.

    Returns
    -------
    path
        The folder.

    Raises
    ------
    ModelError
        If the folder holds something else, or the trial has what a folder cannot hold.
    """
    config = trial.configuration if isinstance(trial, Trial) else trial
    folder = Path(folder)
    with output_folder(folder, overwrite) as output:
        temporary = output.written
        neuron()
        prepared = _as_netpyne_holds_it(prepare_trial(in_general_mode(config)))
        with quiet_netpyne():
            network, settings = _network(prepared), _settings(prepared)
        _write_json(temporary / "netParams.json", {"net": {"params": network}}, depth=6)
        _write_json(temporary / "simConfig.json", {"simConfig": settings}, depth=3)
        _write_json(temporary / CONFIGURATION_FILE, prepared.configuration, depth=1)
        _write_mod_files(prepared, temporary / "mod")
        for template in _TEMPLATES.glob("*.*"):
            shutil.copyfile(template, temporary / template.name)
        if prepared.description.user_channels:
            with (temporary / "netParams.py").open("a", encoding="utf-8") as net_params_file:
                net_params_file.write(_OWN_CHANNELS.read_text(encoding="utf-8"))
        _fill(temporary / "README.md", prepared)
    return output.place


def _as_netpyne_holds_it(trial: PreparedTrial) -> PreparedTrial:
    """The trial with one value of everything a section, and without events after its end.

    NetPyNE has one capacitance a section, and its older validators take no lists for pas.
    """
    end_ms = trial.duration_ms
    until = [times_ms[times_ms <= end_ms] for times_ms in trial.driven.released_ms]
    return dataclasses.replace(
        trial,
        description=cut_sections(trial.description),
        driven=dataclasses.replace(trial.driven, released_ms=until),
    )


def _network(trial: PreparedTrial) -> dict[str, Any]:
    """What NetPyNE's ``NetParams`` is made of, without what it has by default."""
    params = net_params(trial)
    for number, stimulus in enumerate(trial.stimuli):
        if isinstance(stimulus, CurrentClamp):
            _add_clamp(params, trial, f"clamp_{number}", stimulus)
    network = {name: _plain(getattr(params, name)) for name in _NET_PARAMS}
    for cell in network["cellParams"].values():
        cell["secLists"] = _section_lists(trial)
    network["connParams"] = _a_rule_a_section(network["connParams"])
    _delay(network, trial.config.dt_ms)
    # The table of receptors has more than a trial drives; their mod files are left out too.
    used = {one["synMech"] for one in network["connParams"].values()}
    network["synMechParams"] = {
        name: one for name, one in network["synMechParams"].items() if name in used
    }
    return network


def _add_clamp(params: Any, trial: PreparedTrial, name: str, clamp: CurrentClamp) -> None:
    stop_ms = min(clamp.stop_ms, trial.duration_ms)
    params.stimSourceParams[name] = {
        "type": "IClamp",
        "del": clamp.start_ms,
        "dur": max(stop_ms - clamp.start_ms, 0.0),
        "amp": clamp.amplitude_nA,
    }
    site = trial.description.place(*trial.cell.locate(clamp.place))
    params.stimTargetParams[name] = {
        "source": name,
        "conds": {"pop": POPULATION},
        "sec": site.section,
        "loc": site.x,
    }


def _a_rule_a_section(rules: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Rules of connections to one section each.

    Of a list of sections NetPyNE 1.0 takes one by chance, where later versions take that of the
    same place in the list.
    """
    single = {}
    for name, rule in rules.items():
        rows_of: dict[str, list[int]] = {}
        for row, section in enumerate(rule["sec"]):
            rows_of.setdefault(section, []).append(row)
        for section, rows in rows_of.items():
            lists = {key: [rule[key][row] for row in rows] for key in ("connList", "loc", "weight")}
            single[f"{name} {section}"] = {**rule, "sec": section, **lists}
    return single


def _delay(network: dict[str, Any], dt_ms: float) -> None:
    """Let sources fire earlier and events take as long to arrive, which NEURON needs for MPI.

    Events within the first step leave no room for it.
    """
    populations = network["popParams"].values()
    sources = [one for population in populations for one in population.get("cellsList", ())]
    trains = [source["spkTimes"] for source in sources if source.get("spkTimes")]
    delay_ms = min([_DELAY_MS, *(times_ms[0] for times_ms in trains)])
    if delay_ms < dt_ms:
        return
    for times_ms in trains:
        times_ms[:] = [time_ms - delay_ms for time_ms in times_ms]
    for rule in network["connParams"].values():
        rule["delay"] = delay_ms


def _section_lists(trial: PreparedTrial) -> dict[str, list[str]]:
    """Sections by region, and the pieces of each section that was cut."""
    pieces = trial.description.pieces
    lists: dict[str, list[str]] = {}
    for section in trial.morphology.sections:
        lists.setdefault(section.region, []).extend(pieces.get(section.name, [section.name]))
    return lists | {name: list(names) for name, names in pieces.items()}


def _settings(trial: PreparedTrial) -> dict[str, Any]:
    """What differs from NetPyNE's own ``SimConfig``."""
    from netpyne import specs

    default, config = specs.SimConfig(), specs.SimConfig()
    configure(config, trial)
    config.simLabel = config.filename = LABEL
    settings = {
        name: _plain(value)
        for name, value in vars(config).items()
        if value != getattr(default, name, None)
    }
    # Of another version these may be otherwise by default.
    kept = ("duration", "dt", "recordStep", "oneSynPerNetcon", "pt3dRelativeToCellLocation")
    return settings | {name: getattr(config, name) for name in kept}


def _plain(value: Any) -> Any:
    """A value of NetPyNE's own dictionaries as JSON holds it."""
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value.item() if hasattr(value, "item") else value


def _write_json(path: Path, content: Any, depth: int) -> None:
    """JSON with a line for every entry down to a depth, so that two exports can be compared."""
    path.write_text(_as_json(content, depth) + "\n", encoding="utf-8")


def _as_json(content: Any, depth: int, indent: str = "") -> str:
    if depth == 0 or not isinstance(content, dict) or not content:
        return json.dumps(content)
    inner = indent + " "
    lines = [f"{inner}{json.dumps(k)}: {_as_json(v, depth - 1, inner)}" for k, v in content.items()]
    return "{\n" + ",\n".join(lines) + f"\n{indent}}}"


def _write_mod_files(trial: PreparedTrial, folder: Path) -> None:
    folder.mkdir()
    users = trial.description.user_channels.values()
    own = {channel.name for channel in users}
    files = [GENERATED / f"{name}.mod" for name in mechanisms_of(trial) - own]
    of_users = [mod_file(channel) for channel in users]
    files += [HANDWRITTEN / "VecStim.mod", *of_users, *included_files(of_users)]
    for file in files:
        shutil.copyfile(file, folder / file.name)


def _fill(readme: Path, trial: PreparedTrial) -> None:
    config, driven = trial.config, trial.driven
    text = Template(readme.read_text(encoding="utf-8")).substitute(
        cell=trial.cell.name,
        setup=config.setup,
        seed=config.seed,
        duration=f"{trial.duration_ms:g}",
        dt=f"{config.dt_ms:g}",
        dc=f"{trial.dc[3]:g}",
        excitatory=_count(driven.synapses["kind"] == "exc"),
        inhibitory=_count(driven.synapses["kind"] == "inh"),
        spines=_SPINES[config.spines],
        events=sum(map(len, driven.released_ms)),
        sections=len(trial.description.sections),
        segments=sum(section.nseg for section in trial.description.sections.values()),
    )
    readme.write_text(text, encoding="utf-8")


def _count(flags: Iterable[bool]) -> int:
    return sum(map(bool, flags))
