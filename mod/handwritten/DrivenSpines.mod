TITLE Spines of one segment with AMPA and NMDA receptors, solved within the synapse

COMMENT
    Written by hand: passive necks and heads that bear the receptors of the NeuroML types kineticReceptor (AMPA) and
    kineticNMDAReceptor (NMDA). Every connection (NetCon) to this point process is a spine of its own on the segment; its
    weight, times w_AMPA, scales the AMPA conductance. Necks and heads are leaves of the cable equation; here they are
    eliminated from NEURON's own implicit step (Hines elimination by hand) and put back when the branch is solved, so the
    result is that of two sections a spine, without their nodes, mechanisms and objects.

    A spine whose receptors are all closed (less than `rest` of each is bound) sleeps: it is one of the silent spines of its
    segment (SilentSpines, which every segment with driven spines has), and costs nothing here. When an event wakes it, it
    takes its potentials and its cable over from these. Whether spines may fall asleep is looked up every 32 steps: what
    stays awake longer is solved all the same.

    Receptors: a time step of a chain Ru - Rb - Rc - Ro is a matrix (kinetic_chain.inc): implicit Euler, or with
    secondorder = 2 the exact propagator, which for NMDA is tabulated by the magnesium block. The block that speeds up
    closing is that of the head at the step's start, at which the currents are computed, as published. At second order
    receptors go on when currents are asked for, at the middle of the cable's step and to there, by the block of the
    potential in the middle of their way, and events act at their own times (pool.inc). Fixed time steps only; CVode needs
    sections and the generated receptors.

    With `divides` on, a step also leaves in `divided` what feeds the current between the branch and the spines that are awake (nA,
    outward positive), by leak and charging of their membranes, AMPA and NMDA, inward and outward parts by themselves
    (spine_parts.inc).

    The spines of a thread lie together in columns (pool.inc) and are stepped by vectors (spine_steps.inc); the functions
    that do so take the place of those that NMODL writes. NEURON's SaveState does not know the pool:
        save_state(Vector) appends all that a run needs of this instance's spines; returns the Vector's new size
        restore_state(Vector, start) takes it from `start` on, after finitialize, in the same cell built in the same way;
            returns where the next instance's begins, or -1 if that is not of such an instance
    The columns of the mechanism (n_awake, currents, those of SilentSpines) and the events on their way are not in it.
    Holds no number of the model: the assembly sets the global parameters from NeuroML2/LEMS_CA1_receptors.xml.
ENDCOMMENT

NEURON {
    POINT_PROCESS DrivenSpines
    NONSPECIFIC_CURRENT i
    RANGE w_AMPA, w_NMDA, i_AMPA, i_NMDA, conductance, n_spines, n_awake, divided
    GLOBAL AMPA_tPulse, AMPA_kon, AMPA_koff, AMPA_CC, AMPA_CO, AMPA_Beta, AMPA_Alpha, AMPA_gbase, AMPA_erev
    GLOBAL NMDA_tPulse, NMDA_kon, NMDA_koff, NMDA_CC, NMDA_CO, NMDA_Beta, NMDA_Alpha, NMDA_gbase, NMDA_erev
    GLOBAL NMDA_mg, NMDA_Kmg, NMDA_slope, NMDA_speedUp
    GLOBAL rest, divides
    THREADSAFE : before POINTER, or nocmodl does not heed it
    POINTER storage
}

UNITS {
    (nA) = (nanoamp)
    (mV) = (millivolt)
    (uS) = (microsiemens)
    (kHz) = (kilohertz)
    (mM) = (milli/liter)
}

PARAMETER {
    w_AMPA = 1  : both are taken at each event
    w_NMDA = 1
    AMPA_tPulse (ms)
    AMPA_kon (kHz)
    AMPA_koff (kHz)
    AMPA_CC (kHz)
    AMPA_CO (kHz)
    AMPA_Beta (kHz)
    AMPA_Alpha (kHz)
    AMPA_gbase (uS)
    AMPA_erev (mV)
    NMDA_tPulse (ms)
    NMDA_kon (kHz)
    NMDA_koff (kHz)
    NMDA_CC (kHz)
    NMDA_CO (kHz)
    NMDA_Beta (kHz)
    NMDA_Alpha (kHz)
    NMDA_gbase (uS)
    NMDA_erev (mV)
    NMDA_mg (mM)
    NMDA_Kmg (mM)
    NMDA_slope (/mV)
    NMDA_speedUp
    rest = 1e-9
    divides = 0
}

ASSIGNED {
    v (mV)
    dt (ms)
    i (nA)
    i_AMPA (nA)
    i_NMDA (nA)
    conductance (uS)
    n_spines
    n_awake
    divided[8] (nA)
    identity : its number in the pool, by which that knows when NEURON has sorted the instances anew
    storage
}

INCLUDE "stepping.inc"
INCLUDE "kinetic_chain.inc"
INCLUDE "chain_steps.inc"
INCLUDE "silent_spines.inc"
INCLUDE "pool.inc"
INCLUDE "spine_steps.inc"
INCLUDE "spine_parts.inc"

VERBATIM
namespace {

constexpr int steps_between_looks = 32;  // for spines that may sleep

struct DrivenSite: Site<2> {
    SilentPair silent;
};

DrivenSite* driven_site(Datum* _ppvar) {
    return static_cast<DrivenSite*>(_p_storage);
}

struct SpinePool {
    AwakeSpines awake;
    Rows rows;
    bool stale{true};
    Clock clock;
    int n_steps{};
    std::shared_ptr<SpineStep const> step;
    std::vector<double> branch, follow;  // by row: potential at the step's start, and how far the step has moved it (mV)
    std::vector<double> per_area;        // by row: what 1 nA is as a density (mA/cm2)

    /* Receptors of a spine that took their part of a step by themselves. */
    struct Apart {
        int at;
        Chain ampa, nmda;
        double ampa_left, nmda_left;
    };
    std::vector<Apart> apart;

    void start_anew(double now_ms, double step_ms) {
        awake.clear();
        rows.start_anew();
        stale = true;
        clock = {now_ms, step_ms, secondorder != 0};
        n_steps = 0;
        step.reset();
    }

    AwakeSpines& awake_of(Site<2> const&) {
        return awake;
    }

    void find_rows(Memb_list* list, double const* area) {
        double* const column = &list->data(0, identity_columnindex);
        if (stale || rows.moved(column, list->_nodecount)) {
            rows.take(this, column, list->_nodecount, [list](int row) { return driven_site(list->_pdata[row]); });
            awake.find_rows();
            branch.assign(rows.size(), 0);
            follow.assign(rows.size(), 0);
            per_area.resize(rows.size());
            for (int row = 0; row < rows.size(); ++row) {
                branch[row] = _nrn_mechanism_access_voltage(list->_nodelist[row]);
                per_area[row] = 100 / area[list->_nodeindices[row]];
            }
            stale = false;
        }
    }

    /* At the start of a step, or when an event of that step comes before. */
    void find_step(double step_ms) {
        clock.second_order = secondorder != 0;
        if (step_ms != clock.step_ms) {
            clock.step_ms = step_ms;
            for (int k = 0; k < awake.size(); ++k) {
                awake.who[k]->pulses[0].count_anew(clock, awake.columns[ampa_lit][k]);
                awake.who[k]->pulses[1].count_anew(clock, awake.columns[nmda_lit][k]);
            }
        }
        if (!step || step->step_ms != step_ms || step->order != secondorder) {
            step = spine_step_for(step_ms, secondorder, {AMPA_kon, AMPA_koff, AMPA_CC, AMPA_CO, AMPA_Beta, AMPA_Alpha,
                NMDA_kon, NMDA_koff, NMDA_CC, NMDA_CO, NMDA_Beta, NMDA_Alpha, NMDA_speedUp, NMDA_mg, NMDA_Kmg, NMDA_slope});
        }
    }

    void sum_by_row(Memb_list* list) const {
        double *const current = &list->data(0, i_columnindex), *const slope = &list->data(0, conductance_columnindex);
        double *const ampa = &list->data(0, i_AMPA_columnindex), *const nmda = &list->data(0, i_NMDA_columnindex);
        for (double* const sum: {current, slope, ampa, nmda}) {
            std::fill(sum, sum + rows.size(), 0.);
        }
        auto const& columns = awake.columns;
        double const *const each = columns[to_spine], *const each_slope = columns[to_spine_slope];
        double const *const each_ampa = columns[through_ampa], *const each_nmda = columns[through_nmda];
        int const* const row = awake.row.data();
        int const n = awake.size();
        for (int k = 0; k < n; ++k) {
            int const of = row[k];
            current[of] += each[k];
            slope[of] += each_slope[k];
            ampa[of] += each_ampa[k];
            nmda[of] += each_nmda[k];
        }
    }

    void advance(double times) {
        auto const n = awake.size();
        auto const& columns = awake.columns;
        auto* const numbers = columns.begin();
        gather(n, awake.row.data(), follow.data(), columns[of_branch]);
        spine_potentials(n, numbers, columns.stride(), times, step->blocks->values, step->blocks->slope);
        if (step->order == 0) {
            chain_steps(n, columns[ampa_b], columns[ampa_c], columns[ampa_o], columns[ampa_lit], step->ampa, rest);
            nmda_euler_steps(n, numbers, columns.stride(), step->nmda_over_step, step->speed_up);
        }
    }

    /* What feeds the currents into the spines in this step, before it moves their potentials; `part` of that is done when they flow. */
    void divide_flows(Memb_list* list, double part) const {
        for (int row = 0; row < rows.size(); ++row) {
            std::fill_n(&list->data(row, divided_columnindex, 0), 8, 0.);
        }
        auto const& of = awake.columns;
        for (int k = 0; k < awake.size(); ++k) {
            int const row = awake.row[k];
            double const moved = part * follow[row];
            double const d_neck = of[neck_step][k] + of[neck_pull][k] * moved, d_head = of[head_step][k] + of[head_pull][k] * moved;
            double const at_neck = of[neck][k] + d_neck, at_head = of[head][k] + d_head;
            double const g_ampa = of[weight_ampa][k] * AMPA_gbase * of[ampa_o][k];
            double const g_nmda = of[weight_nmda][k] * NMDA_gbase * of[nmda_o][k] * of[block][k];
            double const nmda_slope = g_nmda * (1 + steepening(of[block][k], NMDA_slope) * (of[head][k] - NMDA_erev + 1e-3));
            double const per_ms = secondorder ? 2 / clock.step_ms : 1 / clock.step_ms;
            divide_flow({of[G_1][k] * (branch[row] + moved - at_neck), of[G_2][k] * (at_neck - at_head),
                         of[neck_leak][k] * (at_neck - of[reversal][k]), of[neck_capacitance][k] * per_ms * d_neck,
                         of[head_leak][k] * (at_head - of[reversal][k]), of[head_capacitance][k] * per_ms * d_head,
                         of[through_ampa][k] + g_ampa * d_head, of[through_nmda][k] + nmda_slope * d_head},
                        1, &list->data(row, divided_columnindex, 0));
        }
    }

    Chain chain_of(int k, SpineColumn first) const {
        return {awake.columns[first][k], awake.columns[first + 1][k], awake.columns[first + 2][k]};
    }

    void put(int k, SpineColumn first, Chain const& chain) {
        awake.columns[first][k] = chain.b;
        awake.columns[first + 1][k] = chain.c;
        awake.columns[first + 2][k] = chain.o;
    }

    /* Second order: the receptors of one spine go on to a moment within the step to come, that of an event or its end. */
    void go_on_to(int k, double to_ms) {
        auto const& columns = awake.columns;
        double const from_ms = columns[ahead_ms][k], speed = 1 + step->speed_up * (1 - columns[block][k]);
        Chain ampa = chain_of(k, ampa_b), nmda = chain_of(k, nmda_b);
        go_on(from_ms, to_ms, columns[ampa_lit][k] * clock.step_ms, [&](bool transmitter, double ms) {
            ampa = step->ampa_parts(ampa, transmitter, ms / clock.step_ms);
        });
        go_on(from_ms, to_ms, columns[nmda_lit][k] * clock.step_ms, [&](bool transmitter, double ms) {
            nmda = exact_part(step->nmda_over_step.over(ms / clock.step_ms, speed), transmitter, nmda);
        });
        put(k, ampa_b, ampa);
        put(k, nmda_b, nmda);
        columns[ahead_ms][k] = std::max(to_ms, from_ms);
    }

    /* Second order, when currents are asked for: all receptors go on to there, those of a spine by themselves that had an event
       on the way, or whose transmitter goes. */
    void go_on_to(double at_ms) {
        double const steps = clock.steps_until(at_ms);
        if (steps < 1e-6) {
            return;
        }
        auto const& columns = awake.columns;
        double *const ahead = columns[ahead_ms], *const to_ampa = columns[ampa_lit], *const to_nmda = columns[nmda_lit];
        bool const whole = std::fabs(steps - 1) < 1e-6;
        auto const goes = [](double lit) { return lit > 0 && lit < 1; };
        int const n = awake.size();
        apart.clear();
        for (int k = 0; k < n; ++k) {
            if (!whole || ahead[k] > 0 || goes(to_ampa[k]) || goes(to_nmda[k])) {
                go_on_to(k, steps * clock.step_ms);
                apart.push_back({k, chain_of(k, ampa_b), chain_of(k, nmda_b), lit_after(to_ampa[k], steps),
                                 lit_after(to_nmda[k], steps)});
                ahead[k] = 0;
            }
        }
        if (whole) {
            chain_steps(n, columns[ampa_b], columns[ampa_c], columns[ampa_o], to_ampa, step->ampa, rest);
            nmda_exact_steps(n, columns.begin(), columns.stride(), step->exact[0].data(), step->exact[1].data());
        }
        for (auto const& one: apart) {
            put(one.at, ampa_b, one.ampa);
            put(one.at, nmda_b, one.nmda);
            to_ampa[one.at] = one.ampa_left;
            to_nmda[one.at] = one.nmda_left;
        }
        clock.now_ms = at_ms;
    }

    void put_to_sleep(double* n_awake_of_row) {
        auto const& columns = awake.columns;
        awake.drop([&columns, n_awake_of_row, this](int k) {
            if (columns[ampa_lit][k] > 0 || columns[nmda_lit][k] > 0 ||
                columns[ampa_b][k] + columns[ampa_c][k] + columns[ampa_o][k] > rest ||
                columns[nmda_b][k] + columns[nmda_c][k] + columns[nmda_o][k] > rest) {
                return false;
            }
            *static_cast<DrivenSite*>(awake.who[k]->site)->silent.number += 1;
            n_awake_of_row[awake.row[k]] -= 1;
            return true;
        });
    }
};

void spines_current(neuron::model_sorted_token const&, NrnThread* thread, Memb_list* list, int) {
    auto& pool = pool_of<SpinePool>(thread);
    pool.find_rows(list, thread->node_area_storage());
    pool.find_step(thread->_dt);
    if (secondorder) {
        pool.go_on_to(thread->_t);
    }
    int const n_rows = list->_nodecount;
    auto const* const node = list->_nodeindices;
    gather(n_rows, node, thread->node_voltage_storage(), pool.branch.data());
    auto const& columns = pool.awake.columns;
    int const* const row_of = pool.awake.row.data();
    gather(columns.size(), row_of, pool.branch.data(), columns[of_branch]);
    spine_currents(columns.size(), columns.begin(), columns.stride(),
                   {implicit_per_ms(thread), AMPA_gbase, AMPA_erev, NMDA_gbase, NMDA_erev, NMDA_slope});
    pool.sum_by_row(list);
    double* const density = &list->data(0, v_columnindex);  // v of an instance is of no use to us
    densities(n_rows, pool.per_area.data(), &list->data(0, i_columnindex), &list->data(0, conductance_columnindex), density,
              &list->data(0, _g_columnindex));
    take_at(n_rows, node, density, thread->node_rhs_storage());
}

void spines_jacobian(neuron::model_sorted_token const&, NrnThread* thread, Memb_list* list, int) {
    add_at(list->_nodecount, list->_nodeindices, &list->data(0, _g_columnindex), thread->node_d_storage());
}

void spines_state(neuron::model_sorted_token const&, NrnThread* thread, Memb_list* list, int) {
    auto& pool = pool_of<SpinePool>(thread);
    pool.rows.require_ours();  // NEURON sorts no instances within a step: the rows are those of its currents
    auto const* const potential = thread->node_voltage_storage();
    for (int row = 0; row < list->_nodecount; ++row) {
        pool.follow[row] = potential[list->_nodeindices[row]] - pool.branch[row];
    }
    if (divides) {
        pool.divide_flows(list, secondorder ? 0.5 : 1);
    }
    pool.advance(secondorder ? 2 : 1);
    if (!secondorder) {
        pool.clock.now_ms = thread->_t;
    }
    if (++pool.n_steps % steps_between_looks == 0) {
        pool.put_to_sleep(&list->data(0, n_awake_columnindex));
    }
}

}
ENDVERBATIM

INITIAL {
VERBATIM
    if (cvode_active_) {
        hoc_execerror("DrivenSpines takes fixed time steps only;", "with CVode use sections and the generated AMPA and NMDA");
    }
    step_by_thread(_mechtype, spines_current, spines_jacobian, spines_state);
    auto& pool = pool_of<SpinePool>(_nt);
    if (_iml == 0) {
        pool.start_anew(t, dt);
    }
    if (!_p_storage) {
        _p_storage = new DrivenSite;
    }
    auto& site = *static_cast<DrivenSite*>(_p_storage);
    site.start_anew(&pool);
    site.silent = silent_pair_of(_ppvar[1].get<Point_process*>()->node);
    if (!site.silent.found) {
        hoc_execerror("DrivenSpines needs SilentSpines on its segment;", "insert them with n_spines, driven ones included");
    }
    identity = site.number;
ENDVERBATIM
    n_spines = 0
    n_awake = 0
    i = 0
    i_AMPA = 0
    i_NMDA = 0
    conductance = 0
}

DESTRUCTOR {
VERBATIM
    if (auto* const site = static_cast<DrivenSite*>(_p_storage)) {
        if (site->pool) {
            auto& pool = *static_cast<SpinePool*>(site->pool);
            pool.awake.drop([&pool, site](int k) { return pool.awake.who[k]->site == site; });
            pool.stale = true;
        }
        delete site;
        _p_storage = nullptr;
    }
ENDVERBATIM
}

BREAKPOINT {
    SOLVE update METHOD after_cvode
    i = 0
}

PROCEDURE update() {
    : Declares a state function to NEURON, whose place `spines_state` takes.
}

NET_RECEIVE(weight, index, place) {
    : Connections of one place, numbered from 1, are inputs to the same spine; at place 0 each has its own.
    INITIAL {
VERBATIM
        auto& site = *static_cast<DrivenSite*>(_p_storage);
        _args[1] = static_cast<double>(site.connect(static_cast<int>(_args[2])));
        n_spines = static_cast<double>(site.entries.size());
ENDVERBATIM
    }
VERBATIM
    auto& site = *static_cast<DrivenSite*>(_p_storage);
    auto& pool = *static_cast<SpinePool*>(site.pool);
    auto& spine = site.entries[static_cast<std::size_t>(_args[1])];
    auto const& columns = pool.awake.columns;
    bool sends_ampa = false, sends_nmda = false;
ENDVERBATIM
    if (flag == 0) {
VERBATIM
        if (spine.at < 0) {
            int const woken = pool.awake.wake(spine);
            auto& silent = site.silent;
            *silent.number -= 1;
            if (*silent.number < 0) {
                hoc_execerror("more driven spines are awake than their segment has spines;", "drive fewer there, or raise n_spines");
            }
            n_awake += 1;
            columns[neck][woken] = *silent.neck;
            columns[head][woken] = *silent.head;
            columns[block][woken] = 1 / (1 + exp(-NMDA_slope * *silent.head) * NMDA_mg / NMDA_Kmg);
            columns[G_1][woken] = silent.G_neck;
            columns[G_2][woken] = silent.G_head;
            columns[neck_leak][woken] = silent.leak_neck;
            columns[head_leak][woken] = silent.leak_head;
            columns[reversal][woken] = silent.leak_reversal;
            columns[neck_capacitance][woken] = silent.capacitance_neck;
            columns[head_capacitance][woken] = silent.capacitance_head;
        }
        pool.find_step(dt);
        if (secondorder) {
            pool.go_on_to(spine.at, pool.clock.ms_until(t));
        }
        columns[weight_ampa][spine.at] = _args[0] * w_AMPA;
        columns[weight_nmda][spine.at] = w_NMDA;
        sends_ampa = spine.pulses[0].begin(t, AMPA_tPulse, pool.clock, columns[ampa_lit][spine.at]);
        sends_nmda = spine.pulses[1].begin(t, NMDA_tPulse, pool.clock, columns[nmda_lit][spine.at]);
        if (sends_ampa) {
ENDVERBATIM
        net_send(AMPA_tPulse, 1)
VERBATIM
        }
        if (sends_nmda) {
ENDVERBATIM
        net_send(NMDA_tPulse, 2)
VERBATIM
        }
ENDVERBATIM
    } else {
VERBATIM
        if (secondorder && spine.at >= 0) {
            pool.go_on_to(spine.at, pool.clock.ms_until(t));
        }
        int const which = _lflag == 1 ? 0 : 1;
        spine.pulses[which].end(spine.at < 0 ? nullptr : &columns[which ? nmda_lit : ampa_lit][spine.at]);
ENDVERBATIM
    }
}

FUNCTION save_state() {
VERBATIM
    _lsave_state = save_site<SpinePool>(*driven_site(_ppvar), vector_arg(1));
ENDVERBATIM
}

FUNCTION restore_state() {
VERBATIM
    _lrestore_state = restore_site<SpinePool>(*driven_site(_ppvar), vector_arg(1), *getarg(2));
ENDVERBATIM
}
