TITLE clamp_nas_dend

COMMENT
    Generated from NeuroML2/LEMS_CA1_clamps.xml by jNeuroML (org.neuroml.export v1.11.0, org.neuroml.model v1.11.0, jLEMS v0.12.0)
    and rewritten by netpyne_model.mechanisms.rewriting, which says why.
    Do not edit: change the NeuroML file and convert again (scripts/convert_mechanisms.py).
ENDCOMMENT

NEURON {
    POINT_PROCESS clamp_nas_dend
    NONSPECIFIC_CURRENT i
    RANGE delay, duration, gbase, erev, h_inf, m_inf, s_inf, g
    GLOBAL m_steadyState_rate, m_steadyState_midpoint, m_steadyState_scale, h_steadyState_rate,
        h_steadyState_midpoint, h_steadyState_scale, s_steadyState_rate, s_steadyState_midpoint,
        s_steadyState_scale
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
    erev = 50.0 (mV)
    m_steadyState_rate = 0.31
    m_steadyState_midpoint = -23.3 (mV)
    m_steadyState_scale = 7.2 (mV)
    h_steadyState_rate = 1.0
    h_steadyState_midpoint = -48.3 (mV)
    h_steadyState_scale = -4.0 (mV)
    s_steadyState_rate = 0.8
    s_steadyState_midpoint = -56.3 (mV)
    s_steadyState_scale = -2.0 (mV)
}

ASSIGNED {
    v (mV)
    i (nA)
    h_inf
    m_inf
    s_inf
    g (uS)
}

BREAKPOINT {
    LOCAL on, h_q, h_fcond, m_q, m_fcond, s_q, s_fcond, openPart
    rates(v)
    if (t < delay) {
        on = 0
    } else if (t >= delay + duration) {
        on = 0
    } else {
        on = 1
    }
    h_q = h_inf
    h_fcond = h_q
    m_q = m_inf
    m_fcond = m_q*m_q*m_q
    s_q = s_inf
    s_fcond = s_q
    openPart = m_fcond*h_fcond*s_fcond
    g = on*gbase*openPart
    i = 0 - (g*(erev - v))
}

PROCEDURE rates(v (mV)) {
    LOCAL h_steadyState_x, m_steadyState_x, s_steadyState_c, s_steadyState_x
    TABLE h_inf, m_inf, s_inf
        DEPEND m_steadyState_rate, m_steadyState_midpoint, m_steadyState_scale, h_steadyState_rate,
        h_steadyState_midpoint, h_steadyState_scale, s_steadyState_rate, s_steadyState_midpoint,
        s_steadyState_scale
        FROM -150 TO 100 WITH 25000
    h_steadyState_x = h_steadyState_rate/(1 + exp(0 - (v - h_steadyState_midpoint)/h_steadyState_scale))
    h_inf = h_steadyState_x
    m_steadyState_x = 1/(1 + m_steadyState_rate*exp(0 - (v - m_steadyState_midpoint)/m_steadyState_scale))
    m_inf = m_steadyState_x
    s_steadyState_c = 1/(1 + exp(0 - (v - s_steadyState_midpoint)/s_steadyState_scale))
    s_steadyState_x = s_steadyState_c + s_steadyState_rate*(1 - s_steadyState_c)
    s_inf = s_steadyState_x
}
