TITLE AMPA

COMMENT
    Generated from NeuroML2/LEMS_CA1_receptors.xml by jNeuroML (org.neuroml.export v1.11.0, org.neuroml.model v1.11.0, jLEMS v0.12.0)
    and rewritten by netpyne_model.mechanisms.rewriting, which says why.
    Do not edit: change the NeuroML file and convert again (scripts/convert_mechanisms.py).
ENDCOMMENT

NEURON {
    POINT_PROCESS AMPA
    NONSPECIFIC_CURRENT i
    RANGE tPulse, kon, koff, CC, CO, Beta, Alpha, gbase, erev, g
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
    tPulse = 0.3 (ms)
    kon = 12.88 (kHz)
    koff = 6.47 (kHz)
    CC = 69.97 (kHz)
    CO = 6.16 (kHz)
    Beta = 100.63 (kHz)
    Alpha = 173.04 (kHz)
    gbase = 0.001 (uS)
    erev = 0.0 (mV)
}

ASSIGNED {
    v (mV)
    i (nA)
    g (uS)
    C
    w
    tOff (ms)
    tOffLast (ms)
}

STATE {
    Ru
    Rb
    Rc
    Ro
}

INITIAL {
    C = 0
    w = 0
    tOff = 0
    tOffLast = 0
    Ru = 1
    Rb = 0
    Rc = 0
    Ro = 0
}

BREAKPOINT {
    SOLVE activation METHOD sparse
    g = w*gbase*Ro
    i = -1*g*(erev - v)
}

KINETIC activation {
    ~ Ru <-> Rb (C*kon, koff)
    ~ Rb <-> Rc (CC, CO)
    ~ Rc <-> Ro (Beta, Alpha)
    CONSERVE Ru + Rb + Rc + Ro = 1
}

NET_RECEIVE(weight) {
    LOCAL tOffNext
    if (flag == 1) {
        if (C > 0 && t >= tOff - 5e-7) {
            C = 0
        }
    } else {
        if (t < tOff) {
            tOffNext = tOff
        } else if (t < tOffLast) {
            tOffNext = tOffLast
        } else {
            tOffNext = t + tPulse
        }
        w = weight
        C = 1
        tOff = tOffNext
        tOffLast = t + tPulse
        net_send(tOff - t, 1)
    }
}
