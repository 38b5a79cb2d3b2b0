#!/usr/bin/env python3
"""Write the tables of docs/channels.md from the model's files: ``python scripts/channels_page.py``.

Names come from the annotations, equations from docs/model.md's headings, places and conductances
from the published cell. A test sees that the page is up to date.
"""

import re
import sys
from pathlib import Path

import pandas as pd
from lxml import etree

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from netpyne_model import Cell
from netpyne_model.files import read_mapping
from netpyne_model.markdown import markdown_table, with_blocks
from netpyne_model.neuroml2.annotations import annotations
from netpyne_model.receptors import receptors as table_of_receptors

DOCS = ROOT / "docs"
PAGE = DOCS / "channels.md"
PACKAGE = ROOT / "netpyne_model"
CHANNELS = ROOT / "NeuroML2" / "channels"
NML = "{http://www.neuroml.org/schema/neuroml2}"
REGIONS = ("soma", "axon_hill", "ais", "axon", "basal", "trunk", "apical", "tuft")


def titles() -> dict[str, str]:
    """What every component stands for, by its id."""
    return {name: of["title"] for name, of in annotations().items()}


def drugs_on(*kinds: str) -> dict[str, list[str]]:
    """Names of the drugs on each of the channels, or receptors: what has these entries."""
    found: dict[str, list[str]] = {}
    for drug, of in read_mapping(PACKAGE / "specification" / "drugs.yaml").items():
        for name in (one for kind in kinds for one in of.get(kind, ())):
            found.setdefault(name, []).append(f"`{drug}`")
    return found


def equations() -> dict[str, str]:
    """A link to the section of model.md whose heading names a channel."""
    text = (DOCS / "model.md").read_text(encoding="utf-8")
    links = {}
    for heading in re.findall(r"^### (.+)$", text, flags=re.MULTILINE):
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for name in re.findall(r"`(\w+)`", heading):
            links[name] = f"[{heading.split()[0]}](model.md#{slug})"
    return links


def open_part(component: str) -> str:
    """The open part of a component: its gates and their powers."""
    root = etree.parse(CHANNELS / f"{component}.channel.nml").getroot()
    powers = {gate.get("id"): int(gate.get("instances")) for gate in root.iter(f"{NML}gate")}
    names = (name if power == 1 else f"{name}^{power}" for name, power in powers.items())
    return f"${' '.join(names) or '1'}$"


def span(values: pd.Series) -> str:
    """The lowest and the highest of some values, or the one that all have."""
    low, high = (f"{value:.3g}" for value in (values.min(), values.max()))
    return low if low == high else f"{low} to {high}"


def by_region(table: pd.DataFrame, parameter: str) -> str:
    """The values of a parameter in every region that has it; regions of equal values together."""
    regions: dict[str, list[str]] = {}
    for region in REGIONS:
        values = table.loc[table["region"] == region, parameter].dropna()
        if len(values) and values.max() > 0:
            regions.setdefault(span(values), []).append(region)
    return "<br>".join(f"{', '.join(where)}: {values}" for values, where in regions.items())


def channel_table() -> str:
    """The channels of the cell, as its rules name them."""
    cell, names, links = Cell(), titles(), equations()
    table, drugs, rows = cell.table(), drugs_on("channels", "takes_away"), []
    for channel, rule in cell.specification.biophysics.channels.items():
        components = list(dict.fromkeys(one.channel for one in rule.components))
        files = "<br>".join(
            f"[`{one}`](../NeuroML2/channels/{one}.channel.nml)" for one in components
        )
        full = "<br>".join(names[one] for one in components)
        change = "<br>".join([f"`{channel}.gbar*=0.5`", *drugs.get(channel, [])])
        link = links.get(channel) or links[components[0]]
        where = by_region(table, f"{channel}.gbar")
        equation = f"{open_part(components[0])}, {link}"
        rows.append((f"`{channel}`", full, equation, where, files, change))
    leak = ("`pas`", names["pas"], f"$1$, {links['pas']}", by_region(table, "pas.g"))
    file = "[`pas`](../NeuroML2/channels/pas.channel.nml)"
    rows.append((*leak, file, "`pas.g*=1.2`"))
    header = (
        "name",
        "full name",
        "open part, equation",
        "where: conductance (S/cm²)",
        "files",
        "change it, drugs",
    )
    return markdown_table(header, rows)


def receptor_table() -> str:
    """The receptors of the cell: how many synapses have them, and how strong they are."""
    cell, names, rows = Cell(), titles(), []
    drugs = drugs_on("receptors")
    of_kind = {"exc": cell.placement.spines, "inh": cell.placement.inhibitory}
    homes = {"exc": "spines", "inh": "synapses on the branch"}
    for name, receptor in table_of_receptors().items():
        synapses = of_kind[receptor.kind]
        root = etree.parse(ROOT / "NeuroML2" / receptor.file).getroot()
        (component,) = (one for one in root if one.get("id") == name)
        gbase = component.get("gbase")
        of_its_own = receptor.conductance == "gmax_uS"
        column = f"gmax_{name}_uS" if of_its_own else f"relative_gmax_{name}"
        unit = "µS" if of_its_own else f"times {float(gbase.removesuffix('uS')):g} µS"
        where = by_region(synapses, column)
        count = f"{len(synapses):,} {homes[receptor.kind]}"
        parameter = "gmax" if of_its_own else "relative_gmax"
        rows.append(
            (
                f"`{name}`",
                names[name],
                "[4.3](model.md#43-receptors)",
                f"{count}<br>{where} ({unit})",
                f"[`{Path(receptor.file).name}`](../NeuroML2/{receptor.file})",
                "<br>".join([f"`{name}.{parameter}*=0.5`", *drugs.get(name, [])]),
            )
        )
    header = ("name", "full name", "equation", "where: conductance", "file", "change it", "drugs")
    return markdown_table(header, rows)


def updated(page: str) -> str:
    """The page with both tables worked out anew."""
    return with_blocks(page, {"channels": channel_table(), "receptors": receptor_table()})


if __name__ == "__main__":
    PAGE.write_text(updated(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
