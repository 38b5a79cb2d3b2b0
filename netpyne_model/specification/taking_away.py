"""Takes a part of a channel's current away, by a channel of a negative density."""

from collections.abc import Iterable
from typing import Any

from ..neuroml2.steady_channels import STEADY
from .cell_specification import CellSpecification, make_specification
from .changes import check_channel, regions_of


def take_away(
    specification: CellSpecification,
    channel: str,
    components: list[dict[str, Any]],
    region: str | Iterable[str],
    dose: float,
) -> CellSpecification:
    """Take a fraction of a current of a channel away, in one or several regions.

    A channel ``<channel>_steady`` joins the cell, which has the density of the other times -dose on
    every segment, whatever rules and drugs come to. Doses compound: a second one acts on what the
    first has left. Raises ModelError if a name is not known, or the dose is not from 0 to 1.
    """
    check_channel(specification, channel)
    content = specification.as_dict()
    channels = content["biophysics"]["channels"]
    name = f"{channel}{STEADY}"
    taking = channels.get(name, {"dose": {}})
    doses = taking["dose"] | {
        one: 1 - (1 - taking["dose"].get(one, 0.0)) * (1 - dose)
        for one in regions_of(region)
        if one in channels[channel]["gbar_S_per_cm2"]
    }
    if not any(doses.values()):
        return specification
    channels[name] = {
        "ion": channels[channel]["ion"],
        "components": components,
        "gbar_S_per_cm2": {},
        "taken_from": channel,
        "dose": doses,
    }
    return make_specification(content, f"channel {name}")
