TITLE clamp_leak

COMMENT
    Generated from NeuroML2/LEMS_CA1_clamps.xml by jNeuroML (org.neuroml.export v1.11.0, org.neuroml.model v1.11.0, jLEMS v0.12.0)
    and rewritten by netpyne_model.mechanisms.rewriting, which says why.
    Do not edit: change the NeuroML file and convert again (scripts/convert_mechanisms.py).
ENDCOMMENT

NEURON {
    POINT_PROCESS clamp_leak
    NONSPECIFIC_CURRENT i
    RANGE delay, duration, gbase, erev, g
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
    delay = 0.0 (ms)
    duration = 1000000000.0 (ms)
    gbase = 0.0 (uS)
    erev = -70.0 (mV)
}

CONSTANT {
    openPart = 1
}

ASSIGNED {
    v (mV)
    i (nA)
    g (uS)
}

BREAKPOINT {
    LOCAL on
    if (t < delay) {
        on = 0
    } else if (t >= delay + duration) {
        on = 0
    } else {
        on = 1
    }
    g = on*gbase*openPart
    i = 0 - (g*(erev - v))
}
