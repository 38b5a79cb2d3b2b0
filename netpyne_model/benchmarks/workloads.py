"""What the benchmark runs: workloads, and for each the implementations compared on it.

A further choice is one more line in the ``choices`` of a workload.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from ..errors import ModelError, did_you_mean, quoted


@dataclass(frozen=True)
class Choice:
    """One way of running a workload.

    Attributes
    ----------
    fields : mapping
        Fields of the configuration that differ from the workload's.
    neuron_globals : mapping of str to float
        NEURON's global variables, by name or pattern (``usetable_*``).
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
        What is compared: voltages and spikes with the straightforward run of the same seed; the
        amplitude of the EPSP with the published converged one; nothing.
    converged : str or None
        The choice with the smallest error of its time step; what is compared with the
        straightforward choice is compared with it too, since the published step is far from
        converged.
    seeded : bool
        Whether the input is drawn, so that several seeds say more than one.
    simple : bool
        Whether it runs the simple model's published current clamps in place of a trial.
    further_fields : callable
        Fields that need files: called with the folder of the published model's figures and a
        temporary folder.
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
    simple: bool = False
    further_fields: Callable[[Path, Path], dict[str, Any]] = lambda reference, folder: {}

    def with_choices(self, names: Sequence[str]) -> "Workload":
        """This workload with some of its choices, in the order of the table.

        What is not among them nothing is compared with.

        Raises
        ------
        ModelError
            If the workload has no choice of a name.
        """
        for name in names:
            if name not in self.choices:
                raise ModelError(
                    f"workload {quoted(self.name)} has no choice {quoted(name)}."
                    f"{did_you_mean(name, self.choices)}"
                )

        def if_chosen(name: str | None) -> str | None:
            return name if name in names else None

        straightforward = if_chosen(self.straightforward)
        return replace(
            self,
            choices={name: how for name, how in self.choices.items() if name in names},
            straightforward=straightforward,
            accuracy=None if self.accuracy == "trial" and not straightforward else self.accuracy,
            converged=if_chosen(self.converged),
        )


COMPARED_SITES = ("soma", "distal_trunk")

AS_PUBLISHED = {"spines": "explicit", "receptors": "generated", "channels": "separate"}
FOLDED = {"spines": "folded", "receptors": "generated", "channels": "separate"}
FAST = FOLDED | {"receptors": "fast"}
FUSED = FAST | {"channels": "fused"}
NO_TABLES = {"usetable_*": 0.0}
NO_INPUT = {"n_excitatory": 0, "n_inhibitory": 0}
IN_FIELD = {"setup": "place_cell", "field_centre_fraction": 0.12, "duration_ms": 1950.0}
"""The field's centre at t = 1450 ms, 0.9 s after the track's start: a run is in it soon."""
IN_FIELD_MS = (950.0, 1950.0)


def _epsp_fields(reference: Path, folder: Path) -> dict[str, Any]:
    from .epsp import epsp_fields  # it builds the cell, which --help shall not wait for

    return epsp_fields(reference, folder)


def _second_order(*steps_ms: float) -> dict[str, Choice]:
    return {
        f"second order, dt {dt_ms:g} ms": Choice({"integration": "second_order", "dt_ms": dt_ms})
        for dt_ms in steps_ms
    }


BEFORE = (Choice(), *_second_order(0.05).values())
"""The choices that are measured with another checkout's package too, where one is given."""


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
            "fast receptors": Choice(FAST),
            "fused channels": Choice(FUSED),
            "all spines sections": Choice({"spines": "explicit"}),
            "spines solved (default)": Choice(),
            **_second_order(0.025, 0.05, 0.1),
            **_second_order(0.005),
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
        choices={"fused channels": Choice(FUSED), "spines solved (default)": Choice()},
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
            **_second_order(0.025, 0.05, 0.1),
            "variable step, atol 1e-2": _cvode(1e-2),
            "variable step, atol 1e-3": _cvode(1e-3),
            "variable step, atol 1e-4": _cvode(1e-4),
        },
        straightforward="straightforward",
        window_ms=(25.0, 450.0),
        accuracy="epsp",
        further_fields=_epsp_fields,
    ),
    Workload(
        name="smooth_cell",
        description="the cell without spines or inputs, 0.3 nA into the soma, 500 ms",
        fields={"spines": "none", "dc_nA": 0.3, "duration_ms": 500.0} | NO_INPUT,
        choices={
            "straightforward": Choice({"channels": "separate"}, NO_TABLES),
            "rates from tables": Choice({"channels": "separate"}),
            "fused channels (default)": Choice(),
        },
        straightforward="straightforward",
        window_ms=(25.0, 500.0),
        accuracy="trial",
    ),
    Workload(
        name="simple",
        description="the one-compartment model, three current clamps of 1.3 s",
        fields={},
        choices={"straightforward": Choice()},
        straightforward="straightforward",
        window_ms=(0.0, 1300.0),
        simple=True,
    ),
)
WORKLOADS = {workload.name: workload for workload in _ALL}
