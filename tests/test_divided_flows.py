"""Axial currents divided among what feeds them: by hand, against cable theory, and what must not matter."""

import numpy as np
import pytest

from netpyne_model.analysis.divided_flows import close_tree, paths_to, reach
from netpyne_model.errors import ModelError

ROUNDING = 1e-12


def parts(parents, axial_nA, currents, place):
    """Contributions to a place, shape (2, n_currents): of current k at node[k], one moment.

    What charges each node comes after the currents, a column a node.
    """
    parents, place = np.array(parents), np.array(place, bool)
    nodes = np.array([node for node, _ in currents] + list(range(len(parents))))
    flows = np.array([[flow] for _, flow in currents], float)
    membrane = np.zeros((len(parents), 1))
    np.add.at(membrane, nodes[: len(flows)], flows)
    axial = np.array(axial_nA, float)[:, None]
    tree = close_tree(parents, axial, membrane, np.ones(len(parents), bool))
    flows = np.concatenate([flows, tree.charging_nA])
    sides = []
    for sign in (-1, 1):
        side = np.maximum(sign * flows, 0)
        sums = np.zeros_like(membrane)
        np.add.at(sums, nodes, side)
        sides.append((side, sums))
    reached = reach(tree, paths_to(parents, place), sides[0][1], sides[1][1])
    both = [sides[0][0] * reached.inward[nodes], sides[1][0] * reached.outward[nodes]]
    return np.array(both)[:, :, 0], reached


def test_two_compartments_by_hand():
    # 1 (tip) -> 0 (place): a synapse of -3 and a leak of +1 leave 2 nA, which flow to the place.
    currents = [(0, -0.5), (0, 2.5), (1, -3.0), (1, 1.0)]
    (inward, outward), reached = parts([-1, 0], [0.0, 2.0], currents, [1, 0])
    # All that is inward at the tip is the synapse: it brings the whole 2 nA; of the leak nothing.
    np.testing.assert_allclose(inward[:4], [0.5, 0, 2.0, 0], atol=ROUNDING)
    np.testing.assert_allclose(outward[:4], [0, 2.5, 0, 0], atol=ROUNDING)
    assert reached.axial_inward_nA[0] == 2.0
    # The other way about: 1 nA flows to the tip, which a potassium current and its charging draw.
    currents = [(0, -1.0), (1, -0.5), (1, 0.9)]
    (inward, outward), _ = parts([-1, 0], [0.0, -1.0], currents, [1, 0])
    np.testing.assert_allclose(inward[:3], [1.0, 0, 0], atol=ROUNDING)
    # Outward at the tip are 0.9 and the 0.6 that charge it: 1 nA in that proportion.
    np.testing.assert_allclose(outward[2:], [0.6, 0.0, 0.4], atol=ROUNDING)


def test_a_chain_of_three_by_hand():
    # Tip: -2 (A) and +0.5 (L), 1.5 flow on. Middle: -1 (B) and +0.5 (L), 2 flow on.
    currents = [(2, -2.0), (2, 0.5), (1, -1.0), (1, 0.5), (0, 2.0)]
    (inward, outward), _ = parts([-1, 0, 1], [0.0, 2.0, 1.5], currents, [1, 0, 0])
    np.testing.assert_allclose(inward[[0, 2]], [2.0 * 1.5 / 2.5, 2.0 * 1.0 / 2.5], atol=ROUNDING)
    np.testing.assert_allclose(outward[:5], [0, 0, 0, 0, 2.0], atol=ROUNDING)
    # Seen from the tip 1.5 nA leave it, which leaks further on draw: in the middle +0.5 and the 2 that go on.
    (inward, outward), _ = parts([-1, 0, 1], [0.0, 2.0, 1.5], currents, [0, 0, 1])
    np.testing.assert_allclose(inward[:5], [2.0, 0, 0, 0, 0], atol=ROUNDING)
    expected = [0, 0.5, 0, 1.5 * 0.5 / 2.5, 1.5 * 2.0 / 2.5]
    np.testing.assert_allclose(outward[:5], expected, atol=ROUNDING)


def cable(lengths, loads, sources, n_each):
    """Steady state of a tree of uniform cables with sealed tips.

    `lengths` has parent and electrotonic length of each cable; `loads` conductances by node, in
    units of the cable's own; `sources` currents by cable and place. Node 0 is the place. Returns
    parents, axial currents and membrane currents.
    """
    parents, of_cable = [-1], {-1: [0]}
    couplings, leaks = [0.0], [loads]
    for number, (parent, length) in enumerate(lengths):
        size = length / n_each
        nodes = []
        for k in range(n_each):
            nodes.append(len(parents))
            parents.append(nodes[-2] if k else of_cable[parent][-1])
            first_of = 0.5 if not k and parent == -1 else 1.0
            couplings.append(1 / (size * first_of))
            leaks.append(size)
        of_cable[number] = nodes
    n = len(parents)
    matrix, injected = np.diag(np.array(leaks)), np.zeros(n)
    for node in range(1, n):
        up, g = parents[node], couplings[node]
        matrix[node, node] += g
        matrix[up, up] += g
        matrix[node, up] -= g
        matrix[up, node] -= g
    at = []
    for number, fraction, current in sources:
        node = of_cable[number][min(int(fraction * n_each), n_each - 1)]
        injected[node] += current
        at.append(node)
    v = np.linalg.solve(matrix, injected)
    axial = np.array([0.0] + [couplings[k] * (v[k] - v[parents[k]]) for k in range(1, n)])
    currents = [(node, -one[2]) for node, one in zip(at, sources, strict=True)]
    currents += [(node, leaks[node] * v[node]) for node in range(n)]
    return parents, axial, currents, n


@pytest.mark.parametrize("n_each", [100, 400])
def test_a_source_at_the_tip_of_a_cable(n_each):
    """Of one source at a sealed tip comes all that flows into the soma, B I / (sinh L + B cosh L)."""
    length, load, current = 1.3, 2.0, 0.7
    parents, axial, currents, n = cable([(-1, length)], load, [(0, 1.0, current)], n_each)
    (inward, outward), reached = parts(parents, axial, currents, np.arange(n) == 0)
    expected = current * load / (np.sinh(length) + load * np.cosh(length))
    # The discrete cable's error is of first order at its end, where half a node is missing.
    np.testing.assert_allclose(inward[0], expected, rtol=0.6 / n_each)
    np.testing.assert_allclose(reached.axial_inward_nA, inward[0], rtol=1e-9)
    assert outward[1] == pytest.approx(inward[0], rel=1e-9)  # the soma's own leak


def test_two_sources_on_a_cable():
    """What flows past the nearer source is divided with it in proportion, by cable theory."""
    length, middle, load = 1.0, 0.4, 1.5
    far, near = 0.8, 0.2
    v_of_near = near / (np.tanh(length - middle) + _input(middle, load))
    v_of_far = far / (np.sinh(length) + load * np.cosh(length))  # at the soma
    past = v_of_far * (np.sinh(middle) + load * np.cosh(middle))
    past -= v_of_near * np.tanh(length - middle)  # what the nearer one sends to the tip
    assert past > 0
    soma = v_of_far + v_of_near / (np.cosh(middle) + load * np.sinh(middle))
    expected = load * soma * np.array([past, near]) / (past + near)
    n_each = 1000
    sources = [(0, 1.0, far), (0, middle, near)]
    parents, axial, currents, n = cable([(-1, length)], load, sources, n_each)
    (inward, _), _ = parts(parents, axial, currents, np.arange(n) == 0)
    np.testing.assert_allclose(inward[:2], expected, rtol=2e-3)  # a node is 1/1000 of the cable


def _input(x, load):
    """Input conductance of a cable towards a soma of this load at a distance."""
    return (load + np.tanh(x)) / (1 + load * np.tanh(x))


def test_a_fork_with_two_sources():
    """At a fork two equal daughters share what flows on as their sources do; the silent third adds nothing."""
    trunk, daughter, load = 0.5, 0.6, 1.0
    lengths = [(-1, trunk), (0, daughter), (0, daughter), (0, daughter)]
    currents_in = (0.9, 0.6)
    sources = [(1, 1.0, currents_in[0]), (2, 1.0, currents_in[1])]
    parents, axial, currents, n = cable(lengths, load, sources, 400)
    (inward, _), _ = parts(parents, axial, currents, np.arange(n) == 0)
    # Potential at the fork: each source sends I/cosh(l) there, on conductances 3 tanh(l) + the trunk.
    at_fork = sum(currents_in) / np.cosh(daughter) / (3 * np.tanh(daughter) + _input(trunk, load))
    soma = at_fork / (np.cosh(trunk) + load * np.sinh(trunk))
    flows = np.array(currents_in) / np.cosh(daughter) - at_fork * np.tanh(daughter)
    assert (flows > 0).all()
    expected = load * soma * flows / flows.sum()
    np.testing.assert_allclose(inward[:2], expected, rtol=5e-3)
    assert inward[2:].sum() < 1e-9  # leaks and charging of a steady state bring nothing inward


def random_tree(seed, n=40, n_currents=120):
    """A tree with axial currents of any sign, and currents of five types."""
    rng = np.random.default_rng(seed)
    parents = np.array([-1] + [rng.integers(max(0, k - 6), k) for k in range(1, n)])
    axial = rng.normal(size=n)
    nodes = rng.integers(0, n, n_currents)
    return (
        parents,
        axial,
        list(zip(nodes.tolist(), rng.normal(size=n_currents).tolist(), strict=True)),
    )


@pytest.mark.parametrize("seed", range(20))
def test_each_side_sums_to_what_comes_along_the_tree_and_through_the_membrane(seed):
    parents, axial, currents = random_tree(seed)
    place = np.arange(len(parents)) == seed % len(parents)
    (inward, outward), reached = parts(parents, axial, currents, place)
    node = seed % len(parents)
    mine = np.array([at == node for at, _ in currents] + (np.arange(len(parents)) == node).tolist())
    for side, along in ((inward, reached.axial_inward_nA), (outward, reached.axial_outward_nA)):
        assert side[~mine].sum() == pytest.approx(along[0], rel=ROUNDING)
    assert inward.sum() == pytest.approx(outward.sum(), rel=1e-11)


@pytest.mark.parametrize("seed", range(5))
def test_a_current_split_in_two_adds_up(seed):
    parents, axial, currents = random_tree(seed)
    place = np.arange(len(parents)) == 7
    whole, _ = parts(parents, axial, currents, place)
    node, flow = currents[5]
    split = [*currents[:5], (node, 0.3 * flow), *currents[6:], (node, 0.7 * flow)]
    halves, _ = parts(parents, axial, split, place)
    n = len(currents)
    np.testing.assert_allclose(halves[:, 5] + halves[:, n], whole[:, 5], rtol=ROUNDING)
    np.testing.assert_allclose(halves[:, :5], whole[:, :5], rtol=ROUNDING)
    np.testing.assert_allclose(halves[:, 6:n], whole[:, 6:n], rtol=ROUNDING)


def test_a_segment_cut_in_two_gives_the_same():
    """A tip cut into two halves of the same currents: what each current brings is the same."""
    currents = [(0, 1.0), (1, -2.0), (1, -1.0), (1, 0.8), (1, 0.2)]
    whole, _ = parts([-1, 0], [0.0, 2.0], currents, [1, 0])
    finer = [(0, 1.0)]
    finer += [(node, flow / 2) for node in (1, 2) for _, flow in currents[1:]]
    cut, _ = parts([-1, 0, 1], [0.0, 2.0, 1.0], finer, [1, 0, 0])
    together = cut[:, 1:5] + cut[:, 5:9]
    np.testing.assert_allclose(together, whole[:, 1:5], atol=ROUNDING)


def test_a_joint_hands_on_what_it_gets():
    # Two children, 2 and 3, of a joint, 1, whose own axial current may be anything.
    membrane = np.array([[1.5], [0.0], [-1.0], [-0.5]])
    axial = np.array([[0.0], [99.0], [1.0], [0.5]])
    has_membrane = np.array([True, False, True, True])
    tree = close_tree(np.array([-1, 0, 1, 1]), axial, membrane, has_membrane)
    np.testing.assert_allclose(tree.axial_nA[:, 0], [0, 1.5, 1.0, 0.5], atol=ROUNDING)
    np.testing.assert_allclose(tree.charging_nA, 0, atol=ROUNDING)


def test_a_place_in_pieces_is_refused():
    parents = np.array([-1, 0, 0, 1])
    with pytest.raises(ModelError, match="a place of 2 pieces"):
        paths_to(parents, np.array([False, True, True, False]))
    with pytest.raises(ModelError, match="a place of 0 pieces"):
        paths_to(parents, np.zeros(4, bool))
