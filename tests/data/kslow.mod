TITLE Slow potassium channel of a user's own

NEURON {
    SUFFIX kslow
    USEION k READ ek WRITE ik
    RANGE gbar, vhalf, minf, ik
    THREADSAFE
}

UNITS {
    (S) = (siemens)
    (mV) = (millivolt)
    (mA) = (milliamp)
}

PARAMETER {
    gbar = 0 (S/cm2) <0, 1e9>
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
    ik = gbar*m*(v - ek)
}

DERIVATIVE states {
    minf = 1/(1 + exp(-(v - vhalf)/7))
    m' = (minf - m)/tau
}
