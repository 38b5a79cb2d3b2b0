TITLE EPSC_simple

COMMENT
    Generated from NeuroML2/LEMS_CA1_receptors.xml by jNeuroML (org.neuroml.export v1.11.0, org.neuroml.model v1.11.0, jLEMS v0.12.0)
    and rewritten by netpyne_model.mechanisms.rewriting, which says why.
    Do not edit: change the NeuroML file and convert again (scripts/convert_mechanisms.py).
ENDCOMMENT

NEURON {
    POINT_PROCESS EPSC_simple
    NONSPECIFIC_CURRENT i
    RANGE ibase, tauRise, tauDecay
    THREADSAFE
}

UNITS {
    (nA) = (nanoamp)
    (mA) = (milliamp)
    (mV) = (millivolt)
    (uS) = (microsiemens)
    (S) = (siemens)
    (kHz) = (kilohertz)
    (mM) = (milli/liter)
}

PARAMETER {
    ibase = 70.0 (nA)
    tauRise = 2.0 (ms)
    tauDecay = 20.0 (ms)
}

CONSTANT {
    waveformFactor = 1.43505518334987
}

ASSIGNED {
    v (mV)
    i (nA)
}

STATE {
    A
    B
}

INITIAL {
    A = 0
    B = 0
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    i = -1*ibase*(B - A)
}

DERIVATIVE states {
    A' = (0 - A)/tauRise
    B' = (0 - B)/tauDecay
}

NET_RECEIVE(weight) {
    A = A + weight*waveformFactor
    B = B + weight*waveformFactor
}
