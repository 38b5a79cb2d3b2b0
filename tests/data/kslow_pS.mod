TITLE Slow potassium channel of a user's own, its density in pS/um2: the same name, another mechanism

NEURON {
    SUFFIX kslow
    USEION k READ ek WRITE ik
    RANGE gbar, vhalf, minf, ik
    THREADSAFE
}

UNITS {
    (pS) = (picosiemens)
    (um) = (micron)
    (mV) = (millivolt)
    (mA) = (milliamp)
}

PARAMETER {
    gbar = 0 (pS/um2)
    vhalf = -35 (mV)
    tau = 20 (ms)
}

ASSIGNED {
    v (mV)
    ek (mV)
    ik (mA/cm2)
    minf
}

STATE { m FROM 0 TO 1 }

INITIAL {
    minf = 1/(1 + exp(-(v - vhalf)/7))
    m = minf
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    ik = (1e-4)*gbar*m*(v - ek)
}

DERIVATIVE states {
    minf = 1/(1 + exp(-(v - vhalf)/7))
    m' = (minf - m)/tau
}
