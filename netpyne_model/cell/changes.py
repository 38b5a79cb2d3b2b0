"""What can be changed of a cell: each change gives another cell."""

from collections.abc import Iterable, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from typing_extensions import Self

from ..errors import ModelError, quoted
from ..parameter_settings import parse_name
from ..specification import CellSpecification, apply_drugs, changes
from .loading import specification_of


class ChangeableCell:
    """A cell made of a specification, which its methods change in another of its kind.

    Attributes
    ----------
    specification : CellSpecification
    """

    def __init__(self, *, specification: CellSpecification, name: str | None = None):
        self.specification = specification_of(
            None, specification, trunk_end=None, regions=None, name=name
        )

    def with_rule(
        self,
        region: str | Iterable[str],
        parameter: str,
        *nameless: float,
        factor: float | None = None,
        add_range: bool = False,
        **rule: Any,
    ) -> Self:
        """The cell with another rule for a parameter in one or several regions, or a factor on it.

        Raises ModelError if a name is not known (with the nearest that is), or the rule does not
        hold.

        Parameters
        ----------
        region : str or iterable of str
            Regions, or ``all``, ``dendrites``, ``axonal``.
        parameter : str
            ``mechanism.parameter``: ``nas.gbar``, ``cable.Ra``, ``k.e``, ``spines.density``, ...
            (`parameters` of the specification lists them).
        factor : float, optional
            In place of a rule: multiplies what the rules that are there come to, on every segment
            of the regions. Factors compound.
        add_range : bool
            Add the rule as a further range of path distance beside those that are there.
        **rule
            Entries of `Rule`: ``value`` or ``inherit``; ``linear_per_um``,
            ``exponential={"amplitude": a, "tau_um": t}`` or
            ``sigmoidal={"amplitude": a, "half_um": h, "tau_um": t}``; ``minimum, maximum,
            held_beyond_um, from_um, to_um, outside, terminal``. Without ``value`` and ``inherit``
            they change the rule that is there, of which the rest stays; None takes an entry away.

        Examples
        --------
        >>> farther = Cell().with_rule("trunk", "pas.e", held_beyond_um=400)
        >>> steeper = Cell().with_rule("trunk", "pas.g", exponential={"tau_um": 110})
        """
        if nameless:
            number = nameless[0]
            raise ModelError(
                f"{parameter}, {quoted(number)}: give it by its name, value={quoted(number)} or"
                f" factor={quoted(number)}."
            )
        if factor is not None and (rule or add_range):
            raise ModelError(
                f"{parameter}: a rule and a factor at once; give the rule first, and then the"
                " factor in a with_rule of its own."
            )
        if factor is not None:
            changed = changes.scale_parameter(self.specification, region, parameter, factor)
        else:
            changed = changes.set_rule(
                self.specification, region, parameter, rule, add_range=add_range
            )
        return type(self)(specification=changed)

    def with_parameters(self, settings: Mapping[str, float]) -> Self:
        """The cell with parameters as configurations name them: ``{"kdr.gbar*": 0.8}``.

        ``kdr.gbar*`` is a factor on all of it, ``trunk:kdr.gbar*`` one in a region,
        ``trunk:kdr.gbar`` a value: the same as `with_rule`, one after the other.
        """
        cell = self
        named = ((parse_name(name), value) for name, value in settings.items())
        # A study draws many factors at once: those that follow each other are checked together.
        for is_factor, some in groupby(named, key=lambda one: one[0].is_factor):
            if is_factor:
                scaled = [(one.region, one.parameter, value) for one, value in some]
                changed = changes.scale_parameters(cell.specification, scaled)
                cell = type(self)(specification=changed)
                continue
            for one, value in some:
                cell = cell.with_rule(one.region, one.parameter, value=value)
        return cell

    def with_entry(self, entry: str, value: Any) -> Self:
        """The cell with another value for an entry: ``placement.placement_seed``."""
        return type(self)(specification=changes.set_entry(self.specification, entry, value))

    def without(
        self, mechanism: str | Iterable[str], region: str | Iterable[str] | None = None
    ) -> Self:
        """The cell without a channel, or several, in some regions or altogether."""
        return type(self)(specification=changes.remove(self.specification, mechanism, region))

    def with_channel(
        self,
        name: str,
        file: str | Path,
        gbar_S_per_cm2: Mapping[str, Any] | None = None,
        *,
        e_mV: float | Mapping[str, Any] | None = None,
        parameters: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> Self:
        """The cell with a channel of one's own, from a NeuroML or a mod file: see `add_channel`."""
        changed = changes.add_channel(
            self.specification, name, file, gbar_S_per_cm2, e_mV=e_mV, parameters=parameters
        )
        return type(self)(specification=changed)

    def with_scaled_channels(self, channels: str | Iterable[str], factor: float) -> Self:
        """The cell with channels reduced "at the origin" as in the paper (model.md 8).

        Values are scaled, dendritic rules start again from these, and slopes stay as they are.
        """
        return type(self)(
            specification=changes.scale_at_origin(self.specification, channels, factor)
        )

    def with_drugs(self, *names: str) -> Self:
        """The cell under drugs: ``TTX``, ``AP5``, ``Ba``, ..., or with a number ``TTX:0.25``.

        The number is the factor that a drug leaves; of ``INaP``, which takes the persistent part of
        the sodium current away, it is the dose taken. ``INaP:0.5@ais`` acts in a region, or a group
        of regions. Raises ModelError if there is no such drug, or it acts on nothing there.
        """
        return type(self)(specification=apply_drugs(self.specification, names))

    def named(self, name: str) -> Self:
        """The cell under another name."""
        return type(self)(specification=self.specification, name=name)
