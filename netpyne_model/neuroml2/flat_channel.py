"""A channel as one plain NeuroML2 file: its rate types in it, at one temperature.

For readers that look into no included file and pass no temperature on to a rate.
"""

from pathlib import Path

from lxml import etree

from ..quantities import ZERO_CELSIUS_K
from ..xml_files import NEUROML2_NAMESPACE, read_xml
from .validation import included_files

_NAMESPACE = f"{{{NEUROML2_NAMESPACE}}}"
_TYPE, _REQUIREMENT, _CONSTANT = (
    f"{_NAMESPACE}{name}" for name in ("ComponentType", "Requirement", "Constant")
)
# What may stand before the constants of a type, in the order of LEMS.
_BEFORE_CONSTANTS = tuple(f"{_NAMESPACE}{name}" for name in ("Property", "Parameter", "Constant"))
TEMPERATURE = "temperature"


def flat_channel(path: Path, celsius: float) -> bytes:
    """A channel's file with the rate types of what it includes in it, fixed at a temperature.

    The types it uses bear the channel's name, so that several such files go together.
    """
    root = _read(path)
    types: dict[str, etree._Element] = {}
    for file in [path, *included_files(path)]:
        for element in _read(file).iter(_TYPE):
            types.setdefault(element.get("name"), element)
    for element in root.findall(f"{_NAMESPACE}include") + root.findall(_TYPE):
        root.remove(element)
    (channel,) = (child for child in root if child.get("id"))
    used = _used(channel, types)
    renamed = {name: _own_name(name, channel.get("id")) for name in used}
    for element in channel.iter():
        if (name := element.get("type")) in renamed:
            element.set("type", renamed[name])
    for name in used:
        types[name].set("name", renamed[name])
        parent = types[name].get("extends")
        types[name].set("extends", renamed.get(parent, parent))
        _fix_temperature(types[name], celsius)
        root.append(types[name])
    etree.cleanup_namespaces(root)
    etree.indent(root, "    ")
    text: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8") + b"\n"
    return text


def _read(path: Path) -> etree._Element:
    return read_xml(path, "NeuroML2", blank_text=False)[0]


def _used(channel: etree._Element, types: dict[str, etree._Element]) -> list[str]:
    """The types that a channel names, each after what it extends."""
    used: dict[str, None] = {}

    def use(name: str | None) -> None:
        if name in types and name not in used:
            use(types[name].get("extends"))
            used[name] = None

    for element in channel.iter():
        use(element.get("type"))
    return list(used)


def _own_name(name: str, channel: str) -> str:
    return name if name.startswith(f"{channel}_") else f"{channel}_{name}"


def _fix_temperature(element: etree._Element, celsius: float) -> None:
    """Make the temperature, which a type requires of its network, a constant of it."""
    for requirement in element.findall(_REQUIREMENT):
        if requirement.get("name") == TEMPERATURE:
            element.remove(requirement)
            value = f"{round(celsius + ZERO_CELSIUS_K, 9)!r}K"
            fixed = {"name": TEMPERATURE, "dimension": TEMPERATURE, "value": value}
            before = sum(child.tag in _BEFORE_CONSTANTS for child in element)
            element.insert(before, etree.Element(_CONSTANT, fixed))
