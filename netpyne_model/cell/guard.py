"""A guard over a running cell: a potential that goes astray ends the run, and is told by place."""

import math
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, NoReturn

import numpy as np

from ..errors import ModelError
from ..morphology import Location, segment_centre, segment_index
from ..time_limit import left_s, refuse_beyond_limit
from .assembly import mechanism_name
from .neuron_output import without_lines
from .sections import BuiltCell
from .segment_voltages import SegmentVoltages

LIMIT_MV = 200.0
"""Furthest from 0 that a potential may be; no cell's own currents drive it there."""
_OVERSHOOT = 1.1  # of what a voltage clamp commands, by which a second-order step may miss it
_NOT_FINITE, _OUT_OF_TIME = 2, 3  # as PotentialGuard.mod tells it
_REACHED_MS = 1e-6  # an adapted step may stop the last digits short
# Fixed steps from where an adapted step cannot go on: many small ones, then larger ones.
_STEPS_MS = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2)
_STEPS_OF_A_SIZE = 100
_OF_CVODE = ("CVode", "convergence failed", "error test failed", "Error test failed")
_OF_NO_CHANNEL = "look for a rule or a stimulus far out of range"


class Flow(NamedTuple):
    """A current at a place: what it is called, in nA, and the file of a channel of the user's."""

    name: str
    current_nA: float
    file: str | None = None


class Guard:
    """Watches the potentials of a built cell while it runs.

    At fixed steps every one is looked at, on all nodes, before NEURON solves it; of an adapted step
    what it has attained, and whether it goes on at all. A `time_limit` is looked at in every step.

    Parameters
    ----------
    built : BuiltCell
        To the end: with all of its segments.
    commanded_mV : float
        The furthest from 0 that a voltage clamp commands: potentials may be as far then.
    """

    def __init__(self, built: BuiltCell, commanded_mV: float = 0.0):
        from neuron import h

        self._h = h
        # One each: what Python makes of a class of NEURON keeps 96 bytes, here at every sample.
        self._cvode, self._parallel = h.CVode(), h.ParallelContext()
        self.built = built
        self._voltages = SegmentVoltages(built.sections)
        self._process = h.PotentialGuard(built.soma(0.5))
        self._limit_mV = max(LIMIT_MV, _OVERSHOOT * abs(commanded_mV))
        self._stops = True

    def begin(self, *, stops: bool = True) -> None:
        """Forget what an earlier run had; before every start.

        Where another program runs NEURON, which would take a run that `stops` for a finished one,
        it goes on to the next `check`.
        """
        self._h.limit_PotentialGuard = self._limit_mV
        self._h.stops_PotentialGuard = self._stops = stops
        self._process.forget()
        left = left_s()
        if left is not None:
            self._process.stop_after(left)

    def check_start(self) -> None:
        """Look at the cell after NEURON's initialisation; ModelError as `check`.

        CVode would try equations without a finite value again for ever.
        """
        self.check()
        cvode = self._cvode
        if cvode.active():
            states, slopes = self._h.Vector(), self._h.Vector()
            cvode.states(states)
            cvode.f(self._h.t, states, slopes)
            if not (np.isfinite(states).all() and np.isfinite(slopes).all()):
                self._refuse_adapted()

    def advance(self, until_ms: float) -> None:
        """Let NEURON run to a time, as ``ParallelContext.psolve`` does.

        Raises
        ------
        ModelError
            If a potential is no finite number or beyond the limit, an adapted step cannot go on, or
            the time limit is reached.
        """
        if until_ms < self._h.t:  # of an adapted step, by its last digits; NEURON would refuse it
            return
        if not self._cvode.active():
            with alarm_off_after_errors():
                self._parallel.psolve(until_ms)
            self.check()
            return
        with alarm_off_after_errors(), without_lines(*_OF_CVODE):
            self._parallel.psolve(until_ms)
        if self._h.t < until_ms - _REACHED_MS and not self._process.found():
            self._refuse_adapted()
        self.check()

    def check(self, *, alone: bool = False) -> None:
        """Refuse potentials that are no finite numbers, or beyond the limit, with a place.

        Of a run that did not stop only those of now, unless this cell is `alone` in NEURON.
        """
        found = self._process.found()
        if np.abs(self._voltages.now_mV()).max() <= self._limit_mV and not (
            found and (self._stops or alone)
        ):
            return  # what was found while others ran NEURON may be of another cell
        if found == _OUT_OF_TIME:
            refuse_beyond_limit(self._h.t)
        time_ms = self._process.when() if found else self._h.t
        self._process.put_back()
        voltages_mV = self._by_place()
        self._process.mark()
        marked = [one for one, v_mV in self._by_place().items() if not math.isfinite(v_mV)]
        if found == _NOT_FINITE or marked:
            place = marked[0] if marked else self._voltages.places[0]
            self._refuse_not_finite(place, voltages_mV[place], time_ms)
        place = max(voltages_mV, key=lambda one: abs(voltages_mV[one]))
        self._refuse_beyond(place, voltages_mV[place], time_ms)

    def _by_place(self) -> dict[Location, float]:
        """The potential (mV) of every segment, and then of the ends of every section."""
        voltages_mV = dict(
            zip(self._voltages.places, self._voltages.now_mV().tolist(), strict=True)
        )
        for name, section in self.built.sections.items():
            voltages_mV |= {Location(name, end): section(end).v for end in (0.0, 1.0)}
        return voltages_mV

    def _refuse_beyond(self, place: Location, voltage_mV: float, time_ms: float) -> NoReturn:
        # Where the run went on, those of now are of another time.
        flows = [one for one in self._flows(place) if math.isfinite(one.current_nA) and self._stops]
        because, step = "", _OF_NO_CHANNEL
        if flows:
            largest = max(flows, key=lambda flow: abs(flow.current_nA))
            because = f" (the largest current there is that of {largest.name},"
            because += f" {largest.current_nA:.3g} nA)"
            if largest.file is not None:
                step = f"look at the currents of {largest.file}"
        raise ModelError(
            f"the potential at {place} is {voltage_mV:.4g} mV at {_as_text(time_ms)} ms, beyond"
            f" {self._limit_mV:g} mV{because}; {step}."
        )

    def _refuse_not_finite(self, place: Location, before_mV: float, time_ms: float) -> NoReturn:
        flows = [one for one in self._flows(place) if not math.isfinite(one.current_nA)]
        of_files = [flow for flow in flows if flow.file is not None]
        names = sorted({flow.name for flow in of_files or flows})
        of_what = f" because of the current of {' and '.join(names)}" if names else ""
        at = f" at {before_mV:.4g} mV" if math.isfinite(before_mV) else ""
        files = sorted({str(flow.file) for flow in of_files}) or self._files()
        step = _OF_NO_CHANNEL
        if files:
            step = f"look in {', '.join(files)} for a 0/0, or a root or log below 0"
        raise ModelError(
            f"the potential at {place} is no finite number from {_as_text(time_ms)} ms on{of_what}{at};"
            f" {step}."
        )

    def _refuse_adapted(self) -> NoReturn:
        """What fixed steps from here would meet; at the worst that an adapted step does not go on.

        CVode keeps trying where a slope is not finite, and tells neither of what nor where.
        """
        h, stuck_ms = self._h, self._h.t
        cvode, states, slopes = self._cvode, h.Vector(), h.Vector()
        cvode.states(states)
        if np.isfinite(states).all():
            cvode.f(h.t, states, slopes)  # puts the states back to the last good ones
        self._mend_joints()
        cvode.active(0)
        self._process.forget()
        for step_ms in _STEPS_MS:
            h.dt = step_ms
            for _ in range(_STEPS_OF_A_SIZE):
                h.fadvance()
                self.check()
        files = self._files()
        step = f"look at the rates of {', '.join(files)}" if files else _OF_NO_CHANNEL
        raise ModelError(
            f"the adapted step cannot go on at {_as_text(stuck_ms)} ms; {step}, or take fixed steps"
            " (dt_ms=0.025; in a trial integration=fixed_step)."
        )

    def _mend_joints(self) -> None:
        """Give nodes without membrane, which are no states, a finite potential again."""
        for section in self.built.sections.values():
            for end in (0.0, 1.0):
                if not math.isfinite(section(end).v):
                    section(end).v = section(0.5).v

    def _files(self) -> list[str]:
        channels = self.built.description.user_channels.values()
        return sorted(channel.file.name for channel in channels)

    def _flows(self, place: Location) -> list[Flow]:
        """The currents at a segment as NEURON has them now, and of its section's electrodes.

        A channel of the user's that keeps no current of its own has its ion's.
        """
        live = self.built.sections[place.section]
        segment = live(segment_centre(segment_index(place.x, live.nseg), live.nseg))
        nA_of_density = 1e-2 * segment.area()  # of 1 mA/cm2, on um2
        description = self.built.description
        of_user = {mechanism_name(description, one): one for one in description.user_channels}
        flows = []
        for mechanism in segment:
            name = mechanism.name()
            channel = description.user_channels.get(of_user.get(name, ""))
            ion = name.removesuffix("_ion")
            if channel is not None:
                density = _first_of(mechanism, f"i{channel.ion}", "i")
                if density is None:
                    density = getattr(segment, f"i{channel.ion}", None)
                label, file = channel.channel, channel.file.name
            elif ion != name:
                density, label, file = getattr(segment, f"i{ion}", None), ion, None
            else:
                density, label, file = _first_of(mechanism, "i"), name, None
            if density is not None:
                flows.append(Flow(label, density * nA_of_density, file))
        for part in (live(0.0), *live, live(1.0)):
            for process in part.point_processes():
                if hasattr(process, "i"):
                    flows.append(Flow(process.hname().partition("[")[0], float(process.i)))
        return sorted(flows, key=lambda flow: flow.file is None)  # the user's channels first


@contextmanager
def alarm_off_after_errors() -> Iterator[None]:
    """Let an error that leaves NEURON's psolve turn off its alarm, as psolve does at its own end.

    It rings 20 s later where the time of NEURON has not moved on, and then ends the process: by a
    segmentation fault without MPI.
    """
    try:
        yield
    except BaseException:
        signal.setitimer(signal.ITIMER_REAL, 0)
        raise


def _as_text(time_ms: float) -> str:
    return f"{round(time_ms, 4):.9g}"


def _first_of(mechanism: Any, *names: str) -> float | None:
    """The first of these variables that a mechanism has."""
    for name in names:
        value = getattr(mechanism, name, None)
        if isinstance(value, float):
            return value
    return None
