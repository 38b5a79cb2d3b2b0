TITLE clamp_NaV2

COMMENT
    Generated from NeuroML2/LEMS_CA1_clamps.xml by jNeuroML (org.neuroml.export v1.11.0, org.neuroml.model v1.11.0, jLEMS v0.12.0)
    and rewritten by netpyne_model.mechanisms.rewriting, which says why.
    Do not edit: change the NeuroML file and convert again (scripts/convert_mechanisms.py).
ENDCOMMENT

NEURON {
    POINT_PROCESS clamp_NaV2
    NONSPECIFIC_CURRENT i
    RANGE delay, duration, gbase, erev, o_inf, g
    GLOBAL o_steadyState_midpoint_curve_0, o_steadyState_scale_curve_0, o_steadyState_of_C1_C2,
        o_steadyState_midpoint_curve_1, o_steadyState_scale_curve_1, o_steadyState_of_C2_C1,
        o_steadyState_of_C2_C3, o_steadyState_of_C3_C2, o_steadyState_of_C3_C4, o_steadyState_of_C4_C3,
        o_steadyState_of_C4_C5, o_steadyState_of_C5_C4, o_steadyState_C5_O, o_steadyState_O_C5,
        o_steadyState_of_I1_I2, o_steadyState_of_I2_I3, o_steadyState_of_I3_I4, o_steadyState_of_I4_I5,
        o_steadyState_I5_I6, o_steadyState_I6_I5, o_steadyState_C1_I1, o_steadyState_I1_C1, o_steadyState_C2_I2,
        o_steadyState_C3_I3, o_steadyState_O_I6, o_steadyState_I6_O
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
    o_steadyState_midpoint_curve_0 = 0.0 (mV)
    o_steadyState_scale_curve_0 = 21.0 (mV)
    o_steadyState_of_C1_C2 = 2200.0 (kHz)
    o_steadyState_midpoint_curve_1 = 0.0 (mV)
    o_steadyState_scale_curve_1 = -21.0 (mV)
    o_steadyState_of_C2_C1 = 12.0 (kHz)
    o_steadyState_of_C2_C3 = 1650.0 (kHz)
    o_steadyState_of_C3_C2 = 24.0 (kHz)
    o_steadyState_of_C3_C4 = 1100.0 (kHz)
    o_steadyState_of_C4_C3 = 36.0 (kHz)
    o_steadyState_of_C4_C5 = 550.0 (kHz)
    o_steadyState_of_C5_C4 = 48.0 (kHz)
    o_steadyState_C5_O = 250.0 (kHz)
    o_steadyState_O_C5 = 60.0 (kHz)
    o_steadyState_of_I1_I2 = 5522.0 (kHz)
    o_steadyState_of_I2_I3 = 4141.5 (kHz)
    o_steadyState_of_I3_I4 = 2761.0 (kHz)
    o_steadyState_of_I4_I5 = 1380.5 (kHz)
    o_steadyState_I5_I6 = 250.0 (kHz)
    o_steadyState_I6_I5 = 60.0 (kHz)
    o_steadyState_C1_I1 = 0.01 (kHz)
    o_steadyState_I1_C1 = 2.0 (kHz)
    o_steadyState_C2_I2 = 0.0251 (kHz)
    o_steadyState_C3_I3 = 0.063001 (kHz)
    o_steadyState_O_I6 = 8.0 (kHz)
    o_steadyState_I6_O = 0.05 (kHz)
}

CONSTANT {
    o_steadyState_of_I2_I1 = 2.25563909774436 (kHz)
    o_steadyState_of_I3_I2 = 4.51127819548872 (kHz)
    o_steadyState_of_I4_I3 = 6.76691729323308 (kHz)
    o_steadyState_of_I5_I4 = 9.02255639097744 (kHz)
    o_steadyState_I2_C2 = 0.37593984962406 (kHz)
    o_steadyState_I3_C3 = 0.0706653852676805 (kHz)
    o_steadyState_C4_I4 = 0.15813251 (kHz)
    o_steadyState_I4_C4 = 0.013282967155579 (kHz)
    o_steadyState_C5_I5 = 0.3969126001 (kHz)
    o_steadyState_I5_C5 = 0.00249679833751486 (kHz)
}

ASSIGNED {
    v (mV)
    i (nA)
    o_inf
    g (uS)
}

BREAKPOINT {
    LOCAL on, o_q, o_fcond, openPart
    rates(v)
    if (t < delay) {
        on = 0
    } else if (t >= delay + duration) {
        on = 0
    } else {
        on = 1
    }
    o_q = o_inf
    o_fcond = o_q
    openPart = o_fcond
    g = on*gbase*openPart
    i = 0 - (g*(erev - v))
}

PROCEDURE rates(v (mV)) {
    LOCAL o_steadyState_curve_1, o_steadyState_C2_C1, o_steadyState_curve_0, o_steadyState_C1_C2,
        o_steadyState_out_C1, o_steadyState_C3_C2, o_steadyState_I1_C2_by_C1, o_steadyState_I2_I1,
        o_steadyState_I1_I2, o_steadyState_out_I1, o_steadyState_I2_C2_by_I1, o_steadyState_C2_C3,
        o_steadyState_C2_I1_by_C1, o_steadyState_C2_I2_by_I1, o_steadyState_out_C2, o_steadyState_C4_C3,
        o_steadyState_I2_C3_by_C2, o_steadyState_I3_I2, o_steadyState_I2_I3, o_steadyState_out_I2,
        o_steadyState_I3_C3_by_I2, o_steadyState_C3_C4, o_steadyState_C3_I2_by_C2, o_steadyState_C3_I3_by_I2,
        o_steadyState_out_C3, o_steadyState_C5_C4, o_steadyState_I3_C4_by_C3, o_steadyState_I4_I3,
        o_steadyState_I3_I4, o_steadyState_out_I3, o_steadyState_I4_C4_by_I3, o_steadyState_C4_C5,
        o_steadyState_C4_I3_by_C3, o_steadyState_C4_I4_by_I3, o_steadyState_out_C4, o_steadyState_I4_C5_by_C4,
        o_steadyState_I5_I4, o_steadyState_I4_I5, o_steadyState_out_I4, o_steadyState_I5_C5_by_I4,
        o_steadyState_C5_I4_by_C4, o_steadyState_C5_I5_by_I4, o_steadyState_out_C5, o_steadyState_O_I5_by_C5,
        o_steadyState_I5_O_by_C5, o_steadyState_out_I5, o_steadyState_O_I6_by_I5, o_steadyState_I6_O_by_I5,
        o_steadyState_out_I6, o_steadyState_part_I6, o_steadyState_part_I5, o_steadyState_part_C5,
        o_steadyState_part_I4, o_steadyState_part_C4, o_steadyState_part_I3, o_steadyState_part_C3,
        o_steadyState_part_I2, o_steadyState_part_C2, o_steadyState_part_I1, o_steadyState_part_C1,
        o_steadyState_x
    o_steadyState_curve_1 = exp((v - o_steadyState_midpoint_curve_1)/o_steadyState_scale_curve_1)
    o_steadyState_C2_C1 = o_steadyState_of_C2_C1*o_steadyState_curve_1
    o_steadyState_curve_0 = exp((v - o_steadyState_midpoint_curve_0)/o_steadyState_scale_curve_0)
    o_steadyState_C1_C2 = o_steadyState_of_C1_C2*o_steadyState_curve_0
    o_steadyState_out_C1 = o_steadyState_C1_I1 + o_steadyState_C1_C2
    o_steadyState_C3_C2 = o_steadyState_of_C3_C2*o_steadyState_curve_1
    o_steadyState_I1_C2_by_C1 = o_steadyState_I1_C1*o_steadyState_C1_C2/o_steadyState_out_C1
    o_steadyState_I2_I1 = o_steadyState_of_I2_I1*o_steadyState_curve_1
    o_steadyState_I1_I2 = o_steadyState_of_I1_I2*o_steadyState_curve_0
    o_steadyState_out_I1 = o_steadyState_I1_C2_by_C1 + o_steadyState_I1_I2
    o_steadyState_I2_C2_by_I1 = o_steadyState_I2_C2 + o_steadyState_I2_I1*o_steadyState_I1_C2_by_C1/o_steadyState_out_I1
    o_steadyState_C2_C3 = o_steadyState_of_C2_C3*o_steadyState_curve_0
    o_steadyState_C2_I1_by_C1 = o_steadyState_C2_C1*o_steadyState_C1_I1/o_steadyState_out_C1
    o_steadyState_C2_I2_by_I1 = o_steadyState_C2_I2 + o_steadyState_C2_I1_by_C1*o_steadyState_I1_I2/o_steadyState_out_I1
    o_steadyState_out_C2 = o_steadyState_C2_I2_by_I1 + o_steadyState_C2_C3
    o_steadyState_C4_C3 = o_steadyState_of_C4_C3*o_steadyState_curve_1
    o_steadyState_I2_C3_by_C2 = o_steadyState_I2_C2_by_I1*o_steadyState_C2_C3/o_steadyState_out_C2
    o_steadyState_I3_I2 = o_steadyState_of_I3_I2*o_steadyState_curve_1
    o_steadyState_I2_I3 = o_steadyState_of_I2_I3*o_steadyState_curve_0
    o_steadyState_out_I2 = o_steadyState_I2_C3_by_C2 + o_steadyState_I2_I3
    o_steadyState_I3_C3_by_I2 = o_steadyState_I3_C3 + o_steadyState_I3_I2*o_steadyState_I2_C3_by_C2/o_steadyState_out_I2
    o_steadyState_C3_C4 = o_steadyState_of_C3_C4*o_steadyState_curve_0
    o_steadyState_C3_I2_by_C2 = o_steadyState_C3_C2*o_steadyState_C2_I2_by_I1/o_steadyState_out_C2
    o_steadyState_C3_I3_by_I2 = o_steadyState_C3_I3 + o_steadyState_C3_I2_by_C2*o_steadyState_I2_I3/o_steadyState_out_I2
    o_steadyState_out_C3 = o_steadyState_C3_I3_by_I2 + o_steadyState_C3_C4
    o_steadyState_C5_C4 = o_steadyState_of_C5_C4*o_steadyState_curve_1
    o_steadyState_I3_C4_by_C3 = o_steadyState_I3_C3_by_I2*o_steadyState_C3_C4/o_steadyState_out_C3
    o_steadyState_I4_I3 = o_steadyState_of_I4_I3*o_steadyState_curve_1
    o_steadyState_I3_I4 = o_steadyState_of_I3_I4*o_steadyState_curve_0
    o_steadyState_out_I3 = o_steadyState_I3_C4_by_C3 + o_steadyState_I3_I4
    o_steadyState_I4_C4_by_I3 = o_steadyState_I4_C4 + o_steadyState_I4_I3*o_steadyState_I3_C4_by_C3/o_steadyState_out_I3
    o_steadyState_C4_C5 = o_steadyState_of_C4_C5*o_steadyState_curve_0
    o_steadyState_C4_I3_by_C3 = o_steadyState_C4_C3*o_steadyState_C3_I3_by_I2/o_steadyState_out_C3
    o_steadyState_C4_I4_by_I3 = o_steadyState_C4_I4 + o_steadyState_C4_I3_by_C3*o_steadyState_I3_I4/o_steadyState_out_I3
    o_steadyState_out_C4 = o_steadyState_C4_I4_by_I3 + o_steadyState_C4_C5
    o_steadyState_I4_C5_by_C4 = o_steadyState_I4_C4_by_I3*o_steadyState_C4_C5/o_steadyState_out_C4
    o_steadyState_I5_I4 = o_steadyState_of_I5_I4*o_steadyState_curve_1
    o_steadyState_I4_I5 = o_steadyState_of_I4_I5*o_steadyState_curve_0
    o_steadyState_out_I4 = o_steadyState_I4_C5_by_C4 + o_steadyState_I4_I5
    o_steadyState_I5_C5_by_I4 = o_steadyState_I5_C5 + o_steadyState_I5_I4*o_steadyState_I4_C5_by_C4/o_steadyState_out_I4
    o_steadyState_C5_I4_by_C4 = o_steadyState_C5_C4*o_steadyState_C4_I4_by_I3/o_steadyState_out_C4
    o_steadyState_C5_I5_by_I4 = o_steadyState_C5_I5 + o_steadyState_C5_I4_by_C4*o_steadyState_I4_I5/o_steadyState_out_I4
    o_steadyState_out_C5 = o_steadyState_C5_I5_by_I4 + o_steadyState_C5_O
    o_steadyState_O_I5_by_C5 = o_steadyState_O_C5*o_steadyState_C5_I5_by_I4/o_steadyState_out_C5
    o_steadyState_I5_O_by_C5 = o_steadyState_I5_C5_by_I4*o_steadyState_C5_O/o_steadyState_out_C5
    o_steadyState_out_I5 = o_steadyState_I5_I6 + o_steadyState_I5_O_by_C5
    o_steadyState_O_I6_by_I5 = o_steadyState_O_I6 + o_steadyState_O_I5_by_C5*o_steadyState_I5_I6/o_steadyState_out_I5
    o_steadyState_I6_O_by_I5 = o_steadyState_I6_O + o_steadyState_I6_I5*o_steadyState_I5_O_by_C5/o_steadyState_out_I5
    o_steadyState_out_I6 = o_steadyState_I6_O_by_I5
    o_steadyState_part_I6 = (o_steadyState_O_I6_by_I5)/o_steadyState_out_I6
    o_steadyState_part_I5 = (o_steadyState_I6_I5*o_steadyState_part_I6 + o_steadyState_O_I5_by_C5)/o_steadyState_out_I5
    o_steadyState_part_C5 = (o_steadyState_I5_C5_by_I4*o_steadyState_part_I5 + o_steadyState_O_C5)/o_steadyState_out_C5
    o_steadyState_part_I4 = (o_steadyState_C5_I4_by_C4*o_steadyState_part_C5 + o_steadyState_I5_I4*o_steadyState_part_I5)/o_steadyState_out_I4
    o_steadyState_part_C4 = (o_steadyState_I4_C4_by_I3*o_steadyState_part_I4 + o_steadyState_C5_C4*o_steadyState_part_C5)/o_steadyState_out_C4
    o_steadyState_part_I3 = (o_steadyState_C4_I3_by_C3*o_steadyState_part_C4 + o_steadyState_I4_I3*o_steadyState_part_I4)/o_steadyState_out_I3
    o_steadyState_part_C3 = (o_steadyState_I3_C3_by_I2*o_steadyState_part_I3 + o_steadyState_C4_C3*o_steadyState_part_C4)/o_steadyState_out_C3
    o_steadyState_part_I2 = (o_steadyState_C3_I2_by_C2*o_steadyState_part_C3 + o_steadyState_I3_I2*o_steadyState_part_I3)/o_steadyState_out_I2
    o_steadyState_part_C2 = (o_steadyState_I2_C2_by_I1*o_steadyState_part_I2 + o_steadyState_C3_C2*o_steadyState_part_C3)/o_steadyState_out_C2
    o_steadyState_part_I1 = (o_steadyState_C2_I1_by_C1*o_steadyState_part_C2 + o_steadyState_I2_I1*o_steadyState_part_I2)/o_steadyState_out_I1
    o_steadyState_part_C1 = (o_steadyState_I1_C1*o_steadyState_part_I1 + o_steadyState_C2_C1*o_steadyState_part_C2)/o_steadyState_out_C1
    o_steadyState_x = 1/(1 + o_steadyState_part_I6 + o_steadyState_part_I5 + o_steadyState_part_C5 + o_steadyState_part_I4 + o_steadyState_part_C4 + o_steadyState_part_I3 + o_steadyState_part_C3 + o_steadyState_part_I2 + o_steadyState_part_C2 + o_steadyState_part_I1 + o_steadyState_part_C1)
    o_inf = o_steadyState_x
}
