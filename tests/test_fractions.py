"""Gates lie in [0, 1] and occupancies sum to 1, in every segment and receptor, over whole runs that fire."""

import re

import numpy as np
import pytest

from netpyne_model.benchmarks import fingerprints
from netpyne_model.benchmarks.fingerprints import GENERAL, states_of
from netpyne_model.configuration import load_configuration
from netpyne_model.data_folders import MOD
from netpyne_model.mechanisms.fusing import FUSED, fused_gates, gate_place
from netpyne_model.simulation import prepare_trial
from netpyne_model.simulation.run import build, clear, integrate

TRIAL = fingerprints.TRIAL | {"dc_start_ms": None}
EVERY_STEPS = 20
GENERATED = ("AMPA", "NMDA", "GABA_A")
# A pool keeps three of four fractions. Measured: none outside [0, 1], sums off by 2e-16.
ROUNDING = 1e-14


def columns_of(file: str, enumeration: str) -> list[str]:
    """Names of the columns of a pool, as ``save_state`` gives them."""
    text = re.sub(r"//[^\n]*", "", (MOD / "handwritten" / file).read_text())
    names = re.search(rf"enum {enumeration} {{([^}}]*)}}", text)[1].split(",")
    return [name.strip() for name in names if name.strip()][:-1]  # the last is their number


POOLS = {
    "KineticReceptors": (
        columns_of("KineticReceptors.mod", "ReceptorColumn"),
        [("bound", "closed", "open")],
    ),
    "DrivenSpines": (
        columns_of("spine_steps.inc", "SpineColumn"),
        [("ampa_b", "ampa_c", "ampa_o"), ("nmda_b", "nmda_c", "nmda_o")],
    ),
}


class Watched:
    """Smallest and largest gate and fraction, and the largest error of a sum, over a run."""

    def __init__(self, h, sections):
        self.h = h
        self.low, self.high, self.off, self.n, self.n_awake = np.inf, -np.inf, 0.0, 0, 0
        segments = [segment for section in sections.values() for segment in section]
        self.processes = [one for segment in segments for one in segment.point_processes()]
        pointers = [pointer for segment in segments for pointer in gates(h, segment)]
        self.gates = h.PtrVector(len(pointers))
        for number, pointer in enumerate(pointers):
            self.gates.pset(number, pointer)
        self.values = h.Vector(len(pointers))
        self.n_steps = 0

    def step(self) -> None:
        self.n_steps += 1
        if self.n_steps % EVERY_STEPS == 0:
            self.look()

    def look(self) -> None:
        self.gates.gather(self.values)
        self.take(self.values.as_numpy())
        for process in self.processes:
            name = process.hname().partition("[")[0]
            if name in GENERATED or name == "KineticNMDAReceptor":
                chain = np.array([process.Ru, process.Rb, process.Rc, process.Ro])
                self.take(chain)
                self.off = max(self.off, abs(chain.sum() - 1))
            elif name in POOLS:
                self.take_pool(process, *POOLS[name])

    def take(self, fractions: np.ndarray) -> None:
        self.low, self.high = min(self.low, fractions.min()), max(self.high, fractions.max())
        self.n += len(fractions)

    def take_pool(self, process, columns, chains) -> None:
        """Of those awake; what is unbound is the rest to 1, so that it too must be a fraction."""
        saved = self.h.Vector()
        process.save_state(saved)
        n_awake = int(saved[2])
        if n_awake:
            self.n_awake += n_awake
            rows = np.array(saved)[3 : 3 + n_awake * (1 + len(columns))].reshape(n_awake, -1)[:, 1:]
            for chain in chains:
                three = rows[:, [columns.index(name) for name in chain]]
                self.take(np.append(three, 1 - three.sum(axis=1)))


def gates(h, segment) -> list:
    """References to every gate of a segment, in one mechanism or in several."""
    if not hasattr(segment, FUSED):
        names = {mechanism.name() for mechanism in segment} & set(fused_gates())
        return [
            getattr(getattr(segment, name), f"_ref_{state}")
            for name in sorted(names)
            for state in states_of(h, name)
        ]
    mechanism = getattr(segment, FUSED)
    present = {one for one in fused_gates() if getattr(mechanism, f"gmax_{one}") > 0}
    places = [gate_place(one, gate, present) for one in present for gate in fused_gates()[one]]
    return [getattr(mechanism, f"_ref_{array}")[index] for array, index in places]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"integration": "second_order"},
        {"integration": "second_order", "dt_ms": 0.1},
        {"spines": "folded"},
        GENERAL,
    ],
    ids=["fast", "second order", "second order, 0.1 ms", "fast receptors", "general"],
)
def test_over_a_run_that_fires(loaded, fields):
    config = load_configuration(None, TRIAL, fields)
    trial = prepare_trial(config)
    built = build(trial)
    try:
        watched = Watched(loaded, built.view.sections)
        step = watched.step  # one object, by which it is taken out again
        loaded.CVode().extra_scatter_gather(0, step)
        try:
            integrate(trial.duration_ms)
        finally:
            loaded.CVode().extra_scatter_gather_remove(step)
        n_samples = watched.n_steps // EVERY_STEPS
        assert n_samples > 100
        assert watched.n > n_samples * 3000  # 453 segments with some ten gates each
        if config.receptors == "fast":
            assert watched.n_awake > 1000
        assert watched.low > -ROUNDING
        assert watched.high < 1 + ROUNDING
        assert watched.off < ROUNDING
    finally:
        clear()


def test_every_channel_under_a_clamp(neuron):
    """Those of drugs and of the simple model too, of which one is a scheme of twelve states."""
    arrays = fingerprints.mechanisms(fingerprints.TRIAL)
    channels = [name for name in arrays if name.partition(".")[0] in fingerprints.channels()]
    assert len(channels) > 25
    for name in channels:
        assert arrays[name].min() >= 0, name
        assert arrays[name].max() <= 1, name
    scheme = np.sum([arrays[name] for name in channels if name.startswith("NaV2.")], axis=0)
    np.testing.assert_allclose(scheme, 1, rtol=0, atol=1e-12)
