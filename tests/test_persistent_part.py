"""The persistent part of sodium currents, against the channel at its steady state and what INaP takes."""

import numpy as np
import pytest

from netpyne_model import Cell, CurrentClamp, Protocol, VoltageClamp
from netpyne_model.analysis import currentscape
from netpyne_model.data_folders import NEUROML2

WAYS = ("fused", "separate")
# Currents are kept to 16 bits (7.6e-6 of each, half a unit), potentials to 24 (4e-6 mV, by a slope of 1 per mV at
# most).
KEPT = 2e-5
# And NEURON's mechanisms read their gates from tables of 0.01 mV, of three gates 3e-6.
TABLED = KEPT + 3e-6


def driven(cell, channels="fused", **fields):
    protocol = Protocol(
        duration_ms=14.0,
        stimuli=CurrentClamp(amplitude_nA=0.8, start_ms=1.0),
        dt_ms=0.025,
        channels=channels,
        record_membrane_currents_ms=0.5,
        **fields,
    )
    return protocol.run(cell).membrane_currents


def part(kept, name):
    """Nodes of a current, and its currents, a column each."""
    mine = (kept.columns["current"] == name).to_numpy()
    return kept.columns["node"].to_numpy()[mine], kept.current_nA[:, mine].astype(float)


def potentials(kept, nodes):
    number = np.cumsum(kept.nodes["is_segment"].to_numpy()) - 1
    return kept.potential_mV[:, number[nodes]].astype(float)


def names(kept):
    return set(kept.columns["current"])


def at_rest(neuron, section, channel, potential_mV):
    """Open part of the channel at its steady state, as NEURON works it out without a table."""
    section.insert(f"{channel}_steady")
    neuron.finitialize(-65)
    found = []
    for v_mV in potential_mV.ravel().tolist():
        section(0.5).v = v_mV
        neuron.fcurrent()
        found.append(getattr(section(0.5), f"{channel}_steady").fopen)
    return np.reshape(found, potential_mV.shape)


@pytest.mark.parametrize(
    ("drugs", "channels"), [([], "fused"), ([], "separate"), (["INaP:0.25@axonal"], "fused")]
)
def test_it_is_the_current_of_the_channel_at_its_steady_state(neuron, section, drugs, channels):
    cell = Cell().with_drugs(*drugs)
    kept, densities = driven(cell, channels), cell.table().fillna(0).set_index(["section", "x"])
    steady = sum(densities.get(f"{one}_steady.gbar", 0) for one in ("nas", "nax"))
    gbar = densities["nas.gbar"] + densities["nax.gbar"] + steady
    assert kept.potential_mV.max() > 0
    some = slice(2, None, 6)  # below threshold, in spikes and between them
    for channel, (name, regions) in {
        "nas_soma": ("nas", ["soma"]),
        "nas_dend": ("nas", ["trunk", "basal", "apical", "tuft"]),
        "nax": ("nax", ["axon", "axon_hill"]),
        "nax_ais": ("nax", ["ais"]),
    }.items():
        nodes, current_nA = part(kept, f"persistent {name}")
        mine = np.isin(kept.nodes["region"].to_numpy()[nodes], regions)
        nodes = nodes[mine]
        v_mV = potentials(kept, nodes)[some]
        with_table = neuron, f"usetable_{channel}_steady"
        section.insert(f"{channel}_steady")
        setattr(*with_table, 0)
        try:
            open_part = at_rest(neuron, section, channel, v_mV)
        finally:
            setattr(*with_table, 1)
        places = kept.nodes.loc[nodes, ["section", "x"]].itertuples(index=False, name=None)
        g_uS = 1e-2 * kept.nodes["area_um2"].to_numpy()[nodes] * [gbar[one] for one in places]
        expected = g_uS * open_part * (v_mV - 50.0)
        np.testing.assert_allclose(current_nA[some, mine], expected, rtol=KEPT, atol=1e-15)
        assert np.abs(expected).max() > 1e-4


@pytest.mark.parametrize("channels", WAYS)
def test_half_of_it_is_what_half_a_dose_takes_away(channels):
    """At a potential that is held what is left of it is what is taken, and of the transient part nothing."""
    places = {"nas": ("soma_0", 0.5), "nax": ("ais_3", 0.5)}
    record = {name: f"{name}_steady.i {section}({x})" for name, (section, x) in places.items()}
    for held_mV in (-60.0, -45.0, -30.0):
        result = Protocol(
            duration_ms=60.0,
            stimuli=VoltageClamp(levels=[(0.0, held_mV)], place="soma"),
            record=record,
            dt_ms=0.025,
            channels=channels,
            record_membrane_currents_ms=20.0,
        ).run(Cell().with_drugs("INaP:0.5"))
        kept = result.membrane_currents
        for name, place in places.items():
            table = kept.nodes.set_index(["section", "x"])
            node = table.index.get_loc(place)
            persistent_nA, transient_nA = (
                current_nA[-1, nodes == node].item()
                for nodes, current_nA in (
                    part(kept, f"{one} {name}") for one in ("persistent", "transient")
                )
            )
            taken_nA = 1e-2 * kept.nodes["area_um2"][node] * result.recordings[name].values[-1]
            assert persistent_nA == pytest.approx(-taken_nA, rel=TABLED)
            assert persistent_nA < 0
            # Gates of 7 ms at most have settled; the M current (60 ms) still moves the axon's potential.
            assert abs(transient_nA) < 1e-2 * abs(persistent_nA)


@pytest.mark.parametrize("channels", WAYS)
def test_of_a_whole_dose_the_transient_part_alone_is_left(channels):
    kept = driven(Cell().with_drugs("INaP"), channels)
    assert not {one for one in names(kept) if "steady" in one}
    for name in ("nas", "nax"):
        assert not part(kept, f"persistent {name}")[1].any()
        assert np.abs(part(kept, f"transient {name}")[1]).max() > 0.01


def test_channels_that_pass_it_alone_have_little_else():
    kept = driven(Cell().with_drugs("persistent_only"))
    for name in ("nas", "nax"):
        persistent, transient = (
            part(kept, f"{one} {name}")[1] for one in ("persistent", "transient")
        )
        assert np.abs(transient.sum(axis=1)).max() < 0.2 * np.abs(persistent.sum(axis=1)).max()


@pytest.mark.parametrize("drugs", [[], ["INaP"]])
def test_the_simple_model_has_it_too(neuron, section, drugs):
    kept = driven(Cell.simple().with_drugs(*drugs), "separate")
    nodes, current_nA = part(kept, "persistent NaV2")
    if drugs:
        assert not current_nA.any()
        return
    v_mV = potentials(kept, nodes)
    gbar = float(Cell.simple().table()["NaV2.gbar"].iloc[0])
    g_uS = 1e-2 * kept.nodes["area_um2"].to_numpy()[nodes] * gbar
    reversal_mV = Cell.simple().describe("none").sections["soma"].reversal_mV["na"]
    expected = g_uS * at_rest(neuron, section, "NaV2", v_mV) * (v_mV - reversal_mV)
    np.testing.assert_allclose(current_nA, expected, rtol=KEPT)


def test_a_sodium_channel_of_ones_own_stays_whole(tmp_path):
    own = tmp_path / "nas.channel.nml"
    text = (NEUROML2 / "channels" / "kdr.channel.nml").read_text()
    own.write_text(text.replace('id="kdr"', 'id="mine"').replace('species="k"', 'species="na"'))
    found = names(driven(Cell().with_channel("nas", own)))
    assert {"nas", "persistent nax", "transient nax"} <= found
    assert not {"persistent nas", "transient nas"} & found


def test_a_channel_that_is_at_its_steady_state_of_itself_keeps_its_name():
    content = Cell().specification.as_dict()
    content["biophysics"]["channels"]["nap"] = {
        "ion": "na",
        "components": [{"channel": "nas_soma_steady"}],
        "gbar_S_per_cm2": {"soma": {"value": 1e-3}},
    }
    kept = driven(Cell.from_dict(content))
    assert part(kept, "nap")[1].any()
    assert {"persistent nas", "transient nas"} <= names(kept)


def test_without_sodium_there_is_no_such_current():
    protocol = Protocol(duration_ms=2.0, dt_ms=0.025, record_membrane_currents_ms=0.5)
    result = protocol.run(Cell().without(["nas", "nax"]))
    found = currentscape(result)["current"].values.tolist()
    assert "kdr" in found
    assert not [one for one in found if "na" in one.split()[-1]]
