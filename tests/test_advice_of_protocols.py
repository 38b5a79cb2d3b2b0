"""What the errors of protocols advise is done, as it stands, and works."""

import pytest
from following import advised, advised_number, told

from netpyne_model import (
    Cell,
    CurrentClamp,
    DynamicClamp,
    Holding,
    PlaceFieldInput,
    Protocol,
    ShaftInput,
    SpineInput,
    SynapticConductance,
    SynapticCurrent,
    VoltageClamp,
)

AT = {"place": "trunk@200"}
LEVELS = [(0, -65)]
CLAMP = VoltageClamp(levels=LEVELS)
AT_SOMA = {"place": "soma", "g_uS": 1e-4, "component": "NaV2"}
SODIUM_CLAMP = {"density_S_per_cm2": 1e-3}


def lasting(duration_ms=9.0, **fields):
    return Protocol(duration_ms=duration_ms, **fields)


DECLARED = {
    "a field of another name": (
        lambda: CurrentClamp(amplitude=0.1),
        "CurrentClamp has no field 'amplitude'. Did you mean 'amplitude_nA'?",
        lambda line: CurrentClamp(**{advised(line, "mean '(.*)'"): 0.1}),
    ),
    "a field that is missing": (
        lambda: CurrentClamp(start_ms=1),
        "CurrentClamp {'start_ms': 1}: give amplitude_nA too.",
        lambda line: CurrentClamp(start_ms=1, **{advised(line, "give (.*) too"): 0.1}),
    ),
    "no rows of numbers": (
        lambda: VoltageClamp(levels=-65),
        "levels = -65: expected sequences of numbers.",
        lambda line: VoltageClamp(levels=[[0, -65]]),
    ),
    "a place that is none": (
        lambda: CurrentClamp(amplitude_nA=0.1, place=3),
        "place 3: expected 'trunk_50(0.5)', ('trunk_50', 0.5) or 'trunk@200'.",
        lambda line: [
            CurrentClamp(amplitude_nA=0.1, place=place)
            for place in ("trunk_50(0.5)", ("trunk_50", 0.5), "trunk@200")
        ],
    ),
    "a share of a spine": (
        lambda: SpineInput(times_ms=1, n=2.5, **AT),
        "n = 2.5: expected a whole number from 1.",
        lambda line: SpineInput(times_ms=1, n=int(advised(line, r"from (\d+)")), **AT),
    ),
    "a number beyond its ends": (
        lambda: Holding(target_mV=-900),
        "target_mV = -900: expected a number from",
        lambda line: [
            Holding(target_mV=advised_number(line, pattern))
            for pattern in (r"from (\S+) to", r"to (\S+)\.$")
        ],
    ),
    "no receptor": (
        lambda: SpineInput(times_ms=1, receptors=(), **AT),
        "receptors: expected at least one of AMPA, NMDA.",
        lambda line: [
            SpineInput(times_ms=1, receptors=one, **AT)
            for one in advised(line, r"one of (.*)\.").split(", ")
        ],
    ),
    "a receptor of another name": (
        lambda: ShaftInput(times_ms=1, receptor="GABA", **AT),
        "receptor 'GABA' is none that a shaft may have. Did you mean 'GABA_A'?",
        lambda line: ShaftInput(times_ms=1, receptor=advised(line, "mean '(.*)'"), **AT),
    ),
    "a holding that is a number": (
        lambda: lasting(holding=-65),
        "holding = -65: expected Holding(target_mV=...).",
        lambda line: lasting(holding=Holding(target_mV=-65)),
    ),
    "holding a clamped cell": (
        lambda: lasting(holding=Holding(target_mV=-65), stimuli=CLAMP),
        "holding beside a voltage clamp: the clamp holds the cell; give one of the two.",
        lambda line: [lasting(holding=Holding(target_mV=-65)), lasting(stimuli=CLAMP)],
    ),
    "an event after the end": (
        lambda: lasting(stimuli=SpineInput(times_ms=20, **AT)),
        "SpineInput begins at 20 ms, when the run of 9 ms is over; give a longer duration_ms.",
        lambda line: lasting(
            advised_number(line, "begins at (.*) ms,") + 1, stimuli=SpineInput(times_ms=20, **AT)
        ),
    ),
    "two voltage clamps": (
        lambda: lasting(stimuli=[CLAMP] * 2),
        "2 voltage clamps: expected one at most; join their levels.",
        lambda line: lasting(stimuli=VoltageClamp(levels=[*LEVELS, (5, -60)])),
    ),
    "the name of the clamp's current": (
        lambda: lasting(record={"clamp_current": "soma"}),
        "record: 'clamp_current' is the name of a voltage clamp's current; take another.",
        lambda line: lasting(record={"current_of_mine": "soma"}),
    ),
    "membrane currents at adapted steps": (
        lambda: lasting(record_membrane_currents_ms=0.5),
        "takes fixed steps: give dt_ms too, such as 0.025.",
        lambda line: lasting(
            record_membrane_currents_ms=0.5, dt_ms=advised_number(line, r"such as (\S+)")
        ),
    ),
    "membrane currents between steps": (
        lambda: lasting(record_membrane_currents_ms=0.04, dt_ms=0.025),
        "record_membrane_currents_ms = 0.04: expected a multiple of dt_ms (0.025 ms); set",
        lambda line: [
            lasting(
                record_membrane_currents_ms=advised_number(line, r"set \S+=([\d.]+)"), dt_ms=0.025
            ),
            lasting(
                record_membrane_currents_ms=0.04, dt_ms=advised_number(line, r"dt_ms=([\d.]+)")
            ),
        ],
    ),
    "a span of nothing": (
        lambda: lasting(record_membrane_currents_from_ms=2.0, dt_ms=0.025),
        "it has no effect without record_membrane_currents_ms; give both.",
        lambda line: lasting(
            record_membrane_currents_from_ms=2.0, dt_ms=0.025, record_membrane_currents_ms=0.5
        ),
    ),
    "levels that begin late": (
        lambda: VoltageClamp(levels=[(5, -65)]),
        "expected 0 first, then increasing times in ms.",
        lambda line: VoltageClamp(levels=[(0, -65), (5, -60)]),
    ),
    "a waveform of one time": (
        lambda: VoltageClamp(waveform=([0], [0])),
        "waveform: expected times, two or more, and potentials, as many of these as times.",
        lambda line: VoltageClamp(waveform=([0, 1], [-65, -60])),
    ),
    "a source of another name": (
        lambda: SynapticCurrent(times_ms=[1], peak_nA=0.1, source="EPCS"),
        "Did you mean 'EPSC'?",
        lambda line: SynapticCurrent(
            times_ms=[1], peak_nA=0.1, source=advised(line, "mean '(.*)'")
        ),
    ),
    "a rise that is slower than the decay": (
        lambda: SynapticConductance(times_ms=[1], peak_uS=1e-3, tau_rise_ms=5.0, tau_decay_ms=2.0),
        "tau_rise_ms = 5: expected less than tau_decay_ms (2).",
        lambda line: SynapticConductance(
            times_ms=[1], peak_uS=1e-3, tau_rise_ms=1.9, tau_decay_ms=2.0
        ),
    ),
    "a spine twice": (
        lambda: SpineInput(times_ms=1, spines=[4, 4]),
        "spines: 4 is named twice; name each spine once.",
        lambda line: SpineInput(times_ms=1, spines=[4]),
    ),
    "a stimulus that is a word": (
        lambda: lasting(stimuli=["step"]),
        "stimulus 'step': expected one of CurrentClamp,",
        lambda line: lasting(stimuli=[CurrentClamp(amplitude_nA=0.1)]),
    ),
    "events that are neither": (
        lambda: PlaceFieldInput(events_are="presynaptic"),
        "events_are = 'presynaptic': it has no effect without events_file; leave it out, or give both.",
        lambda line: [
            PlaceFieldInput(),
            PlaceFieldInput(events_are="presynaptic", events_file="e.csv"),
        ],
    ),
    "inputs of a file, drawn": (
        lambda: PlaceFieldInput(events_file="e.csv", n_excitatory=20),
        "n_excitatory = 20: it has no effect on the inputs of events_file; leave one of the two out.",
        lambda line: [PlaceFieldInput(events_file="e.csv"), PlaceFieldInput(n_excitatory=20)],
    ),
    "a current of another name": (
        lambda: DynamicClamp(current="persistnt", **SODIUM_CLAMP),
        "Did you mean 'persistent",
        lambda line: DynamicClamp(current=advised(line, "mean '(.*)'"), **SODIUM_CLAMP),
    ),
    "a dynamic clamp that ends first": (
        lambda: DynamicClamp(start_ms=5, stop_ms=5, **SODIUM_CLAMP),
        "stop_ms = 5: expected more than start_ms (5).",
        lambda line: DynamicClamp(
            start_ms=5, stop_ms=advised_number(line, r"start_ms \((\d+)\)") + 1, **SODIUM_CLAMP
        ),
    ),
    "a dynamic clamp here and there": (
        lambda: DynamicClamp(place="soma_0(0.5)", region="trunk", **SODIUM_CLAMP),
        "a dynamic clamp has either a place or a region; leave out one.",
        lambda line: [
            DynamicClamp(place="soma_0(0.5)", **SODIUM_CLAMP),
            DynamicClamp(region="trunk", **SODIUM_CLAMP),
        ],
    ),
    "a dynamic clamp without strength": (
        lambda: DynamicClamp(),
        "a dynamic clamp with no strength: give one of g_uS, density_S_per_cm2, factor.",
        lambda line: [
            DynamicClamp(**{name: 1e-3}) for name in advised(line, r"one of (.*)\.").split(", ")
        ],
    ),
    "a conductance of a region": (
        lambda: DynamicClamp(region="trunk", g_uS=1e-3),
        "over a region give density_S_per_cm2 or factor.",
        lambda line: [
            DynamicClamp(region="trunk", **{name: 1e-3})
            for name in advised(line, r"region give (.*)\.").split(" or ")
        ],
    ),
    "a component of another name": (
        lambda: DynamicClamp(component="nas_som", **SODIUM_CLAMP),
        "Did you mean 'nas_soma'?",
        lambda line: DynamicClamp(component=advised(line, "mean '(.*)'"), **SODIUM_CLAMP),
    ),
    "gates of a leak": (
        lambda: DynamicClamp(current="leak", component="nax", reversal_mV=-65, **SODIUM_CLAMP),
        "component = 'nax': a leak has no gates; leave it out.",
        lambda line: DynamicClamp(current="leak", reversal_mV=-65, **SODIUM_CLAMP),
    ),
    "a leak without a potential": (
        lambda: DynamicClamp(current="leak", **SODIUM_CLAMP),
        "a leak needs its reversal potential; give reversal_mV.",
        lambda line: DynamicClamp(
            current="leak", **{advised(line, r"; give (\w+)"): -65}, **SODIUM_CLAMP
        ),
    ),
}


@pytest.mark.parametrize("case", DECLARED)
def test_declarations(case):
    refused, line, as_told = DECLARED[case]
    as_told(told(refused, line))


SIMPLE = Cell.simple()


CELL = Cell()


def of(cell, record="soma", **fields):
    """A quarter of a millisecond of a cell."""
    fields = {"duration_ms": 0.25, "dt_ms": 0.025} | fields
    return Protocol(record={"one": record}, **fields).run(cell)


def simple(record="soma", **fields):
    return of(SIMPLE, record, **fields)


RUN = {
    "a cell that is a file": (
        lambda: lasting(0.25).run("cell.yaml"),
        "'cell.yaml': expected a Cell to run the protocol on",
        lambda line: lasting(0.25).run(SIMPLE),
    ),
    "a recording without a place": (
        lambda: simple("a b c"),
        "recording 'a b c': expected 'place' or 'variable place', such as 'nas.i trunk@200'.",
        lambda line: [simple("soma"), simple("v soma")],
    ),
    "a recording of a channel of another name": (
        lambda: simple("NaV.i soma"),
        "recording 'NaV.i soma': 'NaV' does not exist. Did you mean 'NaV2'?",
        lambda line: simple(advised(line, "mean '(.*)'") + ".i soma"),
    ),
    "a recording of NEURON's name": (
        lambda: simple("ina soma"),
        "Did you mean 'na.i soma'?",
        lambda line: simple(advised(line, "mean '(.*)'")),
    ),
    "a recording of a whole channel": (
        lambda: simple("NaV2 soma"),
        "recording 'NaV2 soma': expected a variable of NaV2, such as 'NaV2.i soma'.",
        lambda line: simple(advised(line, "such as '(.*)'")),
    ),
    "what an ion does not have": (
        lambda: simple("na.g soma"),
        "ask for one of these.",
        lambda line: [
            simple(f"na.{name} soma") for name in advised(line, "an ion has (.*);").split(", ")
        ],
    ),
    "what a channel does not have": (
        lambda: simple("NaV2.ii soma"),
        "'ii' does not exist there. Did you mean 'i'?",
        lambda line: simple(f"NaV2.{advised(line, 'mean .(.*).[?]')} soma"),
    ),
    "what fused channels do not keep": (
        lambda: of(CELL, "kdr.ik soma", channels="fused"),
        "ask for one of these, or, for what else it has, set channels=separate.",
        lambda line: [
            of(CELL, f"kdr.{advised(line, 'of this one (.*);')} soma", channels="fused"),
            of(CELL, "kdr.gion soma", channels=advised(line, r"channels=(\w+)")),
        ],
    ),
    "a channel that is not there": (
        lambda: of(CELL, "nax.i soma"),
        "there is no nax on soma_0; record it elsewhere.",
        lambda line: of(CELL, "nax.i axon_4(0.5)"),
    ),
    "a receptor that is not driven": (
        lambda: of(CELL, "AMPA.g spine_3", stimuli=SpineInput(times_ms=0.1, spines=[7])),
        "no driven AMPA receptor is there; driven ones are at spine_7.",
        lambda line: of(
            CELL,
            f"AMPA.g {advised(line, r'are at (.*)[.]')}",
            stimuli=SpineInput(times_ms=0.1, spines=[7]),
        ),
    ),
    "what a dynamic clamp does not have": (
        lambda: simple("dynamic_clamp.v soma", stimuli=DynamicClamp(**AT_SOMA)),
        "ask for one of these.",
        lambda line: [
            simple(f"dynamic_clamp.{name} soma", stimuli=DynamicClamp(**AT_SOMA))
            for name in advised(line, "clamp has (.*);").split(" and ")
        ],
    ),
    "a dynamic clamp that is not there": (
        lambda: simple("dynamic_clamp.i soma"),
        "no dynamic clamp is there; record it where one is.",
        lambda line: simple("dynamic_clamp.i soma", stimuli=DynamicClamp(**AT_SOMA)),
    ),
    "times beyond the run": (
        lambda: lasting(0.25).sampled(SIMPLE, [0.1, 5.0]),
        "times_ms: expected rising times from 0 to 0.25 ms, the end.",
        lambda line: lasting(0.25).sampled(SIMPLE, [0.1, advised_number(line, "0 to (.*) ms")]),
    ),
    "a region that the cell has not": (
        lambda: simple(stimuli=DynamicClamp(region="tuft", **SODIUM_CLAMP)),
        "dynamic clamp: the cell has no tuft",
        lambda line: simple(stimuli=DynamicClamp(region="soma", **SODIUM_CLAMP)),
    ),
    "too short to settle": (
        lambda: simple(
            duration_ms=5.0,
            holding=Holding(target_mV=-65),
            stimuli=CurrentClamp(amplitude_nA=0, start_ms=2),
        ),
        "expected at least 4 ms before the first event.",
        lambda line: simple(
            duration_ms=9.0,
            holding=Holding(target_mV=-65, tolerance_mV=5),
            stimuli=CurrentClamp(
                amplitude_nA=0, start_ms=advised_number(line, "least (.*) ms") + 2
            ),
        ),
    ),
}


@pytest.mark.parametrize("case", RUN)
def test_runs(case):
    refused, line, as_told = RUN[case]
    as_told(told(refused, line))
