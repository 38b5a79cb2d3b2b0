"""What a protocol declares: refused in one line where it does not hold, else plain data."""

import dataclasses

import numpy as np
import pytest
from protocol_runs import DRIVEN, SPINE, STEP

from netpyne_model import (
    CurrentClamp,
    Holding,
    ModelError,
    Protocol,
    ShaftInput,
    SpineInput,
    VoltageClamp,
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("trunk_500(0)", "Did you mean 'trunk_50'"),
        ("trnk@200", "Did you mean 'trunk'"),
        ("trunk@2000", "the trunk of this cell lies from 0.0 to"),
        ("soma_0", "expected section(x)"),
        ("spine_99999", "spine 99999 does not exist; this cell has spines 0 to 11293"),
        (7, "place 7: expected"),
        ("nas.mm soma_0(0)", "Did you mean 'm'"),
        ("nas soma_0(0)", "such as 'nas.i soma_0(0)'"),
        ("nass.i soma_0(0)", "Did you mean 'nas'"),
        ("ca.i soma_0(0)", "'ca' does not exist. Known: AMPA, GABA_A, NMDA, dynamic_clamp, h,"),
        ("na.x soma_0(0)", "an ion has i, e, inside, outside"),
        ("na.i spine_3", "no channel at head_3(0.5) carries na"),
        ("h.i axon_4(0.5)", "there is no h on axon_4"),
        ("NMDA.g spine_3", f"no driven NMDA receptor is there; driven ones are at spine_{SPINE}"),
        ("GABA_A.g spine_3", "none is driven"),
        (f"AMPA.gg spine_{SPINE}", "Did you mean 'g'"),
        ("na.i at soma_0(0)", "expected 'place' or 'variable place'"),
    ],
)
def test_a_recording_that_does_not_exist_is_refused(cell, text, told):
    with pytest.raises(ModelError) as caught:
        dataclasses.replace(DRIVEN, record={"one": text}).run(cell)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


NAN = float("nan")
AT = {"place": "trunk@200"}


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: CurrentClamp(amplitude_nA=NAN), "amplitude_nA = nan: expected a number"),
        (lambda: CurrentClamp(amplitude_nA="0.1"), "amplitude_nA = '0.1'"),
        (lambda: CurrentClamp(amplitude_nA=1, start_ms=-1), "start_ms = -1"),
        (
            lambda: CurrentClamp(amplitude_nA=1, start_ms=5, stop_ms=5),
            "stop_ms = 5: expected more than start_ms",
        ),
        (lambda: VoltageClamp(), "either levels"),
        (lambda: VoltageClamp(levels=[(0, -65)], waveform=([0, 1], [0, 1])), "either levels"),
        (lambda: VoltageClamp(levels=[(0, NAN)]), "potential of the voltage clamp = nan"),
        (lambda: VoltageClamp(levels=[(5, -65)]), "expected 0 first"),
        (lambda: VoltageClamp(levels=[(0, -65), (0, -60)]), "increasing times"),
        (lambda: VoltageClamp(levels=-65), "levels = -65: expected sequences of numbers"),
        (lambda: VoltageClamp(waveform=([0, 1], [0])), "as many of these as times"),
        (lambda: SpineInput(times_ms=1), "either a place"),
        (lambda: SpineInput(times_ms=1, spines=[1], **AT), "either a place"),
        (lambda: SpineInput(times_ms=[NAN], **AT), "times_ms = nan"),
        (lambda: SpineInput(times_ms=None, **AT), "times_ms = None"),
        (lambda: SpineInput(times_ms=1, n=2.5, **AT), "n = 2.5: expected a whole number"),
        (lambda: SpineInput(times_ms=1, spines=[-1]), "spines = -1: expected a whole number"),
        (lambda: SpineInput(times_ms=1, spines=[4, 4]), "4 is named twice"),
        (lambda: SpineInput(times_ms=1, weight=-1, **AT), "weight = -1"),
        (lambda: SpineInput(times_ms=1, receptors="AMPAR", **AT), "Did you mean 'AMPA'"),
        (lambda: SpineInput(times_ms=1, receptors=(), **AT), "expected at least one of AMPA, NMDA"),
        (lambda: ShaftInput(times_ms=1, receptor="GABA", **AT), "Did you mean 'GABA_A'"),
        (lambda: Holding(target_mV=NAN), "target_mV = nan"),
        (lambda: Holding(target_mV=-60, until_ms=1), "until_ms = 1"),
        (lambda: Protocol(duration_ms=0.1), "duration_ms = 0.1: expected a number from 0.2"),
        (lambda: Protocol(duration_ms=9, record={}), "record: expected at least one"),
        (lambda: Protocol(duration_ms=9, record=["soma_0(0)"]), "record: expected a mapping"),
        (lambda: Protocol(duration_ms=9, record={"clamp_current": "soma_0(0)"}), "take another"),
        (
            lambda: Protocol(duration_ms=9, stimuli=["step"]),
            "stimulus 'step': expected one of CurrentClamp,",
        ),
        (
            lambda: Protocol(duration_ms=9, stimuli=SpineInput(times_ms=20, **AT)),
            "give a longer duration_ms",
        ),
        (
            lambda: Protocol(duration_ms=9, stimuli=[VoltageClamp(levels=[(0, -65)])] * 2),
            "2 voltage clamps",
        ),
        (lambda: Protocol(duration_ms=9, holding=-65), "expected Holding(target_mV=...)"),
        (
            lambda: Protocol(
                duration_ms=9,
                holding=Holding(target_mV=-65),
                stimuli=VoltageClamp(levels=[(0, -65)]),
            ),
            "give one of the two",
        ),
    ],
)
def test_a_declaration_that_does_not_hold_is_refused(make, told):
    with pytest.raises(ModelError) as caught:
        make()
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_stimulus_that_the_cell_has_no_place_for_is_refused(cell):
    for stimulus, told in (
        (SpineInput(times_ms=1, spines=99999), "spine 99999 does not exist"),
        (SpineInput(times_ms=1, place="trunk@200", n=5000), "the trunk of this cell has 954"),
        (ShaftInput(times_ms=1, place="soma_9(0)"), "Did you mean 'soma_"),
        (CurrentClamp(amplitude_nA=1, place="tufft@300"), "Did you mean 'tuft'"),
    ):
        with pytest.raises(ModelError, match=told):
            Protocol(duration_ms=5, stimuli=stimulus).run(cell)
    with pytest.raises(ModelError, match="expected a Cell"):
        STEP.run("CA1")


def test_declarations_are_plain_data_whatever_they_are_given_as():
    one = SpineInput(times_ms=np.array([15, 5]), spines=np.array([3]), receptors="NMDA")
    assert one == SpineInput(times_ms=[5.0, 15.0], spines=3, receptors=["NMDA"])
    assert CurrentClamp(amplitude_nA=1, place=("trunk_50", np.float64(0.5))) == CurrentClamp(
        amplitude_nA=1, place="trunk_50(0.5)"
    )
    assert VoltageClamp(levels=np.array([[0, -65]])) == VoltageClamp(levels=[(0, -65)])
    assert Protocol(duration_ms=20, stimuli=one) == Protocol(duration_ms=20, stimuli=(one,))
