"""What an electrode is in NEURON once it is attached to a built cell."""

from typing import Any, NamedTuple

FOREVER_MS = 1e9


class Attached(NamedTuple):
    """An electrode's objects in NEURON, which live as long as this.

    The point process is the first of `objects`; the last is the connection that gets the events. At
    `changes_ms` a current comes or goes by the time alone: there an adapted step starts anew.
    """

    objects: tuple[Any, ...]
    events_ms: tuple[float, ...] = ()
    changes_ms: tuple[float, ...] = ()

    def schedule(self) -> None:
        """Send the events; called at every start, after NEURON's initialisation."""
        for time_ms in self.events_ms:
            self.objects[-1].event(time_ms)
        if not self.changes_ms:
            return
        from neuron import h

        cvode = h.CVode()
        if cvode.active():
            for time_ms in self.changes_ms:
                cvode.event(time_ms, cvode.re_init)
