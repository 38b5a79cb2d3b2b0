TITLE nas_soma

COMMENT
    Generated from NeuroML2/channels/nas_soma.channel.nml by jNeuroML (org.neuroml.export v1.11.0, org.neuroml.model v1.11.0, jLEMS v0.12.0)
    and rewritten by netpyne_model.mechanisms.rewriting, which says why.
    Do not edit: change the NeuroML file and convert again (scripts/convert_mechanisms.py).
ENDCOMMENT

NEURON {
    SUFFIX nas_soma
    USEION na READ ena WRITE ina
    RANGE gmax, h_inf, h_tau, m_inf, m_tau, s_inf, s_tau, fopen, gion, i
    GLOBAL m_forwardRate_rate, m_forwardRate_midpoint, m_forwardRate_scale, m_reverseRate_rate,
        m_reverseRate_midpoint, m_reverseRate_scale, m_timeCourse_Q10, m_timeCourse_MEASURED_AT,
        m_timeCourse_TEN_DEGREES, m_timeCourse_SHORTEST, m_timeCourse_SLOWEST, h_forwardRate_rate,
        h_forwardRate_midpoint, h_forwardRate_scale, h_reverseRate_rate, h_reverseRate_midpoint,
        h_reverseRate_scale, h_timeCourse_Q10, h_timeCourse_MEASURED_AT, h_timeCourse_TEN_DEGREES,
        h_timeCourse_SHORTEST, h_timeCourse_SLOWEST, h_steadyState_rate, h_steadyState_midpoint,
        h_steadyState_scale, s_timeCourse_midpoint, s_timeCourse_SHORTEST, s_timeCourse_ZETA, s_timeCourse_GAMMA,
        s_timeCourse_A0, s_steadyState_rate, s_steadyState_midpoint, s_steadyState_scale
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
    m_forwardRate_rate = 2.88 (kHz)
    m_forwardRate_midpoint = -28.3 (mV)
    m_forwardRate_scale = 7.2 (mV)
    m_reverseRate_rate = 0.8928 (kHz)
    m_reverseRate_midpoint = -28.3 (mV)
    m_reverseRate_scale = -7.2 (mV)
    m_timeCourse_Q10 = 2.0
    m_timeCourse_MEASURED_AT = 297.15 (K)
    m_timeCourse_TEN_DEGREES = 10.0 (K)
    m_timeCourse_SHORTEST = 0.02 (ms)
    m_timeCourse_SLOWEST = 1e-30 (kHz)
    h_forwardRate_rate = 0.045 (kHz)
    h_forwardRate_midpoint = -43.3 (mV)
    h_forwardRate_scale = 1.5 (mV)
    h_reverseRate_rate = 0.015 (kHz)
    h_reverseRate_midpoint = -43.3 (mV)
    h_reverseRate_scale = -1.5 (mV)
    h_timeCourse_Q10 = 2.0
    h_timeCourse_MEASURED_AT = 297.15 (K)
    h_timeCourse_TEN_DEGREES = 10.0 (K)
    h_timeCourse_SHORTEST = 0.5 (ms)
    h_timeCourse_SLOWEST = 1e-30 (kHz)
    h_steadyState_rate = 1.0
    h_steadyState_midpoint = -48.3 (mV)
    h_steadyState_scale = -4.0 (mV)
    s_timeCourse_midpoint = -58.3 (mV)
    s_timeCourse_SHORTEST = 10.0 (ms)
    s_timeCourse_ZETA = 12.0
    s_timeCourse_GAMMA = 0.2
    s_timeCourse_A0 = 0.0003
    s_steadyState_rate = 1.0
    s_steadyState_midpoint = -56.3 (mV)
    s_steadyState_scale = -2.0 (mV)
}

CONSTANT {
    conductanceScale = 1
    h_rateScale = 1
    m_rateScale = 1
    s_rateScale = 1
    s_timeCourse_TEMP_SCALE = 1
    s_timeCourse_TIME_SCALE = 1
    s_timeCourse_VOLT_SCALE = 1
}

ASSIGNED {
    v (mV)
    celsius (degC)
    ena (mV)
    ina (mA/cm2)
    h_inf
    h_tau (ms)
    m_inf
    m_tau (ms)
    s_inf
    s_tau (ms)
    fopen
    gion (S/cm2)
    i (mA/cm2)
}

STATE {
    m_q
    h_q
    s_q
}

INITIAL {
    rates(v)
    m_q = m_inf
    h_q = h_inf
    s_q = s_inf
}

BREAKPOINT {
    LOCAL h_fcond, m_fcond, s_fcond, fopen0
    SOLVE states METHOD cnexp
    h_fcond = h_q
    m_fcond = m_q*m_q*m_q
    s_fcond = s_q
    fopen0 = m_fcond*h_fcond*s_fcond
    fopen = conductanceScale*fopen0
    gion = gmax*fopen
    i = gion*(v - ena)
    ina = i
}

DERIVATIVE states {
    rates(v)
    m_q' = (m_inf - m_q)/m_tau
    h_q' = (h_inf - h_q)/h_tau
    s_q' = (s_inf - s_q)/s_tau
}

PROCEDURE rates(v (mV)) {
    LOCAL h_steadyState_x, h_forwardRate_x, h_forwardRate_r, h_alpha, h_reverseRate_x, h_reverseRate_r, h_beta,
        h_timeCourse_unlimited, h_timeCourse_t, h_tauUnscaled, m_forwardRate_x, m_forwardRate_r, m_alpha,
        m_reverseRate_x, m_reverseRate_r, m_beta, m_timeCourse_unlimited, m_timeCourse_t, m_tauUnscaled,
        s_steadyState_c, s_steadyState_x, s_timeCourse_u, s_timeCourse_unlimited, s_timeCourse_t, s_tauUnscaled,
        temperature, h_timeCourse_Qt, m_timeCourse_Qt, s_timeCourse_K
    TABLE h_inf, h_tau, m_inf, m_tau, s_inf, s_tau
        DEPEND celsius, m_forwardRate_rate, m_forwardRate_midpoint, m_forwardRate_scale, m_reverseRate_rate,
        m_reverseRate_midpoint, m_reverseRate_scale, m_timeCourse_Q10, m_timeCourse_MEASURED_AT,
        m_timeCourse_TEN_DEGREES, m_timeCourse_SHORTEST, m_timeCourse_SLOWEST, h_forwardRate_rate,
        h_forwardRate_midpoint, h_forwardRate_scale, h_reverseRate_rate, h_reverseRate_midpoint,
        h_reverseRate_scale, h_timeCourse_Q10, h_timeCourse_MEASURED_AT, h_timeCourse_TEN_DEGREES,
        h_timeCourse_SHORTEST, h_timeCourse_SLOWEST, h_steadyState_rate, h_steadyState_midpoint,
        h_steadyState_scale, s_timeCourse_midpoint, s_timeCourse_SHORTEST, s_timeCourse_ZETA, s_timeCourse_GAMMA,
        s_timeCourse_A0, s_steadyState_rate, s_steadyState_midpoint, s_steadyState_scale
        FROM -150 TO 100 WITH 25000
    temperature = celsius + 273.15
    h_timeCourse_Qt = h_timeCourse_Q10 ^((temperature - h_timeCourse_MEASURED_AT)/h_timeCourse_TEN_DEGREES)
    m_timeCourse_Qt = m_timeCourse_Q10 ^((temperature - m_timeCourse_MEASURED_AT)/m_timeCourse_TEN_DEGREES)
    s_timeCourse_K = 96.48/(8.315*(temperature/s_timeCourse_TEMP_SCALE + 0.01))
    h_steadyState_x = h_steadyState_rate/(1 + exp(0 - (v - h_steadyState_midpoint)/h_steadyState_scale))
    h_inf = h_steadyState_x
    h_forwardRate_x = (v - h_forwardRate_midpoint)/h_forwardRate_scale
    if (fabs(h_forwardRate_x) > 1e-5) {
        h_forwardRate_r = h_forwardRate_rate*h_forwardRate_x/(1 - exp(0 - h_forwardRate_x))
    } else {
        h_forwardRate_r = h_forwardRate_rate*(1 + h_forwardRate_x/2)
    }
    h_alpha = h_forwardRate_r
    h_reverseRate_x = (v - h_reverseRate_midpoint)/h_reverseRate_scale
    if (fabs(h_reverseRate_x) > 1e-5) {
        h_reverseRate_r = h_reverseRate_rate*h_reverseRate_x/(1 - exp(0 - h_reverseRate_x))
    } else {
        h_reverseRate_r = h_reverseRate_rate*(1 + h_reverseRate_x/2)
    }
    h_beta = h_reverseRate_r
    h_timeCourse_unlimited = 1/((h_alpha + h_beta)*h_timeCourse_Qt + h_timeCourse_SLOWEST)
    if (h_timeCourse_unlimited < h_timeCourse_SHORTEST) {
        h_timeCourse_t = h_timeCourse_SHORTEST
    } else {
        h_timeCourse_t = h_timeCourse_unlimited
    }
    h_tauUnscaled = h_timeCourse_t
    h_tau = h_tauUnscaled/h_rateScale
    m_forwardRate_x = (v - m_forwardRate_midpoint)/m_forwardRate_scale
    if (fabs(m_forwardRate_x) > 1e-5) {
        m_forwardRate_r = m_forwardRate_rate*m_forwardRate_x/(1 - exp(0 - m_forwardRate_x))
    } else {
        m_forwardRate_r = m_forwardRate_rate*(1 + m_forwardRate_x/2)
    }
    m_alpha = m_forwardRate_r
    m_reverseRate_x = (v - m_reverseRate_midpoint)/m_reverseRate_scale
    if (fabs(m_reverseRate_x) > 1e-5) {
        m_reverseRate_r = m_reverseRate_rate*m_reverseRate_x/(1 - exp(0 - m_reverseRate_x))
    } else {
        m_reverseRate_r = m_reverseRate_rate*(1 + m_reverseRate_x/2)
    }
    m_beta = m_reverseRate_r
    m_inf = m_alpha/(m_alpha + m_beta)
    m_timeCourse_unlimited = 1/((m_alpha + m_beta)*m_timeCourse_Qt + m_timeCourse_SLOWEST)
    if (m_timeCourse_unlimited < m_timeCourse_SHORTEST) {
        m_timeCourse_t = m_timeCourse_SHORTEST
    } else {
        m_timeCourse_t = m_timeCourse_unlimited
    }
    m_tauUnscaled = m_timeCourse_t
    m_tau = m_tauUnscaled/m_rateScale
    s_steadyState_c = 1/(1 + exp(0 - (v - s_steadyState_midpoint)/s_steadyState_scale))
    s_steadyState_x = s_steadyState_c + s_steadyState_rate*(1 - s_steadyState_c)
    s_inf = s_steadyState_x
    s_timeCourse_u = s_timeCourse_ZETA*s_timeCourse_K*(v - s_timeCourse_midpoint)/s_timeCourse_VOLT_SCALE
    s_timeCourse_unlimited = s_timeCourse_TIME_SCALE*exp(s_timeCourse_GAMMA*s_timeCourse_u)/(s_timeCourse_A0*(1 + exp(s_timeCourse_u)))
    if (s_timeCourse_unlimited < s_timeCourse_SHORTEST) {
        s_timeCourse_t = s_timeCourse_SHORTEST
    } else {
        s_timeCourse_t = s_timeCourse_unlimited
    }
    s_tauUnscaled = s_timeCourse_t
    s_tau = s_tauUnscaled/s_rateScale
}
