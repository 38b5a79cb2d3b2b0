TITLE Kinetic receptors Ru - Rb - Rc - Ro of one segment, fast

COMMENT
    Written by hand: receptors of the NeuroML type kineticReceptor (AMPA, GABA_A). Every connection (NetCon) to this point
    process is a receptor of its own on the segment, scaled by its weight; together they are one current.
    A time step of a linear chain is a matrix that depends on dt and on whether transmitter is present (kinetic_chain.inc):
    implicit Euler, or with secondorder = 2 the exact propagator. At second order receptors go on when currents are asked for,
    at the middle of a step and to there, and events act at their own times (pool.inc). A receptor without transmitter whose
    bound fraction has fallen below `rest` sleeps until its next event (looked up every 32 steps: what stays awake longer is
    solved all the same). Fixed time step only; CVode needs the generated receptors.

    The receptors of a thread lie together in columns (pool.inc), a group for each set of rates, and are stepped by vectors;
    the functions that do so take the place of those that NMODL writes. The rates are those at the start of a run.
    NEURON's SaveState does not know the pool: save_state(Vector) and restore_state(Vector, start) are as in DrivenSpines.
    Holds no number of the model: the assembly sets every parameter from NeuroML2/LEMS_CA1_receptors.xml.
ENDCOMMENT

NEURON {
    POINT_PROCESS KineticReceptors
    NONSPECIFIC_CURRENT i
    RANGE tPulse, kon, koff, CC, CO, Beta, Alpha, gbase, erev
    RANGE g, n_receptors, n_awake
    GLOBAL rest
    THREADSAFE : before POINTER, or nocmodl does not heed it
    POINTER storage
}

UNITS {
    (nA) = (nanoamp)
    (mV) = (millivolt)
    (uS) = (microsiemens)
    (kHz) = (kilohertz)
}

PARAMETER {
    tPulse (ms)
    kon (kHz)
    koff (kHz)
    CC (kHz)
    CO (kHz)
    Beta (kHz)
    Alpha (kHz)
    gbase (uS)
    erev (mV)
    rest = 1e-9
}

ASSIGNED {
    v (mV)
    dt (ms)
    i (nA)
    g (uS)
    n_receptors
    n_awake
    weighted_Ro
    identity : its number in the pool, by which that knows when NEURON has sorted the instances anew
    storage
}

INCLUDE "stepping.inc"
INCLUDE "kinetic_chain.inc"
INCLUDE "chain_steps.inc"
INCLUDE "pool.inc"

VERBATIM
namespace {

constexpr int steps_between_looks = 32;  // for receptors that may sleep

enum ReceptorColumn { bound, closed, open, lit_steps, scale, ahead_ms, n_receptor_columns };
using ReceptorSite = Site<1>;

ReceptorSite* receptor_site(Datum* _ppvar) {
    return static_cast<ReceptorSite*>(_p_storage);
}

/* Receptors of equal rates. */
struct ReceptorGroup {
    std::array<double, 6> rates{};
    Awake<n_receptor_columns, 1> awake;
    Matrices step;
    Parts parts;  // at second order

    /* One that took its part of a step by itself. */
    struct Apart {
        int at;
        Chain chain;
        double lit;
    };
    std::vector<Apart> apart;

    Chain chain_of(int k) const {
        return {awake.columns[bound][k], awake.columns[closed][k], awake.columns[open][k]};
    }

    void put(int k, Chain const& chain) {
        awake.columns[bound][k] = chain.b;
        awake.columns[closed][k] = chain.c;
        awake.columns[open][k] = chain.o;
    }

    /* Second order: one receptor goes on to a moment within the step to come, that of an event or its end. */
    void go_on_to(int k, double to_ms, double step_ms) {
        auto const& columns = awake.columns;
        Chain chain = chain_of(k);
        go_on(columns[ahead_ms][k], to_ms, columns[lit_steps][k] * step_ms, [&](bool transmitter, double ms) {
            chain = parts(chain, transmitter, ms / step_ms);
        });
        put(k, chain);
        columns[ahead_ms][k] = std::max(to_ms, columns[ahead_ms][k]);
    }

    /* Second order: all go on, those by themselves that had an event on the way, or whose transmitter goes. */
    void go_on_by(double steps, double step_ms, double at_rest) {
        auto const& columns = awake.columns;
        double *const ahead = columns[ahead_ms], *const lit = columns[lit_steps];
        bool const whole = std::fabs(steps - 1) < 1e-6;
        apart.clear();
        for (int k = 0; k < awake.size(); ++k) {
            if (!whole || ahead[k] > 0 || (lit[k] > 0 && lit[k] < 1)) {
                go_on_to(k, steps * step_ms, step_ms);
                apart.push_back({k, chain_of(k), lit_after(lit[k], steps)});
                ahead[k] = 0;
            }
        }
        if (whole) {
            chain_steps(awake.size(), columns[bound], columns[closed], columns[open], lit, step, at_rest);
        }
        for (auto const& one: apart) {
            put(one.at, one.chain);
            lit[one.at] = one.lit;
        }
    }
};

struct ReceptorPool {
    std::deque<ReceptorGroup> groups;
    Rows rows;
    bool stale{true};
    Clock clock;
    int n_steps{}, order{-1};
    std::vector<double> potential, per_area;  // by row: mV, and what 1 nA is as a density (mA/cm2)

    void start_anew(double now_ms, double step_ms) {
        groups.clear();
        rows.start_anew();
        stale = true;
        clock = {now_ms, step_ms, secondorder != 0};
        n_steps = 0;
        order = -1;
    }

    int group_of(std::array<double, 6> const& rates) {
        auto const equal = [&rates](ReceptorGroup const& one) { return one.rates == rates; };
        auto const known = std::find_if(groups.begin(), groups.end(), equal);
        if (known != groups.end()) {
            return static_cast<int>(known - groups.begin());
        }
        groups.emplace_back();
        groups.back().rates = rates;
        return static_cast<int>(groups.size()) - 1;
    }

    Awake<n_receptor_columns, 1>& awake_of(ReceptorSite const& site) {
        return groups[site.group].awake;
    }

    void find_rows(Memb_list* list, double const* area) {
        double* const column = &list->data(0, identity_columnindex);
        if (stale || rows.moved(column, list->_nodecount)) {
            rows.take(this, column, list->_nodecount, [list](int row) { return receptor_site(list->_pdata[row]); });
            for (auto& group: groups) {
                group.awake.find_rows();
            }
            potential.assign(rows.size(), 0);
            per_area.resize(rows.size());
            for (int row = 0; row < rows.size(); ++row) {
                per_area[row] = 100 / area[list->_nodeindices[row]];
            }
            stale = false;
        }
    }

    /* At the start of a step, or when an event of that step comes before. */
    void find_step(double step_ms) {
        if (step_ms == clock.step_ms && order == secondorder) {
            return;
        }
        clock.second_order = secondorder != 0;
        for (auto& group: groups) {
            auto const& r = group.rates;
            ChainRates const over_step = ChainRates{r[0], r[1], r[2], r[3], r[4], r[5]}.over(step_ms);
            group.step = Matrices(over_step, clock.second_order);
            group.parts = clock.second_order ? Parts(over_step) : Parts();
        }
        if (step_ms != clock.step_ms) {
            clock.step_ms = step_ms;
            for (auto& group: groups) {
                for (int k = 0; k < group.awake.size(); ++k) {
                    group.awake.who[k]->pulses[0].count_anew(clock, group.awake.columns[lit_steps][k]);
                }
            }
        }
        order = secondorder;
    }

    /* Second order, when currents are asked for. */
    void go_on_to(double at_ms, double* sum) {
        double const steps = clock.steps_until(at_ms);
        if (steps < 1e-6) {
            return;
        }
        for (auto& group: groups) {
            group.go_on_by(steps, clock.step_ms, rest);
        }
        clock.now_ms = at_ms;
        sum_by_row(sum);
    }

    void sum_by_row(double* sum) const {
        std::fill(sum, sum + rows.size(), 0.);
        for (auto const& group: groups) {
            double const *const part = group.awake.columns[open], *const weight = group.awake.columns[scale];
            int const* const row = group.awake.row.data();
            int const n = group.awake.size();
            for (int k = 0; k < n; ++k) {
                sum[row[k]] += weight[k] * part[k];
            }
        }
    }

    void put_to_sleep(double* n_awake_of_row) {
        for (auto& group: groups) {
            auto const& columns = group.awake.columns;
            group.awake.drop([&columns, &group, n_awake_of_row](int k) {
                if (columns[lit_steps][k] > 0 || columns[bound][k] + columns[closed][k] + columns[open][k] > rest) {
                    return false;
                }
                n_awake_of_row[group.awake.row[k]] -= 1;
                return true;
            });
        }
    }
};

CLONES void receptor_currents(
    int n_rows, double const* __restrict potential, double const* __restrict per_area, double const* __restrict gmax,
    double const* __restrict part, double const* __restrict reversal, double* __restrict conductance,
    double* __restrict current, double* __restrict density, double* __restrict slope) {
    #pragma GCC ivdep
    for (int row = 0; row < n_rows; ++row) {
        double const open_now = gmax[row] * part[row];
        double const flows = open_now * (potential[row] - reversal[row]);
        conductance[row] = open_now;
        current[row] = flows;
        density[row] = per_area[row] * flows;
        slope[row] = per_area[row] * open_now;
    }
}

void receptors_current(neuron::model_sorted_token const&, NrnThread* thread, Memb_list* list, int) {
    auto& pool = pool_of<ReceptorPool>(thread);
    pool.find_rows(list, thread->node_area_storage());
    pool.find_step(thread->_dt);
    int const n_rows = list->_nodecount;
    auto const* const node = list->_nodeindices;
    auto const column = [list](int which) { return &list->data(0, which); };
    if (secondorder) {
        pool.go_on_to(thread->_t, column(weighted_Ro_columnindex));
    }
    double* const density = column(v_columnindex);  // v of an instance is of no use to us
    gather(n_rows, node, thread->node_voltage_storage(), pool.potential.data());
    receptor_currents(n_rows, pool.potential.data(), pool.per_area.data(), column(gbase_columnindex),
                      column(weighted_Ro_columnindex), column(erev_columnindex), column(g_columnindex),
                      column(i_columnindex), density, column(_g_columnindex));
    take_at(n_rows, node, density, thread->node_rhs_storage());
}

void receptors_jacobian(neuron::model_sorted_token const&, NrnThread* thread, Memb_list* list, int) {
    add_at(list->_nodecount, list->_nodeindices, &list->data(0, _g_columnindex), thread->node_d_storage());
}

void receptors_state(neuron::model_sorted_token const&, NrnThread* thread, Memb_list* list, int) {
    auto& pool = pool_of<ReceptorPool>(thread);
    pool.rows.require_ours();  // NEURON sorts no instances within a step: the rows are those of its currents
    if (!secondorder) {
        for (auto& group: pool.groups) {
            auto const& columns = group.awake.columns;
            chain_steps(group.awake.size(), columns[bound], columns[closed], columns[open], columns[lit_steps], group.step, rest);
        }
        pool.sum_by_row(&list->data(0, weighted_Ro_columnindex));
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
        hoc_execerror("KineticReceptors takes fixed time steps only;", "with CVode use the generated AMPA and GABA_A");
    }
    step_by_thread(_mechtype, receptors_current, receptors_jacobian, receptors_state);
    auto& pool = pool_of<ReceptorPool>(_nt);
    if (_iml == 0) {
        pool.start_anew(t, dt);
    }
    if (!_p_storage) {
        _p_storage = new ReceptorSite;
    }
    auto& site = *static_cast<ReceptorSite*>(_p_storage);
    site.start_anew(&pool);
    site.group = pool.group_of({kon, koff, CC, CO, Beta, Alpha});
    identity = site.number;
ENDVERBATIM
    n_receptors = 0
    n_awake = 0
    weighted_Ro = 0
    g = 0
    i = 0
}

DESTRUCTOR {
VERBATIM
    if (auto* const site = static_cast<ReceptorSite*>(_p_storage)) {
        if (site->pool) {
            auto& pool = *static_cast<ReceptorPool*>(site->pool);
            for (auto& group: pool.groups) {
                group.awake.drop([&group, site](int k) { return group.awake.who[k]->site == site; });
            }
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
    : Declares a state function to NEURON, whose place `receptors_state` takes.
}

NET_RECEIVE(weight, index, place) {
    : Connections of one place, numbered from 1, are inputs to the same receptor; at place 0 each has its own.
    INITIAL {
VERBATIM
        auto& site = *static_cast<ReceptorSite*>(_p_storage);
        _args[1] = static_cast<double>(site.connect(static_cast<int>(_args[2])));
        n_receptors = static_cast<double>(site.entries.size());
ENDVERBATIM
    }
VERBATIM
    auto& site = *static_cast<ReceptorSite*>(_p_storage);
    auto& pool = *static_cast<ReceptorPool*>(site.pool);
    auto& group = pool.groups[site.group];
    auto& awake = group.awake;
    auto const& columns = awake.columns;
    auto& receptor = site.entries[static_cast<std::size_t>(_args[1])];
    bool sends_end = false;
ENDVERBATIM
    if (flag == 1) {
VERBATIM
        if (secondorder && receptor.at >= 0) {
            group.go_on_to(receptor.at, pool.clock.ms_until(t), pool.clock.step_ms);
        }
        receptor.pulses[0].end(receptor.at < 0 ? nullptr : &columns[lit_steps][receptor.at]);
ENDVERBATIM
    } else {
VERBATIM
        if (receptor.at < 0) {
            awake.wake(receptor);
            n_awake += 1;
        }
        int const at = receptor.at;
        weighted_Ro += columns[open][at] * (_args[0] - columns[scale][at]);
        columns[scale][at] = _args[0];
        pool.find_step(dt);
        if (secondorder) {
            group.go_on_to(at, pool.clock.ms_until(t), pool.clock.step_ms);
        }
        sends_end = receptor.pulses[0].begin(t, tPulse, pool.clock, columns[lit_steps][at]);
        if (sends_end) {
ENDVERBATIM
        net_send(tPulse, 1)
VERBATIM
        }
ENDVERBATIM
    }
}

FUNCTION save_state() {
VERBATIM
    _lsave_state = save_site<ReceptorPool>(*receptor_site(_ppvar), vector_arg(1));
ENDVERBATIM
}

FUNCTION restore_state() {
VERBATIM
    _lrestore_state = restore_site<ReceptorPool>(*receptor_site(_ppvar), vector_arg(1), *getarg(2));
ENDVERBATIM
}
