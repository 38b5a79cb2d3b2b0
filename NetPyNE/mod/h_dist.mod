TITLE h_dist

COMMENT
    Generated from NeuroML2/channels/h_dist.channel.nml by jNeuroML (org.neuroml.export v1.11.0, org.neuroml.model v1.11.0, jLEMS v0.12.0)
    and rewritten by netpyne_model.mechanisms.rewriting, which says why.
    Do not edit: change the NeuroML file and convert again (scripts/convert_mechanisms.py).
ENDCOMMENT

NEURON {
    SUFFIX h_dist
    NONSPECIFIC_CURRENT i
    RANGE gmax, e, l_inf, l_tau, fopen, gion
    GLOBAL l_timeCourse_Q10, l_timeCourse_MEASURED_AT, l_timeCourse_TEN_DEGREES, l_steadyState_midpoint
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
    e = 0 (mV)
    l_timeCourse_Q10 = 4.5
    l_timeCourse_MEASURED_AT = 306.15 (K)
    l_timeCourse_TEN_DEGREES = 10.0 (K)
    l_steadyState_midpoint = -81.0 (mV)
}

CONSTANT {
    conductanceScale = 1
    l_rateScale = 1
    l_steadyState_TEMP_SCALE = 1
    l_steadyState_VOLT_SCALE = 1
    l_timeCourse_TEMP_SCALE = 1
    l_timeCourse_TIME_SCALE = 1
    l_timeCourse_VOLT_SCALE = 1
}

ASSIGNED {
    v (mV)
    celsius (degC)
    i (mA/cm2)
    l_inf
    l_tau (ms)
    fopen
    gion (S/cm2)
}

STATE {
    l_q
}

INITIAL {
    rates(v)
    l_q = l_inf
}

BREAKPOINT {
    LOCAL l_fcond, fopen0
    SOLVE states METHOD cnexp
    l_fcond = l_q
    fopen0 = l_fcond
    fopen = conductanceScale*fopen0
    gion = gmax*fopen
    i = gion*(v - e)
}

DERIVATIVE states {
    rates(v)
    l_q' = (l_inf - l_q)/l_tau
}

PROCEDURE rates(v (mV)) {
    LOCAL l_steadyState_x, l_timeCourse_u, l_timeCourse_t, l_tauUnscaled, temperature, l_steadyState_K,
        l_timeCourse_K, l_timeCourse_Qt
    TABLE l_inf, l_tau
        DEPEND celsius, l_timeCourse_Q10, l_timeCourse_MEASURED_AT, l_timeCourse_TEN_DEGREES,
        l_steadyState_midpoint
        FROM -150 TO 100 WITH 25000
    temperature = celsius + 273.15
    l_steadyState_K = 96.48/(8.315*(temperature/l_steadyState_TEMP_SCALE + 0.01))
    l_timeCourse_K = 96.48/(8.315*(temperature/l_timeCourse_TEMP_SCALE + 0.01))
    l_timeCourse_Qt = l_timeCourse_Q10 ^((temperature - l_timeCourse_MEASURED_AT)/l_timeCourse_TEN_DEGREES)
    l_steadyState_x = 1/(1 + exp(4*l_steadyState_K*(v - l_steadyState_midpoint)/l_steadyState_VOLT_SCALE))
    l_inf = l_steadyState_x
    l_timeCourse_u = 2.2*l_timeCourse_K*(v/l_timeCourse_VOLT_SCALE + 75)
    l_timeCourse_t = l_timeCourse_TIME_SCALE*exp(0.4*l_timeCourse_u)/(l_timeCourse_Qt*0.011*(1 + exp(l_timeCourse_u)))
    l_tauUnscaled = l_timeCourse_t
    l_tau = l_tauUnscaled/l_rateScale
}
