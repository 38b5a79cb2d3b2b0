TITLE Kinetic receptor Ru - Rb - Rc - Ro, fast

COMMENT
    Written by hand: the chain of the NeuroML type kineticReceptor (AMPA, GABA_A), solved in closed form.
    One implicit Euler step of a linear chain is a tridiagonal system; its factors depend only on dt and on whether
    transmitter is present, so they are computed once. A receptor without transmitter whose bound fraction has fallen below
    `rest` sleeps until its next event. Fixed time step only; CVode needs the generated AMPA and GABA_A.
    Holds no number of the model: the assembly sets every parameter from NeuroML2/LEMS_CA1_receptors.xml.
ENDCOMMENT

NEURON {
    POINT_PROCESS KineticReceptor
    NONSPECIFIC_CURRENT i
    RANGE tPulse, kon, koff, CC, CO, Beta, Alpha, gbase, erev
    RANGE g, Ru, Rb, Rc, Ro, C, w
    RANGE fO, fCO, fC, fCB, fB0, fB1, fU1, solved_dt
    GLOBAL rest
    THREADSAFE
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
    Ru
    Rb
    Rc
    Ro
    C
    w
    awake
    fO
    fCO
    fC
    fCB
    fB0
    fB1
    fU1
    solved_dt (ms)
}

INITIAL {
VERBATIM
    if (cvode_active_) {
        hoc_execerror("KineticReceptor takes fixed time steps only;", "with CVode use the generated AMPA and GABA_A");
    }
ENDVERBATIM
    Ru = 1
    Rb = 0
    Rc = 0
    Ro = 0
    C = 0
    w = 0
    g = 0
    awake = 0
    solved_dt = 0
}

BREAKPOINT {
    SOLVE update METHOD after_cvode
    g = w*gbase*Ro
    i = g*(v - erev)
}

PROCEDURE update() {
    if (awake) {
        advance()
    }
}

PROCEDURE advance() {
    LOCAL sC, sB
    if (dt != solved_dt) {
        factorise()
    }
    sC = Rc + fCO*Ro
    sB = Rb + fCB*sC
    if (C) {
        : Ru is eliminated from the row of Rb
        Rb = (sB + dt*kon*Ru*fU1)*fB1
        Ru = (Ru + dt*koff*Rb)*fU1
    } else {
        Rb = sB*fB0
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

PROCEDURE factorise() {
    : Elimination from the open end of the chain: inverse pivots fO, fC, fB (without and with transmitter), fU1.
    LOCAL diagonal
    fO = 1/(1 + dt*Alpha)
    fCO = dt*Alpha*fO
    fC = 1/(1 + dt*(CO + Beta) - fCO*dt*Beta)
    fCB = dt*CO*fC
    diagonal = 1 + dt*(koff + CC) - fCB*dt*CC
    fB0 = 1/diagonal
    fU1 = 1/(1 + dt*kon)
    fB1 = 1/(diagonal - dt*kon*fU1*dt*koff)
    solved_dt = dt
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
