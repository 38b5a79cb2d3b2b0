#!/usr/bin/env python3
"""Score the cell with HippoUnit itself: ``python scripts/hippounit_scores.py TEST ... --out FOLDER``.

For an environment with this package and ``hippounit==1.4.1 setuptools<81 future``, which is not
part of the package's own: HippoUnit is what `ca1 scores` is checked with, by hand. TEST is one of
`TESTS`. The target data are those of ``netpyne_model/reference/hippounit``.
"""

import argparse
import json
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import hippounit.capabilities as can
import numpy as np
import sciunit
from hippounit import tests

from netpyne_model import Cell, CurrentClamp, SynapticConductance
from netpyne_model.morphology.locations import SOMA
from netpyne_model.scores import somatic_targets, targets
from netpyne_model.scores.fixed_step import fixed_step
from netpyne_model.scores.somatic_features import RECORDINGS, START_MS
from netpyne_model.scores.trains import trunk_places

AFTER_STEP_MS = 200.0
EVENT_MS, END_OF_EVENT_MS = 300.0, 450.0
PSP: dict[str, object] = {
    "target_distances": [100, 200, 300],
    "tolerance": 50,
    "EPSC_amplitude": 0.03,
}
PSP |= {"tau_rise": 0.1, "tau_decay": 3.0, "type": "double exponential synapse"}
TRAIN: dict[str, dict] = {"stimulus": {"delay": 500, "duration": 1000}}
TRAIN |= {"recording": {"distances": [50, 150, 250, 350], "tolerance": 20}}
OF_TRAIN = {"first_350_strong": "AP1_amp_strong_propagating_at_350um"}
OF_TRAIN |= {"first_350_weak": "AP1_amp_weak_propagating_at_350um"}


class CellModel(
    sciunit.Model,
    can.ReceivesSquareCurrent_ProvidesResponse,
    can.ReceivesSquareCurrent_ProvidesResponse_MultipleLocations,
    can.ProvidesRecordingLocationsOnTrunk,
    can.ProvidesRandomDendriticLocations,
    can.ReceivesEPSCstim,
):
    """A cell of this package as HippoUnit's tests see a model."""

    TrunkSecList_name = SecList_name = "trunk"

    def __init__(self, cell: Cell, folder: Path):
        super().__init__(name=cell.name)
        self.cell = cell
        self.base_directory = f"{folder}/"

    def _run(self, duration_ms: float, record: Mapping[str, Any], *stimuli: Any) -> Any:
        return fixed_step(duration_ms, {"soma": SOMA} | dict(record), stimuli).run(self.cell)

    def _step(self, amp: float, delay: float, dur: float, record: Mapping[str, Any]) -> Any:
        step = CurrentClamp(amplitude_nA=float(amp), start_ms=delay, stop_ms=delay + dur)
        return self._run(delay + dur + AFTER_STEP_MS, record, step)

    def inject_current(self, amp, delay, dur, section_stim, loc_stim, section_rec, loc_rec):
        """Times and potentials of the soma under a step there."""
        result = self._step(amp, delay, dur, {})
        return result.time_ms, result.voltage_mV["soma"]

    def inject_current_record_respons_multiple_loc(
        self, amp, delay, dur, section_stim, loc_stim, dend_locations
    ):
        """The same with the potentials along the trunk, by distance and place."""
        record = {f"at_{n}": tuple(p) for n, p in enumerate(_flat(dend_locations))}
        result = self._step(amp, delay, dur, record)
        traces = {tuple(place): result.voltage_mV[name] for name, place in record.items()}
        by_distance = {
            distance: {tuple(place): traces[tuple(place)] for place in places}
            for distance, places in dend_locations.items()
        }
        return result.time_ms, result.voltage_mV["soma"], by_distance

    def _trunk(self) -> list[tuple[str, float, float]]:
        """Section, x and path distance of every segment of the trunk."""
        rows = trunk_places(self.cell)
        places = [self.cell.locate(place) for place in rows["place"]]
        distances = rows["path_distance"]
        return [(p.section, p.x, um) for p, um in zip(places, distances, strict=True)]

    def find_trunk_locations(self, distances, tolerance, trunk_origin):
        """Segments about every distance, and how far they are."""
        places: dict[float, list[list[Any]]] = {distance: [] for distance in distances}
        actual_um = {}
        for section, x, um in self._trunk():
            for distance in distances:
                if abs(um - distance) < tolerance:
                    places[distance].append([section, x])
                    actual_um[section, x] = um
        return places, actual_um

    def get_random_locations(self, num, seed, dist_range, trunk_origin):
        """Segments drawn within a range of distances."""
        near = [one for one in self._trunk() if dist_range[0] <= one[2] < dist_range[1]]
        drawn = random.Random(seed).sample(near, min(num, len(near)))
        return [[s, x] for s, x, _ in drawn], {(s, x): um for s, x, um in drawn}

    def run_EPSCstim(self, dend_loc, weight, tau1, tau2):
        """Times, and potentials of the soma and of the place of a synaptic event."""
        place = (dend_loc[0], float(dend_loc[1]))
        event = SynapticConductance(
            times_ms=EVENT_MS,
            peak_uS=float(weight),
            place=place,
            tau_rise_ms=tau1,
            tau_decay_ms=tau2,
        )
        result = self._run(END_OF_EVENT_MS, {"there": place}, event)
        return result.time_ms, result.voltage_mV["soma"], result.voltage_mV["there"]


def _flat(places: Mapping[float, Sequence[Sequence[Any]]]) -> list[Sequence[Any]]:
    """Places of all distances, each once."""
    return [list(place) for place in dict.fromkeys(tuple(p) for f in places.values() for p in f)]


def somatic(recordings: str, folder: str) -> Any:
    """HippoUnit's somatic features test with one set of recordings."""
    observation, stimuli = {}, {}
    for row in somatic_targets(recordings).itertuples():
        step = f"Step{row.current_nA:g}"
        observation[f"{row.feature}.{step}"] = {
            "Mean": row.mean,
            "Std": row.sd,
            "Stimulus": step,
            "Type": row.feature,
        }
        stimuli[step] = {"Amplitude": row.current_nA, "Delay": START_MS, "Type": "SquarePulse"}
        stimuli[step] |= {"Duration": RECORDINGS[recordings].step_ms}
        stimuli[step] |= dict.fromkeys(("StimSectionName", "RecSectionName"), "soma")
        stimuli[step] |= dict.fromkeys(("StimLocationX", "RecLocationX"), 0.5)
    return tests.SomaticFeaturesTest(
        observation,
        {"stimuli": stimuli},
        base_directory=folder,
        show_plot=False,
        specify_data_set=recordings,  # else it takes the traces of the other set for its own
    )


def block(folder: str) -> Any:
    """HippoUnit's test of the depolarisation block."""
    current, equilibrium = targets("depolarisation_block").values()
    observation = {"mean_Ith": f"{current.mean} nA", "Ith_std": f"{current.sd} nA"}
    observation |= {"mean_Veq": f"{equilibrium.mean} mV", "Veq_std": f"{equilibrium.sd} mV"}
    return tests.DepolarizationBlockTest(observation, base_directory=folder, show_plot=False)


def trains(folder: str) -> Any:
    """HippoUnit's test of back-propagating spikes."""
    observation: dict[str, str] = {}
    for quantity, one in targets("back_propagation").items():
        spike, distance_um = quantity.split("_")[:2]
        usual = f"{'AP1' if spike == 'first' else 'APlast'}_amp_at_{distance_um}um"
        name = OF_TRAIN.get(quantity, usual)
        observation |= {f"mean_{name}": f"{one.mean} mV", f"std_{name}": f"{one.sd} mV"}
    return tests.BackpropagatingAPTest(TRAIN, observation, base_directory=folder, show_plot=False)


def attenuation(folder: str) -> Any:
    """HippoUnit's test of the attenuation of synaptic potentials."""
    observation: dict[str, str] = {}
    for quantity, one in targets("attenuation").items():
        name = f"attenuation_soma/dend_{quantity.removeprefix('psp_')}_um"
        observation |= {f"mean_{name}": str(one.mean), f"std_{name}": str(one.sd)}
    return tests.PSPAttenuationTest(PSP, observation, base_directory=folder, show_plot=False)


TESTS: dict[str, Callable[[str], Any]] = {
    "patch": lambda folder: somatic("patch", folder),
    "sharp": lambda folder: somatic("sharp", folder),
    "depolarisation_block": block,
    "back_propagation": trains,
    "attenuation": attenuation,
}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tests", nargs="+", choices=list(TESTS), metavar="TEST")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    model = CellModel(Cell(), given.out)
    totals = {}
    for name in given.tests:
        test = TESTS[name](f"{given.out}/")
        test.npool = 1
        totals[name] = float(np.min(test.judge(model).score))
        print(name, totals[name], flush=True)
    (given.out / "totals.json").write_text(json.dumps(totals, indent=2))
