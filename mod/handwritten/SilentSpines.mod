TITLE Spines without input of a segment, all of them as one pair of potentials

COMMENT
    Written by hand: passive spines, each a neck and a head, that get no input. Those of a segment have the same geometry, leak
    and history, so one pair of potentials, v_neck and v_head, stands for all `n` of them. Necks and heads are leaves of the
    cable equation: they are eliminated from NEURON's own implicit step (Hines elimination by hand), n times, and put back
    when the branch is solved, so the result is that of two sections a spine, at the cost of one spine a segment.

    `n_spines` are all spines of the segment. A run starts with all of them silent; a spine of DrivenSpines on the same segment
    that wakes takes the pair's potentials along and is out of `n` until it falls asleep.
    Implicit Euler, or Crank-Nicolson (secondorder = 2). Fixed time steps only; with CVode fold the spines into the segment.
    One call steps all segments of a thread; the functions that do so take the place of those that NMODL writes.
    Holds no number of the model: the assembly sets every parameter.
ENDCOMMENT

NEURON {
    SUFFIX SilentSpines
    NONSPECIFIC_CURRENT i
    RANGE n_spines, G_branch_neck, G_neck_head, area_neck, area_head, cm, g_pas, e_pas
    RANGE n, v_neck, v_head
    THREADSAFE
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (uS) = (microsiemens)
    (S) = (siemens)
    (uF) = (microfarad)
    (um) = (micron)
}

PARAMETER {
    n_spines = 0
    G_branch_neck (uS)
    G_neck_head (uS)
    area_neck (um2)
    area_head (um2)
    cm (uF/cm2)
    g_pas (S/cm2)
    e_pas (mV)
}

ASSIGNED {
    v (mV)
    dt (ms)
    i (mA/cm2)
    n
    v_neck (mV)
    v_head (mV)
    v_branch (mV)
    of_membrane : area of the branch (um2) in the one half of a step, its new potential in the other
    step_neck (mV) : what a time step adds while the branch stays
    step_head (mV)
    pull_neck      : how far it follows the branch
    pull_head
}

INCLUDE "stepping.inc"
INCLUDE "silent_spines.inc"

VERBATIM
extern Prop* nrn_mechanism(int, Node*);

namespace {

/* Columns of all instances of a thread. */
struct SilentColumns {
    double const *number, *G_1, *G_2, *neck_area, *head_area, *capacitance, *leak, *reversal;
    double *neck, *head, *branch, *membrane, *neck_step, *head_step, *neck_pull, *head_pull, *density, *slope;

    explicit SilentColumns(Memb_list& list)
        : number{&list.data(0, n_columnindex)}
        , G_1{&list.data(0, G_branch_neck_columnindex)}
        , G_2{&list.data(0, G_neck_head_columnindex)}
        , neck_area{&list.data(0, area_neck_columnindex)}
        , head_area{&list.data(0, area_head_columnindex)}
        , capacitance{&list.data(0, cm_columnindex)}
        , leak{&list.data(0, g_pas_columnindex)}
        , reversal{&list.data(0, e_pas_columnindex)}
        , neck{&list.data(0, v_neck_columnindex)}
        , head{&list.data(0, v_head_columnindex)}
        , branch{&list.data(0, v_branch_columnindex)}
        , membrane{&list.data(0, of_membrane_columnindex)}
        , neck_step{&list.data(0, step_neck_columnindex)}
        , head_step{&list.data(0, step_head_columnindex)}
        , neck_pull{&list.data(0, pull_neck_columnindex)}
        , head_pull{&list.data(0, pull_head_columnindex)}
        , density{&list.data(0, i_columnindex)}
        , slope{&list.data(0, _g_columnindex)} {}
};

/* The current density into the silent spines at the potentials of the step's start, its slope, and what the step will do to
   neck and head. 1 uF/cm2 um2 is 1e-5 nF, 1 S/cm2 um2 is 1e-2 uS, 1 nA/um2 is 100 mA/cm2. */
CLONES void silent_currents(int n_rows, double per_ms, SilentColumns c) {
    #pragma GCC ivdep
    for (int row = 0; row < n_rows; ++row) {
        double const here = c.branch[row], at_neck = c.neck[row], at_head = c.head[row], of_area = c.membrane[row];
        double const G_1 = c.G_1[row], G_2 = c.G_2[row];
        double const leak_neck = 1e-2 * c.leak[row] * c.neck_area[row], leak_head = 1e-2 * c.leak[row] * c.head_area[row];
        double const own_neck = leak_neck + 1e-5 * c.capacitance[row] * c.neck_area[row] * per_ms;
        double const own_head = leak_head + 1e-5 * c.capacitance[row] * c.head_area[row] * per_ms;
        double const d_neck = own_neck + G_2 + G_1, d_head = own_head + G_2;
        double const along = G_2 * (at_neck - at_head);
        double const r_head = along - leak_head * (at_head - c.reversal[row]);
        double const r_neck = G_1 * (here - at_neck) - along - leak_neck * (at_neck - c.reversal[row]);
        // One division: 1/(determinant area) gives both.
        double const determinant = d_head * d_neck - G_2 * G_2;
        double const both = 1 / (determinant * of_area), inverse = both * of_area;
        double const neck_step = (d_head * r_neck + G_2 * r_head) * inverse;
        double const per_area = 100 * c.number[row] * G_1 * (both * determinant);
        c.neck_step[row] = neck_step;
        c.head_step[row] = (d_neck * r_head + G_2 * r_neck) * inverse;
        c.neck_pull[row] = G_1 * d_head * inverse;
        c.head_pull[row] = G_1 * G_2 * inverse;
        c.density[row] = per_area * (here - at_neck - neck_step);
        c.slope[row] = per_area * (own_neck * d_head + G_2 * own_head) * inverse;
    }
}

CLONES void silent_potentials(int n_rows, double times, SilentColumns c) {
    #pragma GCC ivdep
    for (int row = 0; row < n_rows; ++row) {
        double const follow = c.membrane[row] - c.branch[row];
        c.neck[row] += times * c.neck_step[row] + c.neck_pull[row] * follow;
        c.head[row] += times * c.head_step[row] + c.head_pull[row] * follow;
    }
}

void silent_current(neuron::model_sorted_token const&, NrnThread* thread, Memb_list* list, int) {
    SilentColumns const columns{*list};
    // 2/dt in Crank-Nicolson; 0 before the first step
    double const per_ms = thread->cj > 0 ? thread->cj : 1 / thread->_dt;
    gather(list->_nodecount, list->_nodeindices, thread->node_voltage_storage(), columns.branch);
    gather(list->_nodecount, list->_nodeindices, thread->node_area_storage(), columns.membrane);
    silent_currents(list->_nodecount, per_ms, columns);
    auto* const rhs = thread->node_rhs_storage();
    for (int row = 0; row < list->_nodecount; ++row) {
        rhs[list->_nodeindices[row]] -= columns.density[row];
    }
}

void silent_jacobian(neuron::model_sorted_token const&, NrnThread* thread, Memb_list* list, int) {
    SilentColumns const columns{*list};
    auto* const diagonal = thread->node_d_storage();
    for (int row = 0; row < list->_nodecount; ++row) {
        diagonal[list->_nodeindices[row]] += columns.slope[row];
    }
}

void silent_state(neuron::model_sorted_token const&, NrnThread* thread, Memb_list* list, int) {
    SilentColumns const columns{*list};
    gather(list->_nodecount, list->_nodeindices, thread->node_voltage_storage(), columns.membrane);
    silent_potentials(list->_nodecount, secondorder ? 2 : 1, columns);
}

}

SilentPair silent_pair_of(Node* node) {
    SilentPair pair;
    if (Prop* const prop = nrn_mechanism(_mechtype, node)) {
        auto const value = [prop](int column) { return *_nrn_mechanism_get_param_handle(prop, column); };
        double const neck = value(area_neck_columnindex), head = value(area_head_columnindex);
        pair.number = _nrn_mechanism_get_param_handle(prop, n_columnindex);
        pair.neck = _nrn_mechanism_get_param_handle(prop, v_neck_columnindex);
        pair.head = _nrn_mechanism_get_param_handle(prop, v_head_columnindex);
        pair.G_neck = value(G_branch_neck_columnindex);
        pair.G_head = value(G_neck_head_columnindex);
        pair.leak_neck = 1e-2 * value(g_pas_columnindex) * neck;
        pair.leak_head = 1e-2 * value(g_pas_columnindex) * head;
        pair.capacitance_neck = 1e-5 * value(cm_columnindex) * neck;
        pair.capacitance_head = 1e-5 * value(cm_columnindex) * head;
        pair.leak_reversal = value(e_pas_columnindex);
        pair.found = true;
    }
    return pair;
}
ENDVERBATIM

INITIAL {
VERBATIM
    if (cvode_active_) {
        hoc_execerror("SilentSpines takes fixed time steps only;", "with CVode fold the spines into their segment");
    }
    step_by_thread(_mechtype, silent_current, silent_jacobian, silent_state);
ENDVERBATIM
    n = n_spines
    v_neck = v
    v_head = v
    v_branch = v
    step_neck = 0
    step_head = 0
    pull_neck = 0
    pull_head = 0
}

BREAKPOINT {
    SOLVE advance METHOD after_cvode
    i = 0
}

PROCEDURE advance() {
    : Declares a state function to NEURON, whose place `silent_state` takes.
}
