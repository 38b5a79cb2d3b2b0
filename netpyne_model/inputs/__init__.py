"""The input of a trial (model.md 7): set-up, driven synapses, spikes, released events."""

from .events_file import EventsTable, read_events, write_events
from .release import ReleaseParameters, release, release_probability
from .setups import ARRANGEMENTS, INHIBITION_REDUCTIONS, SETUPS, Setup, group_names, load_setup
from .trial import EVENTS_ARE, InputTrains, draw_trial, replay
from .weights_file import read_weights, write_weights

__all__ = [
    "ARRANGEMENTS",
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
    "read_weights",
    "release",
    "release_probability",
    "replay",
    "write_events",
    "write_weights",
]
