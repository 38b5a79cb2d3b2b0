TITLE kad

COMMENT
    Generated from NeuroML2/channels/kad.channel.nml by jNeuroML (org.neuroml.export v1.11.0, org.neuroml.model v1.11.0, jLEMS v0.12.0)
    and rewritten by netpyne_model.mechanisms.rewriting, which says why.
    Do not edit: change the NeuroML file and convert again (scripts/convert_mechanisms.py).
ENDCOMMENT

NEURON {
    SUFFIX kad
    USEION k READ ek WRITE ik
    RANGE gmax, l_inf, l_tau, n_inf, n_tau, fopen, gion, i
    GLOBAL n_timeCourse_SHORTEST, n_timeCourse_Q10, n_timeCourse_MEASURED_AT, n_timeCourse_TEN_DEGREES,
        l_timeCourse_SHORTEST
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
    n_timeCourse_SHORTEST = 0.1 (ms)
    n_timeCourse_Q10 = 5.0
    n_timeCourse_MEASURED_AT = 297.15 (K)
    n_timeCourse_TEN_DEGREES = 10.0 (K)
    l_timeCourse_SHORTEST = 2.0 (ms)
}

CONSTANT {
    conductanceScale = 1
    l_rateScale = 1
    l_steadyState_TEMP_SCALE = 1
    l_steadyState_VOLT_SCALE = 1
    l_timeCourse_TIME_SCALE = 1
    l_timeCourse_VOLT_SCALE = 1
    n_rateScale = 1
    n_steadyState_TEMP_SCALE = 1
    n_steadyState_VOLT_SCALE = 1
    n_timeCourse_TEMP_SCALE = 1
    n_timeCourse_TIME_SCALE = 1
    n_timeCourse_VOLT_SCALE = 1
}

ASSIGNED {
    v (mV)
    celsius (degC)
    ek (mV)
    ik (mA/cm2)
    l_inf
    l_tau (ms)
    n_inf
    n_tau (ms)
    fopen
    gion (S/cm2)
    i (mA/cm2)
}

STATE {
    n_q
    l_q
}

INITIAL {
    rates(v)
    n_q = n_inf
    l_q = l_inf
}

BREAKPOINT {
    LOCAL l_fcond, n_fcond, fopen0
    SOLVE states METHOD cnexp
    l_fcond = l_q
    n_fcond = n_q
    fopen0 = n_fcond*l_fcond
    fopen = conductanceScale*fopen0
    gion = gmax*fopen
    i = gion*(v - ek)
    ik = i
}

DERIVATIVE states {
    rates(v)
    n_q' = (n_inf - n_q)/n_tau
    l_q' = (l_inf - l_q)/l_tau
}

PROCEDURE rates(v (mV)) {
    LOCAL l_steadyState_x, l_timeCourse_unlimited, l_timeCourse_t, l_tauUnscaled, n_steadyState_zeta,
        n_steadyState_x, n_timeCourse_zeta, n_timeCourse_u, n_timeCourse_unlimited, n_timeCourse_t, n_tauUnscaled,
        temperature, l_steadyState_K, n_steadyState_K, n_timeCourse_K, n_timeCourse_Qt
    TABLE l_inf, l_tau, n_inf, n_tau
        DEPEND celsius, n_timeCourse_SHORTEST, n_timeCourse_Q10, n_timeCourse_MEASURED_AT,
        n_timeCourse_TEN_DEGREES, l_timeCourse_SHORTEST
        FROM -150 TO 100 WITH 25000
    temperature = celsius + 273.15
    l_steadyState_K = 96.48/(8.315*(temperature/l_steadyState_TEMP_SCALE + 0.01))
    n_steadyState_K = 96.48/(8.315*(temperature/n_steadyState_TEMP_SCALE + 0.01))
    n_timeCourse_K = 96.48/(8.315*(temperature/n_timeCourse_TEMP_SCALE + 0.01))
    n_timeCourse_Qt = n_timeCourse_Q10 ^((temperature - n_timeCourse_MEASURED_AT)/n_timeCourse_TEN_DEGREES)
    l_steadyState_x = 1/(1 + exp(3*l_steadyState_K*(v/l_steadyState_VOLT_SCALE + 56)))
    l_inf = l_steadyState_x
    l_timeCourse_unlimited = l_timeCourse_TIME_SCALE*0.26*(v/l_timeCourse_VOLT_SCALE + 50)
    if (l_timeCourse_unlimited < l_timeCourse_SHORTEST) {
        l_timeCourse_t = l_timeCourse_SHORTEST
    } else {
        l_timeCourse_t = l_timeCourse_unlimited
    }
    l_tauUnscaled = l_timeCourse_t
    l_tau = l_tauUnscaled/l_rateScale
    n_steadyState_zeta = -1.8 - 1/(1 + exp((v/n_steadyState_VOLT_SCALE + 40)/5))
    n_steadyState_x = 1/(1 + exp(n_steadyState_zeta*n_steadyState_K*(v/n_steadyState_VOLT_SCALE + 1)))
    n_inf = n_steadyState_x
    n_timeCourse_zeta = -1.8 - 1/(1 + exp((v/n_timeCourse_VOLT_SCALE + 40)/5))
    n_timeCourse_u = n_timeCourse_zeta*n_timeCourse_K*(v/n_timeCourse_VOLT_SCALE + 1)
    n_timeCourse_unlimited = n_timeCourse_TIME_SCALE*exp(0.39*n_timeCourse_u)/(n_timeCourse_Qt*0.1*(1 + exp(n_timeCourse_u)))
    if (n_timeCourse_unlimited < n_timeCourse_SHORTEST) {
        n_timeCourse_t = n_timeCourse_SHORTEST
    } else {
        n_timeCourse_t = n_timeCourse_unlimited
    }
    n_tauUnscaled = n_timeCourse_t
    n_tau = n_tauUnscaled/n_rateScale
}
