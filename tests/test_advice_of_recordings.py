"""What the errors of clamps, recordings, held potentials and inductions advise is done, and works."""

from pathlib import Path

import numpy as np
import pytest
import yaml
from following import advised, advised_number, told

from netpyne_model import (
    Cell,
    CurrentClamp,
    DynamicClamp,
    Holding,
    PlaceFieldInput,
    Protocol,
    SpineInput,
    Trial,
)
from netpyne_model.data_folders import MORPHOLOGIES
from netpyne_model.plasticity import PlateauPulse, instructive, load_rule, weights_after
from netpyne_model.protocols import current_recording
from netpyne_model.protocols.induction import Animal, Induction

KSLOW = Path(__file__).parent / "data" / "kslow.mod"
EXAMPLE = MORPHOLOGIES / "example.swc"
CELL, SIMPLE = Cell(), Cell.simple()
RULE = load_rule("fitted")
WEAK = DynamicClamp(g_uS=1e-3)
SPINE = SpineInput(times_ms=0.1, spines=[7])


def of(cell, record="soma", **fields):
    """A quarter of a millisecond of a cell."""
    fields = {"duration_ms": 0.25, "dt_ms": 0.025} | fields
    return Protocol(record={"one": record}, **fields).run(cell)


def without_sodium(folder):
    """The simple cell, to whose file no sodium is known."""
    file = folder / "cell.yaml"
    SIMPLE.save(file)
    content = yaml.safe_load(file.read_text())
    content["biophysics"] |= {"channels": {}, "ions": {}}
    file.write_text(yaml.safe_dump(content))
    return Cell(file)


def weights(before, spikes=((),)):
    """The weights of so many synapses, without spikes, after 9 ms."""
    span = {"from_ms": 0, "to_ms": 9, "eligibility_peak": 1, "instructive_peak": 1}
    return weights_after(np.array(before), list(spikes), [], RULE, **span)


RECORDINGS = {
    "an ion where no channel carries it": (
        lambda: of(CELL.without("nas", "tuft"), "na.i tuft@400"),
        "carries na; record it elsewhere.",
        lambda line: of(CELL.without("nas", "tuft"), "na.i soma"),
    ),
    "the gates of receptors of second order": (
        lambda: of(CELL, "NMDA.B spine_7", stimuli=SPINE, integration="second_order"),
        "receptors of second order keep i and g; set integration=fixed_step.",
        lambda line: of(
            CELL, "NMDA.B spine_7", stimuli=SPINE, integration=advised(line, r"integration=(\w+)")
        ),
    ),
    "a variable that a file's channel keeps for itself": (
        lambda: of(CELL.with_channel("slow", KSLOW, {"soma": 1e-3}), "slow.q soma"),
        "'q' cannot be recorded. Known: ",
        lambda line: [
            of(CELL.with_channel("slow", KSLOW, {"soma": 1e-3}), f"slow.{one} soma")
            for one in advised(line, "Known: (.*)[.]").split(", ")
        ],
    ),
    "a stimulus of another kind": (
        lambda: Protocol(duration_ms=9, stimuli={"kind": "CurentClamp", "amplitude_nA": 0.1}),
        "expected kind, one of CurrentClamp,",
        lambda line: Protocol(
            duration_ms=9, stimuli={"kind": advised(line, "mean '(.*)'"), "amplitude_nA": 0.1}
        ),
    ),
    "weights of a file and others": (
        lambda: PlaceFieldInput(weights_file="w.csv", w_max=2.0),
        "weights_file has the weights of the excitatory synapses; leave one of the two out.",
        lambda line: [PlaceFieldInput(weights_file="w.csv"), PlaceFieldInput(w_max=2.0)],
    ),
    "more inputs than spines": (
        lambda: Trial(cell=Cell(EXAMPLE), setup="place_cell", duration_ms=1).run(),
        "give a share of them, excitatory_share=",
        lambda line: Trial(
            cell=Cell(EXAMPLE),
            setup="place_cell",
            duration_ms=1,
            excitatory_share=advised_number(line, r"excitatory_share=(\S+)"),
        ).run(),
    ),
    "currents between two samples": (
        lambda: of(
            SIMPLE,
            record_membrane_currents_ms=0.1,
            record_membrane_currents_from_ms=0.125,
            record_membrane_currents_to_ms=0.15,
        ),
        "no multiple of it lies between 0.125 and 0.15 ms; give a smaller step, or another"
        " record_membrane_currents_from_ms.",
        lambda line: [
            of(
                SIMPLE,
                record_membrane_currents_ms=step_ms,
                record_membrane_currents_from_ms=from_ms,
                record_membrane_currents_to_ms=0.15,
            )
            for step_ms, from_ms in ((0.025, 0.125), (0.1, 0.05))
        ],
    ),
    "currents from a time after the end on": (
        lambda: of(
            SIMPLE, record_membrane_currents_ms=0.1, record_membrane_currents_from_ms=5000.0
        ),
        "record_membrane_currents_from_ms = 5000: the run ends at ",
        lambda line: of(
            SIMPLE,
            record_membrane_currents_ms=0.1,
            record_membrane_currents_from_ms=advised_number(line, r"ends at (\S+) ms; give less")
            / 2,
        ),
    ),
    "currents that end before they begin": (
        lambda: of(
            SIMPLE,
            record_membrane_currents_ms=0.1,
            record_membrane_currents_from_ms=0.4,
            record_membrane_currents_to_ms=0.2,
        ),
        "record_membrane_currents_from_ms = 0.4: recording ends at 0.2 ms; give less.",
        lambda line: of(
            SIMPLE,
            record_membrane_currents_ms=0.1,
            record_membrane_currents_from_ms=advised_number(line, r"ends at (\S+) ms; give less")
            / 2,
            record_membrane_currents_to_ms=0.2,
        ),
    ),
    "a clamp of the sodium of a cell that has none": (
        lambda: of(CELL.without(["nas", "nax"]), stimuli=WEAK),
        "no sodium channel there whose steady state is known; give component, one of ",
        lambda line: [
            of(CELL.without(["nas", "nax"]), stimuli=DynamicClamp(g_uS=1e-3, component=one))
            for one in advised(line, "one of (.*)[.]").split(", ")
        ],
    ),
    "a multiple of what is not there": (
        lambda: of(CELL.without("nas"), stimuli=DynamicClamp(factor=1, component="nax")),
        "the cell has no sodium channel on soma_0; give density_S_per_cm2.",
        lambda line: of(
            CELL.without("nas"),
            stimuli=DynamicClamp(component="nax", **{advised(line, r"give (\w+)"): 1e-3}),
        ),
    ),
    "a plateau that ends as it begins": (
        lambda: instructive([PlateauPulse(5.0, 5.0)], np.arange(9.0), 500.0),
        "plateau from 5 to 5 ms: expected an end after the start.",
        lambda line: instructive([PlateauPulse(5.0, 8.0)], np.arange(9.0), 500.0),
    ),
    "a weight above the rule's": (
        lambda: weights([4.5]),
        "weight 4.5: the rule has weights from 0 to 4.02; scale them.",
        lambda line: weights(np.array([4.5]) * advised_number(line, r"0 to ([\d.]+);") / 4.5),
    ),
    "weights of other synapses": (
        lambda: weights([1.0, 1.0]),
        "weights have shape (2,): expected one a synapse, 1.",
        lambda line: weights(np.ones(int(advised(line, r"synapse, (\d+)")))),
    ),
    "spikes of another kind": (
        lambda: Induction(position=50, laps=[1], spikes_are="relased"),
        "spikes_are 'relased' does not exist. Did you mean 'released'?",
        lambda line: Induction(position=50, laps=[1], spikes_are=advised(line, "mean '(.*)'")),
    ),
    "an induction on spikes that are given": (
        lambda: Animal(SIMPLE, PlaceFieldInput(events_file="e.csv")),
        "leave out the input's events_file.",
        lambda line: Animal(CELL, PlaceFieldInput(n_excitatory=20)),
    ),
}


@pytest.mark.parametrize("case", RECORDINGS)
def test_protocols(case):
    refused, line, as_told = RECORDINGS[case]
    as_told(told(refused, line))


def test_a_clamp_without_a_reversal_potential(tmp_path):
    cell, strength = without_sodium(tmp_path), {"g_uS": 1e-3, "component": "NaV2"}
    line = told(
        lambda: of(cell, stimuli=DynamicClamp(**strength)), "the cell has no sodium; give reversal"
    )
    of(cell, stimuli=DynamicClamp(**strength, **{advised(line, r"give (\w+)"): 50.0}))


def test_gates_where_fused_channels_have_none():
    """Of a channel that ends in the middle of a branch."""
    cell = CELL.with_rule("apical", "kdr.gbar", value=0.05, to_um=100.0, outside=0.0)

    def gate(x, channels="fused"):
        return of(cell, f"kdr.n apical_16({x})", channels=channels)

    line = told(lambda: gate(0.9), "the density of kdr is 0 there", "record elsewhere, or set ")
    gate(0.1)
    gate(0.9, advised(line, r"set channels=(\w+)"))


def test_currents_that_no_memory_holds(monkeypatch):
    monkeypatch.setattr(current_recording, "MOST_BYTES", 1000)  # in place of 1 GB

    def currents(step_ms, **span):
        of(SIMPLE, duration_ms=5.0, record_membrane_currents_ms=step_ms, **span)

    line = told(lambda: currents(0.025), "GB at most; set it to ", ", or a span by ")
    currents(advised_number(line, r"set it to (\S+),"))
    span = [f"record_membrane_currents_{end}_ms" for end in ("from", "to")]
    assert f"a span by {' and '.join(span)}." in line
    currents(0.025, **dict(zip(span, (0.0, 0.5), strict=True)))


def test_an_induction_after_the_track():
    animal = Animal(CELL, PlaceFieldInput(setup="silent_cell", n_excitatory=20))

    def induced(position):
        return Induction(position=position, laps=[1]).weights(animal)

    line = told(lambda: induced(190), "position 190: the track ends at", "begin before.")
    induced(advised_number(line, r"ends at (\S+)") - 50)


def held(target_mV=-65.0, settling_ms=10.0, **holding):
    """What the published cell does until it is held, and 2 ms more."""
    clamp = CurrentClamp(amplitude_nA=0, start_ms=settling_ms)
    holding = Holding(target_mV=target_mV, **holding)
    return Protocol(duration_ms=settling_ms + 2, holding=holding, stimuli=clamp).run(CELL)


def test_holding_in_steps():
    """A finer step where the wanted current lies between two, a coarser one where it is far off."""
    line = told(lambda: held(step_nA=0.01, tolerance_mV=0.01), "give a smaller step_nA.")
    assert "no multiple of 0.01 nA from" in line
    held(step_nA=0.003, tolerance_mV=0.01)
    told(lambda: held(step_nA=0.001, tolerance_mV=0.01), "give a larger step_nA.")
    told(
        lambda: held(step_nA=0.5),
        "the cell fires at 0.5000 nA; hold it at a more negative potential, or give a smaller step",
    )
    held(target_mV=-75, step_nA=0.01)
    held(step_nA=0.01)


def test_holding_where_the_cell_fires():
    told(
        lambda: held(target_mV=-20),
        "the cell fires at",
        " nA; hold it at a more negative potential.",
    )
    held(target_mV=-65)


def test_holding_more_closely_than_adapted_steps_do():
    line = told(
        lambda: held(-55, 100.0, tolerance_mV=1e-6), "runs, not within 1e-06 mV; give a wider"
    )
    held(-55, 100.0, **{advised(line, r"wider (\w+)"): 0.01})
