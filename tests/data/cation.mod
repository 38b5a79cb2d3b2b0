COMMENT
An unspecific cation channel of a user's own, opened by hyperpolarisation. Its current has a name of its own, and its
reversal potential is its own parameter. NEURON { SUFFIX not_this } stands in a comment.
ENDCOMMENT

NEURON {
    SUFFIX cation      : SUFFIX nor_this
    NONSPECIFIC_CURRENT ih
    RANGE ghbar, eh,
        g, slope
    GLOBAL vhalf
}

UNITS { (mV) = (millivolt)	(mA) = (milliamp)	(mS) = (millisiemens) }

PARAMETER {
    ghbar = 0.1 (mS/cm2)	eh = -30 (mV)
    vhalf = -80 (mV) ? of all of them
    slope = 8 (mV)
}

ASSIGNED { v (mV) ih (mA/cm2) g (mS/cm2) }

STATE { q }

INITIAL { q = 1/(1 + exp((v - vhalf)/slope)) }

BREAKPOINT {
    SOLVE states METHOD cnexp
    g = ghbar*q
    ih = (0.001)*g*(v - eh)
}

DERIVATIVE states { q' = (1/(1 + exp((v - vhalf)/slope)) - q)/40 }
