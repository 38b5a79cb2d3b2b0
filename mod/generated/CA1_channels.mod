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
        gmax_nas_soma, gmax_nax, gmax_nax_ais, g_leak, e_leak
    GLOBAL h_dist_l_inf, h_dist_l_q_step, h_prox_l_inf, h_prox_l_q_step, kad_n_inf, kad_l_inf, kad_n_q_step,
        kad_l_q_step, kap_n_inf, kap_l_inf, kap_n_q_step, kap_l_q_step, kdr_n_inf, kdr_n_q_step, km2_m_inf,
        km2_m_q_step, km2_m_q_step_below, nas_dend_m_inf, nas_dend_h_inf, nas_dend_s_inf, nas_dend_m_q_step,
        nas_dend_h_q_step, nas_dend_s_q_step, nas_soma_m_inf, nas_soma_h_inf, nas_soma_s_inf, nas_soma_m_q_step,
        nas_soma_h_q_step, nas_soma_s_q_step, nax_m_inf, nax_h_inf, nax_m_q_step, nax_h_q_step, nax_ais_m_inf,
        nax_ais_h_inf, nax_ais_m_q_step, nax_ais_h_q_step
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
    g_leak = 0 (S/cm2)
    e_leak = 0 (mV)
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
    nas_dend_m_timeCourse_SLOWEST = 1e-30 (kHz)
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
    nas_dend_h_timeCourse_SLOWEST = 1e-30 (kHz)
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
    nas_soma_m_timeCourse_SLOWEST = 1e-30 (kHz)
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
    nas_soma_h_timeCourse_SLOWEST = 1e-30 (kHz)
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
    nax_m_timeCourse_SLOWEST = 1e-30 (kHz)
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
    nax_h_timeCourse_SLOWEST = 1e-30 (kHz)
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
    nax_ais_m_timeCourse_SLOWEST = 1e-30 (kHz)
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
    nax_ais_h_timeCourse_SLOWEST = 1e-30 (kHz)
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
    km2_m_q_step
    km2_m_q_step_below
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
    gate[8]
    further_gate[16]
    present
    g_k (S/cm2)
    g_na (S/cm2)
    g_other (S/cm2)
    ge_other (mA/cm2)
}

INCLUDE "stepping.inc"

VERBATIM
#include <algorithm>

namespace {

enum Channel {  // a segment's gates stand in the order of its channels
    h_dist,  // gates l
    h_prox,  // gates l
    kad,  // gates n, l
    kap,  // gates n, l
    kdr,  // gates n
    km2,  // gates m
    nas_dend,  // gates m, h, s
    nas_soma,  // gates m, h, s
    nax,  // gates m, h
    nax_ais,  // gates m, h
    n_channels
};
constexpr char const* channel_names[] = {"h_dist", "h_prox", "kad", "kap", "kdr", "km2", "nas_dend", "nas_soma", "nax", "nax_ais"};
constexpr int n_gates_of[] = {1, 1, 2, 2, 1, 1, 3, 3, 2, 2};
/* Three where a factor below the steady state is another than above. */
constexpr int n_blocks_of[] = {2, 2, 2, 2, 2, 3, 2, 2, 2, 2};
constexpr int n_ions = 2, n_near = 8, n_far = 16;

constexpr char const* ion_names[] = {"k_ion", "na_ion"};

/* Where the tables begin and end, and how fine they are. */
constexpr double table_start_mV = -150, rows_per_mV = 100;
constexpr int last_row = 25000;

/* Where a thread's segments have their variables. */
struct Columns {
    double *gates, *further, *bits, *leak, *leak_reversal, *nonspecific, *other, *e_other;
    double *of_ion[n_ions], *gmax[n_channels], *reversal[n_channels];

    explicit Columns(_nrn_mechanism_cache_range& range) {
        gates = range.data_array_ptr<gate_columnindex, n_near>();
        further = range.data_array_ptr<further_gate_columnindex, n_far>();
        bits = range.fpfield_ptr<present_columnindex>();
        leak = range.fpfield_ptr<g_leak_columnindex>();
        leak_reversal = range.fpfield_ptr<e_leak_columnindex>();
        nonspecific = range.fpfield_ptr<i_columnindex>();
        other = range.fpfield_ptr<g_other_columnindex>();
        e_other = range.fpfield_ptr<ge_other_columnindex>();
        of_ion[0] = range.fpfield_ptr<g_k_columnindex>();
        of_ion[1] = range.fpfield_ptr<g_na_columnindex>();
        gmax[h_dist] = range.fpfield_ptr<gmax_h_dist_columnindex>();
        reversal[h_dist] = range.fpfield_ptr<e_h_dist_columnindex>();
        gmax[h_prox] = range.fpfield_ptr<gmax_h_prox_columnindex>();
        reversal[h_prox] = range.fpfield_ptr<e_h_prox_columnindex>();
        gmax[kad] = range.fpfield_ptr<gmax_kad_columnindex>();
        gmax[kap] = range.fpfield_ptr<gmax_kap_columnindex>();
        gmax[kdr] = range.fpfield_ptr<gmax_kdr_columnindex>();
        gmax[km2] = range.fpfield_ptr<gmax_km2_columnindex>();
        gmax[nas_dend] = range.fpfield_ptr<gmax_nas_dend_columnindex>();
        gmax[nas_soma] = range.fpfield_ptr<gmax_nas_soma_columnindex>();
        gmax[nax] = range.fpfield_ptr<gmax_nax_columnindex>();
        gmax[nax_ais] = range.fpfield_ptr<gmax_nax_ais_columnindex>();
    }
};

/* Where a segment's ion has its variables. */
struct OfIon {
    double *reversal, *current, *slope;
};

OfIon of_ion(int ion, _nrn_mechanism_cache_range* _ml, std::size_t _iml) {
    switch (ion) {
    case 0:
        return {&_ion_ek, &_ion_ik, &_ion_dikdv};
    case 1:
        return {&_ion_ena, &_ion_ina, &_ion_dinadv};
    }
    return {};
}

/* Conductances of a segment: of each ion, and of what belongs to none, times reversal potential too (mA/cm2). */
struct Conductances {
    double of_ion[n_ions]{}, other, e_other;

    Conductances(Columns const& at, int segment)
        : other(at.leak[segment]), e_other(at.leak[segment]*at.leak_reversal[segment]) {}

    INLINED void keep(Columns const& at, int segment) const {
        for (int ion = 0; ion < n_ions; ++ion) {
            at.of_ion[ion][segment] = of_ion[ion];
        }
        at.other[segment] = other;
        at.e_other[segment] = e_other;
    }
};

/* Adds a channel's conductance; its gates begin at q. */
template <int channel>
void conduct(Columns const& at, int segment, double const* q, Conductances& sum);
template <>
INLINED void conduct<h_dist>(Columns const& at, int segment, double const* q, Conductances& sum) {
    double const h_dist_l_fcond = q[0];
    double const h_dist_fopen0 = h_dist_l_fcond;
    double const h_dist_fopen = h_dist_conductanceScale*h_dist_fopen0;
    double const conductance = at.gmax[h_dist][segment]*h_dist_fopen;
    sum.other += conductance;
    sum.e_other += conductance*at.reversal[h_dist][segment];
}

template <>
INLINED void conduct<h_prox>(Columns const& at, int segment, double const* q, Conductances& sum) {
    double const h_prox_l_fcond = q[0];
    double const h_prox_fopen0 = h_prox_l_fcond;
    double const h_prox_fopen = h_prox_conductanceScale*h_prox_fopen0;
    double const conductance = at.gmax[h_prox][segment]*h_prox_fopen;
    sum.other += conductance;
    sum.e_other += conductance*at.reversal[h_prox][segment];
}

template <>
INLINED void conduct<kad>(Columns const& at, int segment, double const* q, Conductances& sum) {
    double const kad_l_fcond = q[1];
    double const kad_n_fcond = q[0];
    double const kad_fopen0 = kad_n_fcond*kad_l_fcond;
    double const kad_fopen = kad_conductanceScale*kad_fopen0;
    sum.of_ion[0] += at.gmax[kad][segment]*kad_fopen;
}

template <>
INLINED void conduct<kap>(Columns const& at, int segment, double const* q, Conductances& sum) {
    double const kap_l_fcond = q[1];
    double const kap_n_fcond = q[0];
    double const kap_fopen0 = kap_n_fcond*kap_l_fcond;
    double const kap_fopen = kap_conductanceScale*kap_fopen0;
    sum.of_ion[0] += at.gmax[kap][segment]*kap_fopen;
}

template <>
INLINED void conduct<kdr>(Columns const& at, int segment, double const* q, Conductances& sum) {
    double const kdr_n_fcond = q[0];
    double const kdr_fopen0 = kdr_n_fcond;
    double const kdr_fopen = kdr_conductanceScale*kdr_fopen0;
    sum.of_ion[0] += at.gmax[kdr][segment]*kdr_fopen;
}

template <>
INLINED void conduct<km2>(Columns const& at, int segment, double const* q, Conductances& sum) {
    double const km2_m_fcond = q[0];
    double const km2_fopen0 = km2_m_fcond;
    double const km2_fopen = km2_conductanceScale*km2_fopen0;
    sum.of_ion[0] += at.gmax[km2][segment]*km2_fopen;
}

template <>
INLINED void conduct<nas_dend>(Columns const& at, int segment, double const* q, Conductances& sum) {
    double const nas_dend_h_fcond = q[1];
    double const nas_dend_m_fcond = q[0]*q[0]*q[0];
    double const nas_dend_s_fcond = q[2];
    double const nas_dend_fopen0 = nas_dend_m_fcond*nas_dend_h_fcond*nas_dend_s_fcond;
    double const nas_dend_fopen = nas_dend_conductanceScale*nas_dend_fopen0;
    sum.of_ion[1] += at.gmax[nas_dend][segment]*nas_dend_fopen;
}

template <>
INLINED void conduct<nas_soma>(Columns const& at, int segment, double const* q, Conductances& sum) {
    double const nas_soma_h_fcond = q[1];
    double const nas_soma_m_fcond = q[0]*q[0]*q[0];
    double const nas_soma_s_fcond = q[2];
    double const nas_soma_fopen0 = nas_soma_m_fcond*nas_soma_h_fcond*nas_soma_s_fcond;
    double const nas_soma_fopen = nas_soma_conductanceScale*nas_soma_fopen0;
    sum.of_ion[1] += at.gmax[nas_soma][segment]*nas_soma_fopen;
}

template <>
INLINED void conduct<nax>(Columns const& at, int segment, double const* q, Conductances& sum) {
    double const nax_h_fcond = q[1];
    double const nax_m_fcond = q[0]*q[0]*q[0];
    double const nax_fopen0 = nax_m_fcond*nax_h_fcond;
    double const nax_fopen = nax_conductanceScale*nax_fopen0;
    sum.of_ion[1] += at.gmax[nax][segment]*nax_fopen;
}

template <>
INLINED void conduct<nax_ais>(Columns const& at, int segment, double const* q, Conductances& sum) {
    double const nax_ais_h_fcond = q[1];
    double const nax_ais_m_fcond = q[0]*q[0]*q[0];
    double const nax_ais_fopen0 = nax_ais_m_fcond*nax_ais_h_fcond;
    double const nax_ais_fopen = nax_ais_conductanceScale*nax_ais_fopen0;
    sum.of_ion[1] += at.gmax[nax_ais][segment]*nax_ais_fopen;
}

/* Adds the conductances of several channels whose gates follow each other. */
template <class List>
INLINED void conduct_all(List const& channels, Columns const& at, int segment, double const* q, Conductances& sum) {
    for (int const channel: channels) {
        switch (channel) {
        case h_dist:
            conduct<h_dist>(at, segment, q, sum);
            break;
        case h_prox:
            conduct<h_prox>(at, segment, q, sum);
            break;
        case kad:
            conduct<kad>(at, segment, q, sum);
            break;
        case kap:
            conduct<kap>(at, segment, q, sum);
            break;
        case kdr:
            conduct<kdr>(at, segment, q, sum);
            break;
        case km2:
            conduct<km2>(at, segment, q, sum);
            break;
        case nas_dend:
            conduct<nas_dend>(at, segment, q, sum);
            break;
        case nas_soma:
            conduct<nas_soma>(at, segment, q, sum);
            break;
        case nax:
            conduct<nax>(at, segment, q, sum);
            break;
        case nax_ais:
            conduct<nax_ais>(at, segment, q, sum);
            break;
        }
        q += n_gates_of[channel];
    }
}

/* What a table holds of a channel's gates: steady states, factors of a step, and those below. */
struct GateRates {
    double steady[3], factor[3], below[3];
};

void evaluate(int channel, double voltage, GateRates& to, _internalthreadargsproto_) {
    switch (channel) {
    case h_dist:
        h_dist_rates(_threadargscomma_ voltage);
        to = {{h_dist_l_inf},
              {h_dist_l_q_step},
              {h_dist_l_q_step}};
        break;
    case h_prox:
        h_prox_rates(_threadargscomma_ voltage);
        to = {{h_prox_l_inf},
              {h_prox_l_q_step},
              {h_prox_l_q_step}};
        break;
    case kad:
        kad_rates(_threadargscomma_ voltage);
        to = {{kad_n_inf, kad_l_inf},
              {kad_n_q_step, kad_l_q_step},
              {kad_n_q_step, kad_l_q_step}};
        break;
    case kap:
        kap_rates(_threadargscomma_ voltage);
        to = {{kap_n_inf, kap_l_inf},
              {kap_n_q_step, kap_l_q_step},
              {kap_n_q_step, kap_l_q_step}};
        break;
    case kdr:
        kdr_rates(_threadargscomma_ voltage);
        to = {{kdr_n_inf},
              {kdr_n_q_step},
              {kdr_n_q_step}};
        break;
    case km2:
        km2_rates(_threadargscomma_ voltage);
        to = {{km2_m_inf},
              {km2_m_q_step},
              {km2_m_q_step_below}};
        break;
    case nas_dend:
        nas_dend_rates(_threadargscomma_ voltage);
        to = {{nas_dend_m_inf, nas_dend_h_inf, nas_dend_s_inf},
              {nas_dend_m_q_step, nas_dend_h_q_step, nas_dend_s_q_step},
              {nas_dend_m_q_step, nas_dend_h_q_step, nas_dend_s_q_step}};
        break;
    case nas_soma:
        nas_soma_rates(_threadargscomma_ voltage);
        to = {{nas_soma_m_inf, nas_soma_h_inf, nas_soma_s_inf},
              {nas_soma_m_q_step, nas_soma_h_q_step, nas_soma_s_q_step},
              {nas_soma_m_q_step, nas_soma_h_q_step, nas_soma_s_q_step}};
        break;
    case nax:
        nax_rates(_threadargscomma_ voltage);
        to = {{nax_m_inf, nax_h_inf},
              {nax_m_q_step, nax_h_q_step},
              {nax_m_q_step, nax_h_q_step}};
        break;
    case nax_ais:
        nax_ais_rates(_threadargscomma_ voltage);
        to = {{nax_ais_m_inf, nax_ais_h_inf},
              {nax_ais_m_q_step, nax_ais_h_q_step},
              {nax_ais_m_q_step, nax_ais_h_q_step}};
        break;
    }
}

/* The channels of the published cell's segments. */
template <int... channels>
struct Published;
template <class... complements>
struct Complements {};
using PublishedComplements = Complements<Published<h_dist, kad, kdr, nas_dend>, Published<h_prox, kap, kdr,
    km2, nas_soma>, Published<h_prox, kap, kdr, nas_dend>, Published<kap, kdr, km2, nax>, Published<kap, kdr,
    km2, nax_ais>>;

}
ENDVERBATIM

INCLUDE "fused_tables.inc"

INCLUDE "ion_start.inc"

INCLUDE "fused_channels.inc"

INITIAL {
    VERBATIM
        if (cvode_active_) {
            hoc_execerror("CA1_channels takes fixed time steps only;", "with CVode use the separate channels");
        }
        step_by_thread(_threadargs_);
        start(v, _threadargs_);
    ENDVERBATIM
}

BREAKPOINT {
    SOLVE advance METHOD after_cvode
    ik = g_k*(v - ek)
    ina = g_na*(v - ena)
    i = g_other*v - ge_other
}

PROCEDURE advance() {
    : so that NEURON knows that there is a step; see step_by_thread
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
    LOCAL temperature, km2_m_steadyState_x, km2_m_timeCourse_u, km2_m_timeCourse_bell, km2_m_timeCourse_steady,
        km2_m_timeCourse_t, km2_m_tauUnscaled, km2_m_tau
    temperature = celsius + 273.15
    km2_m_steadyState_x = km2_m_steadyState_rate/(1 + exp(0 - (v - km2_m_steadyState_midpoint)/km2_m_steadyState_scale))
    km2_m_inf = km2_m_steadyState_x
    km2_m_timeCourse_u = 0.0378*7*(v/km2_m_timeCourse_VOLT_SCALE + 42)
    km2_m_timeCourse_bell = exp(0.4*km2_m_timeCourse_u)/(1 + exp(km2_m_timeCourse_u))
    km2_m_timeCourse_steady = 1/(1 + exp(0 - (v - km2_m_timeCourse_midpoint)/km2_m_timeCourse_scale))
    km2_m_timeCourse_t = km2_m_timeCourse_TIME_SCALE*(60 + km2_m_timeCourse_bell/0.036)
    km2_m_tauUnscaled = km2_m_timeCourse_t
    km2_m_tau = km2_m_tauUnscaled/km2_m_rateScale
    km2_m_q_step_below = 1 - exp(-dt/km2_m_tau)
    km2_m_timeCourse_t = km2_m_timeCourse_TIME_SCALE*(15 + km2_m_timeCourse_bell/0.009)
    km2_m_tauUnscaled = km2_m_timeCourse_t
    km2_m_tau = km2_m_tauUnscaled/km2_m_rateScale
    km2_m_q_step = 1 - exp(-dt/km2_m_tau)
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
    nas_dend_m_timeCourse_unlimited = 1/((nas_dend_m_alpha + nas_dend_m_beta)*nas_dend_m_timeCourse_Qt + nas_dend_m_timeCourse_SLOWEST)
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
    nas_dend_h_timeCourse_unlimited = 1/((nas_dend_h_alpha + nas_dend_h_beta)*nas_dend_h_timeCourse_Qt + nas_dend_h_timeCourse_SLOWEST)
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
    nas_soma_m_timeCourse_unlimited = 1/((nas_soma_m_alpha + nas_soma_m_beta)*nas_soma_m_timeCourse_Qt + nas_soma_m_timeCourse_SLOWEST)
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
    nas_soma_h_timeCourse_unlimited = 1/((nas_soma_h_alpha + nas_soma_h_beta)*nas_soma_h_timeCourse_Qt + nas_soma_h_timeCourse_SLOWEST)
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
    nax_m_timeCourse_unlimited = 1/((nax_m_alpha + nax_m_beta)*nax_m_timeCourse_Qt + nax_m_timeCourse_SLOWEST)
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
    nax_h_timeCourse_unlimited = 1/((nax_h_alpha + nax_h_beta)*nax_h_timeCourse_Qt + nax_h_timeCourse_SLOWEST)
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
    nax_ais_m_timeCourse_unlimited = 1/((nax_ais_m_alpha + nax_ais_m_beta)*nax_ais_m_timeCourse_Qt + nax_ais_m_timeCourse_SLOWEST)
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
    nax_ais_h_timeCourse_unlimited = 1/((nax_ais_h_alpha + nax_ais_h_beta)*nax_ais_h_timeCourse_Qt + nax_ais_h_timeCourse_SLOWEST)
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
