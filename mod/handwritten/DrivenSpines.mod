TITLE Spines of one segment with AMPA and NMDA receptors, solved within the synapse

COMMENT
    Written by hand: passive necks and heads that bear the receptors of the NeuroML types kineticReceptor (AMPA) and
    kineticNMDAReceptor (NMDA). Every connection (NetCon) to this point process is a spine of its own on the segment; its
    weight scales the AMPA conductance. Necks and heads are leaves of the cable equation; here they are eliminated from
    NEURON's own implicit step (Hines elimination by hand) and put back when the branch is solved, so the result is that of
    two sections a spine, without their nodes, mechanisms and objects.

    A spine whose receptors are all closed sleeps: it is one of the silent spines of its segment (SilentSpines, which every
    segment with driven spines has), and costs nothing here. While awake it has potentials of its own, which it takes over
    from these.

    Receptors: a time step of a chain Ru - Rb - Rc - Ro is a matrix (kinetic_chain.inc): implicit Euler, or with
    secondorder = 2 the exact propagator, which for NMDA is tabulated by the magnesium block. The block that speeds up
    closing is that of the head at the step's start, at which the currents are computed, as published; at second order that
    of the new voltage. Fixed time steps only; CVode needs sections and the generated receptors.
    NEURON's SaveState does not know the spines' states.
    Holds no number of the model: the assembly sets the global parameters from NeuroML2/LEMS_CA1_receptors.xml. The cable of
    a spine is that of SilentSpines.
ENDCOMMENT

NEURON {
    POINT_PROCESS DrivenSpines
    NONSPECIFIC_CURRENT i
    RANGE w_NMDA, i_AMPA, i_NMDA, conductance, n_spines, n_awake
    GLOBAL AMPA_tPulse, AMPA_kon, AMPA_koff, AMPA_CC, AMPA_CO, AMPA_Beta, AMPA_Alpha, AMPA_gbase, AMPA_erev
    GLOBAL NMDA_tPulse, NMDA_kon, NMDA_koff, NMDA_CC, NMDA_CO, NMDA_Beta, NMDA_Alpha, NMDA_gbase, NMDA_erev
    GLOBAL NMDA_mg, NMDA_Kmg, NMDA_slope, NMDA_speedUp
    GLOBAL rest, B
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
}

ASSIGNED {
    v (mV)
    dt (ms)
    i (nA)
    i_AMPA (nA)
    i_NMDA (nA)
    conductance (uS)
    v_branch (mV)
    n_spines
    n_awake
    B
    storage
}

INCLUDE "kinetic_chain.inc"
INCLUDE "silent_spines.inc"

VERBATIM
#include <memory>
#include <mutex>

namespace {

/* How the receptors of all spines take a step, for one step, order and set of rates. */
struct Step {
    static constexpr int n_blocks = 512;  // linear between 1/512 of the block: 1e-9
    double dt_ms{};
    int order{};
    std::array<double, 13> rates{};
    Propagator ampa[2];  // without and with transmitter
    ChainRates nmda_rates{};
    std::vector<Propagator> nmda[2];  // exact, by the magnesium block

    double speed(double block) const {
        return 1 + rates[12] * (1 - block);
    }

    Chain of_nmda(bool transmitter, double block, Chain const& chain) const {
        if (order == 0) {
            return euler_step(nmda_rates.over(dt_ms, speed(block)), transmitter, chain);
        }
        double const place = block * n_blocks;
        int const below = std::min(static_cast<int>(place), n_blocks - 1);
        return nmda[transmitter][below].towards(nmda[transmitter][below + 1], place - below, chain);
    }
};

/* The latest step made, or a new one where something has changed; shared by all segments and threads. */
std::shared_ptr<Step const> step_for(double dt_ms, int order, std::array<double, 13> const& rates) {
    static std::mutex making;
    static std::shared_ptr<Step const> latest;
    std::lock_guard<std::mutex> const lock(making);
    if (!latest || latest->dt_ms != dt_ms || latest->order != order || latest->rates != rates) {
        auto made = std::make_shared<Step>();
        made->dt_ms = dt_ms;
        made->order = order;
        made->rates = rates;
        ChainRates const ampa{rates[0], rates[1], rates[2], rates[3], rates[4], rates[5]};
        made->nmda_rates = {rates[6], rates[7], rates[8], rates[9], rates[10], rates[11]};
        for (bool const transmitter: {false, true}) {
            made->ampa[transmitter] = Propagator(ampa.over(dt_ms), transmitter, order != 0);
            for (int k = 0; order != 0 && k <= Step::n_blocks; ++k) {
                double const speed = made->speed(static_cast<double>(k) / Step::n_blocks);
                made->nmda[transmitter].emplace_back(made->nmda_rates.over(dt_ms, speed), transmitter, true);
            }
        }
        latest = made;
    }
    return latest;
}

struct Spine {
    Chain ampa, nmda;
    double weight{}, block{};
    double v_neck{}, v_head{};
    double step_neck{}, step_head{};  // what a time step adds while the branch stays (mV)
    double pull_neck{}, pull_head{};  // how far it follows the branch
    bool transmitter_ampa{}, transmitter_nmda{}, awake{};
};

struct Spines {
    std::vector<Spine> all;
    std::vector<std::size_t> awake;
    std::map<int, std::size_t> at_place;
    std::shared_ptr<Step const> step;
    SilentPair silent;
};

}
ENDVERBATIM

INITIAL {
VERBATIM
    if (cvode_active_) {
        hoc_execerror("DrivenSpines takes fixed time steps only;", "with CVode use sections and the generated AMPA and NMDA");
    }
    if (!_p_storage) {
        _p_storage = new Spines;
    }
    auto& spines = *static_cast<Spines*>(_p_storage);
    spines = {};
    spines.silent = silent_pair_of(_ppvar[1].get<Point_process*>()->node);
    if (!spines.silent.found) {
        hoc_execerror("DrivenSpines needs SilentSpines on its segment;", "insert them with n_spines, driven ones included");
    }
ENDVERBATIM
    n_spines = 0
    n_awake = 0
    i_AMPA = 0
    i_NMDA = 0
    conductance = 0
    v_branch = v
}

DESTRUCTOR {
VERBATIM
    delete static_cast<Spines*>(_p_storage);
    _p_storage = nullptr;
ENDVERBATIM
}

BREAKPOINT {
    SOLVE update METHOD after_cvode
    CONDUCTANCE conductance
    if (n_awake > 0) {
        i = branch_current()
    } else {
        i = 0
    }
}

FUNCTION branch_current() (nA) {
    : What flows from the branch into its awake spines at the voltages of the step's start; sets its slope, `conductance`.
    i_AMPA = 0
    i_NMDA = 0
    conductance = 0
    branch_current = 0
VERBATIM
    auto& spines = *static_cast<Spines*>(_p_storage);
    double const per_ms = _nt->cj > 0 ? _nt->cj : 1 / dt;  // 2/dt in Crank-Nicolson
    auto const& cable = spines.silent;
    double const leak_neck = cable.leak_neck, leak_head = cable.leak_head, e_pas = cable.leak_reversal;
    double const G_branch_neck = cable.G_neck, G_neck_head = cable.G_head;
    double const own_neck = leak_neck + cable.capacitance_neck * per_ms;
    double const own_head = leak_head + cable.capacitance_head * per_ms;
    double const d_neck = own_neck + G_neck_head + G_branch_neck;
    double current = 0, slopes = 0, ampa = 0, nmda = 0;
    for (auto const index: spines.awake) {
        auto& spine = spines.all[index];
        double const g_ampa = spine.weight * AMPA_gbase * spine.ampa.o;
        double const g_nmda = w_NMDA * NMDA_gbase * spine.nmda.o * spine.block;
        double const from_ampa = g_ampa * (spine.v_head - AMPA_erev);
        double const driving = spine.v_head - NMDA_erev;
        // As NEURON takes the slope of a current: between here and 0.001 mV from here.
        double const steeper = NMDA_slope * (1 - spine.block) * (1 + 5e-4 * NMDA_slope * (1 - 2 * spine.block));
        double const slope = g_ampa + g_nmda * (1 + steeper * (driving + 1e-3));
        double const along = G_neck_head * (spine.v_neck - spine.v_head);
        double const d_head = own_head + G_neck_head + slope;
        double const r_head = along - leak_head * (spine.v_head - e_pas) - from_ampa - g_nmda * driving;
        double const r_neck = G_branch_neck * (v_branch - spine.v_neck) - along - leak_neck * (spine.v_neck - e_pas);
        double const inverse = 1 / (d_head * d_neck - G_neck_head * G_neck_head);
        spine.step_neck = (d_head * r_neck + G_neck_head * r_head) * inverse;
        spine.step_head = (d_neck * r_head + G_neck_head * r_neck) * inverse;
        spine.pull_neck = G_branch_neck * d_head * inverse;
        spine.pull_head = G_branch_neck * G_neck_head * inverse;
        current += v_branch - spine.v_neck - spine.step_neck;
        slopes += (own_neck * d_head + G_neck_head * (own_head + slope)) * inverse;
        ampa += from_ampa;
        nmda += g_nmda * driving;
    }
    i_AMPA = ampa;
    i_NMDA = nmda;
    conductance = G_branch_neck * slopes;
    _lbranch_current = G_branch_neck * current;
ENDVERBATIM
}

PROCEDURE update() {
VERBATIM
    double const follow = v - v_branch;
    v_branch = v;
    if (n_awake == 0) {
        return 0;
    }
    auto& spines = *static_cast<Spines*>(_p_storage);
    if (!spines.step || spines.step->dt_ms != dt || spines.step->order != secondorder) {
        spines.step = step_for(dt, secondorder, {AMPA_kon, AMPA_koff, AMPA_CC, AMPA_CO, AMPA_Beta, AMPA_Alpha,
            NMDA_kon, NMDA_koff, NMDA_CC, NMDA_CO, NMDA_Beta, NMDA_Alpha, NMDA_speedUp});
    }
    double const times = secondorder ? 2 : 1;
    for (std::size_t k = 0; k < spines.awake.size();) {
        auto& spine = spines.all[spines.awake[k]];
        spine.v_neck += times * spine.step_neck + spine.pull_neck * follow;
        spine.v_head += times * spine.step_head + spine.pull_head * follow;
        double const block_at_start = spine.block;
        magnesium_block(_threadargscomma_ spine.v_head);
        spine.block = B;
        bool const ampa_bound = spine.transmitter_ampa || spine.ampa.bound() > rest;
        spine.ampa = ampa_bound ? spines.step->ampa[spine.transmitter_ampa](spine.ampa) : Chain{};
        spine.nmda = spines.step->of_nmda(
            spine.transmitter_nmda, secondorder ? spine.block : block_at_start, spine.nmda);
        if (ampa_bound || spine.transmitter_nmda || spine.nmda.bound() > rest) {
            ++k;
        } else {
            spine = {};
            *spines.silent.number += 1;
            spines.awake[k] = spines.awake.back();
            spines.awake.pop_back();
        }
    }
    n_awake = static_cast<double>(spines.awake.size());
    if (spines.awake.empty()) {
        i_AMPA = i_NMDA = conductance = 0;
    }
ENDVERBATIM
}

PROCEDURE magnesium_block(v (mV)) {
    TABLE B DEPEND NMDA_mg, NMDA_Kmg, NMDA_slope FROM -150 TO 100 WITH 25000
    B = 1/(1 + exp(-NMDA_slope*v)*NMDA_mg/NMDA_Kmg)
}

NET_RECEIVE(weight, index, place) {
    : Connections of one place, numbered from 1, are inputs to the same spine; at place 0 each has its own.
    INITIAL {
VERBATIM
        auto& spines = *static_cast<Spines*>(_p_storage);
        auto const site = static_cast<int>(_args[2]);
        auto const known = spines.at_place.find(site);
        if (site != 0 && known != spines.at_place.end()) {
            _args[1] = static_cast<double>(known->second);
        } else {
            _args[1] = static_cast<double>(spines.all.size());
            spines.at_place[site] = spines.all.size();
            spines.all.emplace_back();
            n_spines = n_spines + 1;
        }
ENDVERBATIM
    }
VERBATIM
    auto& spines = *static_cast<Spines*>(_p_storage);
    auto const number = static_cast<std::size_t>(_args[1]);
    auto& spine = spines.all[number];
ENDVERBATIM
    : An event that falls into a pulse does not lengthen it: each event ends the pulse, its own or another's.
    if (flag == 0) {
VERBATIM
        if (!spine.awake) {
            spine.awake = true;
            *spines.silent.number -= 1;
            spine.v_neck = *spines.silent.neck;
            spine.v_head = *spines.silent.head;
            spine.block = 1 / (1 + std::exp(-NMDA_slope * spine.v_head) * NMDA_mg / NMDA_Kmg);  // no table outside a step
            spines.awake.push_back(number);
        }
        spine.weight = _args[0];
        spine.transmitter_ampa = spine.transmitter_nmda = true;
ENDVERBATIM
        n_awake = n_awake + 1
        net_send(AMPA_tPulse, 1)
        net_send(NMDA_tPulse, 2)
    } else if (flag == 1) {
VERBATIM
        spine.transmitter_ampa = false;
ENDVERBATIM
    } else {
VERBATIM
        spine.transmitter_nmda = false;
ENDVERBATIM
    }
}
