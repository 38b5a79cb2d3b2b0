"""The input of a trial (model.md 7): set-up, driven synapses, spikes, released events."""

from .events_file import EventsTable, read_events, write_events
from .release import ReleaseParameters, release, release_probability
from .setups import INHIBITION_REDUCTIONS, SETUPS, Setup, group_names, load_setup
from .trial import EVENTS_ARE, InputTrains, draw_trial, replay

__all__ = [
    "EVENTS_ARE",
    "INHIBITION_REDUCTIONS",
    "SETUPS",
    "EventsTable",
    "InputTrains",
    "ReleaseParameters",
    "Setup",
    "draw_trial",
    "group_names",
    "load_setup",
    "read_events",
    "release",
    "release_probability",
    "replay",
    "write_events",
]
