"""One import: its names, and the figures it draws."""

import os
import subprocess
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
from protocol_runs import DRIVEN, STEP

import netpyne_model as ca1
from netpyne_model import ModelError, draw, draw_parameter, load, plot, plot_parameter

# -- figures -----------------------------------------------------------------------------------------------------------


def lines(figure) -> list[list[str]]:
    """Conditions drawn in each panel."""
    return [[line.get_label() for line in ax.get_lines()] for ax in figure.axes]


def test_runs_are_laid_over_each_other(cell, reduced):
    one, other = STEP.run(cell), STEP.run(reduced)
    assert lines(plot(one)) == [["CA1"]]
    assert lines(plot([one, other])) == [["CA1", "reduced"]]
    assert lines(plot({"control": one, "less": other})) == [["control", "less"]]
    assert lines(plot([one, one, STEP.run(cell, name="again"), one])) == [
        ["CA1", "CA1 (2)", "again", "CA1 (3)"]
    ]
    driven = DRIVEN.run(cell)
    assert (
        lines(plot({"a": driven, "b": driven}, recordings=["head", "ina"], t_from_ms=4))
        == [["a", "b"]] * 2
    )
    assert plt.get_fignums() == []  # figures of their own: none piles up in pyplot


def test_cells_are_drawn_side_by_side(cell, reduced):
    assert [ax.get_title() for ax in plot_parameter([cell, reduced], "nas.gbar").axes] == [
        "CA1",
        "reduced",
    ]
    assert [ax.get_title() for ax in plot_parameter([cell, cell], "nas.gbar").axes] == [
        "CA1",
        "CA1 (2)",
    ]
    assert len(plot_parameter(cell, ["nas.gbar", "pas.g"]).axes) == 2
    titles = {ax.get_title() for ax in draw_parameter({"a": cell, "b": reduced}, "nas.gbar").axes}
    assert titles >= {"a", "b"}
    assert draw(reduced).axes[0].get_title() == "reduced"


@pytest.mark.parametrize(
    ("suffix", "start"), [(".png", b"\x89PNG"), (".svg", b"<?xml"), (".pdf", b"%PDF")]
)
def test_figures_are_written(cell, tmp_path, suffix, start):
    result = STEP.run(cell)
    plot(result, file=tmp_path / f"plot{suffix}")
    plot_parameter(cell, "nas.gbar", file=str(tmp_path / f"parameter{suffix}"))
    draw_parameter(cell, "nas.gbar", file=tmp_path / f"on_cell{suffix}")
    draw(cell, file=tmp_path / f"cell{suffix}")
    written = list(tmp_path.iterdir())
    assert len(written) == 4
    assert all(path.read_bytes().startswith(start) for path in written)


def test_what_cannot_be_drawn_or_read_is_refused(cell, tmp_path):
    result = STEP.run(cell)
    for attempt, told in (
        (lambda: plot(result, file=tmp_path / "plot.jpg"), r"ends in \.png, \.svg or \.pdf"),
        (lambda: plot({"a": cell}), "expected a Result"),
        (lambda: plot([]), "nothing to draw: expected a Result"),
        (lambda: plot(result, recordings="som"), "Did you mean 'soma'"),
        (lambda: plot_parameter([1], "nas.gbar"), "expected a Cell,"),
        (lambda: plot_parameter(cell, "nas.gbr"), "Did you mean 'nas.gbar'"),
        (lambda: draw_parameter(cell, "nas.gbr"), "Did you mean 'nas.gbar'"),
        (lambda: load(tmp_path), "holds no results.nwb"),
    ):
        with pytest.raises(ModelError, match=told) as caught:
            attempt()
        assert "\n" not in str(caught.value)


# -- one import --------------------------------------------------------------------------------------------------------

HEAVY = {"numpy", "pandas", "matplotlib", "neuron", "netpyne", "pydantic", "rich", "typer", "yaml"}


def test_the_import_loads_nothing_heavy():
    """Stands for an import below 0.1 s (0.08 s when written), which a busy machine might not hold."""
    code = (
        "import sys, netpyne_model as ca1; dir(ca1);"
        f"print(sorted({HEAVY!r} & set(sys.modules)),"
        " sorted(name for name in sys.modules if name.startswith('netpyne_model')))"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(ca1.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout == "[] ['netpyne_model', 'netpyne_model.errors']\n"


def test_everything_is_in_one_import():
    assert dir(ca1) == sorted(ca1.__all__) == [name for name in dir(ca1) if name[0] != "_"]
    assert {"Cell", "Protocol", "ModelError", "plot", "load", "save"} <= set(dir(ca1))
    assert all(getattr(ca1, name) is not None for name in dir(ca1))
    for room in (ca1.analysis, ca1.figures, ca1.experiments):
        assert sorted(room.__all__) == dir(room)
        assert all(hasattr(room, name) for name in dir(room))


def test_a_mistyped_name_is_answered_with_the_nearest():
    with pytest.raises(
        AttributeError, match=r"has no attribute .Protocl.\. Did you mean .Protocol."
    ):
        _ = ca1.Protocl
    with pytest.raises(ImportError):
        from netpyne_model import Cel  # noqa: F401
    assert not hasattr(ca1, "__wrapped__")
