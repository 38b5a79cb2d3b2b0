"""Reads a NeuroML2 channel file that a user wrote, with what it includes in place."""

import hashlib
import os
import re
from functools import cached_property
from pathlib import Path

from ..biophysics import NON_SPECIFIC
from ..data_folders import CHANNEL_FOLDER
from ..errors import ModelError, quoted, shortened
from ..neuroml2.components import STANDARD_LEMS
from ..xml_files import read_neuroml2, read_xml
from .jneuroml import CHANNEL_TAGS
from .mod_compiled import NO_IONS
from .mod_ions import VALENCES, no_ion_note

_GATE_WITH_INF_AND_TAU = re.compile("gateHH(rates|ratesTau|tauInf|ratesInf|ratesTauInf)")
_LONGEST_INCLUDE = 60  # letters of a name that stands whole in an error


class ChannelFile:
    """A gated ion channel in NeuroML2 that a user wrote.

    Raises ModelError if the file cannot be read, does not hold exactly one gated channel, or one
    that is not converted faithfully.

    Attributes
    ----------
    sha256 : str
        Of the file's content, and after it that of the files it includes.
    channel : str
        Id of the ion channel.
    ion : str
        The ion whose current it is, or ``non_specific``.
    density, reversal, parameters, ions, currents, notes, reads, writes, follows_reversal
        As those of a `ModFile`: they follow from the conversion.
    """

    def __init__(self, file: Path):
        self.file = file
        digest = hashlib.sha256()
        self._root = _with_includes(read_neuroml2(file), file, digest, {file})
        self.sha256 = digest.hexdigest()
        self._channel = self._one_channel()
        self.channel = self._channel.get("id")
        self._gates = _children(self._channel, "gate")
        species = self._channel.get("species") or NON_SPECIFIC
        self.notes: tuple[str, ...] = ()
        if species in NO_IONS:
            self.notes = (no_ion_note(species),)
            self._channel.set("species", NON_SPECIFIC)
        self.ion = self._channel.get("species") or NON_SPECIFIC
        self.reads = self.writes = frozenset[str]()
        self.ions = ()
        self.currents = ("i",)
        self.density = ("gmax", 1.0)
        self.reversal = "e" if self.ion == NON_SPECIFIC else None
        self.follows_reversal = True
        self.parameters: dict[str, str] = {}
        self._check_channel()
        self._check_gates()

    @cached_property
    def content(self) -> bytes:
        """The file with its includes in place: jNeuroML takes spaces out of the paths of those."""
        from lxml import etree

        return etree.tostring(self._root, xml_declaration=True, encoding="utf-8")

    @property
    def recordable(self) -> dict[str, str]:
        """Variables that the converted mechanism keeps by segment, with their units."""
        variables = {"fopen": "", "gion": "S/cm2", "i": "mA/cm2"}
        for gate in self._gates:
            name = gate.get("id")
            if _GATE_WITH_INF_AND_TAU.fullmatch(_kind(gate)):
                variables |= {f"{name}_q": "", f"{name}_inf": "", f"{name}_tau": "ms"}
            elif _kind(gate) == "gateHHInstantaneous":
                variables |= {f"{name}_inf": ""}
            elif _kind(gate) == "gateKS":
                states = gate.iterchildren("{*}closedState", "{*}openState")
                variables |= {f"{name}_{state.get('id')}_occupancy": "" for state in states}
        return variables

    def _one_channel(self):
        channels = _children(self._root, "ionChannel")
        if len(channels) == 1 and _tag(channels[0]) in CHANNEL_TAGS:
            return channels[0]
        expected = f"expected one {' or '.join(CHANNEL_TAGS)}"
        if not channels:
            inside = ", ".join(dict.fromkeys(_tag(child) for child in _children(self._root, "")))
            raise ModelError(
                f"{self.file} holds no ion channel but {shortened(inside) or 'nothing'}; {expected}:"
                " give a channel's file (a receptor is added as docs/extend/receptor.md says)."
            )
        present = ", ".join(f"{_tag(child)} {quoted(child.get('id'))}" for child in channels[:10])
        raise ModelError(
            f"{self.file} holds {present}; {expected}: put each channel into a file of its own."
        )

    def _check_channel(self) -> None:
        if not re.fullmatch(r"[A-Za-z]\w*", self.channel or "", re.ASCII):
            raise self._error("expected an id of letters, digits and underscores, first a letter")
        if self._channel.get("type") == "ionChannelPassive" or not self._gates:
            raise self._error(
                "it has no gates; expected a gated channel: for a leak change pas.g and pas.e"
                " (Cell.with_rule)"
            )
        ions = (*VALENCES, NON_SPECIFIC)
        if self.ion not in ions:
            raise self._error(
                f"its species is {quoted(self.ion)}; expected one of {', '.join(ions)}: leave species"
                " out and give e_mV, or write a channel of another ion as a mod file"
            )

    def _check_gates(self) -> None:
        """Refuse what the conversion would leave out, or fail on without a reason."""
        for gate in self._gates:
            if _kind(gate) == "gateKS" and gate.find("{*}q10Settings") is not None:
                raise self._error(
                    f"gate {quoted(gate.get('id'))} has q10Settings, which jNeuroML leaves out in a"
                    " gateKS; put the factor into a ComponentType of its rates"
                )
        for type_ in self._root.iterchildren("{*}ComponentType"):
            required = [needed.get("name") for needed in type_.iterchildren("{*}Requirement")]
            if "vShift" in required:
                raise self._error(
                    f"{shortened(type_.get('name', ''))} requires vShift, which a channelDensityVShift"
                    " gives and this cell does not; expected gates of voltage and temperature: put"
                    ' <Constant name="vShift" dimension="voltage" value="0mV"/> in the place of the'
                    " Requirement"
                )
            if "caConc" in required or "ConcDep" in type_.get("extends", ""):
                raise self._error(
                    f"{shortened(type_.get('name', ''))} depends on a concentration (caConc); expected gates of"
                    " voltage and temperature: write the channel as a mod file"
                )

    def _error(self, message: str) -> ModelError:
        return ModelError(f"{self.file}: ion channel {quoted(self.channel)}: {message}.")


def _tag(element) -> str:
    return element.tag.rpartition("}")[2]


def _children(element, start: str) -> list:
    children = element.iterchildren("{*}*")
    return [child for child in children if _tag(child).startswith(start)]


def _kind(gate) -> str:
    return gate.get("type", "gateHHrates") if _tag(gate) == "gate" else _tag(gate)


def _with_includes(read: tuple, file: Path, digest, seen: set[Path]):
    """The root of a file that was read, with the elements of what it includes in their places."""
    root, content = read
    digest.update(content)
    for include in list(root.iterchildren("{*}include", "{*}Include")):
        href = include.get("href") or include.get("file") or ""
        included = Path(os.path.abspath(file.parent / href))
        parts = []
        if not STANDARD_LEMS.fullmatch(href) and included not in seen:
            if not os.path.isfile(included):
                there = included if len(href) <= _LONGEST_INCLUDE else "such file"
                raise ModelError(
                    f"{file} includes {quoted(href)}, but there is no {there}; copy it there (those of"
                    f" the package are in {CHANNEL_FOLDER})."
                )
            seen.add(included)
            of_included = read_xml(included, "NeuroML2")  # or of LEMS
            parts = list(_with_includes(of_included, included, digest, seen))
        place = root.index(include)
        root[place : place + 1] = parts
    return root
