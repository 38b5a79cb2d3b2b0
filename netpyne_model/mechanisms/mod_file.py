"""Reads a mod file that a user wrote: its declarations, peak conductance and reversal potential."""

import hashlib
import re
from functools import cached_property
from pathlib import Path

from ..biophysics import NON_SPECIFIC
from ..biophysics.density_rules import LONGEST_NAME
from ..errors import ModelError, shortened
from ..quantities import is_permeability, per_siemens_per_cm2
from .mod_compiled import ascii_comments, neuron_block
from .mod_includes import Headers, text_with_includes
from .mod_ions import VALENCES, Ion, carries_no_ion, first_name, names_after, no_ion_note
from .mod_surroundings import missing_from_cell, never_given
from .mod_units import lacks_factor, stated_otherwise
from .nmodl import (
    DECLARATIONS,
    NUMBER,
    blocks_of,
    code_of,
    declared,
    neuron_statements,
    verbatim_of,
)

_FROM_NUMBER = re.compile(
    rf"(?<!\w)\(\s*(?:v\s*[-+]\s*{NUMBER}|{NUMBER}\s*-\s*v)\s*(?:\([^()]{{0,40}}\)\s*)?\)"
)
# Up to the next assignment or brace: a statement of NMODL may go over several lines.
_ASSIGNMENT = re.compile(r"\b(\w+)\s*=(?!=)(?=([^={}]*))")
_BUILT_IN = {"v", "t", "dt", "celsius", "area", "diam"}


class ModFile:
    """A density mechanism in NMODL that a user wrote.

    Raises ModelError if the file cannot be read, or is not a density mechanism.

    Attributes
    ----------
    text : str
        The file, with what it INCLUDEs in place.
    sha256 : str
        Of the file's content, and after it that of the files it INCLUDEs and of the headers beside
        it that its VERBATIM includes.
    channel : str
        Name of the mechanism: its SUFFIX.
    """

    def __init__(self, file: Path):
        self.file = file
        digest = hashlib.sha256()
        self.text = text_with_includes(file, digest)
        self._headers = Headers(file, self.text, digest)
        self.sha256 = digest.hexdigest()
        self._code = code_of(self.text)
        self._blocks = blocks_of(self._code)
        self._neuron = neuron_statements(self._content("NEURON"))
        self.channel = self._suffix()
        self._parameters = declared(self._content("PARAMETER"))
        self._states = declared(self._content("STATE"))
        self._assigned = declared(self._content("ASSIGNED"))
        self._units = self._parameters | self._assigned | self._states
        self._check_surroundings()

    def compiled(self, name: str) -> dict[str, str]:
        """What is compiled under a name of the mechanism, by file name: itself and its headers.

        The currents and the reversal potential are RANGE in it; the equations stay as they are.
        """
        wanted = [*self.currents, *([self.reversal] if self.reversal else [])]
        there = [*self._listed("RANGE"), *self._listed("NONSPECIFIC_CURRENT")]
        text = neuron_block(
            self.text,
            self._code,
            self._blocks,
            name=name,
            ranges=[one for one in wanted if one not in there and one not in self._no_ion_currents],
            no_ions=self._no_ions,
        )
        text = ascii_comments(self._headers.included_by(text, name))
        return self._headers.files(name) | {f"{name}.mod": text}

    @cached_property
    def ions(self) -> tuple[Ion, ...]:
        """The ions it uses, in the order of the file, without those that are none (h, hcn).

        Raises ModelError if a valence is missing or contradicts NEURON's: NEURON ends the whole
        process on either.
        """
        rests = (rest for keyword, rest in self._neuron if keyword == "USEION")
        return tuple(self._ion(rest) for rest in rests if not carries_no_ion(rest))

    @cached_property
    def _no_ions(self) -> list[str]:
        """What the file calls an ion and is none: h, hcn."""
        rests = (rest for keyword, rest in self._neuron if keyword == "USEION")
        return [first_name(rest) for rest in rests if carries_no_ion(rest)]

    @property
    def _no_ion_currents(self) -> list[str]:
        return [f"i{name}" for name in self._no_ions]

    @property
    def notes(self) -> tuple[str, ...]:
        """What it is taken as and a user would not expect."""
        ions = [ion.name for ion in self.ions]
        of_units = stated_otherwise(self._units, ions, self._unit_definitions)
        notes = (*map(no_ion_note, self._no_ions), *of_units)
        if self.follows_reversal:
            return notes
        return (
            *notes,
            f"its current does not depend on e{self.ion}: reversal potentials of {self.ion} that"
            " are given to the cell leave it as it is",
        )

    @cached_property
    def follows_reversal(self) -> bool:
        """Whether a reversal potential moves its current, or there is none to be given."""
        if self.ion == NON_SPECIFIC or self.reversal is not None:
            return True
        potential = f"e{self.ion}"
        read = any(potential in ion.read for ion in self.ions)
        return read and re.search(rf"\b{potential}\b", self._procedures) is not None

    @property
    def reads(self) -> frozenset[str]:
        """Concentrations that it reads and does not write itself: ``cai``, ``ko``."""
        return self._concentrations("read") - self.writes

    @property
    def writes(self) -> frozenset[str]:
        """Concentrations that it writes."""
        return self._concentrations("written")

    def _concentrations(self, how: str) -> frozenset[str]:
        of_ions = {ion.name: getattr(ion, how) for ion in self.ions}
        return frozenset(
            f"{ion}{side}"
            for ion, names in of_ions.items()
            for side in "io"
            if f"{ion}{side}" in names
        )

    @cached_property
    def currents(self) -> tuple[str, ...]:
        """Its currents, those of ions first: one or several."""
        of_ions = [f"i{ion.name}" for ion in self.ions if f"i{ion.name}" in ion.written]
        further = [*self._no_ion_currents, *self._listed("NONSPECIFIC_CURRENT")]
        return tuple(dict.fromkeys([*of_ions, *further]))

    @cached_property
    def ion(self) -> str:
        """The ion whose current it writes, or ``non_specific``.

        Raises ModelError if it writes no current, or those of several ions.
        """
        carriers = [ion.name for ion in self.ions if f"i{ion.name}" in ion.written]
        if len(carriers) > 1:
            raise self._error(
                f"it writes the currents of {shortened(', '.join(carriers))}; expected those of one ion: write"
                " a mod file for each."
            )
        if not self.currents:
            written = sorted(set().union(*(ion.written for ion in self.ions)))
            instead = f" (it writes {shortened(', '.join(written))})" if written else ""
            raise self._error(
                f"it writes no current{instead}, so that it is no channel; expected 'USEION <ion>"
                " WRITE i<ion>' or 'NONSPECIFIC_CURRENT': leave it out, or write its current."
            )
        self._check_currents_assigned()
        return carriers[0] if carriers else NON_SPECIFIC

    @cached_property
    def density(self) -> tuple[str, float]:
        """The RANGE PARAMETER that is its peak conductance, and how many of its units are 1 S/cm2.

        Raises ModelError if there is none, or no telling which.
        """
        ranges = [name for name in self._listed("RANGE") if name in self._parameters]
        factors = {name: self._per_siemens_per_cm2(self._parameters[name]) for name in ranges}
        candidates = {name: factor for name, factor in factors.items() if factor is not None}
        if not candidates and (permeability := self._permeability()):
            raise self._error(
                f"its density {shortened(permeability)} is a permeability, which cannot be used; expected a"
                " conductance per area, such as S/cm2: leave the channel out, or take one whose"
                " current is a conductance times (v - e)."
            )
        if not candidates:
            raise self._error(self._no_density({name: self._parameters[name] for name in ranges}))
        usual = self._usual_densities
        named = [name for name in candidates if name.lower() in usual]
        if not named and len(candidates) > 1:
            raise self._error(
                f"{shortened(', '.join(candidates))} are all conductances per area; expected the peak"
                " conductance under a usual name: call it gbar."
            )
        name = min(named or candidates, key=lambda one: (*usual, one.lower()).index(one.lower()))
        self._check_factor(name, candidates[name])
        return name, candidates[name]

    def _check_factor(self, name: str, factor: float) -> None:
        """Refuse a density whose current would be too large by what its unit says."""
        equations = self._procedures + self._content("PARAMETER") + self._content("CONSTANT")
        if lacks_factor(equations, factor):
            unit = shortened(self._parameters[name])
            raise self._error(
                f"{name} is in {unit}, and no factor of {1 / factor:g} makes mA/cm2 of it, so that its"
                f" current would be {factor:g} times too large; expected one: write '({1 / factor:g}) *'"
                f" before {name} where its current is made, or (S/cm2) in PARAMETER if its numbers are"
                " such."
            )

    @property
    def _usual_densities(self) -> list[str]:
        """Usual names of a peak conductance, in lower case, the most usual first."""
        usual = ["gmax", "gbar"]
        for of in (self.channel.lower(), self.ion):
            usual += [f"g{of}bar", f"g{of}max", f"gbar{of}", f"gmax{of}"]
        return usual

    @cached_property
    def reversal(self) -> str | None:
        """The variable that is the reversal potential of its current, which can be set.

        None if the current reads that of its ion, or computes it: then there is none to set. Raises
        ModelError if there is no telling which.
        """
        currents = [
            name for name in self.currents if name[1:] == self.ion or not self._of_ion(name)
        ]
        subtracted = {name for current in currents for name in self._subtracted_from_v(current)}
        of_ions = set().union(*(ion.read for ion in self.ions))
        own = {f"e{name}" for name in self._no_ions} & self._namednames_after("READ")
        potentials = sorted(subtracted & (self._unassigned - of_ions | own))
        if self.ion == NON_SPECIFIC and not subtracted:
            potentials = self._usual_reversals(currents, own)
        if len(potentials) > 1:
            several = shortened(", ".join(potentials))
            raise self._error(
                f"its currents have the reversal potentials {several}; expected one: write a mod"
                " file for the current of each."
            )
        return potentials[0] if potentials else None

    def _of_ion(self, current: str) -> bool:
        return any(current == f"i{ion.name}" and current in ion.written for ion in self.ions)

    def _usual_reversals(self, currents: list[str], own: set[str]) -> list[str]:
        """Variables under a usual name for a reversal potential; none where it is a number."""
        usual = {"e", "eh", "erev", "e_rev", f"e{self.channel}"}
        usual |= {f"e{current[1:]}" for current in currents}
        found = sorted(usual & (self._unassigned | own))
        if not found and not any(map(self._has_potential, currents)):
            current = shortened(currents[0])
            raise self._error(
                f"the reversal potential of its current {current} was not found; expected"
                f" '{current} = ...*(v - e)' with e a PARAMETER."
            )
        return found

    @property
    def parameters(self) -> dict[str, str]:
        """The other RANGE PARAMETERs that may be set, with their units."""
        known = {self.density[0], self.reversal}
        return {name: self._parameters[name] for name in self._settable if name not in known}

    @property
    def recordable(self) -> dict[str, str]:
        """What can be recorded, with its unit: RANGE variables, states, unspecific currents."""
        # NEURON keeps an ion's variables with the ion; a current declared RANGE is there as well.
        of_ions = set().union(*(ion.read | (ion.written - {f"i{ion.name}"}) for ion in self.ions))
        elsewhere = of_ions | self._settable | _BUILT_IN
        names = [*self._listed("RANGE"), *self._states, *self.currents]
        here = (name for name in names if name not in elsewhere)
        return {name: self._units[name] for name in here if name in self._units}

    @cached_property
    def _settable(self) -> set[str]:
        """RANGE PARAMETERs that the mechanism itself does not assign."""
        of_ions = set().union(*(ion.read | ion.written for ion in self.ions))
        return self._unassigned & set(self._listed("RANGE")) - of_ions

    def _check_currents_assigned(self) -> None:
        """Refuse a file that was cut short: it compiles, and its current stays 0."""
        given = self._right_sides.keys() | set(re.findall(r"\w+", self._verbatim))
        if self.currents and given.isdisjoint(self.currents):  # one of several may stay unused
            current = shortened(self.currents[0])
            raise self._error(
                f"nothing is assigned to its current {current}; expected"
                f" '{current} = ...' in BREAKPOINT: take the whole file, or add it."
            )

    @cached_property
    def _unassigned(self) -> set[str]:
        """PARAMETERs that the mechanism itself does not assign."""
        return set(self._parameters.keys() - _BUILT_IN - self._right_sides.keys())

    @cached_property
    def _procedures(self) -> str:
        """The code outside the declarations."""
        parts, place = [], 0
        for block in self._blocks:
            if block.head in DECLARATIONS:
                parts.append(self._code[place : block.start])
                place = block.end
        return " ".join([*parts, self._code[place:]])

    @cached_property
    def _verbatim(self) -> str:
        """The code of another language, between VERBATIM and ENDVERBATIM."""
        return " ".join(self.text[start:end] for start, end in verbatim_of(self.text))

    @cached_property
    def _right_sides(self) -> dict[str, list[str]]:
        """What is assigned to each variable outside the declarations, gone through once."""
        sides: dict[str, list[str]] = {}
        for match in _ASSIGNMENT.finditer(self._procedures):
            sides.setdefault(match[1], []).append(match[2])
        return sides

    def _check_surroundings(self) -> None:
        missing = missing_from_cell(self._code, self._listed)
        if missing is not None:
            raise self._error(missing)
        listed = self._listed("GLOBAL")
        empty = never_given(listed, self._assigned, self._procedures, self._verbatim)
        if empty is not None:
            raise self._error(
                f"GLOBAL {shortened(empty)} is read and never given a value; expected one that the"
                " file gives: declare it in PARAMETER, with its value."
            )

    def _error(self, message: str) -> ModelError:
        return ModelError(f"{self.file}: {message}")

    def _suffix(self) -> str:
        heads = {keyword: rest.split() for keyword, rest in self._neuron}
        for other in ("POINT_PROCESS", "ARTIFICIAL_CELL"):
            if other in heads:
                name = shortened(" ".join(heads[other][:1]))
                raise self._error(
                    f"{other} {name} is no channel; expected a density mechanism (SUFFIX): give a"
                    " channel's file (a receptor is written in NeuroML: docs/extend/receptor.md)."
                )
        names = [shortened(first_name(rest)) for word, rest in self._neuron if word == "SUFFIX"]
        if len(names) > 1:  # each would be compiled under the same name
            raise self._error(
                f"SUFFIX stands {len(names)} times ({', '.join(names[:3])}); expected one mechanism"
                " in a file: leave out all but one."
            )
        suffix = (heads.get("SUFFIX") or [""])[0]
        if not re.fullmatch(r"[A-Za-z]\w*", suffix) or suffix == "nothing":
            present = f"SUFFIX {shortened(suffix)}" if suffix else "no SUFFIX"
            raise self._error(
                f"{present} in a NEURON block; expected the name of a density mechanism:"
                " 'SUFFIX <name>'."
            )
        if len(suffix) > LONGEST_NAME:
            raise self._error(
                f"SUFFIX {suffix[:20]}... has {len(suffix)} letters; expected at most"
                f" {LONGEST_NAME}: shorten it."
            )
        return suffix

    def _ion(self, rest: str) -> Ion:
        name = first_name(rest)
        number = re.search(rf"\b(?:VALENCE|CHARGE)\s+({NUMBER})", rest)
        valence = float(number[1].replace(" ", "")) if number else None
        expected = VALENCES.get(name, valence)
        if expected is None:
            raise self._error(
                f"USEION {shortened(name)} has no VALENCE; NEURON knows those of"
                f" {', '.join(VALENCES)} only: write 'USEION {shortened(name)} ... VALENCE <number>'."
            )
        if valence not in (None, expected):
            stated = f"USEION {shortened(name)} ... VALENCE {valence:g}"
            raise self._error(f"{stated}; expected {expected:g}, as in NEURON.")
        return Ion(name, names_after("READ", rest), names_after("WRITE", rest), valence)

    def _namednames_after(self, key: str) -> set[str]:
        """Names after READ or WRITE in every USEION."""
        rests = (rest for keyword, rest in self._neuron if keyword == "USEION")
        return set().union(*(names_after(key, rest) for rest in rests))

    def _listed(self, keyword: str) -> list[str]:
        """Names after every such keyword of the NEURON block, each once."""
        lists = [re.findall(r"[A-Za-z]\w*", rest) for head, rest in self._neuron if head == keyword]
        return list(dict.fromkeys(name for listed in lists for name in listed))

    def _content(self, head: str) -> str:
        """The code in all blocks of that name."""
        return "\n".join(block.code for block in self._blocks if block.head == head)

    def _per_siemens_per_cm2(self, unit: str) -> float | None:
        return per_siemens_per_cm2(unit, self._unit_definitions)

    @cached_property
    def _unit_definitions(self) -> dict[str, str]:
        """What the UNITS block defines."""
        definitions = re.findall(
            r"\(([^()]{0,80})\)\s*=\s*\(([^()]{0,80})\)", self._content("UNITS")
        )
        return {name.strip(): meaning for name, meaning in definitions}

    def _permeability(self) -> str | None:
        """A PARAMETER that is a permeability, with its unit."""
        for name, unit in self._parameters.items():
            if is_permeability(unit, self._unit_definitions):
                return f"{name} ({unit})"
        both = any({f"{ion.name}i", f"{ion.name}o"} <= ion.read for ion in self.ions)
        without_unit = [name for name, unit in self._parameters.items() if not unit]
        if both and without_unit:  # a current of both concentrations, as by Goldman-Hodgkin-Katz
            return f"{without_unit[0]} (no unit)"
        return None

    def _no_density(self, units: dict[str, str]) -> str:
        ranges = shortened(
            ", ".join(f"{name} ({unit or 'no unit'})" for name, unit in units.items())
        )
        advice = "declare the peak conductance in one, or leave out what has none, as a pump"
        for name, unit in self._parameters.items():
            if not unit and name.lower() in self._usual_densities:
                advice = f"give {shortened(name)} its unit in PARAMETER, such as (S/cm2)"
            if self._per_siemens_per_cm2(unit) is not None:
                advice = f"write 'RANGE {shortened(name)}' in its NEURON block"
                break
        return (
            f"no conductance per area among its RANGE PARAMETERs ({ranges or 'it has none'});"
            f" expected one in S/cm2, mho/cm2, mS/cm2, pS/um2 or the like: {advice}."
        )

    def _assigned_to(self, name: str) -> str:
        """What is assigned to a variable."""
        return " ".join(self._right_sides.get(name, []))

    def _has_potential(self, current: str) -> bool:
        """Whether a factor of the current is the potential's distance from a number."""
        return bool(_FROM_NUMBER.search(self._assigned_to(current)))

    def _subtracted_from_v(self, current: str) -> list[str]:
        """The x of each factor (v - x) or (x - v), not of an argument f(v - x), of the current."""
        assigned = self._assigned_to(current)
        pairs = re.findall(r"(?<!\w)\(\s*([A-Za-z]\w*)\s*-\s*([A-Za-z]\w*)\s*\)", assigned)
        return [other for pair in pairs if "v" in pair for other in pair if other != "v"]
