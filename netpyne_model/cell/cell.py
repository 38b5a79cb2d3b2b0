"""A CA1 cell: the published one, one from an SWC file or from a specification; and its forms."""

from collections.abc import Collection, Iterable, Mapping
from copy import deepcopy
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from ..description import CellDescription, bear_spines, cut_segments, fold_spines
from ..errors import ModelError, quoted
from ..morphology import Location, Morphology, locate
from ..placement import Placement, nearest_spines, place_synapses
from ..specification import CellSpecification, Change, changes_between
from ..specification.arguments import as_path
from ..specification.cell_specification import (
    content_of,
    default_specification,
    file_contents,
    read_specification,
    save_specification,
)
from . import describing, tables
from .assembly import CELL_TYPE, cell_params, finish_cell
from .changes import ChangeableCell
from .conductances import LocalConductances, ReceptorConductances
from .flat_neuroml import write_flat_neuroml
from .geometry import Geometry, geometry
from .held import HeldRule, held_rules
from .loading import simple_specification, specification_of

if TYPE_CHECKING:
    import neuroml

    from .arbor_cell import ArborCell

Spines = Literal["none", "folded", "silent"]


class Cell(ChangeableCell):
    """A CA1 pyramidal cell to look at, change, export and build. A change gives another cell.

    Raises ModelError if a file cannot be read or does not hold; in one line.

    Parameters
    ----------
    morphology : path, optional
        SWC file, or a section table (``.csv``); without it the specification's, or the published
        cell. A saved specification (``.yaml``) is read as `specification`.
    specification : path or CellSpecification, optional
        A saved specification; without it the published densities and placement.
    trunk_end, regions
        How to read an SWC file: see `read_swc`.
    name : str, optional
        What the cell is called in NeuroML and in figures; a morphology from a file gives the cell
        the file's name.

    Examples
    --------
    >>> control = Cell()
    >>> less_sodium = control.with_rule("trunk", "nas.gbar", value=0.02)
    >>> print(less_sodium.diff()[0])
    biophysics.channels.nas.gbar_S_per_cm2.trunk: {inherit: soma} -> {value: 0.02}
    """

    def __init__(
        self,
        morphology: str | Path | None = None,
        *,
        specification: str | Path | CellSpecification | None = None,
        trunk_end: int | None = None,
        regions: Mapping[int, str] | None = None,
        name: str | None = None,
    ):
        self.specification = specification_of(
            morphology, specification, trunk_end=trunk_end, regions=regions, name=name
        )
        if morphology is not None:
            _ = self._geometry  # a file that does not hold is refused at once

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> "Cell":
        """The cell of a specification's content, as `as_dict` gives it or a file holds it."""
        return cls(specification=read_specification(content, "cell"))

    @classmethod
    def simple(cls) -> "Cell":
        """The paper's simple model: one compartment (``soma``), 12-state sodium channel."""
        return cls(specification=simple_specification())

    def __getstate__(self) -> dict[str, Any]:
        return {"specification": self.specification}  # another process works the rest out again

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Cell):
            return NotImplemented
        return self.specification == other.specification

    def __repr__(self) -> str:
        n_channels = len(self.specification.biophysics.channels)
        return f"Cell({self.name}: {len(self.morphology)} sections, {n_channels} channels)"

    # -- what it is --------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """Name of the cell."""
        return self.specification.name

    @cached_property
    def _geometry(self) -> Geometry:
        return geometry(self.specification.morphology)

    @property
    def morphology(self) -> Morphology:
        """Sections and their tree."""
        return self._geometry.morphology

    @property
    def paths_um(self) -> tuple[np.ndarray, ...]:
        """3D points along every section, each of shape (n_points, 3): see `section_paths`."""
        return self._geometry.paths_um

    @cached_property
    def placement(self) -> Placement:
        """All spines and inhibitory synapses, from the specification's placement rules and seed."""
        return place_synapses(self.morphology, self.specification.placement, self._nseg)

    @cached_property
    def _nseg(self) -> tuple[int, ...]:
        return self.specification.biophysics.nseg(self.morphology)

    def _take_synapses_of(self, other: "Cell") -> None:
        """Have the placement of another cell, if it is the same: not worked out again."""
        here, there = self.specification, other.specification
        rules_agree = (here.placement, here.morphology) == (there.placement, there.morphology)
        if rules_agree and (self._geometry, self._nseg) == (other._geometry, other._nseg):
            self.placement, self._conductances = other.placement, other._conductances

    @cached_property
    def channel_notes(self) -> tuple[str, ...]:
        """What is told of channels from files, a line each: what they are taken as, what is fixed."""
        return describing.channel_notes(self.specification)

    @cached_property
    def held_rules(self) -> tuple[HeldRule, ...]:
        """Rules that are held beyond the range to which they were fitted, one a line as text."""
        return held_rules(self.specification, self.morphology, self.placement)

    @cached_property
    def _conductances(self) -> ReceptorConductances:
        return ReceptorConductances(self.morphology, self.specification.placement, self._nseg)

    @cached_property
    def local_conductances(self) -> LocalConductances:
        """What receptors have on each segment: what a connection of weight 1 opens there."""
        return LocalConductances(self.morphology, self._conductances, self.placement.spines)

    def relative_gmax(self, receptor: str, place: str | tuple[str, float]) -> float:
        """Conductance of a receptor at a place, in its component's gbase; 1 without a rule.

        Raises ModelError if there is no such receptor, or it has a conductance of its own on each
        spine.
        """
        name, x = self.locate(place)
        at = np.array([self.morphology.section(name).index]), np.array([x])
        return float(self.relative_gmax_at(receptor, *at)[0])

    def relative_gmax_at(self, receptor: str, sections: np.ndarray, x: np.ndarray) -> np.ndarray:
        """As `relative_gmax`, of many places: index of the section and relative position of each."""
        return self._conductances.at(receptor, sections, x)

    def input_places(self) -> dict[str, pd.DataFrame]:
        """The spines and the inhibitory synapses that inputs can drive, as `draw_trial` takes them.

        Their ``gmax_uS`` is the conductance of the first receptor of their kind.
        """
        return tables.input_places(self.placement)

    @cached_property
    def channel_of_component(self) -> dict[str, str]:
        """Name of a channel in the rules by its component: ``nas_dend`` -> ``nas``."""
        return describing.channel_of_component(self.specification)

    @cached_property
    def _bare(self) -> CellDescription:
        _ = self.provenance
        return describing.bare_description(self.specification, self._geometry)

    @cached_property
    def _folded(self) -> CellDescription:
        geometry_of_spine = self.specification.placement.spine_geometry
        return fold_spines(self._bare, self.morphology, self.placement.spines, geometry_of_spine)

    def describe(
        self, spines: Spines = "folded", *, explicit: Collection[int] = ()
    ) -> CellDescription:
        """Sections with the value of every parameter by segment.

        Parameters
        ----------
        spines : {'folded', 'silent', 'none'}
            Whether the membrane of the spines is added to their segments, or solved with these: as
            exact as sections of their own, at fixed time steps only.
        explicit : collection of int
            Numbers of spines (of `placement`) that become sections, ``neck_<number>`` and
            ``head_<number>``.
        """
        if spines not in ("folded", "silent", "none"):
            raise ModelError(
                f"spines = {quoted(spines)}: expected 'none', 'silent' for spines solved with their"
                " segments, or 'folded' for their membrane added to these."
            )
        if not explicit and spines != "silent":
            return deepcopy(self._folded if spines == "folded" else self._bare)
        self.require_spines(explicit)
        geometry = self.specification.placement.spine_geometry
        return bear_spines(
            self._bare, self.morphology, self.placement.spines, geometry, spines, explicit
        )

    def require_spines(self, numbers: Collection[int]) -> None:
        """Refuse numbers of spines that the placement does not have, with those that it has."""
        spines = self.placement.spines
        if unknown := sorted(set(numbers) - set(spines.index)):
            known = f"has spines 0 to {len(spines) - 1}" if len(spines) else "has no spines"
            raise ModelError(f"spine {unknown[0]} does not exist; this cell {known}.")

    def spines_near(self, place: str | tuple[str, float], n: int = 1) -> list[int]:
        """Numbers of the `n` spines of a place's region nearest to it along the tree, in order.

        Raises ModelError if `n` is no whole number of 1 or more, or the region has fewer spines.
        """
        return nearest_spines(self.placement.spines, self.morphology, self.locate(place), n)

    def table(self, spines: Spines = "none") -> pd.DataFrame:
        """Every parameter by segment, one row each, by default without the spines' membrane.

        Returns
        -------
        DataFrame
            Columns ``section, index, region, segment, x, path_distance`` (um)``, diam_um,
            area_um2`` and one a parameter (``nas.gbar``, ``pas.e``, ``spines.density``, ...), NaN
            where it is absent; ``attrs["units"]`` holds the units.
        """
        described = self.describe(spines)
        return tables.parameter_table(
            self.specification, described, self.morphology, self.placement
        )

    @property
    def spike_site(self) -> Location:
        """Where an upward crossing of the threshold counts as a spike: the soma's 0 end."""
        return Location(self.morphology.sections[0].name, 0.0)

    def locate(self, place: str | tuple[str, float]) -> Location:
        """The place of ``trunk_50(0.5)`` or ``trunk@200`` (um): see `locate`."""
        return locate(self.morphology, place)

    def diff(self, other: "Cell | None" = None) -> list[Change]:
        """What differs from the specification of `other`, by default the published cell."""
        if not isinstance(other, Cell | None):
            raise ModelError(f"other = {quoted(other)}: expected the Cell to compare with.")
        before = default_specification() if other is None else other.specification
        return changes_between(before.as_dict(), self.specification.as_dict())

    def save(self, path: str | Path, *, changes_only: bool = False) -> None:
        """Write the specification to a YAML file for `Cell`: see `save_specification`."""
        save_specification(self.specification, path, changes_only=changes_only)

    def as_dict(self) -> dict[str, Any]:
        """What differs from the published cell, as JSON can hold it, for `Cell.from_dict`."""
        return content_of(self.specification, changes_only=True)

    @cached_property
    def provenance(self) -> dict[str, Any]:
        """What a result says of its cell: its changes, and the hashes of the files it comes from.

        Worked out together with the description, so that it tells the content that was read.
        """
        return {
            "name": self.name,
            "changes": [str(change) for change in self.diff()],
            "files": file_contents(self.specification),
        }

    # -- forms -------------------------------------------------------------------------------------

    def neuroml(self) -> "neuroml.NeuroMLDocument":
        """The cell without spines as a NeuroML2 document.

        Raises ModelError if it has a channel from a mod file, which NeuroML cannot hold.
        """
        return describing.neuroml_document(self.specification, self._geometry)

    def write_neuroml(self, folder: str | Path, *, flat: bool = False) -> Path:
        """Write ``cells/<name>.cell.nml`` and its channels below a folder; return its path.

        Parameters
        ----------
        folder : path
        flat : bool
            For readers that know little: spines folded into their segments (there are none else),
            cylinders with uniform densities, rates of each channel in its file and at the cell's
            temperature.
        """
        path = as_path(folder, "folder", "exported")
        if flat:
            return write_flat_neuroml(self.describe("folded"), self.specification, path)
        return describing.write_neuroml(self.specification, self._geometry, path)

    def cell_params(
        self,
        *,
        spines: Spines = "folded",
        fused: bool = False,
        spike_threshold_mV: float | None = None,
    ) -> dict[str, Any]:
        """The cell as an entry of NetPyNE's ``cellParams``; the mechanisms are loaded into NEURON.

        NetPyNE holds one capacitance a section, and a taper as NEURON's frustum; `finish` sets both
        by segment once the cell is built.

        Parameters
        ----------
        fused : bool
            Whether the package's channels go into one mechanism: faster, for fixed time steps only.
        spike_threshold_mV : float, optional
            Upward crossing at the soma that counts as a spike; the specification's by default.
        """
        from ..mechanisms import loading
        from ..mechanisms.user_channels import load_user_channels

        described = self.describe(spines)
        loading.load()
        load_user_channels(described.user_channels.values())
        run = self.specification.biophysics.run
        threshold_mV = run.spike_threshold_mV if spike_threshold_mV is None else spike_threshold_mV
        params = cell_params(
            described, spike_site=self.spike_site, spike_threshold_mV=threshold_mV, fused=fused
        )
        return params | {"conds": {"cellType": CELL_TYPE}}

    def finish(self, netpyne_cell: Any, *, spines: Spines = "folded") -> None:
        """Set on one of NetPyNE's ``sim.net.cells`` what `cell_params` cannot hold.

        `spines` as for `cell_params`.
        """
        sections = {name: section["hObj"] for name, section in netpyne_cell.secs.items()}
        finish_cell(sections, self.describe(spines))

    def build(
        self,
        *,
        spines: Spines = "folded",
        explicit: Collection[int] = (),
        fused: bool = False,
        segments_factor: int = 1,
        name: str | None = None,
    ) -> Any:
        """The cell as live NEURON sections, a `BuiltCell`; they go when it goes.

        Parameters
        ----------
        spines, explicit
            As for `describe`.
        fused : bool
            Whether the package's channels go into one mechanism: faster, for fixed time steps only.
        segments_factor : int
            Into how many each segment is cut, its parameters staying as they are.
        name : str, optional
            What its sections are called in NEURON, ``<name>.soma_0``: one of several cells.
        """
        from .sections import BuiltCell

        described = cut_segments(self.describe(spines, explicit=explicit), segments_factor)
        return BuiltCell(
            described,
            self.morphology,
            fused=fused,
            name=name,
            conductances=lambda: self.local_conductances,
        )

    def to_arbor(
        self,
        *,
        spines: Spines = "folded",
        explicit: Collection[int] = (),
        injected: Iterable[str | tuple[str, float]] = (),
    ) -> "ArborCell":
        """The cell for the simulator Arbor (extra ``arbor``), its mechanisms compiled.

        Raises ModelError if Arbor, cmake or a compiler is missing, or the cell has what Arbor
        cannot hold: silent spines, a channel from a mod file of one's own.

        Parameters
        ----------
        spines, explicit
            As for `describe`.
        injected : iterable of place
            Where currents will be injected.
        """
        from .arbor_cell import ArborCell

        described = self.describe(spines, explicit=explicit)
        conditions = self.specification.biophysics.run
        return ArborCell(described, self.morphology, conditions, injected=injected)
