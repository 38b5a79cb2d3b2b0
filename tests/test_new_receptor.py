"""The receptor of docs/extend/receptor.md in a copy of the package: converted, compiled and run."""

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from test_extend_pages import BLOCK, COPIED, ROOT, run

from netpyne_model.simulation import Trial

pytestmark = [pytest.mark.slow, pytest.mark.java]

PAGE = ROOT / "docs" / "extend" / "receptor.md"
TABLE = "netpyne_model/receptors/receptors.yaml"
DRUG = """
CGP55845:
  description: no GABA_B receptors
  receptors: [GABA_B]
  factor: 0.0
"""
# A receptor on spines of the type that the mechanism written by hand takes; it is not converted.
KAINATE = """
KA:
  description: kainate receptor of a spine
  file: LEMS_KA.xml
  kind: exc
  conductance: relative_gmax
  weight: input
  fast: {fast}
"""
KAINATE_COMPONENT = """<Lems>
<kineticReceptor id="KA" gbase="1e-4uS" erev="0mV" tPulse="0.3ms" kon="10per_ms" koff="5per_ms"
                 CC="20per_ms" CO="5per_ms" Beta="50per_ms" Alpha="5per_ms"/>
</Lems>
"""
FEW = {"duration_ms": 450.0, "n_excitatory": 100, "n_inhibitory": 60, "seed": 3}


@pytest.fixture(scope="module")
def clone(tmp_path_factory) -> Path:
    """A copy of a clone with what the page writes, and a drug; its mod files generated."""
    folder = tmp_path_factory.mktemp("clone")
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for block in BLOCK.finditer(PAGE.read_text(encoding="utf-8")):
        if block["path"]:
            append(folder / block["path"], block["code"])
    append(folder / "netpyne_model/specification/drugs.yaml", DRUG)
    before = {path.name for path in (folder / "mod/generated").iterdir()}
    done = run(folder, sys.executable, "-m", "netpyne_model", "convert")
    assert done.returncode == 0, done.stderr
    after = {path.name for path in (folder / "mod/generated").iterdir()}
    assert after - before == {"GABA_B.mod"}
    return folder


def append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


def in_clone(clone: Path, script: str) -> dict:
    """Run a script with the copy's package; what it puts into `found` comes back."""
    head = "import json\nimport netpyne_model as ca1\nfrom netpyne_model.simulation import Trial\n"
    tail = "\nprint('FOUND ' + json.dumps(found))\n"
    done = run(clone, sys.executable, "-c", head + script + tail)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.split("FOUND ")[1])


def trial_script(**fields) -> str:
    """A trial whose voltage and currents come back."""
    return f"""
result = Trial(**{FEW | fields}).run()
found = {{name: one.values.tolist() for name, one in result.recordings.items()}}
found["v"] = result.voltage_mV["soma"].tolist()
"""


def double_exponential(since_ms: np.ndarray, rise_ms: float, decay_ms: float) -> np.ndarray:
    """Rises and decays with these time constants, with a peak of 1; 0 before its start."""
    t = np.clip(since_ms, 0, None)
    peak_ms = np.log(decay_ms / rise_ms) * rise_ms * decay_ms / (decay_ms - rise_ms)
    peak = np.exp(-peak_ms / decay_ms) - np.exp(-peak_ms / rise_ms)
    return (np.exp(-t / decay_ms) - np.exp(-t / rise_ms)) / peak


def test_its_conductance_is_the_closed_form_of_its_component(clone):
    found = in_clone(
        clone,
        """
at = {"place": "trunk@200", "receptor": "GABA_B"}
events = [ca1.ShaftInput(times_ms=[50, 90], **at), ca1.ShaftInput(times_ms=70, weight=3, **at)]
record = {"g": "GABA_B.g trunk@200", "i": "GABA_B.i trunk@200", "v": "trunk@200"}
protocol = ca1.Protocol(duration_ms=500, dt_ms=0.025, stimuli=events, record=record)
result = protocol.run(ca1.Cell())
found = {name: one.values.tolist() for name, one in result.recordings.items()}
found |= {"t": result.time_ms.tolist(), "v": result.voltage_mV["v"].tolist()}
found["kinds"] = result.synapses["kind"].tolist()
""",
    )
    time_ms, g_uS, i_nA = (np.array(found[name]) for name in ("t", "g", "i"))
    expected = sum(
        2e-5 * weight * double_exponential(time_ms - start_ms, 45.0, 150.0)
        for start_ms, weight in ((50, 1), (90, 1), (70, 3))
    )
    np.testing.assert_allclose(g_uS, expected, rtol=0, atol=1e-3 * expected.max())
    # The current is that of the potential at the start of the step.
    np.testing.assert_allclose(i_nA, g_uS * (np.array(found["v"]) + 95), atol=1e-4 * i_nA.max())
    assert found["kinds"] == ["inh", "inh"]


def test_a_trial_drives_it_the_fast_way_and_the_general_way_alike(clone):
    fast = in_clone(clone, trial_script(record_currents=True))
    separate = {"channels": "separate", "spines": "silent", "receptors": "generated"}
    general = in_clone(clone, trial_script(record_currents=True, **separate))
    assert list(fast) == ["i_GABA_A", "i_GABA_B", "i_AMPA", "i_NMDA", "v"]
    slow_nA = np.array(fast["i_GABA_B"])
    assert slow_nA.max() > 0.01
    # The two ways give the same voltage to 1e-4 mV, so the same current: measured 1e-6 of its peak.
    np.testing.assert_allclose(slow_nA, general["i_GABA_B"], atol=1e-5 * slow_nA.max())


def test_without_it_the_cell_gets_the_same_input_and_does_the_same(clone):
    blocked = in_clone(clone, trial_script(drugs=["CGP55845"], record_currents=True))
    assert not np.any(blocked["i_GABA_B"])
    published = Trial(**FEW).run()
    np.testing.assert_array_equal(blocked["v"], published.voltage_mV["soma"])


def test_rules_tables_measures_and_figures_know_it(clone):
    found = in_clone(
        clone,
        f"""
cell = ca1.Cell()
table = cell.table()
by_region = table.groupby("region")["GABA_B.relative_gmax"].agg(["min", "max"])
found = {{"by_region": by_region.dropna().T.to_dict("list")}}
half = cell.with_rule("trunk", "GABA_B.relative_gmax", factor=0.5)
found["half"] = half.relative_gmax("GABA_B", "trunk@200")
found["drug"] = cell.with_drugs("CGP55845").relative_gmax("GABA_B", "trunk@200")
ca1.plot_parameter(cell, "GABA_B.relative_gmax")
result = Trial(record_currents=True, **{FEW}).run()
found["panels"] = [ax.get_title("left") for ax in ca1.plot(result).axes]
found["measures"] = [name for name in ca1.analysis.measure(result) if "GABA_B" in name]
""",
    )
    assert found["by_region"]["soma"] == [0, 0]
    assert found["by_region"]["ais"] == [0, 0]
    assert found["by_region"]["tuft"] == [2, 2]
    assert found["by_region"]["trunk"] == [1, 1]
    assert (found["half"], found["drug"]) == (0.5, 0.0)
    assert any("i_GABA_B" in label for label in found["panels"])
    assert found["measures"] == ["i_GABA_B_in_field_nA", "i_GABA_B_out_of_field_nA"]


def refusal(clone: Path, *settings: str) -> str:
    arguments = [argument for setting in settings for argument in ("--set", setting)]
    done = run(clone, sys.executable, "-m", "netpyne_model", "run", *arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    (line,) = done.stderr.splitlines()
    return line


def test_steps_of_second_order_are_refused(clone):
    assert refusal(clone, "integration=second_order").endswith(
        "the generated GABA_B receptor takes steps of first order; set integration=fixed_step."
    )


def test_a_third_receptor_on_spines(clone):
    """On sections it runs, by the mechanism of its type; solved spines know two receptors."""
    table = (clone / TABLE).read_text(encoding="utf-8")
    (clone / "NeuroML2/LEMS_KA.xml").write_text(KAINATE_COMPONENT)
    try:
        append(clone / TABLE, KAINATE.format(fast="KineticReceptors"))
        assert refusal(clone).endswith(
            "spines solved within their synapse have no KA receptor; set spines=folded."
        )
        found = in_clone(clone, trial_script(spines="folded", record_currents=True))
        assert min(found["i_KA"]) < -1e-3
        (clone / TABLE).write_text(table + KAINATE.format(fast="KineticNMDAReceptor"))
        wrong = run(
            clone, sys.executable, "-c", "from netpyne_model.simulation import Trial\n"
            "Trial(spines='folded', duration_ms=50).run()"
        )  # fmt: skip
        assert "KineticNMDAReceptor takes a kineticNMDAReceptor" in wrong.stderr
    finally:
        (clone / TABLE).write_text(table)
