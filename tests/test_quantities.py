"""Quantities with units, as NeuroML and LEMS write them."""

import pytest
import quantities as pq

from netpyne_model.errors import ModelError
from netpyne_model.neuroml2.components import quantity
from netpyne_model.quantities import magnitude


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.3ms", 0.3),
        ("2 s", 2000.0),
        ("1e-3uS", 1e-3),
        ("5pS", 5e-6),
        ("-73mV", -73.0),
        ("0.101per_mV", 0.101),
        ("4", 4),
    ],
)
def test_quantities(text, value):
    assert quantity(text, "here") == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize("prefix", ["", "m", "u"])
@pytest.mark.parametrize("unit", ["s", "A", "V", "S", "F"])
@pytest.mark.parametrize(("per_area", "divisor"), [("", ""), ("_per_cm2", "/cm**2")])
def test_units_are_those_of_a_library_of_units(prefix, unit, per_area, divisor):
    # The package reads units itself: a library of them takes longer to import than a cell to build.
    here = magnitude(f"3 {prefix}{unit}{per_area}", f"{unit}_per_m2" if per_area else unit)
    there = pq.Quantity(3, f"{prefix}{unit}{divisor}")
    assert here == pytest.approx(
        float(there.rescale(f"{unit}/m**2" if per_area else unit)), rel=1e-14
    )


@pytest.mark.parametrize("text", ["ms", "3 lightyears", "0.3MS", ""])
def test_quantities_refuse_what_they_do_not_know(text):
    with pytest.raises(ModelError, match=r"^AMPA, tPulse: "):
        quantity(text, "AMPA, tPulse")
