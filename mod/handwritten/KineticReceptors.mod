TITLE Kinetic receptors Ru - Rb - Rc - Ro of one segment, fast

COMMENT
    Written by hand: receptors of the NeuroML type kineticReceptor (AMPA, GABA_A). Every connection (NetCon) to this point
    process is a receptor of its own on the segment, scaled by its weight; together they are one current.
    One implicit Euler step of a linear chain is a tridiagonal system; its factors depend only on dt and on whether
    transmitter is present, so they are computed once. A receptor without transmitter whose bound fraction has fallen below
    `rest` sleeps until its next event. Fixed time step only; CVode needs the generated receptors.
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
    open
    storage
}

VERBATIM
#include <vector>

namespace {

struct Receptor {
    double Rb{}, Rc{}, Ro{};  // Ru is what is left to 1
    double weight{};
    bool transmitter{}, awake{};
};

struct Receptors {
    std::vector<Receptor> all;
    std::vector<std::size_t> awake;
    double solved_ms{};  // the step that the factors are for
    double f_o, f_co, f_c, f_cb, f_b, f_b_bound, taken;  // inverse pivots and eliminations from the open end of the chain
};

}
ENDVERBATIM

INITIAL {
VERBATIM
    if (cvode_active_) {
        hoc_execerror("KineticReceptors takes fixed time steps only;", "with CVode use the generated AMPA and GABA_A");
    }
    if (!_p_storage) {
        _p_storage = new Receptors;
    }
    *static_cast<Receptors*>(_p_storage) = {};
ENDVERBATIM
    n_receptors = 0
    n_awake = 0
    open = 0
    g = 0
}

DESTRUCTOR {
VERBATIM
    delete static_cast<Receptors*>(_p_storage);
    _p_storage = nullptr;
ENDVERBATIM
}

BREAKPOINT {
    SOLVE update METHOD after_cvode
    CONDUCTANCE g
    g = gbase*open
    i = g*(v - erev)
}

PROCEDURE update() {
VERBATIM
    auto& receptors = *static_cast<Receptors*>(_p_storage);
    double const step_ms = dt;
    if (receptors.solved_ms != step_ms) {
        receptors.solved_ms = step_ms;
        receptors.f_o = 1 / (1 + step_ms * Alpha);
        receptors.f_co = step_ms * Alpha * receptors.f_o;
        receptors.f_c = 1 / (1 + step_ms * (CO + Beta) - receptors.f_co * step_ms * Beta);
        receptors.f_cb = step_ms * CO * receptors.f_c;
        double const diagonal = 1 + step_ms * (koff + CC) - receptors.f_cb * step_ms * CC;
        receptors.taken = step_ms * kon / (1 + step_ms * kon);
        receptors.f_b = 1 / diagonal;
        receptors.f_b_bound = 1 / (diagonal - receptors.taken * step_ms * koff);
    }
    double const to_c = step_ms * CC, to_o = step_ms * Beta;
    double weighted = 0;
    for (std::size_t k = 0; k < receptors.awake.size();) {
        auto& receptor = receptors.all[receptors.awake[k]];
        double const s_c = receptor.Rc + receptors.f_co * receptor.Ro;
        double const s_b = receptor.Rb + receptors.f_cb * s_c;
        if (receptor.transmitter) {  // Ru is eliminated from the row of Rb
            double const free = 1 - receptor.Rb - receptor.Rc - receptor.Ro;
            receptor.Rb = (s_b + receptors.taken * free) * receptors.f_b_bound;
        } else {
            receptor.Rb = s_b * receptors.f_b;
        }
        receptor.Rc = (s_c + to_c * receptor.Rb) * receptors.f_c;
        receptor.Ro = (receptor.Ro + to_o * receptor.Rc) * receptors.f_o;
        weighted += receptor.weight * receptor.Ro;
        if (receptor.transmitter || receptor.Rb + receptor.Rc + receptor.Ro > rest) {
            ++k;
        } else {
            receptor = {};
            receptors.awake[k] = receptors.awake.back();
            receptors.awake.pop_back();
        }
    }
    n_awake = static_cast<double>(receptors.awake.size());
    open = weighted;
ENDVERBATIM
}

NET_RECEIVE(weight, index) {
    INITIAL {
        index = n_receptors
        n_receptors = n_receptors + 1
VERBATIM
        static_cast<Receptors*>(_p_storage)->all.emplace_back();
ENDVERBATIM
    }
VERBATIM
    auto& receptors = *static_cast<Receptors*>(_p_storage);
    auto const number = static_cast<std::size_t>(_args[1]);
    auto& receptor = receptors.all[number];
ENDVERBATIM
    : An event that falls into a pulse does not lengthen it: each event ends the pulse, its own or another's.
    if (flag == 1) {
VERBATIM
        receptor.transmitter = false;
ENDVERBATIM
    } else {
VERBATIM
        if (!receptor.awake) {
            receptor.awake = true;
            receptors.awake.push_back(number);
        }
        open += receptor.Ro * (_args[0] - receptor.weight);
        receptor.weight = _args[0];
        receptor.transmitter = true;
ENDVERBATIM
        n_awake = n_awake + 1
        net_send(tPulse, 1)
    }
}
