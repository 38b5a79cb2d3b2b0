"""Places on a cell, by section or by region and path distance; the standard recording sites."""

import math
import re
from typing import NamedTuple

from ..errors import ModelError, did_you_mean, quoted
from .sections import REGIONS, Morphology, Section

_NUMBER = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
_SITE = re.compile(rf"^(?P<section>[A-Za-z_]\w*)\((?P<x>{_NUMBER})\)$")
_DISTANCE = re.compile(rf"^(?P<region>[A-Za-z_]\w*)@(?P<distance>{_NUMBER})$")

SOMA = "soma"
"""Name of the place at which the paper records and injects."""
_OTHER_FORMS = "region@path distance in um, such as trunk@200, or soma"
_ROUNDED_UM = 0.05  # an end may be asked for by its distance as it is printed


class Location(NamedTuple):
    """A place on the cell: name of the section, and relative position along it (0 to 1)."""

    section: str
    x: float

    def __str__(self) -> str:
        return f"{self.section}({self.x:g})"


def parse_site(text: str) -> Location:
    """Read a place on the cell, ``trunk_50(0.5)``.

    Raises ModelError if it is not of that form or x lies outside 0 to 1.
    """
    match = _SITE.match(text)
    x = float(match["x"]) if match else math.nan
    if match is None or not 0 <= x <= 1:
        raise ModelError(
            f"place {quoted(text)}: expected section(x) with x from 0 to 1, for example trunk_50(0.5)."
        )
    return Location(match["section"], x)


def locate(morphology: Morphology, place: str | tuple[str, float]) -> Location:
    """Find a place on a cell.

    Raises ModelError if there is no such section or region (with the nearest name), or no branch of
    the region at that distance.

    Parameters
    ----------
    place : str or (str, float)
        ``trunk_50(0.5)``, section and relative position, also as a tuple; ``trunk@200``, region and
        path distance in um: on the thickest branch of that region that passes the distance;
        ``soma``, the joint of the two somatic cylinders (the middle of a soma of one); or the name
        of a region that is one section, its middle: ``ais``, ``axon_hill``.
    """
    if not isinstance(place, str):
        try:
            name, x = place
            place = f"{name}({float(x)!r})"
        except (TypeError, ValueError):
            raise ModelError(
                f"place {quoted(place)}: expected 'trunk_50(0.5)', ('trunk_50', 0.5) or 'trunk@200'."
            ) from None
    if place == SOMA:
        return _soma(morphology)
    match = _DISTANCE.match(place)
    if match is None:
        of_region = morphology.in_region(place) if place in REGIONS else ()
        if len(of_region) == 1:
            return Location(of_region[0].name, 0.5)
        return _on_section(morphology, place)
    region, distance_um = match["region"], float(match["distance"])
    if region not in REGIONS:
        nearest = did_you_mean(region, REGIONS)
        raise ModelError(f"place {quoted(place)}: region {quoted(region)} does not exist.{nearest}")
    passing: dict[float, Location] = {}
    for section in morphology.in_region(region):
        start_um, stop_um = (morphology.path_distance(section.index, x) for x in (0.0, 1.0))
        if start_um - _ROUNDED_UM <= distance_um <= stop_um + _ROUNDED_UM:
            x = _position(morphology, section, distance_um)
            passing.setdefault(section.diameter(x), Location(section.name, x))
    if not passing:
        raise ModelError(f"place {quoted(place)}: {_reach(morphology, region)}")
    return passing[max(passing)]


def _on_section(morphology: Morphology, place: str) -> Location:
    try:
        site = parse_site(place)
    except ModelError as error:
        raise ModelError(f"{str(error).removesuffix('.')}; or {_OTHER_FORMS}.") from None
    is_region = site.section in REGIONS
    if is_region and site.section not in {section.name for section in morphology.sections}:
        of_region = morphology.in_region(site.section)
        example = f"{of_region[0].name}({site.x:g})" if of_region else "trunk_50(0.5)"
        raise ModelError(
            f"place {quoted(place)}: {site.section} is a region; expected section(x), such as {example},"
            f" or {_OTHER_FORMS}."
        )
    return Location(morphology.section(site.section).name, site.x)


def standard_sites(morphology: Morphology) -> dict[str, Location]:
    """The recording sites of the paper, on any morphology (model.md 6).

    ``soma``: the joint; ``ais``: its middle; ``proximal_trunk``: where the trunk forks (without a
    fork, the end of the trunk section half way up); ``distal_trunk``: the end of the first trunk
    section, in the thicker daughter's tree, that gives rise to tuft. What a cell does not have is
    left out.
    """
    sites = {SOMA: _soma(morphology)}
    if initial_segment := morphology.in_region("ais"):
        sites["ais"] = Location(initial_segment[0].name, 0.5)
    trunk = morphology.in_region("trunk")
    if not trunk:
        return sites
    fork = next((section for section in trunk if len(_daughters(morphology, section)) > 1), None)
    if fork is None:
        ends_um = [morphology.path_distance(section.index, 1.0) for section in trunk]
        half_um = 0.5 * max(ends_um)
        away_um = [abs(end_um - half_um) for end_um in ends_um]
        proximal = trunk[away_um.index(min(away_um))]
        beyond = list(trunk)
    else:
        proximal = fork
        daughters = _daughters(morphology, fork)
        beyond = _tree(morphology, max(daughters, key=lambda section: section.mean_diam_um))
    sites["proximal_trunk"] = Location(proximal.name, 1.0)
    bearing_tuft = (section for section in beyond if _children_in(morphology, section, "tuft"))
    sites["distal_trunk"] = Location(next(bearing_tuft, beyond[-1]).name, 1.0)
    return sites


def _soma(morphology: Morphology) -> Location:
    root = morphology.sections[0]
    children = [morphology.sections[index] for index in morphology.children(root.index)]
    joined = any(child.parent_loc == 0 for child in children)
    return Location(root.name, 0.0 if joined else 0.5)


def _position(morphology: Morphology, section: Section, distance_um: float) -> float:
    if section.region == "soma":  # every point of it has distance 0
        return 0.0
    x = (distance_um - morphology.path_distance(section.index, 0.0)) / section.length_um
    return min(max(x, 0.0), 1.0)


def _reach(morphology: Morphology, region: str) -> str:
    sections = morphology.in_region(region)
    if not sections:
        present = dict.fromkeys(section.region for section in morphology.sections)
        return f"this cell has no {region}; it has {', '.join(present)}."
    low = min(morphology.path_distance(section.index, 0.0) for section in sections)
    high = max(morphology.path_distance(section.index, 1.0) for section in sections)
    return (
        f"the {region} of this cell lies from {low:.1f} to {high:.1f} um; give a path distance"
        " between them."
    )


def _children_in(morphology: Morphology, section: Section, region: str) -> list[Section]:
    children = (morphology.sections[index] for index in morphology.children(section.index))
    return [child for child in children if child.region == region]


def _daughters(morphology: Morphology, section: Section) -> list[Section]:
    return _children_in(morphology, section, "trunk")


def _tree(morphology: Morphology, root: Section) -> list[Section]:
    """The trunk from a section on, in table order."""
    sections, waiting = [], [root]
    while waiting:
        section = waiting.pop()
        sections.append(section)
        waiting += _daughters(morphology, section)
    return sorted(sections, key=lambda section: section.index)
