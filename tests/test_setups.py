"""The two published place-field set-ups against the published numbers, and changes of them."""

import math

import pytest

from netpyne_model.errors import ModelError
from netpyne_model.inputs import SETUPS, load_setup


def test_published_setups():
    assert SETUPS == ("place_cell", "silent_cell")
    place, silent = load_setup("place_cell"), load_setup("silent_cell")
    assert (place.n_excitatory, place.w_max, place.track_ms, place.duration_ms) == (
        3200,
        2.5,
        7500,
        8050,
    )
    assert (place.dc_nA, place.dc_start_ms, tuple(place.dc_site)) == (0.0, 250, ("soma_0", 0.5))
    assert (silent.n_excitatory, silent.w_max) == (1600, 1.25)
    assert silent.track_ms == pytest.approx(6233.333, abs=1e-3)  # 187 cm at 30 cm/s
    assert (silent.dc_nA, silent.dc_start_ms, tuple(silent.dc_site)) == (0.10, 0, ("soma_0", 0.0))
    assert silent.field_centre == 93.5
    assert place.field_centre == 4500
    assert place.inhibition.peak_hz == pytest.approx(100 / 3, rel=1e-15)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"n_excitatory": -1}, "n_excitatory = -1"),
        ({"w_max": math.nan}, "w_max"),
        ({"inhibition_reduction": "field"}, "'none', 'out_of_field', 'in_field' or 'whole_run'"),
        ({"n_excitory": 3}, "no field 'n_excitory'. Did you mean 'n_excitatory'?"),
        ({"dead_time_ms": 30.0}, "cannot be had"),
        ({"dc_site": ("soma_0", 2)}, "dc_site.1 = 2"),
    ],
)
def test_changes_are_checked(change, expected):
    with pytest.raises(ModelError) as caught:
        load_setup("place_cell").changed(**change)
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


def test_unknown_setup():
    with pytest.raises(ModelError, match="Did you mean 'place_cell'"):
        load_setup("placecell")


# Assignment
