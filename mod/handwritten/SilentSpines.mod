TITLE Spines without input of a segment, all of them as one pair of potentials

COMMENT
    Written by hand: passive spines, each a neck and a head, that get no input. Those of a segment have the same geometry, leak
    and history, so one pair of potentials, v_neck and v_head, stands for all `n` of them. Necks and heads are leaves of the
    cable equation: they are eliminated from NEURON's own implicit step (Hines elimination by hand), n times, and put back
    when the branch is solved, so the result is that of two sections a spine, at the cost of one spine a segment.

    `n_spines` are all spines of the segment. A run starts with all of them silent; a spine of DrivenSpines on the same segment
    that wakes takes the pair's potentials along and is out of `n` until it falls asleep.
    Implicit Euler, or Crank-Nicolson (secondorder = 2). A step is linear in the potentials: its coefficients are made of the
    parameters when a run starts or its time step changes; `n` and `e_pas` alone are read in every step.
    Fixed time steps only; with CVode fold the spines into the segment.
    With `divides` on, a step also leaves in `divided` what feeds the current between branch and spines (nA, outward positive), by
    leak and charging of their membranes, inward and outward parts by themselves (spine_parts.inc).
    One call steps all segments of a thread; the functions that do so take the place of those that NMODL writes.
    Holds no number of the model: the assembly sets every parameter.
ENDCOMMENT

NEURON {
    SUFFIX SilentSpines
    NONSPECIFIC_CURRENT i
    RANGE n_spines, G_branch_neck, G_neck_head, area_neck, area_head, cm, g_pas, e_pas
    RANGE n, v_neck, v_head, divided
    GLOBAL divides
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
    divides = 0
}

ASSIGNED {
    v (mV)
    dt (ms)
    i (mA/cm2)
    n
    v_neck (mV)
    v_head (mV)
    divided[4] (nA)
    n_of_step  : as the currents had it: a spine may fall asleep before the states take their step
    v_branch (mV)  : at the step's start
    v_now (mV)     : of the branch, at the step's end
    made_for (/ms) : 1/dt, or 2/dt in Crank-Nicolson, that the coefficients are of
    flow_of_branch (S/cm2) : of the current density into one spine, by potential over e_pas
    flow_of_neck (S/cm2)
    flow_of_head (S/cm2)
    neck_of_branch : of the potentials of neck and head after an implicit step
    neck_of_neck
    neck_of_head
    head_of_branch
    head_of_neck
    head_of_head
}

INCLUDE "stepping.inc"
INCLUDE "silent_spines.inc"
INCLUDE "spine_parts.inc"

VERBATIM
extern Prop* nrn_mechanism(int, Node*);

namespace {

/* Columns of all instances of a thread. */
struct SilentColumns {
    int n_rows;
    int const* node;
    double const *number, *reversal;
    double *neck, *head, *branch, *now, *made, *density;
    double *flow[3], *to_neck[3], *to_head[3];  // by potential of branch, neck, head

    explicit SilentColumns(Memb_list& list)
        : n_rows{list._nodecount}
        , node{list._nodeindices}
        , number{&list.data(0, n_columnindex)}
        , reversal{&list.data(0, e_pas_columnindex)}
        , neck{&list.data(0, v_neck_columnindex)}
        , head{&list.data(0, v_head_columnindex)}
        , branch{&list.data(0, v_branch_columnindex)}
        , now{&list.data(0, v_now_columnindex)}
        , made{&list.data(0, made_for_columnindex)}
        , density{&list.data(0, i_columnindex)}
        , flow{&list.data(0, flow_of_branch_columnindex), &list.data(0, flow_of_neck_columnindex),
               &list.data(0, flow_of_head_columnindex)}
        , to_neck{&list.data(0, neck_of_branch_columnindex), &list.data(0, neck_of_neck_columnindex),
                  &list.data(0, neck_of_head_columnindex)}
        , to_head{&list.data(0, head_of_branch_columnindex), &list.data(0, head_of_neck_columnindex),
                  &list.data(0, head_of_head_columnindex)} {}
};

/* The coefficients of a step, where they are those of another one. An implicit step is, in potentials over e_pas,
   d_neck neck' - G_2 head' = G_1 branch' + c_neck neck and d_head head' - G_2 neck' = c_head head.
   1 uF/cm2 um2 is 1e-5 nF, 1 S/cm2 um2 is 1e-2 uS, 1 nA/um2 is 100 mA/cm2. */
void make_coefficients(Memb_list& list, double per_ms, double const* area, SilentColumns const& c) {
    for (int row = 0; row < c.n_rows; ++row) {
        if (c.made[row] == per_ms) {
            continue;
        }
        auto const value = [&list, row](int column) { return list.data(row, column); };
        double const G_1 = value(G_branch_neck_columnindex), G_2 = value(G_neck_head_columnindex);
        double const neck_area = value(area_neck_columnindex), head_area = value(area_head_columnindex);
        double const c_neck = 1e-5 * value(cm_columnindex) * neck_area * per_ms;
        double const c_head = 1e-5 * value(cm_columnindex) * head_area * per_ms;
        double const own_neck = c_neck + 1e-2 * value(g_pas_columnindex) * neck_area;
        double const own_head = c_head + 1e-2 * value(g_pas_columnindex) * head_area;
        double const d_neck = own_neck + G_2 + G_1, d_head = own_head + G_2;
        double const inverse = 1 / (d_head * d_neck - G_2 * G_2), per_area = 100 * G_1 / area[c.node[row]];
        c.to_neck[0][row] = G_1 * d_head * inverse;
        c.to_neck[1][row] = c_neck * d_head * inverse;
        c.to_neck[2][row] = c_head * G_2 * inverse;
        c.to_head[0][row] = G_1 * G_2 * inverse;
        c.to_head[1][row] = c_neck * G_2 * inverse;
        c.to_head[2][row] = c_head * d_neck * inverse;
        c.flow[0][row] = per_area * (own_neck * d_head + G_2 * own_head) * inverse;  // 1 - G_1 d_head/determinant
        c.flow[1][row] = per_area * c.to_neck[1][row];
        c.flow[2][row] = per_area * c.to_neck[2][row];
        c.made[row] = per_ms;
    }
}

CLONES bool are_made_for(double per_ms, int n_rows, double const* made) {
    int others = 0;
    for (int row = 0; row < n_rows; ++row) {
        others += made[row] != per_ms;
    }
    return others == 0;
}

/* The current density into the silent spines at the potentials of the step's start. */
CLONES void silent_currents(SilentColumns c) {
    #pragma GCC ivdep
    for (int row = 0; row < c.n_rows; ++row) {
        double const e = c.reversal[row];
        c.density[row] = c.number[row] * (c.flow[0][row] * (c.branch[row] - e) - c.flow[1][row] * (c.neck[row] - e)
                                          - c.flow[2][row] * (c.head[row] - e));
    }
}

/* An implicit step to the branch's new potential; in Crank-Nicolson one to the middle, and as far again. */
CLONES void silent_potentials(SilentColumns c, bool to_middle) {
    double const times = to_middle ? 2 : 1, part = to_middle ? 0.5 : 1;
    #pragma GCC ivdep
    for (int row = 0; row < c.n_rows; ++row) {
        double const e = c.reversal[row], neck = c.neck[row] - e, head = c.head[row] - e;
        double const branch = c.branch[row] + part * (c.now[row] - c.branch[row]) - e;
        double const to_neck = c.to_neck[0][row] * branch + c.to_neck[1][row] * neck + c.to_neck[2][row] * head;
        double const to_head = c.to_head[0][row] * branch + c.to_head[1][row] * neck + c.to_head[2][row] * head;
        c.neck[row] = e + (times * to_neck - (times - 1) * neck);
        c.head[row] = e + (times * to_head - (times - 1) * head);
    }
}

void silent_current(neuron::model_sorted_token const&, NrnThread* thread, Memb_list* list, int) {
    SilentColumns const columns{*list};
    double const per_ms = implicit_per_ms(thread);
    if (!are_made_for(per_ms, columns.n_rows, columns.made)) {
        make_coefficients(*list, per_ms, thread->node_area_storage(), columns);
    }
    gather(columns.n_rows, columns.node, thread->node_voltage_storage(), columns.branch);
    silent_currents(columns);
    if (divides) {
        std::copy_n(columns.number, columns.n_rows, &list->data(0, n_of_step_columnindex));
    }
    take_at(columns.n_rows, columns.node, columns.density, thread->node_rhs_storage());
}

void silent_jacobian(neuron::model_sorted_token const&, NrnThread* thread, Memb_list* list, int) {
    SilentColumns const columns{*list};
    auto* const diagonal = thread->node_d_storage();
    for (int row = 0; row < columns.n_rows; ++row) {
        diagonal[columns.node[row]] += columns.number[row] * columns.flow[0][row];
    }
}

/* What feeds the current into the silent spines in this step, before it moves their potentials. */
void divide_silent_flows(Memb_list& list, SilentColumns const& c, bool to_middle) {
    for (int row = 0; row < c.n_rows; ++row) {
        auto const value = [&list, row](int column) { return list.data(row, column); };
        double const e = c.reversal[row], neck = c.neck[row] - e, head = c.head[row] - e;
        double const branch = c.branch[row] + (to_middle ? 0.5 : 1)*(c.now[row] - c.branch[row]) - e;
        double const to_neck = c.to_neck[0][row]*branch + c.to_neck[1][row]*neck + c.to_neck[2][row]*head;
        double const to_head = c.to_head[0][row]*branch + c.to_head[1][row]*neck + c.to_head[2][row]*head;
        double const in_neck = 1e-2*value(area_neck_columnindex), in_head = 1e-2*value(area_head_columnindex);
        double const leak = value(g_pas_columnindex), charging = 1e-3*value(cm_columnindex)*c.made[row];
        double* const parts = &list.data(row, divided_columnindex, 0);
        std::fill(parts, parts + 4, 0.);
        divide_flow({value(G_branch_neck_columnindex)*(branch - to_neck), value(G_neck_head_columnindex)*(to_neck - to_head),
                     in_neck*leak*to_neck, in_neck*charging*(to_neck - neck), in_head*leak*to_head,
                     in_head*charging*(to_head - head), 0, 0},
                    value(n_of_step_columnindex), parts);
    }
}

void silent_state(neuron::model_sorted_token const&, NrnThread* thread, Memb_list* list, int) {
    SilentColumns const columns{*list};
    gather(columns.n_rows, columns.node, thread->node_voltage_storage(), columns.now);
    if (divides) {
        divide_silent_flows(*list, columns, secondorder != 0);
    }
    silent_potentials(columns, secondorder != 0);
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
    made_for = 0
}

BREAKPOINT {
    SOLVE advance METHOD after_cvode
    i = 0
}

PROCEDURE advance() {
    : Declares a state function to NEURON, whose place `silent_state` takes.
}
