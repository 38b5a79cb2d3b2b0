TITLE kdr

COMMENT
    Generated from NeuroML2/channels/kdr.channel.nml by jNeuroML (org.neuroml.export v1.11.0, org.neuroml.model v1.11.0, jLEMS v0.12.0)
    and rewritten by netpyne_model.mechanisms.rewriting, which says why.
    Do not edit: change the NeuroML file and convert again (scripts/convert_mechanisms.py).
ENDCOMMENT

NEURON {
    SUFFIX kdr
    USEION k READ ek WRITE ik
    RANGE gmax, n_inf, n_tau, fopen, gion, i
    GLOBAL n_timeCourse_SHORTEST
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
    n_timeCourse_SHORTEST = 2.0 (ms)
}

CONSTANT {
    conductanceScale = 1
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
    n_inf
    n_tau (ms)
    fopen
    gion (S/cm2)
    i (mA/cm2)
}

STATE {
    n_q
}

INITIAL {
    rates(v)
    n_q = n_inf
}

BREAKPOINT {
    LOCAL n_fcond, fopen0
    SOLVE states METHOD cnexp
    n_fcond = n_q
    fopen0 = n_fcond
    fopen = conductanceScale*fopen0
    gion = gmax*fopen
    i = gion*(v - ek)
    ik = i
}

DERIVATIVE states {
    rates(v)
    n_q' = (n_inf - n_q)/n_tau
}

PROCEDURE rates(v (mV)) {
    LOCAL n_steadyState_a, n_steadyState_x, n_timeCourse_u, n_timeCourse_unlimited, n_timeCourse_t, n_tauUnscaled,
        temperature, n_steadyState_K, n_timeCourse_K
    TABLE n_inf, n_tau
        DEPEND celsius, n_timeCourse_SHORTEST
        FROM -150 TO 100 WITH 25000
    temperature = celsius + 273.15
    n_steadyState_K = 96.48/(8.315*(temperature/n_steadyState_TEMP_SCALE + 0.01))
    n_timeCourse_K = 96.48/(8.315*(temperature/n_timeCourse_TEMP_SCALE + 0.01))
    n_steadyState_a = exp(-3*n_steadyState_K*(v/n_steadyState_VOLT_SCALE - 13))
    n_steadyState_x = 1/(1 + n_steadyState_a)
    n_inf = n_steadyState_x
    n_timeCourse_u = -3*n_timeCourse_K*(v/n_timeCourse_VOLT_SCALE - 13)
    n_timeCourse_unlimited = n_timeCourse_TIME_SCALE*exp(0.7*n_timeCourse_u)/(0.02*(1 + exp(n_timeCourse_u)))
    if (n_timeCourse_unlimited < n_timeCourse_SHORTEST) {
        n_timeCourse_t = n_timeCourse_SHORTEST
    } else {
        n_timeCourse_t = n_timeCourse_unlimited
    }
    n_tauUnscaled = n_timeCourse_t
    n_tau = n_tauUnscaled/n_rateScale
}
