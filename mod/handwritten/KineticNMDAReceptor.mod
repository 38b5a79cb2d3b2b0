TITLE Kinetic NMDA receptor Ru - Rb - Rc - Ro with magnesium block, fast

COMMENT
    Written by hand: the chain of the NeuroML type kineticNMDAReceptor, one implicit Euler step solved in closed form by
    elimination from the open end of the chain. A receptor without transmitter whose bound fraction has fallen below `rest`
    sleeps until its next event. Fixed time step only; CVode needs the generated NMDA.
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
    expanded_v (mV)
    expanded_B
}

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
}

BREAKPOINT {
    SOLVE update METHOD after_cvode
    if (Ro > 0) {
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
    if (awake) {
        advance(1 + speedUp*(1 - block(v)))
    }
}

PROCEDURE advance(closing) {
    LOCAL fO, fCO, fC, fCB, fU, sC, sB, diagonal
    fO = 1/(1 + dt*closing*Alpha)
    fCO = dt*closing*Alpha*fO
    fC = 1/(1 + dt*(closing*CO + Beta) - fCO*dt*Beta)
    fCB = dt*closing*CO*fC
    sC = Rc + fCO*Ro
    sB = Rb + fCB*sC
    diagonal = 1 + dt*(koff + CC) - fCB*dt*CC
    if (C) {
        fU = 1/(1 + dt*kon)
        Rb = (sB + dt*kon*Ru*fU)/(diagonal - dt*kon*fU*dt*koff)
        Ru = (Ru + dt*koff*Rb)*fU
    } else {
        Rb = sB/diagonal
        Ru = Ru + dt*koff*Rb
    }
    Rc = (sC + dt*CC*Rb)*fC
    Ro = (Ro + dt*Beta*Rc)*fO
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
    if (flag == 1) {
        C = 0
    } else {
        w = weight
        C = 1
        awake = 1
        net_send(tPulse, 1)
    }
}
