"""Events from and to CSV: the recorded trial of the published model, and everything a file can get wrong."""

import gzip
import re

import numpy as np
import pandas as pd
import pytest

from netpyne_model.data_folders import REFERENCE
from netpyne_model.errors import ModelError
from netpyne_model.inputs import ReleaseParameters, read_events, replay, write_events

RECORDED = REFERENCE / "place" / "replay_events.csv.gz"
HEADER = "synapse,group,section,x,kind,ampa_weight,gmax_uS,time_ms"
GOOD = (
    "0,CA3,118,0.5,exc,1,0.00079,",
    "1,ECIII,60,0.25,exc,2.1,0.001,300.5",
    "1,ECIII,60,0.25,exc,2.1,0.001,299",
    "2,perisomatic,0,0.5,inh,1,0.00059,260",
)
RELEASE = ReleaseParameters(tau_F_ms=67.351, tau_D_ms=92.918, p0=0.2, f_step=1.769, d_factor=0.878)


@pytest.fixture(scope="module")
def recorded(morphology):
    return read_events(RECORDED, morphology)


def save(folder, *rows, header=HEADER):
    path = folder / "events.csv"
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def test_recorded_trial_is_read_whole(recorded):
    raw = pd.read_csv(RECORDED)
    assert recorded.synapses["synapse"].tolist() == list(range(3796))
    assert sum(map(len, recorded.times_ms)) == raw["time_ms"].notna().sum() == 61323
    assert sum(len(times) == 0 for times in recorded.times_ms) == 1919
    for number in (0, 1, 2, 3198, 3795):
        own = raw[raw["synapse"] == number]
        assert recorded.times_ms[number].tolist() == sorted(own["time_ms"].dropna())
        for name in ("group", "section", "x", "kind", "ampa_weight", "gmax_uS"):
            assert recorded.synapses[name][number] == own[name].iloc[0]
    assert (recorded.synapses["region"] == "tuft").sum() == 347 + 233
    assert recorded.synapses["peak"].isna().all()


def test_small_file(tmp_path, morphology):
    events = read_events(save(tmp_path, *GOOD), morphology)
    assert [times.tolist() for times in events.times_ms] == [[], [299, 300.5], [260]]
    assert events.synapses["group"].tolist() == ["CA3", "ECIII", "perisomatic"]
    assert events.synapses["path_distance"][1] == morphology.path_distance(60, 0.25)


def test_order_of_rows_and_columns_does_not_matter(tmp_path, morphology):
    plain = read_events(save(tmp_path, *GOOD), morphology)
    names = HEADER.split(",")[::-1]
    turned = [",".join(row.split(",")[::-1]) for row in GOOD[::-1]]
    path = save(
        tmp_path, *turned, header="\ufeff" + ",".join(names)
    )  # with the byte-order mark that Excel writes
    events = read_events(path, morphology)
    pd.testing.assert_frame_equal(events.synapses, plain.synapses)
    assert [times.tolist() for times in events.times_ms] == [
        times.tolist() for times in plain.times_ms
    ]


@pytest.mark.parametrize("name", ["written.csv", "written.csv.gz"])
def test_written_events_are_read_back_bit_for_bit(tmp_path, morphology, recorded, name):
    random = np.random.default_rng(0)
    chosen = recorded.synapses.iloc[::40].reset_index(drop=True)
    trains = [np.sort(random.uniform(0, 8000, random.integers(0, 20))) for _ in range(len(chosen))]
    write_events(tmp_path / name, chosen, trains)
    again = read_events(tmp_path / name, morphology)
    pd.testing.assert_frame_equal(again.synapses, chosen)
    assert all(np.array_equal(a, b) for a, b in zip(again.times_ms, trains, strict=True))
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_writing_twice_gives_the_same_bytes(tmp_path, recorded):
    first, second = tmp_path / "a.csv.gz", tmp_path / "b.csv.gz"
    for path in (first, second):
        write_events(path, recorded.synapses.iloc[:50], recorded.times_ms[:50])
    assert gzip.decompress(first.read_bytes()) == gzip.decompress(second.read_bytes())
    assert gzip.decompress(first.read_bytes()).startswith(
        HEADER.encode() + b"\n0,CA3,118,0.944370633883,exc,"
    )


def test_file_that_cannot_be_written(tmp_path, recorded):
    with pytest.raises(ModelError, match="cannot be written"):
        write_events(tmp_path / "missing" / "events.csv", recorded.synapses, recorded.times_ms)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (["0,CA3,118,0.5,exc,1,0.00079,soon"], "line 2: time_ms is 'soon'; expected a number"),
        (["0,CA3,118,0.5,exc,1,0.00079,nan"], "line 2: time_ms is 'nan'; expected a number"),
        (["0,CA3,118,0.5,exc,1,0.00079,inf"], "line 2: time_ms is 'inf'; expected a finite time"),
        (["0,CA3,118,0.5,exc,1,0.00079,-0.5"], "line 2: time_ms is '-0.5'; expected a finite time"),
        (
            ["0,CA3,118,0.5,exc,1,0.00079,5", "1,CA3,118,,exc,1,0.00079,5"],
            "line 3: x is ''; expected a number",
        ),
        (
            ["0,CA3,118,1.5,exc,1,0.00079,5"],
            "line 2: x is '1.5'; expected a relative position from 0 to 1",
        ),
        (["0,CA3,118,-0.1,exc,1,0.00079,5"], "line 2: x is '-0.1'"),
        (
            ["0,CA3,119,0.5,exc,1,0.00079,5"],
            "line 2: section is '119'; expected a section of the morphology, 0 to 118",
        ),
        (["0,CA3,-1,0.5,exc,1,0.00079,5"], "line 2: section is '-1'"),
        (
            ["0,CA3,trunk_5,0.5,exc,1,0.00079,5"],
            "line 2: section is 'trunk_5'; expected an integer",
        ),
        (["0.5,CA3,118,0.5,exc,1,0.00079,5"], "line 2: synapse is '0.5'; expected an integer"),
        (
            ["99999999999999999999,CA3,118,0.5,exc,1,0.00079,5"],
            "line 2: synapse is '99999999999999999999'",
        ),
        (
            ["-3,CA3,118,0.5,exc,1,0.00079,5"],
            "line 2: synapse is '-3'; expected a number of 0 or above",
        ),
        (
            ["0,CA3,118,0.5,excitatory,1,0.00079,5"],
            "line 2: kind is 'excitatory'; expected exc or inh",
        ),
        (
            ["0,CA2,118,0.5,exc,1,0.00079,5"],
            "line 2: group 'CA2' is not a group of kind exc. Did you mean 'CA3'?",
        ),
        (
            ["0,CA3,118,0.5,inh,1,0.00079,5"],
            "line 2: group 'CA3' is not a group of kind inh. Known: apical dendritic",
        ),
        (["0,CA3,118,0.5,exc,-1,0.00079,5"], "line 2: ampa_weight is '-1.0'"),
        (["0,CA3,118,0.5,exc,1,inf,5"], "line 2: gmax_uS is 'inf'; expected a finite number of uS"),
        (
            [*GOOD, "1,ECIII,61,0.25,exc,2.1,0.001,7"],
            "line 6: section of synapse 1 is '61', but '60' on line 3",
        ),
        (
            [*GOOD, "1,ECIII,60,0.25,exc,2.1,0.001,"],
            "line 6: no time_ms, but synapse 1 has other rows",
        ),
        ([*GOOD, GOOD[0]], "line 2: no time_ms, but synapse 0 has other rows"),
        ([GOOD[0], "1,CA3,118,0.5,exc,1,0.00079,5,9"], "line 3: 9 fields; expected 8"),
        ([row + ",9" for row in GOOD], "line 2: 9 fields; expected 8"),
        ([GOOD[0], "1,CA3,118"], "line 3: 3 fields; expected 8"),
        ([], "no synapses; expected at least one row"),
    ],
)
def test_faulty_rows_are_named(tmp_path, morphology, rows, expected):
    path = save(tmp_path, *rows)
    with pytest.raises(ModelError) as caught:
        read_events(path, morphology)
    assert str(path) in str(caught.value)
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (HEADER.replace(",time_ms", ""), "line 1: column 'time_ms' is missing"),
        (
            HEADER.replace("gmax_uS", "gmax_nS"),
            "line 1: unknown column 'gmax_nS'. Did you mean 'gmax_uS'?",
        ),
        (HEADER + ",time_ms", "line 1: column 'time_ms' stands there twice"),
    ],
)
def test_faulty_headers_are_named(tmp_path, morphology, header, expected):
    with pytest.raises(ModelError, match=expected.replace("?", r"\?")):
        read_events(save(tmp_path, *GOOD, header=header), morphology)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("empty.csv", b"", "the file is empty"),
        ("text.csv.gz", HEADER.encode(), "cannot be read"),
        ("cut.csv.gz", RECORDED.read_bytes()[:100_000], "cannot be read"),
        ("binary.csv", RECORDED.read_bytes()[:1000], "cannot be read"),
        (
            "quote.csv",
            (HEADER + '\n0,"CA3,118,0.5,exc,1,0.00079,5\n').encode(),
            "line 2: 2 fields; expected 8",
        ),
    ],
)
def test_unreadable_files_are_named(tmp_path, morphology, name, content, expected):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ModelError, match=expected) as caught:
        read_events(tmp_path / name, morphology)
    assert name in str(caught.value)


def test_missing_file_and_folder(tmp_path, morphology):
    for path, reason in (
        (tmp_path / "none.csv", "No such file or directory"),
        (tmp_path, "Is a directory"),
    ):
        told = re.escape(f"events file {path} cannot be read ({reason}); give the path")
        with pytest.raises(ModelError, match=told):
            read_events(path, morphology)


def test_replay_of_released_events_changes_nothing(recorded):
    inputs = replay(recorded)
    assert all(
        np.array_equal(a, b) for a, b in zip(inputs.released_ms, recorded.times_ms, strict=True)
    )
    assert all(
        np.array_equal(a, b) for a, b in zip(inputs.presynaptic_ms, recorded.times_ms, strict=True)
    )


def test_replay_of_presynaptic_spikes_filters_excitation_only(recorded):
    inputs = replay(recorded, events_are="presynaptic", seed=4, release_parameters=RELEASE)
    released = np.array([len(times) for times in inputs.released_ms])
    given = np.array([len(times) for times in recorded.times_ms])
    inhibitory = (recorded.synapses["kind"] == "inh").to_numpy()
    assert (released[inhibitory] == given[inhibitory]).all()
    # p is 0.2 at rest, and facilitation lifts it to 0.6 at most: some 0.3 to 0.5 of the spikes release.
    assert 0.3 < released[~inhibitory].sum() / given[~inhibitory].sum() < 0.5
    for times, spikes in zip(inputs.released_ms, recorded.times_ms, strict=True):
        assert np.isin(times, spikes).all()


def test_replay_draws_by_synapse_number(recorded):
    alone = type(recorded)(
        recorded.synapses.iloc[[2]].reset_index(drop=True), [recorded.times_ms[2]]
    )
    options = {"events_are": "presynaptic", "seed": 4, "release_parameters": RELEASE}
    np.testing.assert_array_equal(
        replay(alone, **options).released_ms[0],
        replay(recorded, **options).released_ms[2],
        strict=True,
    )


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"events_are": "release"}, "Did you mean 'released'?"),
        ({"events_are": "presynaptic", "seed": 1}, "release_parameters"),
        ({"events_are": "presynaptic", "release_parameters": RELEASE}, "seed None"),
    ],
)
def test_replay_options_are_checked(recorded, options, expected):
    with pytest.raises(ModelError) as caught:
        replay(recorded, **options)
    assert expected in str(caught.value)
