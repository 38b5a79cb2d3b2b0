: A calcium current by concentrations alone, which reads no reversal potential.
NEURON {
    SUFFIX ghk
    USEION ca READ cai, cao WRITE ica
    RANGE gbar
}
UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
    (mM) = (milli/liter)
}
PARAMETER {
    gbar = 1e-5 (S/cm2)
}
ASSIGNED {
    v (mV)
    ica (mA/cm2)
    cai (mM)
    cao (mM)
}
BREAKPOINT {
    ica = gbar*(v*(cai - cao*exp(-v/12.5))/(1 - exp(-v/12.5)))/cao
}
