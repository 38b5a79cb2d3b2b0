TITLE km2

COMMENT
    Generated from NeuroML2/channels/km2.channel.nml by jNeuroML (org.neuroml.export v1.11.0, org.neuroml.model v1.11.0, jLEMS v0.12.0)
    and rewritten by netpyne_model.mechanisms.rewriting, which says why.
    Do not edit: change the NeuroML file and convert again (scripts/convert_mechanisms.py).
ENDCOMMENT

NEURON {
    SUFFIX km2
    USEION k READ ek WRITE ik
    RANGE gmax, m_inf, m_tau, fopen, gion, i
    GLOBAL m_timeCourse_midpoint, m_timeCourse_scale, m_steadyState_rate, m_steadyState_midpoint,
        m_steadyState_scale
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
    m_timeCourse_midpoint = -40.0 (mV)
    m_timeCourse_scale = 7.0 (mV)
    m_steadyState_rate = 1.0
    m_steadyState_midpoint = -40.0 (mV)
    m_steadyState_scale = 7.0 (mV)
}

CONSTANT {
    conductanceScale = 1
    m_rateScale = 1
    m_timeCourse_TIME_SCALE = 1
    m_timeCourse_VOLT_SCALE = 1
}

ASSIGNED {
    v (mV)
    ek (mV)
    ik (mA/cm2)
    m_inf
    m_tau (ms)
    fopen
    gion (S/cm2)
    i (mA/cm2)
}

STATE {
    m_q
}

INITIAL {
    rates(v)
    m_q = m_inf
    rates(v)
}

BREAKPOINT {
    LOCAL m_fcond, fopen0
    SOLVE states METHOD cnexp
    m_fcond = m_q
    fopen0 = m_fcond
    fopen = conductanceScale*fopen0
    gion = gmax*fopen
    i = gion*(v - ek)
    ik = i
}

DERIVATIVE states {
    rates(v)
    m_q' = (m_inf - m_q)/m_tau
}

PROCEDURE rates(v (mV)) {
    LOCAL m_steadyState_x, m_timeCourse_u, m_timeCourse_bell, m_timeCourse_steady, m_timeCourse_t, m_tauUnscaled
    m_steadyState_x = m_steadyState_rate/(1 + exp(0 - (v - m_steadyState_midpoint)/m_steadyState_scale))
    m_inf = m_steadyState_x
    m_timeCourse_u = 0.0378*7*(v/m_timeCourse_VOLT_SCALE + 42)
    m_timeCourse_bell = exp(0.4*m_timeCourse_u)/(1 + exp(m_timeCourse_u))
    m_timeCourse_steady = 1/(1 + exp(0 - (v - m_timeCourse_midpoint)/m_timeCourse_scale))
    if (m_q < m_timeCourse_steady) {
        m_timeCourse_t = m_timeCourse_TIME_SCALE*(60 + m_timeCourse_bell/0.036)
    } else {
        m_timeCourse_t = m_timeCourse_TIME_SCALE*(15 + m_timeCourse_bell/0.009)
    }
    m_tauUnscaled = m_timeCourse_t
    m_tau = m_tauUnscaled/m_rateScale
}
