TITLE Kinetic NMDA receptor Ru - Rb - Rc - Ro with magnesium block, fast

COMMENT
    Written by hand: the chain of the NeuroML type kineticNMDAReceptor (kinetic_chain.inc), by one implicit Euler step. The
    magnesium block that speeds up closing is that of the voltage at the step's start, at which the current is computed, as
    published. With secondorder = 2 exactly: a receptor goes on when its current is asked for, at the middle of a step and to
    there, by the block of the voltage in the middle of its way, and an event acts at its own time. A receptor without
    transmitter whose bound fraction has fallen below `rest` sleeps until its next event. Fixed time step only; CVode needs the
    generated NMDA.
    Holds no number of the model: the assembly sets every parameter from NeuroML2/LEMS_CA1_receptors.xml.
ENDCOMMENT

NEURON {
    POINT_PROCESS KineticNMDAReceptor
    NONSPECIFIC_CURRENT i
    RANGE tPulse, kon, koff, CC, CO, Beta, Alpha, gbase, erev, mg, Kmg, slope, speedUp
    RANGE g, B, Ru, Rb, Rc, Ro, C, w
    GLOBAL rest
    THREADSAFE
}

UNITS {
    (nA) = (nanoamp)
    (mV) = (millivolt)
    (uS) = (microsiemens)
    (kHz) = (kilohertz)
    (mM) = (milli/liter)
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
    mg (mM)
    Kmg (mM)
    slope (/mV)
    speedUp
    rest = 1e-9
}

ASSIGNED {
    v (mV)
    dt (ms)
    i (nA)
    g (uS)
    B
    Ru
    Rb
    Rc
    Ro
    C
    w
    awake
    reached (ms)  : second order: for when the receptor stands
    expanded_v (mV)
    expanded_B
}

INCLUDE "kinetic_chain.inc"

INITIAL {
VERBATIM
    if (cvode_active_) {
        hoc_execerror("KineticNMDAReceptor takes fixed time steps only;", "with CVode use the generated NMDA");
    }
ENDVERBATIM
    Ru = 1
    Rb = 0
    Rc = 0
    Ro = 0
    C = 0
    w = 0
    g = 0
    expanded_v = 1e9
    B = block(v)
    awake = 0
    reached = t
}

BREAKPOINT {
    SOLVE update METHOD after_cvode
    if (awake) {
        go_on()
        B = block(v)
        g = w*gbase*B*Ro
    } else {
        g = 0
    }
    i = g*(v - erev)
}

FUNCTION block(v (mV)) {
    : NEURON asks for the current twice a step, 0.001 mV apart. The second-order expansion about the last exact value is
    : right to 1e-11 within 0.004 mV, and spares two of three exp().
    LOCAL dv
    dv = v - expanded_v
    if (dv > 0.004 || dv < -0.004) {
        expanded_v = v
        expanded_B = 1/(1 + exp(-slope*v)*mg/Kmg)
        dv = 0
    }
    block = expanded_B + slope*expanded_B*(1 - expanded_B)*dv*(1 + slope*(0.5 - expanded_B)*dv)
}

PROCEDURE update() {
    : `v` is the new voltage here, B still the block at the step's start.
    if (awake) {
VERBATIM
        if (secondorder) {
            B = block(_threadargscomma_ v);
        } else {
            advance(_threadargscomma_ dt);
        }
ENDVERBATIM
    }
}

PROCEDURE go_on() {
    : At second order, from where the receptor stands to now, with the block B of the voltage between.
VERBATIM
    if (secondorder && t > reached) {
        advance(_threadargscomma_ t - reached);
        reached = t;
    }
ENDVERBATIM
}

PROCEDURE advance(time (ms)) {
VERBATIM
    Chain const from{Rb, Rc, Ro};
    ChainRates const rates = ChainRates{kon, koff, CC, CO, Beta, Alpha}.over(_ltime, 1 + speedUp * (1 - B));
    Chain const to = secondorder ? exact_part(rates, C != 0, from) : euler_step(rates, C != 0, from);
    Rb = to.b;
    Rc = to.c;
    Ro = to.o;
ENDVERBATIM
    Ru = 1 - Rb - Rc - Ro
    if (C == 0 && 1 - Ru < rest) {
        Ru = 1
        Rb = 0
        Rc = 0
        Ro = 0
        awake = 0
    }
}

NET_RECEIVE(weight) {
    : An event that falls into a pulse does not lengthen it: each event ends the pulse, its own or another's.
    if (awake) {
        go_on()
    } else {
        reached = t
VERBATIM
        if (secondorder) {
            B = block(_threadargscomma_ v);
        }
ENDVERBATIM
    }
    if (flag == 1) {
        C = 0
    } else {
        w = weight
        C = 1
        awake = 1
        net_send(tPulse, 1)
    }
}
