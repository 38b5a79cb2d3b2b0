"""Reads a mod file that a user wrote: its declarations, peak conductance and reversal potential."""

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ..biophysics import NON_SPECIFIC
from ..errors import ModelError
from ..files import reading
from ..quantities import per_siemens_per_cm2
from .nmodl import DECLARATIONS, NUMBER, blocks_of, code_of, declared, neuron_statements

VALENCES = {"na": 1.0, "k": 1.0, "ca": 2.0}  # those that NEURON knows by itself
_INCLUDE = re.compile(r'\bINCLUDE\s*"([^"\n]*)"')
_BUILT_IN = {"v", "t", "dt", "celsius", "area", "diam"}


@dataclass(frozen=True)
class Ion:
    """What one USEION says: the ion, its variables that the mechanism reads and writes."""

    name: str
    read: frozenset[str]
    written: frozenset[str]
    valence: float | None  # of VALENCE or CHARGE


class ModFile:
    """A density mechanism in NMODL that a user wrote.

    Raises ModelError if the file cannot be read, or is not a density mechanism.

    Attributes
    ----------
    text : str
        The file, with what it INCLUDEs in place.
    sha256 : str
        Of the file's content, and after it that of the files it INCLUDEs.
    channel : str
        Name of the mechanism: its SUFFIX.
    """

    def __init__(self, file: Path):
        self.file = file
        digest = hashlib.sha256()
        self.text = _with_includes(file, digest)
        self.sha256 = digest.hexdigest()
        self._code = code_of(self.text)
        self._blocks = blocks_of(self._code)
        self._neuron = neuron_statements(self._content("NEURON"))
        self.channel = self._suffix()
        self._parameters = declared(self._content("PARAMETER"))
        self._states = declared(self._content("STATE"))
        self._units = self._parameters | declared(self._content("ASSIGNED")) | self._states

    def renamed(self, name: str) -> str:
        """The text with another SUFFIX and nothing else changed."""
        statement = re.compile(r"\bSUFFIX\s+(\w+)")
        neuron = (block for block in self._blocks if block.head == "NEURON")
        matches = (statement.search(self._code, block.start, block.end) for block in neuron)
        suffix = next(filter(None, matches))
        return self.text[: suffix.start(1)] + name + self.text[suffix.end(1) :]

    @cached_property
    def ions(self) -> tuple[Ion, ...]:
        """The ions it uses, in the order of the file.

        Raises ModelError if a valence is missing or contradicts NEURON's: NEURON ends the whole
        process on either.
        """
        return tuple(self._ion(rest) for keyword, rest in self._neuron if keyword == "USEION")

    @cached_property
    def ion(self) -> str:
        """The ion whose current it writes, or ``non_specific``.

        Raises ModelError if it writes no current, or those of several ions.
        """
        carriers = [ion.name for ion in self.ions if f"i{ion.name}" in ion.written]
        if len(carriers) > 1:
            raise self._error(
                f"it writes the currents of {', '.join(carriers)}; expected those of one ion: write"
                " a mod file for each."
            )
        if not carriers and not self._listed("NONSPECIFIC_CURRENT"):
            raise self._error(
                "it writes no current; expected 'USEION <ion> WRITE i<ion>' or"
                " 'NONSPECIFIC_CURRENT'."
            )
        return carriers[0] if carriers else NON_SPECIFIC

    @cached_property
    def density(self) -> tuple[str, float]:
        """The RANGE PARAMETER that is its peak conductance, and how many of its units are 1 S/cm2.

        Raises ModelError if there is none, or no telling which.
        """
        ranges = [name for name in self._listed("RANGE") if name in self._parameters]
        factors = {name: self._per_siemens_per_cm2(self._parameters[name]) for name in ranges}
        candidates = {name: factor for name, factor in factors.items() if factor is not None}
        if not candidates:
            raise self._error(self._no_density({name: self._parameters[name] for name in ranges}))
        usual = ["gmax", "gbar"]
        for of in (self.channel.lower(), self.ion):
            usual += [f"g{of}bar", f"g{of}max", f"gbar{of}", f"gmax{of}"]
        named = [name for name in candidates if name.lower() in usual]
        if not named and len(candidates) > 1:
            raise self._error(
                f"{', '.join(candidates)} are all conductances per area; expected the peak"
                " conductance under a usual name: call it gbar."
            )
        name = min(named or candidates, key=lambda one: (*usual, one.lower()).index(one.lower()))
        return name, candidates[name]

    @cached_property
    def reversal(self) -> str | None:
        """The RANGE PARAMETER that is the reversal potential of its current.

        None if the current reads that of its ion, or computes it: then there is none to set. Raises
        ModelError if there is one that is not RANGE, or no telling which.
        """
        currents = self._listed("NONSPECIFIC_CURRENT")
        if self.ion != NON_SPECIFIC:
            currents.append(f"i{self.ion}")
        subtracted = {name for current in currents for name in self._subtracted_from_v(current)}
        of_ions = set().union(*(ion.read for ion in self.ions))
        potentials = sorted(subtracted & self._parameters.keys() - of_ions)
        if self.ion == NON_SPECIFIC and not subtracted:
            potentials = self._usual_reversals(currents)
        if len(potentials) > 1:
            several = ", ".join(potentials)
            raise self._error(f"its currents have the reversal potentials {several}; expected one.")
        if potentials and potentials[0] not in self._listed("RANGE"):
            raise self._error(
                f"the reversal potential {potentials[0]} of its current is not RANGE; expected one"
                f" that can be set: write 'RANGE {potentials[0]}' in its NEURON block."
            )
        return potentials[0] if potentials else None

    def _usual_reversals(self, currents: list[str]) -> list[str]:
        """Parameters under a usual name for a reversal potential."""
        usual = {"e", "eh", "erev", "e_rev", f"e{self.channel}"}
        usual |= {f"e{current[1:]}" for current in currents}
        if not usual & self._settable:
            raise self._error(
                f"the reversal potential of its current {currents[0]} was not found; expected"
                f" '{currents[0]} = ...*(v - e)' with e a PARAMETER that is RANGE."
            )
        return sorted(usual & self._settable)

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
        names = [*self._listed("RANGE"), *self._states, *self._listed("NONSPECIFIC_CURRENT")]
        here = (name for name in names if name not in elsewhere)
        return {name: self._units[name] for name in here if name in self._units}

    @cached_property
    def _settable(self) -> set[str]:
        """RANGE PARAMETERs that the mechanism itself does not assign."""
        of_ions = set().union(*(ion.read | ion.written for ion in self.ions))
        names = self._parameters.keys() & set(self._listed("RANGE")) - of_ions - _BUILT_IN
        return {name for name in names if not re.search(rf"\b{name}\s*=(?!=)", self._procedures)}

    @cached_property
    def _procedures(self) -> str:
        """The code outside the declarations."""
        code = self._code
        for block in self._blocks:
            if block.head in DECLARATIONS:
                blank = " " * (block.end - block.start)
                code = code[: block.start] + blank + code[block.end :]
        return code

    def _error(self, message: str) -> ModelError:
        return ModelError(f"{self.file}: {message}")

    def _suffix(self) -> str:
        heads = {keyword: rest.split() for keyword, rest in self._neuron}
        for other in ("POINT_PROCESS", "ARTIFICIAL_CELL"):
            if other in heads:
                name = " ".join(heads[other][:1])
                raise self._error(f"{other} {name}; expected a density mechanism (SUFFIX).")
        suffix = (heads.get("SUFFIX") or [""])[0]
        if not re.fullmatch(r"[A-Za-z]\w*", suffix) or suffix == "nothing":
            present = f"SUFFIX {suffix}" if suffix else "no SUFFIX"
            raise self._error(
                f"{present} in a NEURON block; expected the name of a density mechanism:"
                " 'SUFFIX <name>'."
            )
        return suffix

    def _ion(self, rest: str) -> Ion:
        name = (re.findall(r"\w+", rest) or [""])[0]
        names = {}
        for key in ("READ", "WRITE"):
            listed = re.search(rf"\b{key}\s+(\w+(?:\s*,\s*\w+)*)", rest)
            names[key] = frozenset(re.findall(r"\w+", listed[1])) if listed else frozenset()
        number = re.search(rf"\b(?:VALENCE|CHARGE)\s+({NUMBER})", rest)
        valence = float(number[1].replace(" ", "")) if number else None
        expected = VALENCES.get(name, valence)
        if expected is None:
            raise self._error(
                f"USEION {name} has no VALENCE; NEURON knows those of {', '.join(VALENCES)} only:"
                f" write 'USEION {name} ... VALENCE <number>'."
            )
        if valence not in (None, expected):
            stated = f"USEION {name} ... VALENCE {valence:g}"
            raise self._error(f"{stated}; expected {expected:g}, as in NEURON.")
        return Ion(name, names["READ"], names["WRITE"], valence)

    def _listed(self, keyword: str) -> list[str]:
        """Names after every such keyword of the NEURON block, each once."""
        lists = [re.findall(r"[A-Za-z]\w*", rest) for head, rest in self._neuron if head == keyword]
        return list(dict.fromkeys(name for listed in lists for name in listed))

    def _content(self, head: str) -> str:
        """The code in all blocks of that name."""
        return "\n".join(block.code for block in self._blocks if block.head == head)

    def _per_siemens_per_cm2(self, unit: str) -> float | None:
        definitions = re.findall(r"\(([^)]*)\)\s*=\s*\(([^)]*)\)", self._content("UNITS"))
        return per_siemens_per_cm2(unit, {name.strip(): meaning for name, meaning in definitions})

    def _no_density(self, units: dict[str, str]) -> str:
        ranges = ", ".join(f"{name} ({unit or 'no unit'})" for name, unit in units.items())
        advice = "declare the peak conductance in one"
        for name, unit in self._parameters.items():
            if self._per_siemens_per_cm2(unit) is not None:
                advice = f"write 'RANGE {name}' in its NEURON block"
                break
        return (
            f"no conductance per area among its RANGE PARAMETERs ({ranges or 'it has none'});"
            f" expected one in S/cm2, mho/cm2, mS/cm2, pS/um2 or the like: {advice}."
        )

    def _subtracted_from_v(self, current: str) -> list[str]:
        """The x of each factor (v - x) or (x - v), not of an argument f(v - x), of the current."""
        # Up to the next assignment or brace: a statement of NMODL may go over several lines.
        assigned = " ".join(re.findall(rf"\b{current}\s*=(?!=)([^={{}}]*)", self._procedures))
        pairs = re.findall(r"(?<!\w)\(\s*([A-Za-z]\w*)\s*-\s*([A-Za-z]\w*)\s*\)", assigned)
        return [other for pair in pairs if "v" in pair for other in pair if other != "v"]


def _with_includes(file: Path, digest, includers: tuple[Path, ...] = ()) -> str:
    whose = f", which {includers[-1]} INCLUDEs," if includers else ""
    with reading(f"{file}{whose}", "expected a mod file"):
        content = file.read_bytes()
    digest.update(content)
    text = content.decode("utf-8", "surrogateescape")  # NEURON takes any bytes in comments
    parts, place = [], 0
    for match in _INCLUDE.finditer(code_of(text)):
        included = file.parent / match[1]
        if included in (file, *includers):
            raise ModelError(
                f'{file}: INCLUDE "{match[1]}" comes back to itself; remove one of the INCLUDEs.'
            )
        content_of_included = _with_includes(included, digest, (*includers, file))
        parts += [text[place : match.start()], content_of_included, "\n"]
        place = match.end()
    return "".join([*parts, text[place:]])
