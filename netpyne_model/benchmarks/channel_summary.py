"""Pages of channels, as pyNeuroML's analysis has them from jLEMS, beside the published curves."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from ..data_folders import CHANNEL_FOLDER, REFERENCE, channel_file, channel_files
from ..errors import ModelError
from ..experiments.gating import CHANNELS, HIGHEST_MV, LOWEST_MV, published_curves
from ..figures.gating import one_channel
from ..figures.style import save
from ..files import write_text
from ..mechanisms.jneuroml import ion_channel
from ..neuroml2.components import gate_powers
from ..neuroml2.steady_channels import STEADY
from ..neuroml2.validation import require_java

CELSIUS = 35
# The ramp over all potentials takes 100 ms; with steps of 0.01 ms it has one every 0.018 mV. It
# goes beyond them by a margin, so that rows behind it are there, and km2 activates when it comes to
# the first.
_SCALE_OF_STEP = 4
_MARGIN_MV = 1
# jLEMS passes a value on by one level of components a step: a gate's steady state is written three
# rows behind its potential, a time constant that needs alpha and beta four.
_ROWS_BEHIND, _ROWS_BEHIND_RATES = 3, 4
_PUBLISHED = "published_"
_INTRODUCTION = f"""# Channels

Steady states and time constants of every channel with gates, at {CELSIUS} degC, as `pynml-channelanalysis`
has them from jLEMS: colours, drawn over the published curves in grey, with the largest difference
between the two (of a time constant, relative; jLEMS writes seven figures). km2 is seen while it
activates. Variants without fast inactivation (`_persistent`) are this package's, and nothing is
published of them. The channel of the simple model, of 12 states, and those at their steady state
(`_steady`) have no gates to analyse. Written by `ca1 channels docs/channel_summary`.

| channel | ion | gates | steady state | time constant |
| --- | --- | --- | --- | --- |
"""


def gated_channels() -> list[str]:
    """The channels of independent gates with time constants, which the analysis takes."""
    return [
        name
        for name, path in channel_files().items()
        if ion_channel(path).get("type") == "ionChannelHH" and not name.endswith(STEADY)
    ]


def analyse(channels: list[str]) -> pd.DataFrame:
    """Run pyNeuroML's channel analysis: one row a point of a curve.

    Returns ``channel, curve, v_mV, here, published``: curves ``m_inf``, ``m_tau`` (ms) and so on at
    whole mV; without a published curve NaN. Raises ModelError if Java is missing or the analysis
    ends with an error.
    """
    require_java()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "channels"
        shutil.copytree(CHANNEL_FOLDER, folder)
        _run_analysis(channels, folder)
        tables = [
            _curve(folder, channel, gate, kind)
            for channel in channels
            for gate in gate_powers(channel)
            for kind in ("inf", "tau")
        ]
    return pd.concat(tables, ignore_index=True)


def _run_analysis(channels: list[str], folder: Path) -> None:
    program = "from pyneuroml.analysis.NML2ChannelAnalysis import main; main()"
    options = {
        "-temperature": CELSIUS,
        "-minV": LOWEST_MV - _MARGIN_MV,
        "-maxV": HIGHEST_MV + _MARGIN_MV,
        "-scaleDt": _SCALE_OF_STEP,
    }
    words = [str(word) for option in options.items() for word in option]
    files = [f"{channel}.channel.nml" for channel in channels]
    ran = subprocess.run(
        [sys.executable, "-c", program, "-nogui", *words, *files],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if ran.returncode != 0:
        last = (ran.stdout.strip().splitlines() or [""])[-1]
        raise ModelError(
            f"pynml-channelanalysis ended with {ran.returncode} ({last[:200]}); run it on a file of"
            f" {CHANNEL_FOLDER} to see why."
        )


def _curve(folder: Path, channel: str, gate: str, kind: str) -> pd.DataFrame:
    ramp_mV = np.loadtxt(folder / f"{channel}.rampV.lems.dat")[:, 1] * 1e3
    values = np.loadtxt(folder / f"{channel}.{gate}.{kind}.lems.dat")[:, 1]
    values = values * 1e3 if kind == "tau" else values
    behind = _ROWS_BEHIND_RATES if kind == "tau" and _by_rates(channel, gate) else _ROWS_BEHIND
    at_mV = np.arange(LOWEST_MV, HIGHEST_MV + 1.0)
    here = np.interp(at_mV, ramp_mV[:-behind], values[behind:])
    curve = f"{gate}_{kind}"
    points = pd.DataFrame({"channel": channel, "curve": curve, "v_mV": at_mV, "here": here})
    points["published"] = np.nan
    if channel in CHANNELS:
        known = published_curves(channel, REFERENCE)
        points["published"] = np.interp(
            at_mV, known[f"{_PUBLISHED}v_mV"], known[_PUBLISHED + curve]
        )
    return points


def _by_rates(channel: str, gate: str) -> bool:
    (element,) = (one for one in _element(channel).iterfind("{*}gate") if one.get("id") == gate)
    return element.find("{*}forwardRate") is not None


def _element(channel: str):
    return ion_channel(channel_file(channel))


def differences(table: pd.DataFrame) -> pd.DataFrame:
    """Largest difference from the published curve by channel and curve; of a tau, relative."""
    absolute = (table["here"] - table["published"]).abs()
    is_tau = table["curve"].str.endswith("tau")
    table = table.assign(difference=absolute.where(~is_tau, absolute / table["published"]))
    return table.groupby(["channel", "curve"], sort=False)["difference"].max().unstack()


def write_summary(table: pd.DataFrame, folder: Path) -> Path:
    """Write the page of analysed channels, README.md, with a figure a channel; returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    rows, sections = [], []
    for channel, points in table.groupby("channel", sort=False):
        element = _element(channel)
        rows.append(_row(channel, element.get("species"), points))
        save(one_channel(points), folder / f"{channel}.png")
        notes = " ".join(element.findtext("{*}notes", "").split())
        sections.append(f"\n## {channel}\n\n{notes}\n\n![Gates of {channel}]({channel}.png)\n")
    page = folder / "README.md"
    write_text(page, _INTRODUCTION + "".join(rows) + "".join(sections))
    return page


def _row(channel: str, ion: str, points: pd.DataFrame) -> str:
    gates = " ".join(
        f"{gate}^{power}" if power > 1 else gate for gate, power in gate_powers(channel).items()
    )
    largest = differences(points).loc[channel]
    cells = []
    for kind in ("inf", "tau"):
        worst = largest[[curve for curve in largest.index if curve.endswith(kind)]].max()
        cells.append("" if np.isnan(worst) else f"{worst:.0e}")
    return f"| `{channel}` | {ion.replace('_', ' ')} | {gates} | {cells[0]} | {cells[1]} |\n"
