TITLE nas_soma_steady

COMMENT
    Generated from NeuroML2/channels/nas_soma_steady.channel.nml by jNeuroML (org.neuroml.export v1.11.0, org.neuroml.model v1.11.0, jLEMS v0.12.0)
    and rewritten by netpyne_model.mechanisms.rewriting, which says why.
    Do not edit: change the NeuroML file and convert again (scripts/convert_mechanisms.py).
ENDCOMMENT

NEURON {
    SUFFIX nas_soma_steady
    USEION na READ ena WRITE ina
    RANGE gmax, h_inf, m_inf, s_inf, fopen, gion, i
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
    gmax = 0 (S/cm2)
    m_steadyState_rate = 0.31
    m_steadyState_midpoint = -28.3 (mV)
    m_steadyState_scale = 7.2 (mV)
    h_steadyState_rate = 1.0
    h_steadyState_midpoint = -48.3 (mV)
    h_steadyState_scale = -4.0 (mV)
    s_steadyState_rate = 1.0
    s_steadyState_midpoint = -56.3 (mV)
    s_steadyState_scale = -2.0 (mV)
}

CONSTANT {
    conductanceScale = 1
}

ASSIGNED {
    v (mV)
    ena (mV)
    ina (mA/cm2)
    h_inf
    m_inf
    s_inf
    fopen
    gion (S/cm2)
    i (mA/cm2)
}

BREAKPOINT {
    LOCAL h_q, h_fcond, m_q, m_fcond, s_q, s_fcond, fopen0
    rates(v)
    h_q = h_inf
    h_fcond = h_q
    m_q = m_inf
    m_fcond = m_q*m_q*m_q
    s_q = s_inf
    s_fcond = s_q
    fopen0 = m_fcond*h_fcond*s_fcond
    fopen = conductanceScale*fopen0
    gion = gmax*fopen
    i = gion*(v - ena)
    ina = i
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
