TITLE Kinetic receptors Ru - Rb - Rc - Ro of one segment, fast

COMMENT
    Written by hand: receptors of the NeuroML type kineticReceptor (AMPA, GABA_A). Every connection (NetCon) to this point
    process is a receptor of its own on the segment, scaled by its weight; together they are one current.
    A time step of a linear chain is a matrix that depends on dt and on whether transmitter is present (kinetic_chain.inc):
    implicit Euler, or with secondorder = 2 the exact propagator. A receptor without transmitter whose bound fraction has
    fallen below `rest` sleeps until its next event. Fixed time step only; CVode needs the generated receptors.
    NEURON's SaveState does not know the receptors' states.
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
    storage
}

INCLUDE "kinetic_chain.inc"

VERBATIM
namespace {

struct Receptor {
    Chain chain;
    double weight{};
    bool transmitter{}, awake{};
};

struct Receptors {
    std::vector<Receptor> all;
    std::vector<std::size_t> awake;
    std::map<int, std::size_t> at_place;
    double solved_ms{};
    int solved_order{};
    Propagator step[2];  // without and with transmitter, for that time step and order
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
    weighted_Ro = 0
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
    g = gbase*weighted_Ro
    i = g*(v - erev)
}

PROCEDURE update() {
VERBATIM
    auto& receptors = *static_cast<Receptors*>(_p_storage);
    if (receptors.solved_ms != dt || receptors.solved_order != secondorder) {
        ChainRates const rates{kon, koff, CC, CO, Beta, Alpha};
        for (bool const transmitter: {false, true}) {
            receptors.step[transmitter] = Propagator(rates.over(dt), transmitter, secondorder != 0);
        }
        receptors.solved_ms = dt;
        receptors.solved_order = secondorder;
    }
    double sum = 0;
    for (std::size_t k = 0; k < receptors.awake.size();) {
        auto& receptor = receptors.all[receptors.awake[k]];
        receptor.chain = receptors.step[receptor.transmitter](receptor.chain);
        sum += receptor.weight * receptor.chain.o;
        if (receptor.transmitter || receptor.chain.bound() > rest) {
            ++k;
        } else {
            receptor = {};
            receptors.awake[k] = receptors.awake.back();
            receptors.awake.pop_back();
        }
    }
    n_awake = static_cast<double>(receptors.awake.size());
    weighted_Ro = sum;
ENDVERBATIM
}

NET_RECEIVE(weight, index, place) {
    : Connections of one place, numbered from 1, are inputs to the same receptor; at place 0 each has its own.
    INITIAL {
VERBATIM
        auto& receptors = *static_cast<Receptors*>(_p_storage);
        auto const site = static_cast<int>(_args[2]);
        auto const known = receptors.at_place.find(site);
        if (site != 0 && known != receptors.at_place.end()) {
            _args[1] = static_cast<double>(known->second);
        } else {
            _args[1] = static_cast<double>(receptors.all.size());
            receptors.at_place[site] = receptors.all.size();
            receptors.all.emplace_back();
            n_receptors = n_receptors + 1;
        }
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
        weighted_Ro += receptor.chain.o * (_args[0] - receptor.weight);
        receptor.weight = _args[0];
        receptor.transmitter = true;
ENDVERBATIM
        n_awake = n_awake + 1
        net_send(tPulse, 1)
    }
}
