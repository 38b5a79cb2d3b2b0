TITLE NMDA

COMMENT
    Generated from NeuroML2/LEMS_CA1_receptors.xml by jNeuroML (org.neuroml.export v1.11.0, org.neuroml.model v1.11.0, jLEMS v0.12.0)
    and rewritten by netpyne_model.mechanisms.rewriting, which says why.
    Do not edit: change the NeuroML file and convert again (scripts/convert_mechanisms.py).
ENDCOMMENT

NEURON {
    POINT_PROCESS NMDA
    NONSPECIFIC_CURRENT i
    RANGE tPulse, kon, koff, CC, CO, Beta, Alpha, mg, Kmg, slope, speedUp, gbase, erev, closing, B, g
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
    kon = 86.89 (kHz)
    koff = 0.69 (kHz)
    CC = 9.64 (kHz)
    CO = 2.6 (kHz)
    Beta = 0.68 (kHz)
    Alpha = 0.079 (kHz)
    mg = 1.0 (mM)
    Kmg = 9.98 (mM)
    slope = 0.101 (/mV)
    speedUp = 0.83
    gbase = 0.003026 (uS)
    erev = 0.0 (mV)
}

ASSIGNED {
    v (mV)
    i (nA)
    closing
    B
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
    rates(v)
    g = w*gbase*B*Ro
    i = -1*g*(erev - v)
}

KINETIC activation {
    ~ Ru <-> Rb (C*kon, koff)
    ~ Rb <-> Rc (CC, CO*closing)
    ~ Rc <-> Ro (Beta, Alpha*closing)
    CONSERVE Ru + Rb + Rc + Ro = 1
}

PROCEDURE rates(v (mV)) {
    B = 1/(1 + exp(0 - slope*v)*mg/Kmg)
    closing = 1 + speedUp*(1 - B)
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
