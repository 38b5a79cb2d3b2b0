#!/usr/bin/env python3
"""Write the tables of docs/model.md from the model's files: ``python scripts/model_page.py``.

Each table stands on the page between ``<!-- table: NAME -->`` and ``<!-- end -->``; NAME is a key
of `TABLES`. A test sees that the page is up to date.
"""

import re
import sys
from collections.abc import Callable
from pathlib import Path

from lxml import etree

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from netpyne_model.analysis.late_opening import late_opening
from netpyne_model.files import read_mapping
from netpyne_model.markdown import markdown_table, with_blocks
from netpyne_model.mechanisms.channel_equations import read_channel
from netpyne_model.receptors import receptors as table_of_receptors

PAGE = ROOT / "docs" / "model.md"
PACKAGE = ROOT / "netpyne_model"
CHANNELS = ROOT / "NeuroML2" / "channels"
RECEPTORS = ROOT / "NeuroML2" / "LEMS_CA1_receptors.xml"
NML = "{http://www.neuroml.org/schema/neuroml2}"
REGIONS = ("soma", "axon_hill", "ais", "axon", "basal", "trunk", "apical", "tuft")
MINUS = "\N{MINUS SIGN}"


def number(value: float) -> str:
    """A number, as short as it is exact."""
    short = f"{value:g}"
    return short if float(short) == value else repr(value)


def quantity(text: str) -> str:
    """``12.88per_ms`` as ``12.88 /ms``."""
    parts = re.fullmatch(r"([-+.\deE]+?)((?:per_)?[a-zA-Z]\w*)?", text)
    if parts is None:
        raise ValueError(f"{text!r} is no number with a unit.")
    value, unit = parts.groups()
    return f"{value} {(unit or '').replace('per_', '/')}".strip()


def channels() -> str:
    """Every channel file: ion, open probability."""
    rows = []
    for path in sorted(CHANNELS.glob("*.channel.nml")):
        root = etree.parse(path).getroot()
        channel = next(
            one for one in root if str(one.tag).removeprefix(NML).startswith("ionChannel")
        )
        if gates := channel.findall(f"{NML}gate"):
            powers = ((gate.get("id"), int(gate.get("instances"))) for gate in gates)
            still = channel.find(f"{NML}gate[@type='gateHHInstantaneous']") is not None
            open_part = " ".join(
                f"{name}_\\infty" * still + name * (not still) + (f"^{power}" if power > 1 else "")
                for name, power in powers
            )
        else:
            open_part = "O" if channel.find(f"{NML}gateKS") is not None else "1"
        link = f"[`{channel.get('id')}`](../NeuroML2/channels/{path.name})"
        rows.append((link, channel.get("species") or "non-specific", f"${open_part}$"))
    return markdown_table(("component", "ion", "$p$"), rows)


def sodium_shifts() -> str:
    """Midpoints of the sodium channels' gates, and the part that never inactivates slowly."""
    rows = []
    for name in ("nas_soma", "nas_dend", "nax", "nax_ais"):
        gates = {
            gate.get("id"): gate
            for gate in etree.parse(CHANNELS / f"{name}.channel.nml").iter(f"{NML}gate")
        }

        def midpoint(gate: str, part: str, gates=gates) -> str:
            return (
                gates[gate].find(f"{NML}{part}").get("midpoint").removesuffix("mV")
                if gate in gates
                else ""
            )

        never = gates["s"].find(f"{NML}steadyState").get("rate") if "s" in gates else ""
        midpoints = (
            midpoint("m", "forwardRate"),
            midpoint("h", "forwardRate"),
            midpoint("h", "steadyState"),
        )
        rows.append(
            (
                f"`{name}`",
                *midpoints,
                midpoint("s", "steadyState"),
                midpoint("s", "timeCourse"),
                never,
            )
        )
    header = ("component", "$v_m$", "$v_h$", "$v_{h\\infty}$", "$v_s$", "$v_{\\tau s}$", "$a_r$")
    return markdown_table(header, rows)


def formula(rule: dict | list) -> str:
    """A density rule as a formula of the path distance d (um)."""
    if isinstance(rule, list):
        return "; ".join(formula(one) for one in rule)
    text = number(rule["value"]) if "value" in rule else f"value in {rule['inherit']}"
    for form, of in rule.get("gradient", {}).items():
        if form == "linear_per_um":
            text += f" {'+' if of > 0 else MINUS} {number(abs(of))} d"
        else:
            amplitude, tau_um = of["amplitude"], number(of["tau_um"])
            shape = f"(exp(d/{tau_um}) {MINUS} 1)"
            if form != "exponential":
                sigmoid = f"1/(1 + exp(({number(of['half_um'])} {MINUS} d)/{tau_um}))"
                shape = f"(S(d) {MINUS} S(0)), S(d) = {sigmoid}"
            text += f" {'+' if amplitude > 0 else MINUS} {number(abs(amplitude))} {shape}"
    if "held_beyond_um" in rule:
        text += f", held beyond d = {number(rule['held_beyond_um'])}"
    limits = {
        "minimum": "at least",
        "maximum": "at most",
        "from_um": "for d >",
        "to_um": "for d <=",
    }
    for key, words in limits.items():
        if key in rule:
            text += f", {words} {number(rule[key])}"
    return text + (", T" if rule.get("terminal") else "")


def densities(model: str) -> Callable[[], str]:
    """Every rule of a cell's table, a row for each parameter and formula."""

    def table() -> str:
        rules = read_mapping(PACKAGE / "biophysics" / f"CA1_{model}.yaml")
        parameters = {
            "$C_m$ (uF/cm2)": rules["cable"]["cm_uF_per_cm2"],
            "$R_a$ (ohm cm)": rules["cable"]["Ra_ohm_cm"],
            "$g_{pas}$ (S/cm2)": rules["pas"]["g_S_per_cm2"],
            "$E_{pas}$ (mV)": rules["pas"]["e_mV"],
        }
        parameters |= {f"$E_{{{ion}}}$ (mV)": entry["e_mV"] for ion, entry in rules["ions"].items()}
        for name, channel in rules["channels"].items():
            parameters[f"`{name}` (S/cm2)"] = channel["gbar_S_per_cm2"]
            if "e_mV" in channel:
                parameters[f"$E_{name}$ (mV)"] = channel["e_mV"]
        rows = []
        for parameter, by_region in parameters.items():
            regions: dict[str, list[str]] = {}
            for region, rule in by_region.items():
                regions.setdefault(formula(rule), []).append(region)
            rows += [(parameter, ", ".join(where), text) for text, where in regions.items()]
        return markdown_table(("parameter", "regions", "value"), rows)

    return table


def receptors() -> str:
    """Components of the table of receptors."""
    components = []
    for receptor in table_of_receptors().values():
        root = etree.parse(ROOT / "NeuroML2" / receptor.file).getroot()
        components += [one for one in root if one.get("id") == receptor.name]
    names = list(dict.fromkeys(name for one in components for name in one.attrib if name != "id"))
    rows = [
        (
            f"`{one.get('id')}`",
            f"`{one.tag}`",
            *(quantity(one.get(name, "")) if one.get(name) else "" for name in names),
        )
        for one in components
    ]
    return markdown_table(("component", "type", *names), rows)


def currents_and_release() -> str:
    """Current sources and the release site of the LEMS file."""
    rows = []
    for one in etree.parse(RECEPTORS).getroot():
        if one.tag in ("expTwoCurrentSynapse", "releaseSite"):
            values = [f"{key} = {quantity(text)}" for key, text in one.items() if key != "id"]
            rows.append((f"`{one.get('id')}`", f"`{one.tag}`", ", ".join(values)))
    return markdown_table(("component", "type", "parameters"), rows)


def placement() -> str:
    """Densities of spines and inhibitory synapses."""
    rules, rows = read_mapping(PACKAGE / "placement" / "CA1_full.yaml"), []
    tables = {"spines": "spine_density_per_um", "inhibition": "inhibitory_density_per_um"}
    for what, key in tables.items():
        for region, entry in rules[key].items():
            values = entry if isinstance(entry, dict) else {"everywhere": entry}
            rows += [
                (what, region, name.replace("_", " "), number(value))
                for name, value in values.items()
            ]
    return markdown_table(("what", "region", "where", "per um"), rows)


def spine_receptors() -> str:
    """Rules of the receptors' peak conductances, and a spine's geometry."""
    rules = read_mapping(PACKAGE / "placement" / "CA1_full.yaml")
    rows = []
    for receptor, entry in rules["receptors"].items():
        for conductance, by_region in entry.items():
            name = f"`{receptor}.{conductance}`"
            rows += [(name, region, formula(rule)) for region, rule in by_region.items()]
    for name, value in rules["spine_geometry"].items():
        rows.append((f"`{name}`", "every spine", number(value)))
    return markdown_table(("parameter", "where", "value"), rows)


def shared_inputs() -> str:
    """Numbers that all input set-ups share."""
    shared, rows = read_mapping(PACKAGE / "inputs" / "setups.yaml")["shared"], []
    for name, value in shared.items():
        if name in ("excitation", "inhibition", "clusters"):
            rows += [(f"`{name}.{key}`", number(one)) for key, one in value.items()]
        elif not isinstance(value, dict | list):
            rows.append((f"`{name}`", value if isinstance(value, str) else number(value)))
    return markdown_table(("field", "value"), rows)


def setups() -> str:
    """What the input set-ups differ in."""
    by_setup: dict[str, dict[str, object]] = {}
    for name, setup in read_mapping(PACKAGE / "inputs" / "setups.yaml")["setups"].items():
        values = by_setup[name] = {}
        for field, value in setup.items():
            if isinstance(value, dict):
                values |= {f"{field}.{inner}": one for inner, one in value.items()}
            elif field != "description":
                values[field] = value
    fields = list(dict.fromkeys(field for values in by_setup.values() for field in values))
    rows = [(f"`{field}`", *(one.get(field, "") for one in by_setup.values())) for field in fields]
    return markdown_table(("field", *(f"`{name}`" for name in by_setup)), rows)


def input_groups() -> str:
    """Groups of inputs: which synapses, preferred theta phase."""
    shared = read_mapping(PACKAGE / "inputs" / "setups.yaml")["shared"]
    rows = [
        (
            name,
            f"spines of {', '.join(group['regions'])}",
            number(group["psi0_deg"]),
            "yes" if group["precesses"] else "no",
            "",
        )
        for name, group in shared["excitatory_groups"].items()
    ]
    for name, group in shared["inhibitory_groups"].items():
        places = "; ".join(
            _place(rule, name) for rule in shared["inhibitory_rules"] if name in rule["odds"]
        )
        rows.append(
            (name, places, number(group["psi0_deg"]), "no", "yes" if group["reducible"] else "no")
        )
    return markdown_table(("group", "synapses", "$\\psi_0$ (deg)", "precesses", "reducible"), rows)


def _place(rule: dict, group: str) -> str:
    terminal = {True: "terminal ", False: "non-terminal ", None: ""}[rule.get("terminal")]
    share = rule["odds"][group] / sum(rule["odds"].values())
    return (
        f"{terminal}{', '.join(rule['regions'])}"
        + (f" up to {number(rule['up_to_um'])} um" if "up_to_um" in rule else "")
        + ("" if share == 1 else f" ({share:.3g})")
    )


def drugs() -> str:
    """Drugs by name: what they multiply."""
    rows = []
    for name, drug in read_mapping(PACKAGE / "specification" / "drugs.yaml").items():
        kinds = ("channels", "receptors", "takes_away", "components")
        targets = [one for kind in kinds for one in drug.get(kind, ())]
        if "factor" in drug:
            way = "scaled at the origin" if drug.get("at_origin") else "scaled everywhere"
        else:
            way = "steady state taken away" if "dose" in drug else "components replaced"
        numbers = [number(drug[kind]) if kind in drug else "" for kind in ("factor", "dose")]
        rows.append((f"`{name}`", ", ".join(f"`{one}`" for one in targets), *numbers, way))
    return markdown_table(("drug", "of", "factor left", "dose taken", "how"), rows)


_STEPS_MV = (-60.0, -50.0, -40.0, -30.0)


def persistent_parts() -> str:
    """What is open of the sodium channels at their steady state, and of the peak of a step there."""
    rows = []
    for name in ("nas_soma", "nas_dend", "nax", "nax_ais"):
        channel = read_channel(name, 35.0)
        cells = []
        for step_mV in _STEPS_MV:
            one = late_opening(channel, step_mV)
            cells.append(f"{100 * one.steady:.2g} % open, {100 * one.share:.3g} % of the peak")
        rows.append((f"`{name}`", *cells))
    head = [f"{step_mV:g} mV" for step_mV in _STEPS_MV]
    return markdown_table(("component", *head), rows)


def run_conditions() -> str:
    """Temperature, start voltage and spike threshold of both models."""
    tables = {
        model: read_mapping(PACKAGE / "biophysics" / f"CA1_{model}.yaml")["run"]
        for model in ("full", "simple")
    }
    rows = [
        (f"`{name}`", *(number(table[name]) for table in tables.values()))
        for name in tables["full"]
    ]
    return markdown_table(("field", "full model", "simple model"), rows)


def plasticity() -> str:
    """The paper's sets of numbers of the plasticity rule."""
    table = read_mapping(PACKAGE / "plasticity" / "btsp.yaml")
    sem = table["fitted_sem"]
    rows = [
        (f"`{name}`", f"{number(fitted)} ± {number(sem[name])}", number(of_spike))
        for (name, fitted), of_spike in zip(
            table["rules"]["fitted"].items(), table["rules"]["single_spike"].values(), strict=True
        )
    ]
    return markdown_table(("number", "`fitted`", "`single_spike`"), rows)


TABLES: dict[str, Callable[[], str]] = {
    "run conditions": run_conditions,
    "channels": channels,
    "sodium shifts": sodium_shifts,
    "densities": densities("full"),
    "simple densities": densities("simple"),
    "placement": placement,
    "spine receptors": spine_receptors,
    "receptors": receptors,
    "currents and release": currents_and_release,
    "set-ups": setups,
    "shared inputs": shared_inputs,
    "input groups": input_groups,
    "drugs": drugs,
    "persistent parts": persistent_parts,
    "plasticity": plasticity,
}


def updated(page: str) -> str:
    """The page with every table worked out anew."""
    return with_blocks(page, {f"table: {name}": table() for name, table in TABLES.items()})


if __name__ == "__main__":
    PAGE.write_text(updated(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
