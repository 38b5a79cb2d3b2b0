"""What the benchmark runs: workloads, and for each the choices of implementation that are compared on it.

A further choice is one more line in the ``choices`` of a workload.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from ..errors import ModelError, did_you_mean
from .epsp import FIRST_EVENT_MS, epsp_fields


@dataclass(frozen=True)
class Choice:
    """One way of running a workload.

    Attributes
    ----------
    fields : mapping
        Fields of the configuration that differ from the workload's.
    neuron_globals : mapping of str to float
        Global variables of NEURON by name or pattern (``usetable_*``), set once the mechanisms are loaded.
    """

    fields: Mapping[str, Any] = field(default_factory=dict)
    neuron_globals: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Workload:
    """A simulation that is measured in several implementations.

    Attributes
    ----------
    name, description : str
    fields : mapping
        Fields of the configuration that all choices share.
    choices : mapping of str to Choice
        In the order of the table.
    straightforward : str or None
        The choice that the others are compared with; None if it would take too long here.
    window_ms : (float, float)
        Simulated times over which cost and spikes count.
    accuracy : {'trial', 'epsp', None}
        What is compared: voltages and spikes with the straightforward run of the same seed; the amplitude of the EPSP with
        the published converged one; nothing.
    converged : str or None
        The choice with the smallest error of its time step; what is compared with the straightforward choice is compared
        with it too, since the published step is far from converged.
    seeded : bool
        Whether the input is drawn, so that several seeds say more than one.
    further_fields : callable
        Fields that need files: called with the folder of the reference figures and a temporary folder.
    """

    name: str
    description: str
    fields: Mapping[str, Any]
    choices: Mapping[str, Choice]
    straightforward: str | None
    window_ms: tuple[float, float]
    accuracy: Literal["trial", "epsp"] | None = None
    converged: str | None = None
    seeded: bool = False
    further_fields: Callable[[Path, Path], dict[str, Any]] = lambda reference, folder: {}


COMPARED_SITES = ("soma", "distal_trunk")

AS_PUBLISHED = {"spines": "explicit", "receptors": "generated", "channels": "separate"}
FOLDED = {"spines": "folded", "receptors": "generated", "channels": "separate"}
NO_TABLES = {"usetable_*": 0.0}
IN_FIELD = {"setup": "place_cell", "field_centre_fraction": 0.12, "duration_ms": 1950.0}
"""The field's centre 0.9 s after the start of the track, at t = 1450 ms, so that a run is in the field soon."""
IN_FIELD_MS = (950.0, 1950.0)


def _second_order(dt_ms: float) -> Choice:
    return Choice({"integration": "second_order", "dt_ms": dt_ms})


def _cvode(atol: float) -> Choice:
    return Choice(FOLDED | {"integration": "variable_step", "variable_step_atol": atol})


_ALL = (
    Workload(
        name="place_trial",
        description="a place cell's trial, 1 s in the middle of its field",
        fields=IN_FIELD,
        choices={
            "straightforward": Choice(AS_PUBLISHED, NO_TABLES),
            "rates from tables": Choice(AS_PUBLISHED),
            "silent spines folded": Choice(FOLDED),
            "fast receptors": Choice(FOLDED | {"receptors": "fast"}),
            "fused channels": Choice(
                {"spines": "folded", "receptors": "fast", "channels": "fused"}
            ),
            "spines solved (default)": Choice(),
            "second order, dt 0.025 ms": _second_order(0.025),
            "second order, dt 0.05 ms": _second_order(0.05),
            "second order, dt 0.1 ms": _second_order(0.1),
            "second order, dt 0.005 ms": _second_order(0.005),
        },
        straightforward="straightforward",
        window_ms=IN_FIELD_MS,
        accuracy="trial",
        converged="second order, dt 0.005 ms",
        seeded=True,
    ),
    Workload(
        name="full_trial",
        description="a place cell's whole trial of 8 s",
        fields={"setup": "place_cell"},
        choices={
            "fused channels": Choice(
                {"spines": "folded", "receptors": "fast", "channels": "fused"}
            ),
            "spines solved (default)": Choice(),
        },
        straightforward=None,
        window_ms=(25.0, 8050.0),
    ),
    Workload(
        name="epsp",
        description="five spines, five events at 100 Hz, at -56 mV, 450 ms",
        fields={},
        choices={
            "straightforward": Choice(AS_PUBLISHED, NO_TABLES),
            "default": Choice(),
            "dt 0.1 ms": Choice({"dt_ms": 0.1}),
            "dt 0.05 ms": Choice({"dt_ms": 0.05}),
            "dt 0.0125 ms": Choice({"dt_ms": 0.0125}),
            "second order, dt 0.025 ms": _second_order(0.025),
            "second order, dt 0.05 ms": _second_order(0.05),
            "second order, dt 0.1 ms": _second_order(0.1),
            "variable step, atol 1e-2": _cvode(1e-2),
            "variable step, atol 1e-3": _cvode(1e-3),
            "variable step, atol 1e-4": _cvode(1e-4),
        },
        straightforward="straightforward",
        window_ms=(25.0, 450.0),
        accuracy="epsp",
        further_fields=epsp_fields,
    ),
    Workload(
        name="smooth_cell",
        description="the cell without spines or inputs, 0.3 nA into the soma, 500 ms",
        fields={
            "spines": "none",
            "n_excitatory": 0,
            "n_inhibitory": 0,
            "dc_nA": 0.3,
            "duration_ms": 500.0,
        },
        choices={
            "straightforward": Choice({"channels": "separate"}, NO_TABLES),
            "rates from tables": Choice({"channels": "separate"}),
            "fused channels (default)": Choice(),
        },
        straightforward="straightforward",
        window_ms=(25.0, 500.0),
        accuracy="trial",
    ),
)
WORKLOADS = {workload.name: workload for workload in _ALL}
EPSP_SITE, EPSP_FIRST_EVENT_MS = "soma", FIRST_EVENT_MS


def check_names(names: Sequence[str], known: Sequence[str]) -> list[str]:
    """The names given, each once.

    Raises
    ------
    ModelError
        If a name is not known.
    """
    for name in names:
        if name not in known:
            raise ModelError(f"workload '{name}' does not exist.{did_you_mean(name, known)}")
    return list(dict.fromkeys(names))
