TITLE The currents of all mechanisms in one time step, each by itself

COMMENT
    Written by hand: what NEURON solves a fixed step with. In the middle of the step that is asked for, when the potentials are those
    of its start, each mechanism is asked once more for its current and for the slope of that, into an empty right side and an empty
    diagonal, which then get back what they had: neither potentials nor currents are changed. With the potential that the step
    attains, current + slope (attained - start) is what NEURON's implicit step took this mechanism's current for, so that what flows
    into a node sums to zero with the axial currents and the charging of the membrane at the potentials attained; at second order all
    of it half way.

    layout(Vector): fills it with the tree and who writes what. The number of nodes of the thread; of each node its parent (-1 for a
        root), its area (um2) and the conductance to its parent (uS); then of each mechanism that has a current its type, the number
        of its instances and the node of each. Returns the number of values that `take` writes.
    take(Vector): the next step of NEURON writes there: the potential of each node (mV) at its start, and of each instance, in the
        order of the layout, current density and slope (mA/cm2, S/cm2) of its node from its mechanism, outward positive. Of
        instances of one mechanism on one node each has what they have together.
    now(Vector): fills it with the potential of each node.
    taken(): whether that step has come.
    Fixed steps and one thread; it knows no mechanism by name.
ENDCOMMENT

NEURON {
    POINT_PROCESS MembraneCurrents
}

INCLUDE "stepping.inc"

VERBATIM
#include <algorithm>
#include <vector>

extern void vector_resize(IvocVect*, int);
extern int nrn_is_ion(int);

namespace {

IvocVect* to_fill{};

/* Calls `visit` with each mechanism of the thread that may have a current. */
template <typename Visit>
void for_each_mechanism(NrnThread* thread, Visit visit) {
    for (auto* one = thread->tml; one; one = one->next) {
        if (one->index != CAP && memb_func[one->index].current) {
            visit(one->index, one->ml, nrn_is_ion(one->index));
        }
    }
}

int n_values(NrnThread* thread) {
    int n = thread->end;
    for_each_mechanism(thread, [&n](int, Memb_list* list, bool of_ion) { n += of_ion ? 0 : 2*list->_nodecount; });
    return n;
}

void take_step(neuron::model_sorted_token const& token, NrnThread* thread, Memb_list*, int) {
    if (!to_fill || thread != nrn_threads || cvode_active_) {
        return;
    }
    int const n = thread->end;
    double *const rhs = thread->node_rhs_storage(), *const diagonal = thread->node_d_storage();
    double const* const potential = thread->node_voltage_storage();
    std::vector<double> const kept_rhs(rhs, rhs + n), kept_diagonal(diagonal, diagonal + n);
    double* to = std::copy(potential, potential + n, vector_vec(to_fill));
    for_each_mechanism(thread, [&](int type, Memb_list* list, bool of_ion) {
        std::fill(rhs, rhs + n, 0.);
        std::fill(diagonal, diagonal + n, 0.);
        memb_func[type].current(token, thread, list, type);
        if (of_ion) {
            return;
        }
        if (memb_func[type].jacob) {
            memb_func[type].jacob(token, thread, list, type);
        }
        for (int row = 0; row < list->_nodecount; ++row) {
            int const node = list->_nodeindices[row];
            *to++ = -rhs[node];
            *to++ = diagonal[node];
        }
    });
    std::copy(kept_rhs.begin(), kept_rhs.end(), rhs);
    std::copy(kept_diagonal.begin(), kept_diagonal.end(), diagonal);
    to_fill = nullptr;
}

}
ENDVERBATIM

INITIAL {
VERBATIM
    to_fill = nullptr;
    step_by_thread(_mechtype, nullptr, take_step, nullptr);
ENDVERBATIM
}

FUNCTION layout() {
VERBATIM
    NrnThread* const thread = nrn_threads;
    std::vector<double> numbers{static_cast<double>(thread->end)};
    double const *const area = thread->node_area_storage(), *const to_parent = thread->node_b_storage();
    for (int node = 0; node < thread->end; ++node) {
        bool const root = node < thread->ncell;
        numbers.push_back(root ? -1 : thread->_v_parent_index[node]);
        numbers.push_back(area[node]);
        numbers.push_back(root ? 0 : -1e-2*to_parent[node]*area[node]);
    }
    for_each_mechanism(thread, [&numbers](int type, Memb_list* list, bool of_ion) {
        if (!of_ion) {
            numbers.push_back(type);
            numbers.push_back(list->_nodecount);
            numbers.insert(numbers.end(), list->_nodeindices, list->_nodeindices + list->_nodecount);
        }
    });
    auto* const vector = vector_arg(1);
    vector_resize(vector, static_cast<int>(numbers.size()));
    std::copy(numbers.begin(), numbers.end(), vector_vec(vector));
    _llayout = n_values(thread);
ENDVERBATIM
}

PROCEDURE take() {
VERBATIM
    auto* const vector = vector_arg(1);
    vector_resize(vector, n_values(nrn_threads));
    to_fill = vector;
ENDVERBATIM
}

FUNCTION taken() {
VERBATIM
    _ltaken = to_fill == nullptr;
ENDVERBATIM
}

PROCEDURE now() {
VERBATIM
    NrnThread* const thread = nrn_threads;
    auto* const vector = vector_arg(1);
    vector_resize(vector, thread->end);
    std::copy_n(thread->node_voltage_storage(), thread->end, vector_vec(vector));
ENDVERBATIM
}
