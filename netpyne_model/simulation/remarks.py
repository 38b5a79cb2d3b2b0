"""What a trial will not show, said before it is run: nothing of it is an error."""

from collections.abc import Iterator

from ..configuration import TrialConfig
from ..inputs import load_setup
from ..protocols import PlaceFieldInput
from ..protocols.input_shares import published_share
from ..results import Track
from .prepared import simulated_ms, stimuli_of

_OFF_BY = 1.5
"""A share of driven spines that is so many times the published one, or a part of it, is remarked."""


def remarks(config: TrialConfig) -> list[str]:
    """What is to be known before a trial is run, a line each; empty of most trials.

    A run that ends before its place field, or before any input; a cell of another size than the
    one to which the set-up's number of inputs belongs; fields that another one switches off.
    """
    place_field = next(one for one in stimuli_of(config) if isinstance(one, PlaceFieldInput))
    lines = [_short(config, place_field.track(None)), _unscaled(config, place_field)]
    return [line for line in (*lines, *_without_effect(config)) if line]


def _without_effect(config: TrialConfig) -> Iterator[str]:
    """Fields that are given and change nothing, as in a sweep from none to some."""
    of_excitation = [
        "n_excitatory",
        "excitatory_share",
        "w_max",
        "arrangement",
        "theta_depth",
        "theta_k",
    ]
    switches = (
        ("excitation=false", not config.excitation, of_excitation),
        ("theta_depth=0", config.theta_depth == 0, ["theta_k"]),
        ("n_inhibitory=0", config.n_inhibitory == 0, ["inhibition_reduction"]),
        ("inhibitory_share=0", config.inhibitory_share == 0, ["inhibition_reduction"]),
        ("dc_nA=0", config.dc_nA == 0, ["dc_section", "dc_x", "dc_start_ms"]),
    )
    usual = TrialConfig()
    for switch, is_off, names in switches:
        given = [name for name in names if getattr(config, name) != getattr(usual, name)]
        if is_off and given:
            verb = "has" if len(given) == 1 else "have"
            yield f"{', '.join(given)} {verb} no effect with {switch}; leave one of the two out"


def _short(config: TrialConfig, track: Track) -> str:
    """That a run ends before there is anything of its field to see."""
    end_ms = simulated_ms(config)
    begins_ms = [track.start_ms + begin for begin, _ in track.field_spans_ms()]
    ends_ms = [track.start_ms + end for _, end in track.field_spans_ms()]
    if not begins_ms or end_ms > min(begins_ms):
        return ""
    if end_ms <= track.settling_ms:
        where = f"within the settling (the first {track.settling_ms:g} ms), before any input"
    elif end_ms <= track.start_ms:
        where = f"before the track begins ({track.start_ms:g} ms)"
    else:
        where = f"before the place field begins ({min(begins_ms):.0f} ms)"
    return (
        f"the run ends at {end_ms:g} ms, {where}: no rate, ramp or place field will be measured in"
        f" the field; give --set duration_ms={max(ends_ms):.0f}, or leave it out for the whole lap"
    )


def _unscaled(config: TrialConfig, place_field: PlaceFieldInput) -> str:
    """That the set-up's number of inputs is that of a cell of another size."""
    given = (config.n_excitatory, config.excitatory_share, config.events_file)
    published = config.cell is None and config.cell_file is None
    if published or not config.excitation or any(value is not None for value in given):
        return ""
    cell = config.make_cell()
    n, n_spines = load_setup(config.setup).n_excitatory, len(cell.placement.spines)
    usual = published_share(config.setup)
    share = place_field.setup_on(cell).n_excitatory / n_spines  # refused where there are too few
    if usual / _OFF_BY < share < usual * _OFF_BY:
        return ""
    return (
        f"{n:,} excitatory inputs are {share:.0%} of this cell's {n_spines:,} spines, {usual:.0%}"
        f" of the published cell's; scale them with --set excitatory_share={usual:g}"
    )
