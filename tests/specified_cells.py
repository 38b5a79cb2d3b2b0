"""Cells with rules and channels of their own, and the line with which one is refused."""

from pathlib import Path

import pandas as pd
import pytest

from netpyne_model import Cell, ModelError

ROOT = Path(__file__).resolve().parents[1]
DATA, EXAMPLE = ROOT / "tests" / "data", ROOT / "morphologies" / "example.swc"


def changed(cell: Cell) -> Cell:
    """Rules of every kind, for every kind of parameter, and channels taken away."""
    cell = cell.with_rule("trunk", "nas.gbar", value=0.03, linear_per_um=-5e-5, minimum=0.01)
    cell = cell.with_rule("apical", "nas.gbar", value=0.02, to_um=120.0, terminal=True)
    cell = cell.with_rule(
        "apical", "nas.gbar", inherit="trunk", from_um=120.0, outside=1e-3, add_range=True
    )
    sigmoid = {"amplitude": 1 / 3, "half_um": 123.4, "tau_um": 56.7}
    cell = cell.with_rule("tuft", "kdr.gbar", value=0.1, sigmoidal=sigmoid, maximum=0.2).without(
        "km2", "axonal"
    )
    cell = cell.with_rule("trunk", "cable.cm", value=1.5).with_rule(
        "basal", "cable.Ra", value=100 / 3
    )
    cell = cell.with_rule(
        "tuft", "pas.e", value=-50.0, exponential={"amplitude": -7.0, "tau_um": 190.0}
    )
    cell = cell.with_rule("all", "k.e", value=-88.8).with_rule(
        "dendrites", "h.e", value=-20.0, linear_per_um=-0.1
    )
    cell = cell.with_rule("trunk", "spines.density", value=2.0).with_rule(
        "tuft", "AMPA.gmax", value=1e-3
    )
    return (
        cell.with_rule("tuft", "NMDA.relative_gmax", value=0.5)
        .without("kap", ["basal", "tuft"])
        .without("h", "tuft")
    )


def own(folder: Path = DATA) -> Cell:
    """A cell with a NeuroML channel and a mod channel of its own."""
    cell = Cell().with_channel(
        "slow", folder / "h_slow.channel.nml", {"dendrites": 1e-4}, e_mV=-30.0
    )
    rules = {"soma": 1e-3, "trunk": {"value": 1e-3, "gradient": {"linear_per_um": 1e-6}}}
    return cell.with_channel(
        "kslow", folder / "kslow.mod", rules, parameters={"vhalf": {"trunk": -40.0}}
    )


def assert_same_table(one: pd.DataFrame, other: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(
        one, other, check_exact=True
    )  # bit for bit: the same rules on the same sections


def refusal(make) -> str:
    """The one line with which something is refused."""
    with pytest.raises(ModelError) as raised:
        make()
    assert "\n" not in str(raised.value)
    return str(raised.value)
