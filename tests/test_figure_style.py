"""The one style file; labels above bars; experiments' figures say what was done."""

import pandas as pd
from drawn_figures import colliding
from matplotlib import rc_context, rc_params, rc_params_from_file
from matplotlib.figure import Figure

from netpyne_model import figures
from netpyne_model.experiments.experiment import Experiment
from netpyne_model.figures import style
from netpyne_model.figures.experiments import amplification

RATIOS = {"control": 1.9, "TTX": 0.93, "AP5": 1.0, "TTX+AP5": 0.985}


def amplified() -> pd.DataFrame:
    rows = []
    for site in ("soma", "dend"):
        for drugs, ratio in RATIOS.items():
            for held_mV in (-62, -56):
                epsp_mV = 1 + ratio * (held_mV + 62) / 6
                row = {"dc_site": site, "drugs": drugs, "target_mV": held_mV}
                row |= {"epsp_soma_mV": epsp_mV, "epsp_dend_mV": epsp_mV}
                rows.append(row | {"amplification_ratio": ratio})
    return pd.DataFrame(rows)


def test_the_style_file_is_one_of_matplotlib_and_the_home_of_sizes_and_colours():
    from_file = rc_params_from_file(figures.STYLE_FILE, use_default_template=False)
    assert (style.DPI, style.SMALL_PT, style.TITLE_PT) == (150, 8, 12)
    assert from_file["axes.prop_cycle"].by_key()["color"] == list(style.OKABE_ITO)
    with rc_context(from_file):
        ax = Figure().subplots()
        (line,) = ax.plot([0, 1])
    assert line.get_color() == style.OKABE_ITO[0]
    assert not ax.spines["top"].get_visible()
    assert rc_params()["axes.spines.top"]  # nobody else's figures are changed


def test_ratios_stand_above_their_bar_and_above_the_line_at_1():
    figure = amplification(amplified(), [])
    for ax in (figure.axes[2], figure.axes[5]):
        heights = {text.get_text(): text.xy[1] for text in ax.texts}
        assert heights == {"1.90": 1.9, "0.93": 1.0, "1.00": 1.0, "0.98": 1.0}
    assert colliding(figure) == []


def test_a_panel_without_traces_says_why():
    texts = [text.get_text() for text in amplification(amplified(), []).axes[1].texts]
    assert texts == ["no trace of these conditions was kept"]


def test_the_figure_of_an_experiment_says_what_was_done():
    one = Experiment("a", "EPSP amplification", "Figure 1", lambda _: [], amplification)
    figure = one.draw(amplified(), [])
    assert figure.get_suptitle() == "EPSP amplification (Figure 1)"
    assert colliding(figure) == []


def test_both_kinds_of_file_are_written(tmp_path):
    both = figures.save_both(amplification(amplified(), []), tmp_path / "ratios")
    assert [path.name for path in both] == ["ratios.png", "ratios.svg"]
    assert both[1].read_text().startswith("<?xml")
    assert sorted(tmp_path.iterdir()) == sorted(both)
