TITLE CA1_channels

COMMENT
    The channels h_dist, h_prox, kad, kap, kdr, km2, nas_dend, nas_soma, nax, nax_ais
    as one mechanism for fixed time steps, written by netpyne_model.mechanisms.fusing, which says why.
    Do not edit: change the NeuroML files and convert again (scripts/convert_mechanisms.py).
ENDCOMMENT

NEURON {
    SUFFIX CA1_channels
    USEION k READ ek WRITE ik
    USEION na READ ena WRITE ina
    NONSPECIFIC_CURRENT i
    RANGE gmax_h_dist, e_h_dist, gmax_h_prox, e_h_prox, gmax_kad, gmax_kap, gmax_kdr, gmax_km2, gmax_nas_dend,
        gmax_nas_soma, gmax_nax, gmax_nax_ais
    RANGE g_k, g_na, g_other, ge_other
    GLOBAL h_dist_l_inf, h_dist_l_q_step, h_prox_l_inf, h_prox_l_q_step, kad_n_inf, kad_l_inf, kad_n_q_step,
        kad_l_q_step, kap_n_inf, kap_l_inf, kap_n_q_step, kap_l_q_step, kdr_n_inf, kdr_n_q_step, km2_m_inf,
        km2_m_timeCourse_bell, km2_m_timeCourse_steady, nas_dend_m_inf, nas_dend_h_inf, nas_dend_s_inf,
        nas_dend_m_q_step, nas_dend_h_q_step, nas_dend_s_q_step, nas_soma_m_inf, nas_soma_h_inf, nas_soma_s_inf,
        nas_soma_m_q_step, nas_soma_h_q_step, nas_soma_s_q_step, nax_m_inf, nax_h_inf, nax_m_q_step, nax_h_q_step,
        nax_ais_m_inf, nax_ais_h_inf, nax_ais_m_q_step, nax_ais_h_q_step
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
    gmax_h_dist = 0 (S/cm2)
    e_h_dist = 0 (mV)
    gmax_h_prox = 0 (S/cm2)
    e_h_prox = 0 (mV)
    gmax_kad = 0 (S/cm2)
    gmax_kap = 0 (S/cm2)
    gmax_kdr = 0 (S/cm2)
    gmax_km2 = 0 (S/cm2)
    gmax_nas_dend = 0 (S/cm2)
    gmax_nas_soma = 0 (S/cm2)
    gmax_nax = 0 (S/cm2)
    gmax_nax_ais = 0 (S/cm2)
}

CONSTANT {
    h_dist_l_timeCourse_Q10 = 4.5
    h_dist_l_timeCourse_MEASURED_AT = 306.15 (K)
    h_dist_l_timeCourse_TEN_DEGREES = 10.0 (K)
    h_dist_l_steadyState_midpoint = -81.0 (mV)
    h_dist_conductanceScale = 1
    h_dist_l_rateScale = 1
    h_dist_l_steadyState_TEMP_SCALE = 1
    h_dist_l_steadyState_VOLT_SCALE = 1
    h_dist_l_timeCourse_TEMP_SCALE = 1
    h_dist_l_timeCourse_TIME_SCALE = 1
    h_dist_l_timeCourse_VOLT_SCALE = 1
    h_prox_l_timeCourse_Q10 = 4.5
    h_prox_l_timeCourse_MEASURED_AT = 306.15 (K)
    h_prox_l_timeCourse_TEN_DEGREES = 10.0 (K)
    h_prox_l_steadyState_midpoint = -73.0 (mV)
    h_prox_conductanceScale = 1
    h_prox_l_rateScale = 1
    h_prox_l_steadyState_TEMP_SCALE = 1
    h_prox_l_steadyState_VOLT_SCALE = 1
    h_prox_l_timeCourse_TEMP_SCALE = 1
    h_prox_l_timeCourse_TIME_SCALE = 1
    h_prox_l_timeCourse_VOLT_SCALE = 1
    kad_n_timeCourse_SHORTEST = 0.1 (ms)
    kad_n_timeCourse_Q10 = 5.0
    kad_n_timeCourse_MEASURED_AT = 297.15 (K)
    kad_n_timeCourse_TEN_DEGREES = 10.0 (K)
    kad_l_timeCourse_SHORTEST = 2.0 (ms)
    kad_conductanceScale = 1
    kad_l_rateScale = 1
    kad_l_steadyState_TEMP_SCALE = 1
    kad_l_steadyState_VOLT_SCALE = 1
    kad_l_timeCourse_TIME_SCALE = 1
    kad_l_timeCourse_VOLT_SCALE = 1
    kad_n_rateScale = 1
    kad_n_steadyState_TEMP_SCALE = 1
    kad_n_steadyState_VOLT_SCALE = 1
    kad_n_timeCourse_TEMP_SCALE = 1
    kad_n_timeCourse_TIME_SCALE = 1
    kad_n_timeCourse_VOLT_SCALE = 1
    kap_n_timeCourse_SHORTEST = 0.1 (ms)
    kap_n_timeCourse_Q10 = 5.0
    kap_n_timeCourse_MEASURED_AT = 297.15 (K)
    kap_n_timeCourse_TEN_DEGREES = 10.0 (K)
    kap_l_timeCourse_SHORTEST = 2.0 (ms)
    kap_conductanceScale = 1
    kap_l_rateScale = 1
    kap_l_steadyState_TEMP_SCALE = 1
    kap_l_steadyState_VOLT_SCALE = 1
    kap_l_timeCourse_TIME_SCALE = 1
    kap_l_timeCourse_VOLT_SCALE = 1
    kap_n_rateScale = 1
    kap_n_steadyState_TEMP_SCALE = 1
    kap_n_steadyState_VOLT_SCALE = 1
    kap_n_timeCourse_TEMP_SCALE = 1
    kap_n_timeCourse_TIME_SCALE = 1
    kap_n_timeCourse_VOLT_SCALE = 1
    kdr_n_timeCourse_SHORTEST = 2.0 (ms)
    kdr_conductanceScale = 1
    kdr_n_rateScale = 1
    kdr_n_steadyState_TEMP_SCALE = 1
    kdr_n_steadyState_VOLT_SCALE = 1
    kdr_n_timeCourse_TEMP_SCALE = 1
    kdr_n_timeCourse_TIME_SCALE = 1
    kdr_n_timeCourse_VOLT_SCALE = 1
    km2_m_timeCourse_midpoint = -40.0 (mV)
    km2_m_timeCourse_scale = 7.0 (mV)
    km2_m_steadyState_rate = 1.0
    km2_m_steadyState_midpoint = -40.0 (mV)
    km2_m_steadyState_scale = 7.0 (mV)
    km2_conductanceScale = 1
    km2_m_rateScale = 1
    km2_m_timeCourse_TIME_SCALE = 1
    km2_m_timeCourse_VOLT_SCALE = 1
    nas_dend_m_forwardRate_rate = 2.88 (kHz)
    nas_dend_m_forwardRate_midpoint = -23.3 (mV)
    nas_dend_m_forwardRate_scale = 7.2 (mV)
    nas_dend_m_reverseRate_rate = 0.8928 (kHz)
    nas_dend_m_reverseRate_midpoint = -23.3 (mV)
    nas_dend_m_reverseRate_scale = -7.2 (mV)
    nas_dend_m_timeCourse_Q10 = 2.0
    nas_dend_m_timeCourse_MEASURED_AT = 297.15 (K)
    nas_dend_m_timeCourse_TEN_DEGREES = 10.0 (K)
    nas_dend_m_timeCourse_SHORTEST = 0.02 (ms)
    nas_dend_h_forwardRate_rate = 0.045 (kHz)
    nas_dend_h_forwardRate_midpoint = -43.3 (mV)
    nas_dend_h_forwardRate_scale = 1.5 (mV)
    nas_dend_h_reverseRate_rate = 0.015 (kHz)
    nas_dend_h_reverseRate_midpoint = -43.3 (mV)
    nas_dend_h_reverseRate_scale = -1.5 (mV)
    nas_dend_h_timeCourse_Q10 = 2.0
    nas_dend_h_timeCourse_MEASURED_AT = 297.15 (K)
    nas_dend_h_timeCourse_TEN_DEGREES = 10.0 (K)
    nas_dend_h_timeCourse_SHORTEST = 0.5 (ms)
    nas_dend_h_steadyState_rate = 1.0
    nas_dend_h_steadyState_midpoint = -48.3 (mV)
    nas_dend_h_steadyState_scale = -4.0 (mV)
    nas_dend_s_timeCourse_midpoint = -58.3 (mV)
    nas_dend_s_timeCourse_SHORTEST = 10.0 (ms)
    nas_dend_s_timeCourse_ZETA = 12.0
    nas_dend_s_timeCourse_GAMMA = 0.2
    nas_dend_s_timeCourse_A0 = 0.0003
    nas_dend_s_steadyState_rate = 0.8
    nas_dend_s_steadyState_midpoint = -56.3 (mV)
    nas_dend_s_steadyState_scale = -2.0 (mV)
    nas_dend_conductanceScale = 1
    nas_dend_h_rateScale = 1
    nas_dend_m_rateScale = 1
    nas_dend_s_rateScale = 1
    nas_dend_s_timeCourse_TEMP_SCALE = 1
    nas_dend_s_timeCourse_TIME_SCALE = 1
    nas_dend_s_timeCourse_VOLT_SCALE = 1
    nas_soma_m_forwardRate_rate = 2.88 (kHz)
    nas_soma_m_forwardRate_midpoint = -28.3 (mV)
    nas_soma_m_forwardRate_scale = 7.2 (mV)
    nas_soma_m_reverseRate_rate = 0.8928 (kHz)
    nas_soma_m_reverseRate_midpoint = -28.3 (mV)
    nas_soma_m_reverseRate_scale = -7.2 (mV)
    nas_soma_m_timeCourse_Q10 = 2.0
    nas_soma_m_timeCourse_MEASURED_AT = 297.15 (K)
    nas_soma_m_timeCourse_TEN_DEGREES = 10.0 (K)
    nas_soma_m_timeCourse_SHORTEST = 0.02 (ms)
    nas_soma_h_forwardRate_rate = 0.045 (kHz)
    nas_soma_h_forwardRate_midpoint = -43.3 (mV)
    nas_soma_h_forwardRate_scale = 1.5 (mV)
    nas_soma_h_reverseRate_rate = 0.015 (kHz)
    nas_soma_h_reverseRate_midpoint = -43.3 (mV)
    nas_soma_h_reverseRate_scale = -1.5 (mV)
    nas_soma_h_timeCourse_Q10 = 2.0
    nas_soma_h_timeCourse_MEASURED_AT = 297.15 (K)
    nas_soma_h_timeCourse_TEN_DEGREES = 10.0 (K)
    nas_soma_h_timeCourse_SHORTEST = 0.5 (ms)
    nas_soma_h_steadyState_rate = 1.0
    nas_soma_h_steadyState_midpoint = -48.3 (mV)
    nas_soma_h_steadyState_scale = -4.0 (mV)
    nas_soma_s_timeCourse_midpoint = -58.3 (mV)
    nas_soma_s_timeCourse_SHORTEST = 10.0 (ms)
    nas_soma_s_timeCourse_ZETA = 12.0
    nas_soma_s_timeCourse_GAMMA = 0.2
    nas_soma_s_timeCourse_A0 = 0.0003
    nas_soma_s_steadyState_rate = 1.0
    nas_soma_s_steadyState_midpoint = -56.3 (mV)
    nas_soma_s_steadyState_scale = -2.0 (mV)
    nas_soma_conductanceScale = 1
    nas_soma_h_rateScale = 1
    nas_soma_m_rateScale = 1
    nas_soma_s_rateScale = 1
    nas_soma_s_timeCourse_TEMP_SCALE = 1
    nas_soma_s_timeCourse_TIME_SCALE = 1
    nas_soma_s_timeCourse_VOLT_SCALE = 1
    nax_m_forwardRate_rate = 2.88 (kHz)
    nax_m_forwardRate_midpoint = -28.3 (mV)
    nax_m_forwardRate_scale = 7.2 (mV)
    nax_m_reverseRate_rate = 0.8928 (kHz)
    nax_m_reverseRate_midpoint = -28.3 (mV)
    nax_m_reverseRate_scale = -7.2 (mV)
    nax_m_timeCourse_Q10 = 2.0
    nax_m_timeCourse_MEASURED_AT = 297.15 (K)
    nax_m_timeCourse_TEN_DEGREES = 10.0 (K)
    nax_m_timeCourse_SHORTEST = 0.02 (ms)
    nax_h_forwardRate_rate = 0.045 (kHz)
    nax_h_forwardRate_midpoint = -43.3 (mV)
    nax_h_forwardRate_scale = 1.5 (mV)
    nax_h_reverseRate_rate = 0.015 (kHz)
    nax_h_reverseRate_midpoint = -43.3 (mV)
    nax_h_reverseRate_scale = -1.5 (mV)
    nax_h_timeCourse_Q10 = 2.0
    nax_h_timeCourse_MEASURED_AT = 297.15 (K)
    nax_h_timeCourse_TEN_DEGREES = 10.0 (K)
    nax_h_timeCourse_SHORTEST = 0.5 (ms)
    nax_h_steadyState_rate = 1.0
    nax_h_steadyState_midpoint = -48.3 (mV)
    nax_h_steadyState_scale = -4.0 (mV)
    nax_conductanceScale = 1
    nax_h_rateScale = 1
    nax_m_rateScale = 1
    nax_ais_m_forwardRate_rate = 2.88 (kHz)
    nax_ais_m_forwardRate_midpoint = -31.9 (mV)
    nax_ais_m_forwardRate_scale = 7.2 (mV)
    nax_ais_m_reverseRate_rate = 0.8928 (kHz)
    nax_ais_m_reverseRate_midpoint = -31.9 (mV)
    nax_ais_m_reverseRate_scale = -7.2 (mV)
    nax_ais_m_timeCourse_Q10 = 2.0
    nax_ais_m_timeCourse_MEASURED_AT = 297.15 (K)
    nax_ais_m_timeCourse_TEN_DEGREES = 10.0 (K)
    nax_ais_m_timeCourse_SHORTEST = 0.02 (ms)
    nax_ais_h_forwardRate_rate = 0.045 (kHz)
    nax_ais_h_forwardRate_midpoint = -43.3 (mV)
    nax_ais_h_forwardRate_scale = 1.5 (mV)
    nax_ais_h_reverseRate_rate = 0.015 (kHz)
    nax_ais_h_reverseRate_midpoint = -43.3 (mV)
    nax_ais_h_reverseRate_scale = -1.5 (mV)
    nax_ais_h_timeCourse_Q10 = 2.0
    nax_ais_h_timeCourse_MEASURED_AT = 297.15 (K)
    nax_ais_h_timeCourse_TEN_DEGREES = 10.0 (K)
    nax_ais_h_timeCourse_SHORTEST = 0.5 (ms)
    nax_ais_h_steadyState_rate = 1.0
    nax_ais_h_steadyState_midpoint = -48.3 (mV)
    nax_ais_h_steadyState_scale = -4.0 (mV)
    nax_ais_conductanceScale = 1
    nax_ais_h_rateScale = 1
    nax_ais_m_rateScale = 1
}

ASSIGNED {
    v (mV)
    dt (ms)
    celsius (degC)
    ek (mV)
    ena (mV)
    ik (mA/cm2)
    ina (mA/cm2)
    i (mA/cm2)
    g_k (S/cm2)
    g_na (S/cm2)
    g_other (S/cm2)
    ge_other (mA/cm2)
    h_dist_l_inf
    h_dist_l_q_step
    h_prox_l_inf
    h_prox_l_q_step
    kad_n_inf
    kad_l_inf
    kad_n_q_step
    kad_l_q_step
    kap_n_inf
    kap_l_inf
    kap_n_q_step
    kap_l_q_step
    kdr_n_inf
    kdr_n_q_step
    km2_m_inf
    km2_m_timeCourse_bell
    km2_m_timeCourse_steady
    nas_dend_m_inf
    nas_dend_h_inf
    nas_dend_s_inf
    nas_dend_m_q_step
    nas_dend_h_q_step
    nas_dend_s_q_step
    nas_soma_m_inf
    nas_soma_h_inf
    nas_soma_s_inf
    nas_soma_m_q_step
    nas_soma_h_q_step
    nas_soma_s_q_step
    nax_m_inf
    nax_h_inf
    nax_m_q_step
    nax_h_q_step
    nax_ais_m_inf
    nax_ais_h_inf
    nax_ais_m_q_step
    nax_ais_h_q_step
}

STATE {
    h_dist_l_q
    h_prox_l_q
    kad_n_q
    kad_l_q
    kap_n_q
    kap_l_q
    kdr_n_q
    km2_m_q
    nas_dend_m_q
    nas_dend_h_q
    nas_dend_s_q
    nas_soma_m_q
    nas_soma_h_q
    nas_soma_s_q
    nax_m_q
    nax_h_q
    nax_ais_m_q
    nax_ais_h_q
}

VERBATIM
#include <algorithm>
#include <atomic>
#include <mutex>
#include <vector>

namespace {

/* Steady states and factors of all channels by voltage, for one time step and temperature: a row of `width` numbers each. */
struct RateTable {
    static constexpr int width = 37, steps = 25000;
    static constexpr double from = -150, per_mV = 100;
    std::atomic<double> stamp_ms{-1}, stamp_celsius{-1};
    std::vector<double> rows = std::vector<double>((steps + 1)*width);
    std::mutex filling;

    /* The row below a voltage (mV), and how far it is on the way to the next. Beyond the ends, the ends' values. */
    double find(double voltage, double const*& low) const {
        double const place = std::min(std::max(0., (voltage - from)*per_mV), static_cast<double>(steps));
        int const row = std::min(static_cast<int>(place), steps - 1);
        low = rows.data() + row*width;
        return place - row;
    }
} rate_table;

}
ENDVERBATIM

INITIAL {
    VERBATIM
        if (cvode_active_) {
            hoc_execerror("CA1_channels takes fixed time steps only;", "with CVode use the separate channels");
        }
    ENDVERBATIM
    if (gmax_h_dist > 0) {
        h_dist_rates(v)
        h_dist_l_q = h_dist_l_inf
    }
    if (gmax_h_prox > 0) {
        h_prox_rates(v)
        h_prox_l_q = h_prox_l_inf
    }
    if (gmax_kad > 0) {
        kad_rates(v)
        kad_n_q = kad_n_inf
        kad_l_q = kad_l_inf
    }
    if (gmax_kap > 0) {
        kap_rates(v)
        kap_n_q = kap_n_inf
        kap_l_q = kap_l_inf
    }
    if (gmax_kdr > 0) {
        kdr_rates(v)
        kdr_n_q = kdr_n_inf
    }
    if (gmax_km2 > 0) {
        km2_rates(v)
        km2_m_q = km2_m_inf
    }
    if (gmax_nas_dend > 0) {
        nas_dend_rates(v)
        nas_dend_m_q = nas_dend_m_inf
        nas_dend_h_q = nas_dend_h_inf
        nas_dend_s_q = nas_dend_s_inf
    }
    if (gmax_nas_soma > 0) {
        nas_soma_rates(v)
        nas_soma_m_q = nas_soma_m_inf
        nas_soma_h_q = nas_soma_h_inf
        nas_soma_s_q = nas_soma_s_inf
    }
    if (gmax_nax > 0) {
        nax_rates(v)
        nax_m_q = nax_m_inf
        nax_h_q = nax_h_inf
    }
    if (gmax_nax_ais > 0) {
        nax_ais_rates(v)
        nax_ais_m_q = nax_ais_m_inf
        nax_ais_h_q = nax_ais_h_inf
    }
    conduct()
}

BREAKPOINT {
    SOLVE advance METHOD after_cvode
    CONDUCTANCE g_k USEION k
    CONDUCTANCE g_na USEION na
    CONDUCTANCE g_other
    ik = g_k*(v - ek)
    ina = g_na*(v - ena)
    i = g_other*v - ge_other
}

PROCEDURE advance() {
    VERBATIM
    if (rate_table.stamp_ms != dt || rate_table.stamp_celsius != celsius) {
        tabulate(_threadargs_);
    }
    double const* low;
    double const theta = rate_table.find(v, low);
    auto const entry = [low, theta](int k) { return low[k] + theta*(low[k + RateTable::width] - low[k]); };
    double k = 0, na = 0, other = 0, e_other = 0;
    if (gmax_h_dist > 0) {
        h_dist_l_q += entry(1)*(entry(0) - h_dist_l_q);
        double const h_dist_l_fcond = h_dist_l_q;
        double const h_dist_fopen0 = h_dist_l_fcond;
        double const h_dist_fopen = h_dist_conductanceScale*h_dist_fopen0;
        other += gmax_h_dist*h_dist_fopen;
        e_other += gmax_h_dist*h_dist_fopen*e_h_dist;
    }
    if (gmax_h_prox > 0) {
        h_prox_l_q += entry(3)*(entry(2) - h_prox_l_q);
        double const h_prox_l_fcond = h_prox_l_q;
        double const h_prox_fopen0 = h_prox_l_fcond;
        double const h_prox_fopen = h_prox_conductanceScale*h_prox_fopen0;
        other += gmax_h_prox*h_prox_fopen;
        e_other += gmax_h_prox*h_prox_fopen*e_h_prox;
    }
    if (gmax_kad > 0) {
        kad_n_q += entry(6)*(entry(4) - kad_n_q);
        kad_l_q += entry(7)*(entry(5) - kad_l_q);
        double const kad_l_fcond = kad_l_q;
        double const kad_n_fcond = kad_n_q;
        double const kad_fopen0 = kad_n_fcond*kad_l_fcond;
        double const kad_fopen = kad_conductanceScale*kad_fopen0;
        k += gmax_kad*kad_fopen;
    }
    if (gmax_kap > 0) {
        kap_n_q += entry(10)*(entry(8) - kap_n_q);
        kap_l_q += entry(11)*(entry(9) - kap_l_q);
        double const kap_l_fcond = kap_l_q;
        double const kap_n_fcond = kap_n_q;
        double const kap_fopen0 = kap_n_fcond*kap_l_fcond;
        double const kap_fopen = kap_conductanceScale*kap_fopen0;
        k += gmax_kap*kap_fopen;
    }
    if (gmax_kdr > 0) {
        kdr_n_q += entry(13)*(entry(12) - kdr_n_q);
        double const kdr_n_fcond = kdr_n_q;
        double const kdr_fopen0 = kdr_n_fcond;
        double const kdr_fopen = kdr_conductanceScale*kdr_fopen0;
        k += gmax_kdr*kdr_fopen;
    }
    if (gmax_km2 > 0) {
        double km2_m_timeCourse_t;
        if (km2_m_q < entry(16)) {
            km2_m_timeCourse_t = km2_m_timeCourse_TIME_SCALE*(60 + entry(15)/0.036);
        } else {
            km2_m_timeCourse_t = km2_m_timeCourse_TIME_SCALE*(15 + entry(15)/0.009);
        }
        double const km2_m_tauUnscaled = km2_m_timeCourse_t;
        double const km2_m_tau = km2_m_tauUnscaled/km2_m_rateScale;
        km2_m_q += (1 - exp(-dt/km2_m_tau))*(entry(14) - km2_m_q);
        double const km2_m_fcond = km2_m_q;
        double const km2_fopen0 = km2_m_fcond;
        double const km2_fopen = km2_conductanceScale*km2_fopen0;
        k += gmax_km2*km2_fopen;
    }
    if (gmax_nas_dend > 0) {
        nas_dend_m_q += entry(20)*(entry(17) - nas_dend_m_q);
        nas_dend_h_q += entry(21)*(entry(18) - nas_dend_h_q);
        nas_dend_s_q += entry(22)*(entry(19) - nas_dend_s_q);
        double const nas_dend_h_fcond = nas_dend_h_q;
        double const nas_dend_m_fcond = nas_dend_m_q*nas_dend_m_q*nas_dend_m_q;
        double const nas_dend_s_fcond = nas_dend_s_q;
        double const nas_dend_fopen0 = nas_dend_m_fcond*nas_dend_h_fcond*nas_dend_s_fcond;
        double const nas_dend_fopen = nas_dend_conductanceScale*nas_dend_fopen0;
        na += gmax_nas_dend*nas_dend_fopen;
    }
    if (gmax_nas_soma > 0) {
        nas_soma_m_q += entry(26)*(entry(23) - nas_soma_m_q);
        nas_soma_h_q += entry(27)*(entry(24) - nas_soma_h_q);
        nas_soma_s_q += entry(28)*(entry(25) - nas_soma_s_q);
        double const nas_soma_h_fcond = nas_soma_h_q;
        double const nas_soma_m_fcond = nas_soma_m_q*nas_soma_m_q*nas_soma_m_q;
        double const nas_soma_s_fcond = nas_soma_s_q;
        double const nas_soma_fopen0 = nas_soma_m_fcond*nas_soma_h_fcond*nas_soma_s_fcond;
        double const nas_soma_fopen = nas_soma_conductanceScale*nas_soma_fopen0;
        na += gmax_nas_soma*nas_soma_fopen;
    }
    if (gmax_nax > 0) {
        nax_m_q += entry(31)*(entry(29) - nax_m_q);
        nax_h_q += entry(32)*(entry(30) - nax_h_q);
        double const nax_h_fcond = nax_h_q;
        double const nax_m_fcond = nax_m_q*nax_m_q*nax_m_q;
        double const nax_fopen0 = nax_m_fcond*nax_h_fcond;
        double const nax_fopen = nax_conductanceScale*nax_fopen0;
        na += gmax_nax*nax_fopen;
    }
    if (gmax_nax_ais > 0) {
        nax_ais_m_q += entry(35)*(entry(33) - nax_ais_m_q);
        nax_ais_h_q += entry(36)*(entry(34) - nax_ais_h_q);
        double const nax_ais_h_fcond = nax_ais_h_q;
        double const nax_ais_m_fcond = nax_ais_m_q*nax_ais_m_q*nax_ais_m_q;
        double const nax_ais_fopen0 = nax_ais_m_fcond*nax_ais_h_fcond;
        double const nax_ais_fopen = nax_ais_conductanceScale*nax_ais_fopen0;
        na += gmax_nax_ais*nax_ais_fopen;
    }
    g_k = k;
    g_na = na;
    g_other = other;
    ge_other = e_other;
    ENDVERBATIM
}

PROCEDURE tabulate() {
    VERBATIM
    std::lock_guard<std::mutex> const lock(rate_table.filling);
    if (rate_table.stamp_ms == dt && rate_table.stamp_celsius == celsius) {
        return 0;
    }
    for (int row = 0; row <= RateTable::steps; ++row) {
        double const voltage = RateTable::from + row/RateTable::per_mV;
        h_dist_rates(_threadargscomma_ voltage);
        h_prox_rates(_threadargscomma_ voltage);
        kad_rates(_threadargscomma_ voltage);
        kap_rates(_threadargscomma_ voltage);
        kdr_rates(_threadargscomma_ voltage);
        km2_rates(_threadargscomma_ voltage);
        nas_dend_rates(_threadargscomma_ voltage);
        nas_soma_rates(_threadargscomma_ voltage);
        nax_rates(_threadargscomma_ voltage);
        nax_ais_rates(_threadargscomma_ voltage);
        double const values[] = {
            h_dist_l_inf, h_dist_l_q_step, h_prox_l_inf, h_prox_l_q_step, kad_n_inf, kad_l_inf, kad_n_q_step,
            kad_l_q_step, kap_n_inf, kap_l_inf, kap_n_q_step, kap_l_q_step, kdr_n_inf, kdr_n_q_step, km2_m_inf,
            km2_m_timeCourse_bell, km2_m_timeCourse_steady, nas_dend_m_inf, nas_dend_h_inf, nas_dend_s_inf,
            nas_dend_m_q_step, nas_dend_h_q_step, nas_dend_s_q_step, nas_soma_m_inf, nas_soma_h_inf,
            nas_soma_s_inf, nas_soma_m_q_step, nas_soma_h_q_step, nas_soma_s_q_step, nax_m_inf, nax_h_inf,
            nax_m_q_step, nax_h_q_step, nax_ais_m_inf, nax_ais_h_inf, nax_ais_m_q_step, nax_ais_h_q_step
        };
        std::copy(std::begin(values), std::end(values), rate_table.rows.begin() + row*RateTable::width);
    }
    rate_table.stamp_celsius = celsius;
    rate_table.stamp_ms = dt;
    ENDVERBATIM
}

PROCEDURE conduct() {
    LOCAL h_dist_l_fcond, h_dist_fopen0, h_dist_fopen, h_prox_l_fcond, h_prox_fopen0, h_prox_fopen, kad_l_fcond,
        kad_n_fcond, kad_fopen0, kad_fopen, kap_l_fcond, kap_n_fcond, kap_fopen0, kap_fopen, kdr_n_fcond,
        kdr_fopen0, kdr_fopen, km2_m_fcond, km2_fopen0, km2_fopen, nas_dend_h_fcond, nas_dend_m_fcond,
        nas_dend_s_fcond, nas_dend_fopen0, nas_dend_fopen, nas_soma_h_fcond, nas_soma_m_fcond, nas_soma_s_fcond,
        nas_soma_fopen0, nas_soma_fopen, nax_h_fcond, nax_m_fcond, nax_fopen0, nax_fopen, nax_ais_h_fcond,
        nax_ais_m_fcond, nax_ais_fopen0, nax_ais_fopen
    g_k = 0
    g_na = 0
    g_other = 0
    ge_other = 0
    if (gmax_h_dist > 0) {
        h_dist_l_fcond = h_dist_l_q
        h_dist_fopen0 = h_dist_l_fcond
        h_dist_fopen = h_dist_conductanceScale*h_dist_fopen0
        g_other = g_other + gmax_h_dist*h_dist_fopen
        ge_other = ge_other + gmax_h_dist*h_dist_fopen*e_h_dist
    }
    if (gmax_h_prox > 0) {
        h_prox_l_fcond = h_prox_l_q
        h_prox_fopen0 = h_prox_l_fcond
        h_prox_fopen = h_prox_conductanceScale*h_prox_fopen0
        g_other = g_other + gmax_h_prox*h_prox_fopen
        ge_other = ge_other + gmax_h_prox*h_prox_fopen*e_h_prox
    }
    if (gmax_kad > 0) {
        kad_l_fcond = kad_l_q
        kad_n_fcond = kad_n_q
        kad_fopen0 = kad_n_fcond*kad_l_fcond
        kad_fopen = kad_conductanceScale*kad_fopen0
        g_k = g_k + gmax_kad*kad_fopen
    }
    if (gmax_kap > 0) {
        kap_l_fcond = kap_l_q
        kap_n_fcond = kap_n_q
        kap_fopen0 = kap_n_fcond*kap_l_fcond
        kap_fopen = kap_conductanceScale*kap_fopen0
        g_k = g_k + gmax_kap*kap_fopen
    }
    if (gmax_kdr > 0) {
        kdr_n_fcond = kdr_n_q
        kdr_fopen0 = kdr_n_fcond
        kdr_fopen = kdr_conductanceScale*kdr_fopen0
        g_k = g_k + gmax_kdr*kdr_fopen
    }
    if (gmax_km2 > 0) {
        km2_m_fcond = km2_m_q
        km2_fopen0 = km2_m_fcond
        km2_fopen = km2_conductanceScale*km2_fopen0
        g_k = g_k + gmax_km2*km2_fopen
    }
    if (gmax_nas_dend > 0) {
        nas_dend_h_fcond = nas_dend_h_q
        nas_dend_m_fcond = nas_dend_m_q*nas_dend_m_q*nas_dend_m_q
        nas_dend_s_fcond = nas_dend_s_q
        nas_dend_fopen0 = nas_dend_m_fcond*nas_dend_h_fcond*nas_dend_s_fcond
        nas_dend_fopen = nas_dend_conductanceScale*nas_dend_fopen0
        g_na = g_na + gmax_nas_dend*nas_dend_fopen
    }
    if (gmax_nas_soma > 0) {
        nas_soma_h_fcond = nas_soma_h_q
        nas_soma_m_fcond = nas_soma_m_q*nas_soma_m_q*nas_soma_m_q
        nas_soma_s_fcond = nas_soma_s_q
        nas_soma_fopen0 = nas_soma_m_fcond*nas_soma_h_fcond*nas_soma_s_fcond
        nas_soma_fopen = nas_soma_conductanceScale*nas_soma_fopen0
        g_na = g_na + gmax_nas_soma*nas_soma_fopen
    }
    if (gmax_nax > 0) {
        nax_h_fcond = nax_h_q
        nax_m_fcond = nax_m_q*nax_m_q*nax_m_q
        nax_fopen0 = nax_m_fcond*nax_h_fcond
        nax_fopen = nax_conductanceScale*nax_fopen0
        g_na = g_na + gmax_nax*nax_fopen
    }
    if (gmax_nax_ais > 0) {
        nax_ais_h_fcond = nax_ais_h_q
        nax_ais_m_fcond = nax_ais_m_q*nax_ais_m_q*nax_ais_m_q
        nax_ais_fopen0 = nax_ais_m_fcond*nax_ais_h_fcond
        nax_ais_fopen = nax_ais_conductanceScale*nax_ais_fopen0
        g_na = g_na + gmax_nax_ais*nax_ais_fopen
    }
}

PROCEDURE h_dist_rates(v (mV)) {
    LOCAL temperature, h_dist_l_steadyState_K, h_dist_l_steadyState_x, h_dist_l_timeCourse_Qt,
        h_dist_l_timeCourse_K, h_dist_l_timeCourse_u, h_dist_l_timeCourse_t, h_dist_l_tauUnscaled, h_dist_l_tau
    temperature = celsius + 273.15
    h_dist_l_steadyState_K = 96.48/(8.315*(temperature/h_dist_l_steadyState_TEMP_SCALE + 0.01))
    h_dist_l_steadyState_x = 1/(1 + exp(4*h_dist_l_steadyState_K*(v - h_dist_l_steadyState_midpoint)/h_dist_l_steadyState_VOLT_SCALE))
    h_dist_l_inf = h_dist_l_steadyState_x
    h_dist_l_timeCourse_Qt = h_dist_l_timeCourse_Q10 ^((temperature - h_dist_l_timeCourse_MEASURED_AT)/h_dist_l_timeCourse_TEN_DEGREES)
    h_dist_l_timeCourse_K = 96.48/(8.315*(temperature/h_dist_l_timeCourse_TEMP_SCALE + 0.01))
    h_dist_l_timeCourse_u = 2.2*h_dist_l_timeCourse_K*(v/h_dist_l_timeCourse_VOLT_SCALE + 75)
    h_dist_l_timeCourse_t = h_dist_l_timeCourse_TIME_SCALE*exp(0.4*h_dist_l_timeCourse_u)/(h_dist_l_timeCourse_Qt*0.011*(1 + exp(h_dist_l_timeCourse_u)))
    h_dist_l_tauUnscaled = h_dist_l_timeCourse_t
    h_dist_l_tau = h_dist_l_tauUnscaled/h_dist_l_rateScale
    h_dist_l_q_step = 1 - exp(-dt/h_dist_l_tau)
}

PROCEDURE h_prox_rates(v (mV)) {
    LOCAL temperature, h_prox_l_steadyState_K, h_prox_l_steadyState_x, h_prox_l_timeCourse_Qt,
        h_prox_l_timeCourse_K, h_prox_l_timeCourse_u, h_prox_l_timeCourse_t, h_prox_l_tauUnscaled, h_prox_l_tau
    temperature = celsius + 273.15
    h_prox_l_steadyState_K = 96.48/(8.315*(temperature/h_prox_l_steadyState_TEMP_SCALE + 0.01))
    h_prox_l_steadyState_x = 1/(1 + exp(4*h_prox_l_steadyState_K*(v - h_prox_l_steadyState_midpoint)/h_prox_l_steadyState_VOLT_SCALE))
    h_prox_l_inf = h_prox_l_steadyState_x
    h_prox_l_timeCourse_Qt = h_prox_l_timeCourse_Q10 ^((temperature - h_prox_l_timeCourse_MEASURED_AT)/h_prox_l_timeCourse_TEN_DEGREES)
    h_prox_l_timeCourse_K = 96.48/(8.315*(temperature/h_prox_l_timeCourse_TEMP_SCALE + 0.01))
    h_prox_l_timeCourse_u = 2.2*h_prox_l_timeCourse_K*(v/h_prox_l_timeCourse_VOLT_SCALE + 75)
    h_prox_l_timeCourse_t = h_prox_l_timeCourse_TIME_SCALE*exp(0.4*h_prox_l_timeCourse_u)/(h_prox_l_timeCourse_Qt*0.011*(1 + exp(h_prox_l_timeCourse_u)))
    h_prox_l_tauUnscaled = h_prox_l_timeCourse_t
    h_prox_l_tau = h_prox_l_tauUnscaled/h_prox_l_rateScale
    h_prox_l_q_step = 1 - exp(-dt/h_prox_l_tau)
}

PROCEDURE kad_rates(v (mV)) {
    LOCAL temperature, kad_n_steadyState_K, kad_n_steadyState_zeta, kad_n_steadyState_x, kad_n_timeCourse_Qt,
        kad_n_timeCourse_K, kad_n_timeCourse_zeta, kad_n_timeCourse_u, kad_n_timeCourse_unlimited,
        kad_n_timeCourse_t, kad_n_tauUnscaled, kad_n_tau, kad_l_steadyState_K, kad_l_steadyState_x,
        kad_l_timeCourse_unlimited, kad_l_timeCourse_t, kad_l_tauUnscaled, kad_l_tau
    temperature = celsius + 273.15
    kad_n_steadyState_K = 96.48/(8.315*(temperature/kad_n_steadyState_TEMP_SCALE + 0.01))
    kad_n_steadyState_zeta = -1.8 - 1/(1 + exp((v/kad_n_steadyState_VOLT_SCALE + 40)/5))
    kad_n_steadyState_x = 1/(1 + exp(kad_n_steadyState_zeta*kad_n_steadyState_K*(v/kad_n_steadyState_VOLT_SCALE + 1)))
    kad_n_inf = kad_n_steadyState_x
    kad_n_timeCourse_Qt = kad_n_timeCourse_Q10 ^((temperature - kad_n_timeCourse_MEASURED_AT)/kad_n_timeCourse_TEN_DEGREES)
    kad_n_timeCourse_K = 96.48/(8.315*(temperature/kad_n_timeCourse_TEMP_SCALE + 0.01))
    kad_n_timeCourse_zeta = -1.8 - 1/(1 + exp((v/kad_n_timeCourse_VOLT_SCALE + 40)/5))
    kad_n_timeCourse_u = kad_n_timeCourse_zeta*kad_n_timeCourse_K*(v/kad_n_timeCourse_VOLT_SCALE + 1)
    kad_n_timeCourse_unlimited = kad_n_timeCourse_TIME_SCALE*exp(0.39*kad_n_timeCourse_u)/(kad_n_timeCourse_Qt*0.1*(1 + exp(kad_n_timeCourse_u)))
    if (kad_n_timeCourse_unlimited < kad_n_timeCourse_SHORTEST) {
        kad_n_timeCourse_t = kad_n_timeCourse_SHORTEST
    } else {
        kad_n_timeCourse_t = kad_n_timeCourse_unlimited
    }
    kad_n_tauUnscaled = kad_n_timeCourse_t
    kad_n_tau = kad_n_tauUnscaled/kad_n_rateScale
    kad_l_steadyState_K = 96.48/(8.315*(temperature/kad_l_steadyState_TEMP_SCALE + 0.01))
    kad_l_steadyState_x = 1/(1 + exp(3*kad_l_steadyState_K*(v/kad_l_steadyState_VOLT_SCALE + 56)))
    kad_l_inf = kad_l_steadyState_x
    kad_l_timeCourse_unlimited = kad_l_timeCourse_TIME_SCALE*0.26*(v/kad_l_timeCourse_VOLT_SCALE + 50)
    if (kad_l_timeCourse_unlimited < kad_l_timeCourse_SHORTEST) {
        kad_l_timeCourse_t = kad_l_timeCourse_SHORTEST
    } else {
        kad_l_timeCourse_t = kad_l_timeCourse_unlimited
    }
    kad_l_tauUnscaled = kad_l_timeCourse_t
    kad_l_tau = kad_l_tauUnscaled/kad_l_rateScale
    kad_n_q_step = 1 - exp(-dt/kad_n_tau)
    kad_l_q_step = 1 - exp(-dt/kad_l_tau)
}

PROCEDURE kap_rates(v (mV)) {
    LOCAL temperature, kap_n_steadyState_K, kap_n_steadyState_zeta, kap_n_steadyState_x, kap_n_timeCourse_Qt,
        kap_n_timeCourse_K, kap_n_timeCourse_zeta, kap_n_timeCourse_u, kap_n_timeCourse_unlimited,
        kap_n_timeCourse_t, kap_n_tauUnscaled, kap_n_tau, kap_l_steadyState_K, kap_l_steadyState_x,
        kap_l_timeCourse_unlimited, kap_l_timeCourse_t, kap_l_tauUnscaled, kap_l_tau
    temperature = celsius + 273.15
    kap_n_steadyState_K = 96.48/(8.315*(temperature/kap_n_steadyState_TEMP_SCALE + 0.01))
    kap_n_steadyState_zeta = -1.5 - 1/(1 + exp((v/kap_n_steadyState_VOLT_SCALE + 40)/5))
    kap_n_steadyState_x = 1/(1 + exp(kap_n_steadyState_zeta*kap_n_steadyState_K*(v/kap_n_steadyState_VOLT_SCALE - 11)))
    kap_n_inf = kap_n_steadyState_x
    kap_n_timeCourse_Qt = kap_n_timeCourse_Q10 ^((temperature - kap_n_timeCourse_MEASURED_AT)/kap_n_timeCourse_TEN_DEGREES)
    kap_n_timeCourse_K = 96.48/(8.315*(temperature/kap_n_timeCourse_TEMP_SCALE + 0.01))
    kap_n_timeCourse_zeta = -1.5 - 1/(1 + exp((v/kap_n_timeCourse_VOLT_SCALE + 40)/5))
    kap_n_timeCourse_u = kap_n_timeCourse_zeta*kap_n_timeCourse_K*(v/kap_n_timeCourse_VOLT_SCALE - 11)
    kap_n_timeCourse_unlimited = kap_n_timeCourse_TIME_SCALE*exp(0.55*kap_n_timeCourse_u)/(kap_n_timeCourse_Qt*0.05*(1 + exp(kap_n_timeCourse_u)))
    if (kap_n_timeCourse_unlimited < kap_n_timeCourse_SHORTEST) {
        kap_n_timeCourse_t = kap_n_timeCourse_SHORTEST
    } else {
        kap_n_timeCourse_t = kap_n_timeCourse_unlimited
    }
    kap_n_tauUnscaled = kap_n_timeCourse_t
    kap_n_tau = kap_n_tauUnscaled/kap_n_rateScale
    kap_l_steadyState_K = 96.48/(8.315*(temperature/kap_l_steadyState_TEMP_SCALE + 0.01))
    kap_l_steadyState_x = 1/(1 + exp(3*kap_l_steadyState_K*(v/kap_l_steadyState_VOLT_SCALE + 56)))
    kap_l_inf = kap_l_steadyState_x
    kap_l_timeCourse_unlimited = kap_l_timeCourse_TIME_SCALE*0.26*(v/kap_l_timeCourse_VOLT_SCALE + 50)
    if (kap_l_timeCourse_unlimited < kap_l_timeCourse_SHORTEST) {
        kap_l_timeCourse_t = kap_l_timeCourse_SHORTEST
    } else {
        kap_l_timeCourse_t = kap_l_timeCourse_unlimited
    }
    kap_l_tauUnscaled = kap_l_timeCourse_t
    kap_l_tau = kap_l_tauUnscaled/kap_l_rateScale
    kap_n_q_step = 1 - exp(-dt/kap_n_tau)
    kap_l_q_step = 1 - exp(-dt/kap_l_tau)
}

PROCEDURE kdr_rates(v (mV)) {
    LOCAL temperature, kdr_n_steadyState_K, kdr_n_steadyState_a, kdr_n_steadyState_x, kdr_n_timeCourse_K,
        kdr_n_timeCourse_u, kdr_n_timeCourse_unlimited, kdr_n_timeCourse_t, kdr_n_tauUnscaled, kdr_n_tau
    temperature = celsius + 273.15
    kdr_n_steadyState_K = 96.48/(8.315*(temperature/kdr_n_steadyState_TEMP_SCALE + 0.01))
    kdr_n_steadyState_a = exp(-3*kdr_n_steadyState_K*(v/kdr_n_steadyState_VOLT_SCALE - 13))
    kdr_n_steadyState_x = 1/(1 + kdr_n_steadyState_a)
    kdr_n_inf = kdr_n_steadyState_x
    kdr_n_timeCourse_K = 96.48/(8.315*(temperature/kdr_n_timeCourse_TEMP_SCALE + 0.01))
    kdr_n_timeCourse_u = -3*kdr_n_timeCourse_K*(v/kdr_n_timeCourse_VOLT_SCALE - 13)
    kdr_n_timeCourse_unlimited = kdr_n_timeCourse_TIME_SCALE*exp(0.7*kdr_n_timeCourse_u)/(0.02*(1 + exp(kdr_n_timeCourse_u)))
    if (kdr_n_timeCourse_unlimited < kdr_n_timeCourse_SHORTEST) {
        kdr_n_timeCourse_t = kdr_n_timeCourse_SHORTEST
    } else {
        kdr_n_timeCourse_t = kdr_n_timeCourse_unlimited
    }
    kdr_n_tauUnscaled = kdr_n_timeCourse_t
    kdr_n_tau = kdr_n_tauUnscaled/kdr_n_rateScale
    kdr_n_q_step = 1 - exp(-dt/kdr_n_tau)
}

PROCEDURE km2_rates(v (mV)) {
    LOCAL temperature, km2_m_steadyState_x, km2_m_timeCourse_u
    temperature = celsius + 273.15
    km2_m_steadyState_x = km2_m_steadyState_rate/(1 + exp(0 - (v - km2_m_steadyState_midpoint)/km2_m_steadyState_scale))
    km2_m_inf = km2_m_steadyState_x
    km2_m_timeCourse_u = 0.0378*7*(v/km2_m_timeCourse_VOLT_SCALE + 42)
    km2_m_timeCourse_bell = exp(0.4*km2_m_timeCourse_u)/(1 + exp(km2_m_timeCourse_u))
    km2_m_timeCourse_steady = 1/(1 + exp(0 - (v - km2_m_timeCourse_midpoint)/km2_m_timeCourse_scale))
}

PROCEDURE nas_dend_rates(v (mV)) {
    LOCAL temperature, nas_dend_m_forwardRate_x, nas_dend_m_forwardRate_r, nas_dend_m_alpha,
        nas_dend_m_reverseRate_x, nas_dend_m_reverseRate_r, nas_dend_m_beta, nas_dend_m_timeCourse_Qt,
        nas_dend_m_timeCourse_unlimited, nas_dend_m_timeCourse_t, nas_dend_m_tauUnscaled, nas_dend_m_tau,
        nas_dend_h_steadyState_x, nas_dend_h_forwardRate_x, nas_dend_h_forwardRate_r, nas_dend_h_alpha,
        nas_dend_h_reverseRate_x, nas_dend_h_reverseRate_r, nas_dend_h_beta, nas_dend_h_timeCourse_Qt,
        nas_dend_h_timeCourse_unlimited, nas_dend_h_timeCourse_t, nas_dend_h_tauUnscaled, nas_dend_h_tau,
        nas_dend_s_steadyState_c, nas_dend_s_steadyState_x, nas_dend_s_timeCourse_K, nas_dend_s_timeCourse_u,
        nas_dend_s_timeCourse_unlimited, nas_dend_s_timeCourse_t, nas_dend_s_tauUnscaled, nas_dend_s_tau
    temperature = celsius + 273.15
    nas_dend_m_forwardRate_x = (v - nas_dend_m_forwardRate_midpoint)/nas_dend_m_forwardRate_scale
    if (fabs(nas_dend_m_forwardRate_x) > 1e-5) {
        nas_dend_m_forwardRate_r = nas_dend_m_forwardRate_rate*nas_dend_m_forwardRate_x/(1 - exp(0 - nas_dend_m_forwardRate_x))
    } else {
        nas_dend_m_forwardRate_r = nas_dend_m_forwardRate_rate*(1 + nas_dend_m_forwardRate_x/2)
    }
    nas_dend_m_alpha = nas_dend_m_forwardRate_r
    nas_dend_m_reverseRate_x = (v - nas_dend_m_reverseRate_midpoint)/nas_dend_m_reverseRate_scale
    if (fabs(nas_dend_m_reverseRate_x) > 1e-5) {
        nas_dend_m_reverseRate_r = nas_dend_m_reverseRate_rate*nas_dend_m_reverseRate_x/(1 - exp(0 - nas_dend_m_reverseRate_x))
    } else {
        nas_dend_m_reverseRate_r = nas_dend_m_reverseRate_rate*(1 + nas_dend_m_reverseRate_x/2)
    }
    nas_dend_m_beta = nas_dend_m_reverseRate_r
    nas_dend_m_inf = nas_dend_m_alpha/(nas_dend_m_alpha + nas_dend_m_beta)
    nas_dend_m_timeCourse_Qt = nas_dend_m_timeCourse_Q10 ^((temperature - nas_dend_m_timeCourse_MEASURED_AT)/nas_dend_m_timeCourse_TEN_DEGREES)
    nas_dend_m_timeCourse_unlimited = 1/((nas_dend_m_alpha + nas_dend_m_beta)*nas_dend_m_timeCourse_Qt)
    if (nas_dend_m_timeCourse_unlimited < nas_dend_m_timeCourse_SHORTEST) {
        nas_dend_m_timeCourse_t = nas_dend_m_timeCourse_SHORTEST
    } else {
        nas_dend_m_timeCourse_t = nas_dend_m_timeCourse_unlimited
    }
    nas_dend_m_tauUnscaled = nas_dend_m_timeCourse_t
    nas_dend_m_tau = nas_dend_m_tauUnscaled/nas_dend_m_rateScale
    nas_dend_h_steadyState_x = nas_dend_h_steadyState_rate/(1 + exp(0 - (v - nas_dend_h_steadyState_midpoint)/nas_dend_h_steadyState_scale))
    nas_dend_h_inf = nas_dend_h_steadyState_x
    nas_dend_h_forwardRate_x = (v - nas_dend_h_forwardRate_midpoint)/nas_dend_h_forwardRate_scale
    if (fabs(nas_dend_h_forwardRate_x) > 1e-5) {
        nas_dend_h_forwardRate_r = nas_dend_h_forwardRate_rate*nas_dend_h_forwardRate_x/(1 - exp(0 - nas_dend_h_forwardRate_x))
    } else {
        nas_dend_h_forwardRate_r = nas_dend_h_forwardRate_rate*(1 + nas_dend_h_forwardRate_x/2)
    }
    nas_dend_h_alpha = nas_dend_h_forwardRate_r
    nas_dend_h_reverseRate_x = (v - nas_dend_h_reverseRate_midpoint)/nas_dend_h_reverseRate_scale
    if (fabs(nas_dend_h_reverseRate_x) > 1e-5) {
        nas_dend_h_reverseRate_r = nas_dend_h_reverseRate_rate*nas_dend_h_reverseRate_x/(1 - exp(0 - nas_dend_h_reverseRate_x))
    } else {
        nas_dend_h_reverseRate_r = nas_dend_h_reverseRate_rate*(1 + nas_dend_h_reverseRate_x/2)
    }
    nas_dend_h_beta = nas_dend_h_reverseRate_r
    nas_dend_h_timeCourse_Qt = nas_dend_h_timeCourse_Q10 ^((temperature - nas_dend_h_timeCourse_MEASURED_AT)/nas_dend_h_timeCourse_TEN_DEGREES)
    nas_dend_h_timeCourse_unlimited = 1/((nas_dend_h_alpha + nas_dend_h_beta)*nas_dend_h_timeCourse_Qt)
    if (nas_dend_h_timeCourse_unlimited < nas_dend_h_timeCourse_SHORTEST) {
        nas_dend_h_timeCourse_t = nas_dend_h_timeCourse_SHORTEST
    } else {
        nas_dend_h_timeCourse_t = nas_dend_h_timeCourse_unlimited
    }
    nas_dend_h_tauUnscaled = nas_dend_h_timeCourse_t
    nas_dend_h_tau = nas_dend_h_tauUnscaled/nas_dend_h_rateScale
    nas_dend_s_steadyState_c = 1/(1 + exp(0 - (v - nas_dend_s_steadyState_midpoint)/nas_dend_s_steadyState_scale))
    nas_dend_s_steadyState_x = nas_dend_s_steadyState_c + nas_dend_s_steadyState_rate*(1 - nas_dend_s_steadyState_c)
    nas_dend_s_inf = nas_dend_s_steadyState_x
    nas_dend_s_timeCourse_K = 96.48/(8.315*(temperature/nas_dend_s_timeCourse_TEMP_SCALE + 0.01))
    nas_dend_s_timeCourse_u = nas_dend_s_timeCourse_ZETA*nas_dend_s_timeCourse_K*(v - nas_dend_s_timeCourse_midpoint)/nas_dend_s_timeCourse_VOLT_SCALE
    nas_dend_s_timeCourse_unlimited = nas_dend_s_timeCourse_TIME_SCALE*exp(nas_dend_s_timeCourse_GAMMA*nas_dend_s_timeCourse_u)/(nas_dend_s_timeCourse_A0*(1 + exp(nas_dend_s_timeCourse_u)))
    if (nas_dend_s_timeCourse_unlimited < nas_dend_s_timeCourse_SHORTEST) {
        nas_dend_s_timeCourse_t = nas_dend_s_timeCourse_SHORTEST
    } else {
        nas_dend_s_timeCourse_t = nas_dend_s_timeCourse_unlimited
    }
    nas_dend_s_tauUnscaled = nas_dend_s_timeCourse_t
    nas_dend_s_tau = nas_dend_s_tauUnscaled/nas_dend_s_rateScale
    nas_dend_m_q_step = 1 - exp(-dt/nas_dend_m_tau)
    nas_dend_h_q_step = 1 - exp(-dt/nas_dend_h_tau)
    nas_dend_s_q_step = 1 - exp(-dt/nas_dend_s_tau)
}

PROCEDURE nas_soma_rates(v (mV)) {
    LOCAL temperature, nas_soma_m_forwardRate_x, nas_soma_m_forwardRate_r, nas_soma_m_alpha,
        nas_soma_m_reverseRate_x, nas_soma_m_reverseRate_r, nas_soma_m_beta, nas_soma_m_timeCourse_Qt,
        nas_soma_m_timeCourse_unlimited, nas_soma_m_timeCourse_t, nas_soma_m_tauUnscaled, nas_soma_m_tau,
        nas_soma_h_steadyState_x, nas_soma_h_forwardRate_x, nas_soma_h_forwardRate_r, nas_soma_h_alpha,
        nas_soma_h_reverseRate_x, nas_soma_h_reverseRate_r, nas_soma_h_beta, nas_soma_h_timeCourse_Qt,
        nas_soma_h_timeCourse_unlimited, nas_soma_h_timeCourse_t, nas_soma_h_tauUnscaled, nas_soma_h_tau,
        nas_soma_s_steadyState_c, nas_soma_s_steadyState_x, nas_soma_s_timeCourse_K, nas_soma_s_timeCourse_u,
        nas_soma_s_timeCourse_unlimited, nas_soma_s_timeCourse_t, nas_soma_s_tauUnscaled, nas_soma_s_tau
    temperature = celsius + 273.15
    nas_soma_m_forwardRate_x = (v - nas_soma_m_forwardRate_midpoint)/nas_soma_m_forwardRate_scale
    if (fabs(nas_soma_m_forwardRate_x) > 1e-5) {
        nas_soma_m_forwardRate_r = nas_soma_m_forwardRate_rate*nas_soma_m_forwardRate_x/(1 - exp(0 - nas_soma_m_forwardRate_x))
    } else {
        nas_soma_m_forwardRate_r = nas_soma_m_forwardRate_rate*(1 + nas_soma_m_forwardRate_x/2)
    }
    nas_soma_m_alpha = nas_soma_m_forwardRate_r
    nas_soma_m_reverseRate_x = (v - nas_soma_m_reverseRate_midpoint)/nas_soma_m_reverseRate_scale
    if (fabs(nas_soma_m_reverseRate_x) > 1e-5) {
        nas_soma_m_reverseRate_r = nas_soma_m_reverseRate_rate*nas_soma_m_reverseRate_x/(1 - exp(0 - nas_soma_m_reverseRate_x))
    } else {
        nas_soma_m_reverseRate_r = nas_soma_m_reverseRate_rate*(1 + nas_soma_m_reverseRate_x/2)
    }
    nas_soma_m_beta = nas_soma_m_reverseRate_r
    nas_soma_m_inf = nas_soma_m_alpha/(nas_soma_m_alpha + nas_soma_m_beta)
    nas_soma_m_timeCourse_Qt = nas_soma_m_timeCourse_Q10 ^((temperature - nas_soma_m_timeCourse_MEASURED_AT)/nas_soma_m_timeCourse_TEN_DEGREES)
    nas_soma_m_timeCourse_unlimited = 1/((nas_soma_m_alpha + nas_soma_m_beta)*nas_soma_m_timeCourse_Qt)
    if (nas_soma_m_timeCourse_unlimited < nas_soma_m_timeCourse_SHORTEST) {
        nas_soma_m_timeCourse_t = nas_soma_m_timeCourse_SHORTEST
    } else {
        nas_soma_m_timeCourse_t = nas_soma_m_timeCourse_unlimited
    }
    nas_soma_m_tauUnscaled = nas_soma_m_timeCourse_t
    nas_soma_m_tau = nas_soma_m_tauUnscaled/nas_soma_m_rateScale
    nas_soma_h_steadyState_x = nas_soma_h_steadyState_rate/(1 + exp(0 - (v - nas_soma_h_steadyState_midpoint)/nas_soma_h_steadyState_scale))
    nas_soma_h_inf = nas_soma_h_steadyState_x
    nas_soma_h_forwardRate_x = (v - nas_soma_h_forwardRate_midpoint)/nas_soma_h_forwardRate_scale
    if (fabs(nas_soma_h_forwardRate_x) > 1e-5) {
        nas_soma_h_forwardRate_r = nas_soma_h_forwardRate_rate*nas_soma_h_forwardRate_x/(1 - exp(0 - nas_soma_h_forwardRate_x))
    } else {
        nas_soma_h_forwardRate_r = nas_soma_h_forwardRate_rate*(1 + nas_soma_h_forwardRate_x/2)
    }
    nas_soma_h_alpha = nas_soma_h_forwardRate_r
    nas_soma_h_reverseRate_x = (v - nas_soma_h_reverseRate_midpoint)/nas_soma_h_reverseRate_scale
    if (fabs(nas_soma_h_reverseRate_x) > 1e-5) {
        nas_soma_h_reverseRate_r = nas_soma_h_reverseRate_rate*nas_soma_h_reverseRate_x/(1 - exp(0 - nas_soma_h_reverseRate_x))
    } else {
        nas_soma_h_reverseRate_r = nas_soma_h_reverseRate_rate*(1 + nas_soma_h_reverseRate_x/2)
    }
    nas_soma_h_beta = nas_soma_h_reverseRate_r
    nas_soma_h_timeCourse_Qt = nas_soma_h_timeCourse_Q10 ^((temperature - nas_soma_h_timeCourse_MEASURED_AT)/nas_soma_h_timeCourse_TEN_DEGREES)
    nas_soma_h_timeCourse_unlimited = 1/((nas_soma_h_alpha + nas_soma_h_beta)*nas_soma_h_timeCourse_Qt)
    if (nas_soma_h_timeCourse_unlimited < nas_soma_h_timeCourse_SHORTEST) {
        nas_soma_h_timeCourse_t = nas_soma_h_timeCourse_SHORTEST
    } else {
        nas_soma_h_timeCourse_t = nas_soma_h_timeCourse_unlimited
    }
    nas_soma_h_tauUnscaled = nas_soma_h_timeCourse_t
    nas_soma_h_tau = nas_soma_h_tauUnscaled/nas_soma_h_rateScale
    nas_soma_s_steadyState_c = 1/(1 + exp(0 - (v - nas_soma_s_steadyState_midpoint)/nas_soma_s_steadyState_scale))
    nas_soma_s_steadyState_x = nas_soma_s_steadyState_c + nas_soma_s_steadyState_rate*(1 - nas_soma_s_steadyState_c)
    nas_soma_s_inf = nas_soma_s_steadyState_x
    nas_soma_s_timeCourse_K = 96.48/(8.315*(temperature/nas_soma_s_timeCourse_TEMP_SCALE + 0.01))
    nas_soma_s_timeCourse_u = nas_soma_s_timeCourse_ZETA*nas_soma_s_timeCourse_K*(v - nas_soma_s_timeCourse_midpoint)/nas_soma_s_timeCourse_VOLT_SCALE
    nas_soma_s_timeCourse_unlimited = nas_soma_s_timeCourse_TIME_SCALE*exp(nas_soma_s_timeCourse_GAMMA*nas_soma_s_timeCourse_u)/(nas_soma_s_timeCourse_A0*(1 + exp(nas_soma_s_timeCourse_u)))
    if (nas_soma_s_timeCourse_unlimited < nas_soma_s_timeCourse_SHORTEST) {
        nas_soma_s_timeCourse_t = nas_soma_s_timeCourse_SHORTEST
    } else {
        nas_soma_s_timeCourse_t = nas_soma_s_timeCourse_unlimited
    }
    nas_soma_s_tauUnscaled = nas_soma_s_timeCourse_t
    nas_soma_s_tau = nas_soma_s_tauUnscaled/nas_soma_s_rateScale
    nas_soma_m_q_step = 1 - exp(-dt/nas_soma_m_tau)
    nas_soma_h_q_step = 1 - exp(-dt/nas_soma_h_tau)
    nas_soma_s_q_step = 1 - exp(-dt/nas_soma_s_tau)
}

PROCEDURE nax_rates(v (mV)) {
    LOCAL temperature, nax_m_forwardRate_x, nax_m_forwardRate_r, nax_m_alpha, nax_m_reverseRate_x,
        nax_m_reverseRate_r, nax_m_beta, nax_m_timeCourse_Qt, nax_m_timeCourse_unlimited, nax_m_timeCourse_t,
        nax_m_tauUnscaled, nax_m_tau, nax_h_steadyState_x, nax_h_forwardRate_x, nax_h_forwardRate_r, nax_h_alpha,
        nax_h_reverseRate_x, nax_h_reverseRate_r, nax_h_beta, nax_h_timeCourse_Qt, nax_h_timeCourse_unlimited,
        nax_h_timeCourse_t, nax_h_tauUnscaled, nax_h_tau
    temperature = celsius + 273.15
    nax_m_forwardRate_x = (v - nax_m_forwardRate_midpoint)/nax_m_forwardRate_scale
    if (fabs(nax_m_forwardRate_x) > 1e-5) {
        nax_m_forwardRate_r = nax_m_forwardRate_rate*nax_m_forwardRate_x/(1 - exp(0 - nax_m_forwardRate_x))
    } else {
        nax_m_forwardRate_r = nax_m_forwardRate_rate*(1 + nax_m_forwardRate_x/2)
    }
    nax_m_alpha = nax_m_forwardRate_r
    nax_m_reverseRate_x = (v - nax_m_reverseRate_midpoint)/nax_m_reverseRate_scale
    if (fabs(nax_m_reverseRate_x) > 1e-5) {
        nax_m_reverseRate_r = nax_m_reverseRate_rate*nax_m_reverseRate_x/(1 - exp(0 - nax_m_reverseRate_x))
    } else {
        nax_m_reverseRate_r = nax_m_reverseRate_rate*(1 + nax_m_reverseRate_x/2)
    }
    nax_m_beta = nax_m_reverseRate_r
    nax_m_inf = nax_m_alpha/(nax_m_alpha + nax_m_beta)
    nax_m_timeCourse_Qt = nax_m_timeCourse_Q10 ^((temperature - nax_m_timeCourse_MEASURED_AT)/nax_m_timeCourse_TEN_DEGREES)
    nax_m_timeCourse_unlimited = 1/((nax_m_alpha + nax_m_beta)*nax_m_timeCourse_Qt)
    if (nax_m_timeCourse_unlimited < nax_m_timeCourse_SHORTEST) {
        nax_m_timeCourse_t = nax_m_timeCourse_SHORTEST
    } else {
        nax_m_timeCourse_t = nax_m_timeCourse_unlimited
    }
    nax_m_tauUnscaled = nax_m_timeCourse_t
    nax_m_tau = nax_m_tauUnscaled/nax_m_rateScale
    nax_h_steadyState_x = nax_h_steadyState_rate/(1 + exp(0 - (v - nax_h_steadyState_midpoint)/nax_h_steadyState_scale))
    nax_h_inf = nax_h_steadyState_x
    nax_h_forwardRate_x = (v - nax_h_forwardRate_midpoint)/nax_h_forwardRate_scale
    if (fabs(nax_h_forwardRate_x) > 1e-5) {
        nax_h_forwardRate_r = nax_h_forwardRate_rate*nax_h_forwardRate_x/(1 - exp(0 - nax_h_forwardRate_x))
    } else {
        nax_h_forwardRate_r = nax_h_forwardRate_rate*(1 + nax_h_forwardRate_x/2)
    }
    nax_h_alpha = nax_h_forwardRate_r
    nax_h_reverseRate_x = (v - nax_h_reverseRate_midpoint)/nax_h_reverseRate_scale
    if (fabs(nax_h_reverseRate_x) > 1e-5) {
        nax_h_reverseRate_r = nax_h_reverseRate_rate*nax_h_reverseRate_x/(1 - exp(0 - nax_h_reverseRate_x))
    } else {
        nax_h_reverseRate_r = nax_h_reverseRate_rate*(1 + nax_h_reverseRate_x/2)
    }
    nax_h_beta = nax_h_reverseRate_r
    nax_h_timeCourse_Qt = nax_h_timeCourse_Q10 ^((temperature - nax_h_timeCourse_MEASURED_AT)/nax_h_timeCourse_TEN_DEGREES)
    nax_h_timeCourse_unlimited = 1/((nax_h_alpha + nax_h_beta)*nax_h_timeCourse_Qt)
    if (nax_h_timeCourse_unlimited < nax_h_timeCourse_SHORTEST) {
        nax_h_timeCourse_t = nax_h_timeCourse_SHORTEST
    } else {
        nax_h_timeCourse_t = nax_h_timeCourse_unlimited
    }
    nax_h_tauUnscaled = nax_h_timeCourse_t
    nax_h_tau = nax_h_tauUnscaled/nax_h_rateScale
    nax_m_q_step = 1 - exp(-dt/nax_m_tau)
    nax_h_q_step = 1 - exp(-dt/nax_h_tau)
}

PROCEDURE nax_ais_rates(v (mV)) {
    LOCAL temperature, nax_ais_m_forwardRate_x, nax_ais_m_forwardRate_r, nax_ais_m_alpha, nax_ais_m_reverseRate_x,
        nax_ais_m_reverseRate_r, nax_ais_m_beta, nax_ais_m_timeCourse_Qt, nax_ais_m_timeCourse_unlimited,
        nax_ais_m_timeCourse_t, nax_ais_m_tauUnscaled, nax_ais_m_tau, nax_ais_h_steadyState_x,
        nax_ais_h_forwardRate_x, nax_ais_h_forwardRate_r, nax_ais_h_alpha, nax_ais_h_reverseRate_x,
        nax_ais_h_reverseRate_r, nax_ais_h_beta, nax_ais_h_timeCourse_Qt, nax_ais_h_timeCourse_unlimited,
        nax_ais_h_timeCourse_t, nax_ais_h_tauUnscaled, nax_ais_h_tau
    temperature = celsius + 273.15
    nax_ais_m_forwardRate_x = (v - nax_ais_m_forwardRate_midpoint)/nax_ais_m_forwardRate_scale
    if (fabs(nax_ais_m_forwardRate_x) > 1e-5) {
        nax_ais_m_forwardRate_r = nax_ais_m_forwardRate_rate*nax_ais_m_forwardRate_x/(1 - exp(0 - nax_ais_m_forwardRate_x))
    } else {
        nax_ais_m_forwardRate_r = nax_ais_m_forwardRate_rate*(1 + nax_ais_m_forwardRate_x/2)
    }
    nax_ais_m_alpha = nax_ais_m_forwardRate_r
    nax_ais_m_reverseRate_x = (v - nax_ais_m_reverseRate_midpoint)/nax_ais_m_reverseRate_scale
    if (fabs(nax_ais_m_reverseRate_x) > 1e-5) {
        nax_ais_m_reverseRate_r = nax_ais_m_reverseRate_rate*nax_ais_m_reverseRate_x/(1 - exp(0 - nax_ais_m_reverseRate_x))
    } else {
        nax_ais_m_reverseRate_r = nax_ais_m_reverseRate_rate*(1 + nax_ais_m_reverseRate_x/2)
    }
    nax_ais_m_beta = nax_ais_m_reverseRate_r
    nax_ais_m_inf = nax_ais_m_alpha/(nax_ais_m_alpha + nax_ais_m_beta)
    nax_ais_m_timeCourse_Qt = nax_ais_m_timeCourse_Q10 ^((temperature - nax_ais_m_timeCourse_MEASURED_AT)/nax_ais_m_timeCourse_TEN_DEGREES)
    nax_ais_m_timeCourse_unlimited = 1/((nax_ais_m_alpha + nax_ais_m_beta)*nax_ais_m_timeCourse_Qt)
    if (nax_ais_m_timeCourse_unlimited < nax_ais_m_timeCourse_SHORTEST) {
        nax_ais_m_timeCourse_t = nax_ais_m_timeCourse_SHORTEST
    } else {
        nax_ais_m_timeCourse_t = nax_ais_m_timeCourse_unlimited
    }
    nax_ais_m_tauUnscaled = nax_ais_m_timeCourse_t
    nax_ais_m_tau = nax_ais_m_tauUnscaled/nax_ais_m_rateScale
    nax_ais_h_steadyState_x = nax_ais_h_steadyState_rate/(1 + exp(0 - (v - nax_ais_h_steadyState_midpoint)/nax_ais_h_steadyState_scale))
    nax_ais_h_inf = nax_ais_h_steadyState_x
    nax_ais_h_forwardRate_x = (v - nax_ais_h_forwardRate_midpoint)/nax_ais_h_forwardRate_scale
    if (fabs(nax_ais_h_forwardRate_x) > 1e-5) {
        nax_ais_h_forwardRate_r = nax_ais_h_forwardRate_rate*nax_ais_h_forwardRate_x/(1 - exp(0 - nax_ais_h_forwardRate_x))
    } else {
        nax_ais_h_forwardRate_r = nax_ais_h_forwardRate_rate*(1 + nax_ais_h_forwardRate_x/2)
    }
    nax_ais_h_alpha = nax_ais_h_forwardRate_r
    nax_ais_h_reverseRate_x = (v - nax_ais_h_reverseRate_midpoint)/nax_ais_h_reverseRate_scale
    if (fabs(nax_ais_h_reverseRate_x) > 1e-5) {
        nax_ais_h_reverseRate_r = nax_ais_h_reverseRate_rate*nax_ais_h_reverseRate_x/(1 - exp(0 - nax_ais_h_reverseRate_x))
    } else {
        nax_ais_h_reverseRate_r = nax_ais_h_reverseRate_rate*(1 + nax_ais_h_reverseRate_x/2)
    }
    nax_ais_h_beta = nax_ais_h_reverseRate_r
    nax_ais_h_timeCourse_Qt = nax_ais_h_timeCourse_Q10 ^((temperature - nax_ais_h_timeCourse_MEASURED_AT)/nax_ais_h_timeCourse_TEN_DEGREES)
    nax_ais_h_timeCourse_unlimited = 1/((nax_ais_h_alpha + nax_ais_h_beta)*nax_ais_h_timeCourse_Qt)
    if (nax_ais_h_timeCourse_unlimited < nax_ais_h_timeCourse_SHORTEST) {
        nax_ais_h_timeCourse_t = nax_ais_h_timeCourse_SHORTEST
    } else {
        nax_ais_h_timeCourse_t = nax_ais_h_timeCourse_unlimited
    }
    nax_ais_h_tauUnscaled = nax_ais_h_timeCourse_t
    nax_ais_h_tau = nax_ais_h_tauUnscaled/nax_ais_h_rateScale
    nax_ais_m_q_step = 1 - exp(-dt/nax_ais_m_tau)
    nax_ais_h_q_step = 1 - exp(-dt/nax_ais_h_tau)
}
