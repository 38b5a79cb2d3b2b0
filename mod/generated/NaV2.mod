TITLE NaV2

COMMENT
    Generated from NeuroML2/channels/NaV2.channel.nml by jNeuroML (org.neuroml.export v1.11.0, org.neuroml.model v1.11.0, jLEMS v0.12.0)
    and rewritten by netpyne_model.mechanisms.rewriting, which says why.
    Do not edit: change the NeuroML file and convert again (scripts/convert_mechanisms.py).
ENDCOMMENT

NEURON {
    SUFFIX NaV2
    USEION na READ ena WRITE ina
    RANGE gmax, states_C1_to_C2_rate_Qt, states_C1_to_C2_rate_r, states_C1_to_I1_rate_Qt, states_C1_to_I1_rate_r,
        states_C2_to_C1_rate_Qt, states_C2_to_C1_rate_r, states_C2_to_C3_rate_Qt, states_C2_to_C3_rate_r,
        states_C2_to_I2_rate_Qt, states_C2_to_I2_rate_r, states_C3_to_C2_rate_Qt, states_C3_to_C2_rate_r,
        states_C3_to_C4_rate_Qt, states_C3_to_C4_rate_r, states_C3_to_I3_rate_Qt, states_C3_to_I3_rate_r,
        states_C4_to_C3_rate_Qt, states_C4_to_C3_rate_r, states_C4_to_C5_rate_Qt, states_C4_to_C5_rate_r,
        states_C4_to_I4_rate_Qt, states_C4_to_I4_rate_r, states_C5_to_C4_rate_Qt, states_C5_to_C4_rate_r,
        states_C5_to_I5_rate_Qt, states_C5_to_I5_rate_r, states_C5_to_O_rate_Qt, states_C5_to_O_rate_r,
        states_I1_to_C1_rate_Qt, states_I1_to_C1_rate_r, states_I1_to_I2_rate_Qt, states_I1_to_I2_rate_r,
        states_I2_to_C2_rate_Qt, states_I2_to_C2_rate_r, states_I2_to_I1_rate_Qt, states_I2_to_I1_rate_r,
        states_I2_to_I3_rate_Qt, states_I2_to_I3_rate_r, states_I3_to_C3_rate_Qt, states_I3_to_C3_rate_r,
        states_I3_to_I2_rate_Qt, states_I3_to_I2_rate_r, states_I3_to_I4_rate_Qt, states_I3_to_I4_rate_r,
        states_I4_to_C4_rate_Qt, states_I4_to_C4_rate_r, states_I4_to_I3_rate_Qt, states_I4_to_I3_rate_r,
        states_I4_to_I5_rate_Qt, states_I4_to_I5_rate_r, states_I5_to_C5_rate_Qt, states_I5_to_C5_rate_r,
        states_I5_to_I4_rate_Qt, states_I5_to_I4_rate_r, states_I5_to_I6_rate_Qt, states_I5_to_I6_rate_r,
        states_I6_to_I5_rate_Qt, states_I6_to_I5_rate_r, states_I6_to_O_rate_Qt, states_I6_to_O_rate_r,
        states_O_to_C5_rate_Qt, states_O_to_C5_rate_r, states_O_to_I6_rate_Qt, states_O_to_I6_rate_r, fopen, gion,
        i
    GLOBAL states_C1_relativeConductance, states_C2_relativeConductance, states_C3_relativeConductance,
        states_C4_relativeConductance, states_C5_relativeConductance, states_I1_relativeConductance,
        states_I2_relativeConductance, states_I3_relativeConductance, states_I4_relativeConductance,
        states_I5_relativeConductance, states_I6_relativeConductance, states_O_relativeConductance,
        states_C1_to_C2_rate_rate, states_C1_to_C2_rate_midpoint, states_C1_to_C2_rate_scale,
        states_C1_to_C2_rate_Q10, states_C1_to_C2_rate_MEASURED_AT, states_C1_to_C2_rate_TEN_DEGREES,
        states_C2_to_C1_rate_rate, states_C2_to_C1_rate_midpoint, states_C2_to_C1_rate_scale,
        states_C2_to_C1_rate_Q10, states_C2_to_C1_rate_MEASURED_AT, states_C2_to_C1_rate_TEN_DEGREES,
        states_C2_to_C3_rate_rate, states_C2_to_C3_rate_midpoint, states_C2_to_C3_rate_scale,
        states_C2_to_C3_rate_Q10, states_C2_to_C3_rate_MEASURED_AT, states_C2_to_C3_rate_TEN_DEGREES,
        states_C3_to_C2_rate_rate, states_C3_to_C2_rate_midpoint, states_C3_to_C2_rate_scale,
        states_C3_to_C2_rate_Q10, states_C3_to_C2_rate_MEASURED_AT, states_C3_to_C2_rate_TEN_DEGREES,
        states_C3_to_C4_rate_rate, states_C3_to_C4_rate_midpoint, states_C3_to_C4_rate_scale,
        states_C3_to_C4_rate_Q10, states_C3_to_C4_rate_MEASURED_AT, states_C3_to_C4_rate_TEN_DEGREES,
        states_C4_to_C3_rate_rate, states_C4_to_C3_rate_midpoint, states_C4_to_C3_rate_scale,
        states_C4_to_C3_rate_Q10, states_C4_to_C3_rate_MEASURED_AT, states_C4_to_C3_rate_TEN_DEGREES,
        states_C4_to_C5_rate_rate, states_C4_to_C5_rate_midpoint, states_C4_to_C5_rate_scale,
        states_C4_to_C5_rate_Q10, states_C4_to_C5_rate_MEASURED_AT, states_C4_to_C5_rate_TEN_DEGREES,
        states_C5_to_C4_rate_rate, states_C5_to_C4_rate_midpoint, states_C5_to_C4_rate_scale,
        states_C5_to_C4_rate_Q10, states_C5_to_C4_rate_MEASURED_AT, states_C5_to_C4_rate_TEN_DEGREES,
        states_C5_to_O_rate_rate, states_C5_to_O_rate_Q10, states_C5_to_O_rate_MEASURED_AT,
        states_C5_to_O_rate_TEN_DEGREES, states_O_to_C5_rate_rate, states_O_to_C5_rate_Q10,
        states_O_to_C5_rate_MEASURED_AT, states_O_to_C5_rate_TEN_DEGREES, states_I1_to_I2_rate_rate,
        states_I1_to_I2_rate_midpoint, states_I1_to_I2_rate_scale, states_I1_to_I2_rate_Q10,
        states_I1_to_I2_rate_MEASURED_AT, states_I1_to_I2_rate_TEN_DEGREES, states_I2_to_I1_rate_midpoint,
        states_I2_to_I1_rate_scale, states_I2_to_I1_rate_Q10, states_I2_to_I1_rate_MEASURED_AT,
        states_I2_to_I1_rate_TEN_DEGREES, states_I2_to_I3_rate_rate, states_I2_to_I3_rate_midpoint,
        states_I2_to_I3_rate_scale, states_I2_to_I3_rate_Q10, states_I2_to_I3_rate_MEASURED_AT,
        states_I2_to_I3_rate_TEN_DEGREES, states_I3_to_I2_rate_midpoint, states_I3_to_I2_rate_scale,
        states_I3_to_I2_rate_Q10, states_I3_to_I2_rate_MEASURED_AT, states_I3_to_I2_rate_TEN_DEGREES,
        states_I3_to_I4_rate_rate, states_I3_to_I4_rate_midpoint, states_I3_to_I4_rate_scale,
        states_I3_to_I4_rate_Q10, states_I3_to_I4_rate_MEASURED_AT, states_I3_to_I4_rate_TEN_DEGREES,
        states_I4_to_I3_rate_midpoint, states_I4_to_I3_rate_scale, states_I4_to_I3_rate_Q10,
        states_I4_to_I3_rate_MEASURED_AT, states_I4_to_I3_rate_TEN_DEGREES, states_I4_to_I5_rate_rate,
        states_I4_to_I5_rate_midpoint, states_I4_to_I5_rate_scale, states_I4_to_I5_rate_Q10,
        states_I4_to_I5_rate_MEASURED_AT, states_I4_to_I5_rate_TEN_DEGREES, states_I5_to_I4_rate_midpoint,
        states_I5_to_I4_rate_scale, states_I5_to_I4_rate_Q10, states_I5_to_I4_rate_MEASURED_AT,
        states_I5_to_I4_rate_TEN_DEGREES, states_I5_to_I6_rate_rate, states_I5_to_I6_rate_Q10,
        states_I5_to_I6_rate_MEASURED_AT, states_I5_to_I6_rate_TEN_DEGREES, states_I6_to_I5_rate_rate,
        states_I6_to_I5_rate_Q10, states_I6_to_I5_rate_MEASURED_AT, states_I6_to_I5_rate_TEN_DEGREES,
        states_C1_to_I1_rate_rate, states_C1_to_I1_rate_Q10, states_C1_to_I1_rate_MEASURED_AT,
        states_C1_to_I1_rate_TEN_DEGREES, states_I1_to_C1_rate_rate, states_I1_to_C1_rate_Q10,
        states_I1_to_C1_rate_MEASURED_AT, states_I1_to_C1_rate_TEN_DEGREES, states_C2_to_I2_rate_rate,
        states_C2_to_I2_rate_Q10, states_C2_to_I2_rate_MEASURED_AT, states_C2_to_I2_rate_TEN_DEGREES,
        states_I2_to_C2_rate_Q10, states_I2_to_C2_rate_MEASURED_AT, states_I2_to_C2_rate_TEN_DEGREES,
        states_C3_to_I3_rate_rate, states_C3_to_I3_rate_Q10, states_C3_to_I3_rate_MEASURED_AT,
        states_C3_to_I3_rate_TEN_DEGREES, states_I3_to_C3_rate_Q10, states_I3_to_C3_rate_MEASURED_AT,
        states_I3_to_C3_rate_TEN_DEGREES, states_C4_to_I4_rate_Q10, states_C4_to_I4_rate_MEASURED_AT,
        states_C4_to_I4_rate_TEN_DEGREES, states_I4_to_C4_rate_Q10, states_I4_to_C4_rate_MEASURED_AT,
        states_I4_to_C4_rate_TEN_DEGREES, states_C5_to_I5_rate_Q10, states_C5_to_I5_rate_MEASURED_AT,
        states_C5_to_I5_rate_TEN_DEGREES, states_I5_to_C5_rate_Q10, states_I5_to_C5_rate_MEASURED_AT,
        states_I5_to_C5_rate_TEN_DEGREES, states_O_to_I6_rate_rate, states_O_to_I6_rate_Q10,
        states_O_to_I6_rate_MEASURED_AT, states_O_to_I6_rate_TEN_DEGREES, states_I6_to_O_rate_rate,
        states_I6_to_O_rate_Q10, states_I6_to_O_rate_MEASURED_AT, states_I6_to_O_rate_TEN_DEGREES
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
    states_C1_relativeConductance = 0.0
    states_C2_relativeConductance = 0.0
    states_C3_relativeConductance = 0.0
    states_C4_relativeConductance = 0.0
    states_C5_relativeConductance = 0.0
    states_I1_relativeConductance = 0.0
    states_I2_relativeConductance = 0.0
    states_I3_relativeConductance = 0.0
    states_I4_relativeConductance = 0.0
    states_I5_relativeConductance = 0.0
    states_I6_relativeConductance = 0.0
    states_O_relativeConductance = 1.0
    states_C1_to_C2_rate_rate = 2200.0 (kHz)
    states_C1_to_C2_rate_midpoint = 0.0 (mV)
    states_C1_to_C2_rate_scale = 21.0 (mV)
    states_C1_to_C2_rate_Q10 = 2.3
    states_C1_to_C2_rate_MEASURED_AT = 310.15 (K)
    states_C1_to_C2_rate_TEN_DEGREES = 10.0 (K)
    states_C2_to_C1_rate_rate = 12.0 (kHz)
    states_C2_to_C1_rate_midpoint = 0.0 (mV)
    states_C2_to_C1_rate_scale = -21.0 (mV)
    states_C2_to_C1_rate_Q10 = 2.3
    states_C2_to_C1_rate_MEASURED_AT = 310.15 (K)
    states_C2_to_C1_rate_TEN_DEGREES = 10.0 (K)
    states_C2_to_C3_rate_rate = 1650.0 (kHz)
    states_C2_to_C3_rate_midpoint = 0.0 (mV)
    states_C2_to_C3_rate_scale = 21.0 (mV)
    states_C2_to_C3_rate_Q10 = 2.3
    states_C2_to_C3_rate_MEASURED_AT = 310.15 (K)
    states_C2_to_C3_rate_TEN_DEGREES = 10.0 (K)
    states_C3_to_C2_rate_rate = 24.0 (kHz)
    states_C3_to_C2_rate_midpoint = 0.0 (mV)
    states_C3_to_C2_rate_scale = -21.0 (mV)
    states_C3_to_C2_rate_Q10 = 2.3
    states_C3_to_C2_rate_MEASURED_AT = 310.15 (K)
    states_C3_to_C2_rate_TEN_DEGREES = 10.0 (K)
    states_C3_to_C4_rate_rate = 1100.0 (kHz)
    states_C3_to_C4_rate_midpoint = 0.0 (mV)
    states_C3_to_C4_rate_scale = 21.0 (mV)
    states_C3_to_C4_rate_Q10 = 2.3
    states_C3_to_C4_rate_MEASURED_AT = 310.15 (K)
    states_C3_to_C4_rate_TEN_DEGREES = 10.0 (K)
    states_C4_to_C3_rate_rate = 36.0 (kHz)
    states_C4_to_C3_rate_midpoint = 0.0 (mV)
    states_C4_to_C3_rate_scale = -21.0 (mV)
    states_C4_to_C3_rate_Q10 = 2.3
    states_C4_to_C3_rate_MEASURED_AT = 310.15 (K)
    states_C4_to_C3_rate_TEN_DEGREES = 10.0 (K)
    states_C4_to_C5_rate_rate = 550.0 (kHz)
    states_C4_to_C5_rate_midpoint = 0.0 (mV)
    states_C4_to_C5_rate_scale = 21.0 (mV)
    states_C4_to_C5_rate_Q10 = 2.3
    states_C4_to_C5_rate_MEASURED_AT = 310.15 (K)
    states_C4_to_C5_rate_TEN_DEGREES = 10.0 (K)
    states_C5_to_C4_rate_rate = 48.0 (kHz)
    states_C5_to_C4_rate_midpoint = 0.0 (mV)
    states_C5_to_C4_rate_scale = -21.0 (mV)
    states_C5_to_C4_rate_Q10 = 2.3
    states_C5_to_C4_rate_MEASURED_AT = 310.15 (K)
    states_C5_to_C4_rate_TEN_DEGREES = 10.0 (K)
    states_C5_to_O_rate_rate = 250.0 (kHz)
    states_C5_to_O_rate_Q10 = 2.3
    states_C5_to_O_rate_MEASURED_AT = 310.15 (K)
    states_C5_to_O_rate_TEN_DEGREES = 10.0 (K)
    states_O_to_C5_rate_rate = 60.0 (kHz)
    states_O_to_C5_rate_Q10 = 2.3
    states_O_to_C5_rate_MEASURED_AT = 310.15 (K)
    states_O_to_C5_rate_TEN_DEGREES = 10.0 (K)
    states_I1_to_I2_rate_rate = 5522.0 (kHz)
    states_I1_to_I2_rate_midpoint = 0.0 (mV)
    states_I1_to_I2_rate_scale = 21.0 (mV)
    states_I1_to_I2_rate_Q10 = 2.3
    states_I1_to_I2_rate_MEASURED_AT = 310.15 (K)
    states_I1_to_I2_rate_TEN_DEGREES = 10.0 (K)
    states_I2_to_I1_rate_midpoint = 0.0 (mV)
    states_I2_to_I1_rate_scale = -21.0 (mV)
    states_I2_to_I1_rate_Q10 = 2.3
    states_I2_to_I1_rate_MEASURED_AT = 310.15 (K)
    states_I2_to_I1_rate_TEN_DEGREES = 10.0 (K)
    states_I2_to_I3_rate_rate = 4141.5 (kHz)
    states_I2_to_I3_rate_midpoint = 0.0 (mV)
    states_I2_to_I3_rate_scale = 21.0 (mV)
    states_I2_to_I3_rate_Q10 = 2.3
    states_I2_to_I3_rate_MEASURED_AT = 310.15 (K)
    states_I2_to_I3_rate_TEN_DEGREES = 10.0 (K)
    states_I3_to_I2_rate_midpoint = 0.0 (mV)
    states_I3_to_I2_rate_scale = -21.0 (mV)
    states_I3_to_I2_rate_Q10 = 2.3
    states_I3_to_I2_rate_MEASURED_AT = 310.15 (K)
    states_I3_to_I2_rate_TEN_DEGREES = 10.0 (K)
    states_I3_to_I4_rate_rate = 2761.0 (kHz)
    states_I3_to_I4_rate_midpoint = 0.0 (mV)
    states_I3_to_I4_rate_scale = 21.0 (mV)
    states_I3_to_I4_rate_Q10 = 2.3
    states_I3_to_I4_rate_MEASURED_AT = 310.15 (K)
    states_I3_to_I4_rate_TEN_DEGREES = 10.0 (K)
    states_I4_to_I3_rate_midpoint = 0.0 (mV)
    states_I4_to_I3_rate_scale = -21.0 (mV)
    states_I4_to_I3_rate_Q10 = 2.3
    states_I4_to_I3_rate_MEASURED_AT = 310.15 (K)
    states_I4_to_I3_rate_TEN_DEGREES = 10.0 (K)
    states_I4_to_I5_rate_rate = 1380.5 (kHz)
    states_I4_to_I5_rate_midpoint = 0.0 (mV)
    states_I4_to_I5_rate_scale = 21.0 (mV)
    states_I4_to_I5_rate_Q10 = 2.3
    states_I4_to_I5_rate_MEASURED_AT = 310.15 (K)
    states_I4_to_I5_rate_TEN_DEGREES = 10.0 (K)
    states_I5_to_I4_rate_midpoint = 0.0 (mV)
    states_I5_to_I4_rate_scale = -21.0 (mV)
    states_I5_to_I4_rate_Q10 = 2.3
    states_I5_to_I4_rate_MEASURED_AT = 310.15 (K)
    states_I5_to_I4_rate_TEN_DEGREES = 10.0 (K)
    states_I5_to_I6_rate_rate = 250.0 (kHz)
    states_I5_to_I6_rate_Q10 = 2.3
    states_I5_to_I6_rate_MEASURED_AT = 310.15 (K)
    states_I5_to_I6_rate_TEN_DEGREES = 10.0 (K)
    states_I6_to_I5_rate_rate = 60.0 (kHz)
    states_I6_to_I5_rate_Q10 = 2.3
    states_I6_to_I5_rate_MEASURED_AT = 310.15 (K)
    states_I6_to_I5_rate_TEN_DEGREES = 10.0 (K)
    states_C1_to_I1_rate_rate = 0.01 (kHz)
    states_C1_to_I1_rate_Q10 = 2.3
    states_C1_to_I1_rate_MEASURED_AT = 310.15 (K)
    states_C1_to_I1_rate_TEN_DEGREES = 10.0 (K)
    states_I1_to_C1_rate_rate = 2.0 (kHz)
    states_I1_to_C1_rate_Q10 = 2.3
    states_I1_to_C1_rate_MEASURED_AT = 310.15 (K)
    states_I1_to_C1_rate_TEN_DEGREES = 10.0 (K)
    states_C2_to_I2_rate_rate = 0.0251 (kHz)
    states_C2_to_I2_rate_Q10 = 2.3
    states_C2_to_I2_rate_MEASURED_AT = 310.15 (K)
    states_C2_to_I2_rate_TEN_DEGREES = 10.0 (K)
    states_I2_to_C2_rate_Q10 = 2.3
    states_I2_to_C2_rate_MEASURED_AT = 310.15 (K)
    states_I2_to_C2_rate_TEN_DEGREES = 10.0 (K)
    states_C3_to_I3_rate_rate = 0.063001 (kHz)
    states_C3_to_I3_rate_Q10 = 2.3
    states_C3_to_I3_rate_MEASURED_AT = 310.15 (K)
    states_C3_to_I3_rate_TEN_DEGREES = 10.0 (K)
    states_I3_to_C3_rate_Q10 = 2.3
    states_I3_to_C3_rate_MEASURED_AT = 310.15 (K)
    states_I3_to_C3_rate_TEN_DEGREES = 10.0 (K)
    states_C4_to_I4_rate_Q10 = 2.3
    states_C4_to_I4_rate_MEASURED_AT = 310.15 (K)
    states_C4_to_I4_rate_TEN_DEGREES = 10.0 (K)
    states_I4_to_C4_rate_Q10 = 2.3
    states_I4_to_C4_rate_MEASURED_AT = 310.15 (K)
    states_I4_to_C4_rate_TEN_DEGREES = 10.0 (K)
    states_C5_to_I5_rate_Q10 = 2.3
    states_C5_to_I5_rate_MEASURED_AT = 310.15 (K)
    states_C5_to_I5_rate_TEN_DEGREES = 10.0 (K)
    states_I5_to_C5_rate_Q10 = 2.3
    states_I5_to_C5_rate_MEASURED_AT = 310.15 (K)
    states_I5_to_C5_rate_TEN_DEGREES = 10.0 (K)
    states_O_to_I6_rate_rate = 8.0 (kHz)
    states_O_to_I6_rate_Q10 = 2.3
    states_O_to_I6_rate_MEASURED_AT = 310.15 (K)
    states_O_to_I6_rate_TEN_DEGREES = 10.0 (K)
    states_I6_to_O_rate_rate = 0.05 (kHz)
    states_I6_to_O_rate_Q10 = 2.3
    states_I6_to_O_rate_MEASURED_AT = 310.15 (K)
    states_I6_to_O_rate_TEN_DEGREES = 10.0 (K)
}

CONSTANT {
    states_I2_to_I1_rate_rate = 2.25563909774436 (kHz)
    states_I3_to_I2_rate_rate = 4.51127819548872 (kHz)
    states_I4_to_I3_rate_rate = 6.76691729323308 (kHz)
    states_I5_to_I4_rate_rate = 9.02255639097744 (kHz)
    states_I2_to_C2_rate_rate = 0.37593984962406 (kHz)
    states_I3_to_C3_rate_rate = 0.0706653852676805 (kHz)
    states_C4_to_I4_rate_rate = 0.15813251 (kHz)
    states_I4_to_C4_rate_rate = 0.013282967155579 (kHz)
    states_C5_to_I5_rate_rate = 0.3969126001 (kHz)
    states_I5_to_C5_rate_rate = 0.00249679833751486 (kHz)
}

ASSIGNED {
    v (mV)
    celsius (degC)
    temperature (K)
    ena (mV)
    ina (mA/cm2)
    states_C1_to_C2_rate_Qt
    states_C1_to_C2_rate_r (kHz)
    states_C1_to_I1_rate_Qt
    states_C1_to_I1_rate_r (kHz)
    states_C2_to_C1_rate_Qt
    states_C2_to_C1_rate_r (kHz)
    states_C2_to_C3_rate_Qt
    states_C2_to_C3_rate_r (kHz)
    states_C2_to_I2_rate_Qt
    states_C2_to_I2_rate_r (kHz)
    states_C3_to_C2_rate_Qt
    states_C3_to_C2_rate_r (kHz)
    states_C3_to_C4_rate_Qt
    states_C3_to_C4_rate_r (kHz)
    states_C3_to_I3_rate_Qt
    states_C3_to_I3_rate_r (kHz)
    states_C4_to_C3_rate_Qt
    states_C4_to_C3_rate_r (kHz)
    states_C4_to_C5_rate_Qt
    states_C4_to_C5_rate_r (kHz)
    states_C4_to_I4_rate_Qt
    states_C4_to_I4_rate_r (kHz)
    states_C5_to_C4_rate_Qt
    states_C5_to_C4_rate_r (kHz)
    states_C5_to_I5_rate_Qt
    states_C5_to_I5_rate_r (kHz)
    states_C5_to_O_rate_Qt
    states_C5_to_O_rate_r (kHz)
    states_I1_to_C1_rate_Qt
    states_I1_to_C1_rate_r (kHz)
    states_I1_to_I2_rate_Qt
    states_I1_to_I2_rate_r (kHz)
    states_I2_to_C2_rate_Qt
    states_I2_to_C2_rate_r (kHz)
    states_I2_to_I1_rate_Qt
    states_I2_to_I1_rate_r (kHz)
    states_I2_to_I3_rate_Qt
    states_I2_to_I3_rate_r (kHz)
    states_I3_to_C3_rate_Qt
    states_I3_to_C3_rate_r (kHz)
    states_I3_to_I2_rate_Qt
    states_I3_to_I2_rate_r (kHz)
    states_I3_to_I4_rate_Qt
    states_I3_to_I4_rate_r (kHz)
    states_I4_to_C4_rate_Qt
    states_I4_to_C4_rate_r (kHz)
    states_I4_to_I3_rate_Qt
    states_I4_to_I3_rate_r (kHz)
    states_I4_to_I5_rate_Qt
    states_I4_to_I5_rate_r (kHz)
    states_I5_to_C5_rate_Qt
    states_I5_to_C5_rate_r (kHz)
    states_I5_to_I4_rate_Qt
    states_I5_to_I4_rate_r (kHz)
    states_I5_to_I6_rate_Qt
    states_I5_to_I6_rate_r (kHz)
    states_I6_to_I5_rate_Qt
    states_I6_to_I5_rate_r (kHz)
    states_I6_to_O_rate_Qt
    states_I6_to_O_rate_r (kHz)
    states_O_to_C5_rate_Qt
    states_O_to_C5_rate_r (kHz)
    states_O_to_I6_rate_Qt
    states_O_to_I6_rate_r (kHz)
    fopen
    gion (S/cm2)
    i (mA/cm2)
}

STATE {
    states_C1_occupancy
    states_C2_occupancy
    states_C3_occupancy
    states_C4_occupancy
    states_C5_occupancy
    states_I1_occupancy
    states_I2_occupancy
    states_I3_occupancy
    states_I4_occupancy
    states_I5_occupancy
    states_I6_occupancy
    states_O_occupancy
}

INITIAL {
    temperature = celsius + 273.15
    states_C1_to_C2_rate_Qt = states_C1_to_C2_rate_Q10 ^((temperature - states_C1_to_C2_rate_MEASURED_AT)/states_C1_to_C2_rate_TEN_DEGREES)
    states_C1_to_I1_rate_Qt = states_C1_to_I1_rate_Q10 ^((temperature - states_C1_to_I1_rate_MEASURED_AT)/states_C1_to_I1_rate_TEN_DEGREES)
    states_C1_to_I1_rate_r = states_C1_to_I1_rate_rate*states_C1_to_I1_rate_Qt
    states_C2_to_C1_rate_Qt = states_C2_to_C1_rate_Q10 ^((temperature - states_C2_to_C1_rate_MEASURED_AT)/states_C2_to_C1_rate_TEN_DEGREES)
    states_C2_to_C3_rate_Qt = states_C2_to_C3_rate_Q10 ^((temperature - states_C2_to_C3_rate_MEASURED_AT)/states_C2_to_C3_rate_TEN_DEGREES)
    states_C2_to_I2_rate_Qt = states_C2_to_I2_rate_Q10 ^((temperature - states_C2_to_I2_rate_MEASURED_AT)/states_C2_to_I2_rate_TEN_DEGREES)
    states_C2_to_I2_rate_r = states_C2_to_I2_rate_rate*states_C2_to_I2_rate_Qt
    states_C3_to_C2_rate_Qt = states_C3_to_C2_rate_Q10 ^((temperature - states_C3_to_C2_rate_MEASURED_AT)/states_C3_to_C2_rate_TEN_DEGREES)
    states_C3_to_C4_rate_Qt = states_C3_to_C4_rate_Q10 ^((temperature - states_C3_to_C4_rate_MEASURED_AT)/states_C3_to_C4_rate_TEN_DEGREES)
    states_C3_to_I3_rate_Qt = states_C3_to_I3_rate_Q10 ^((temperature - states_C3_to_I3_rate_MEASURED_AT)/states_C3_to_I3_rate_TEN_DEGREES)
    states_C3_to_I3_rate_r = states_C3_to_I3_rate_rate*states_C3_to_I3_rate_Qt
    states_C4_to_C3_rate_Qt = states_C4_to_C3_rate_Q10 ^((temperature - states_C4_to_C3_rate_MEASURED_AT)/states_C4_to_C3_rate_TEN_DEGREES)
    states_C4_to_C5_rate_Qt = states_C4_to_C5_rate_Q10 ^((temperature - states_C4_to_C5_rate_MEASURED_AT)/states_C4_to_C5_rate_TEN_DEGREES)
    states_C4_to_I4_rate_Qt = states_C4_to_I4_rate_Q10 ^((temperature - states_C4_to_I4_rate_MEASURED_AT)/states_C4_to_I4_rate_TEN_DEGREES)
    states_C4_to_I4_rate_r = states_C4_to_I4_rate_rate*states_C4_to_I4_rate_Qt
    states_C5_to_C4_rate_Qt = states_C5_to_C4_rate_Q10 ^((temperature - states_C5_to_C4_rate_MEASURED_AT)/states_C5_to_C4_rate_TEN_DEGREES)
    states_C5_to_I5_rate_Qt = states_C5_to_I5_rate_Q10 ^((temperature - states_C5_to_I5_rate_MEASURED_AT)/states_C5_to_I5_rate_TEN_DEGREES)
    states_C5_to_I5_rate_r = states_C5_to_I5_rate_rate*states_C5_to_I5_rate_Qt
    states_C5_to_O_rate_Qt = states_C5_to_O_rate_Q10 ^((temperature - states_C5_to_O_rate_MEASURED_AT)/states_C5_to_O_rate_TEN_DEGREES)
    states_C5_to_O_rate_r = states_C5_to_O_rate_rate*states_C5_to_O_rate_Qt
    states_I1_to_C1_rate_Qt = states_I1_to_C1_rate_Q10 ^((temperature - states_I1_to_C1_rate_MEASURED_AT)/states_I1_to_C1_rate_TEN_DEGREES)
    states_I1_to_C1_rate_r = states_I1_to_C1_rate_rate*states_I1_to_C1_rate_Qt
    states_I1_to_I2_rate_Qt = states_I1_to_I2_rate_Q10 ^((temperature - states_I1_to_I2_rate_MEASURED_AT)/states_I1_to_I2_rate_TEN_DEGREES)
    states_I2_to_C2_rate_Qt = states_I2_to_C2_rate_Q10 ^((temperature - states_I2_to_C2_rate_MEASURED_AT)/states_I2_to_C2_rate_TEN_DEGREES)
    states_I2_to_C2_rate_r = states_I2_to_C2_rate_rate*states_I2_to_C2_rate_Qt
    states_I2_to_I1_rate_Qt = states_I2_to_I1_rate_Q10 ^((temperature - states_I2_to_I1_rate_MEASURED_AT)/states_I2_to_I1_rate_TEN_DEGREES)
    states_I2_to_I3_rate_Qt = states_I2_to_I3_rate_Q10 ^((temperature - states_I2_to_I3_rate_MEASURED_AT)/states_I2_to_I3_rate_TEN_DEGREES)
    states_I3_to_C3_rate_Qt = states_I3_to_C3_rate_Q10 ^((temperature - states_I3_to_C3_rate_MEASURED_AT)/states_I3_to_C3_rate_TEN_DEGREES)
    states_I3_to_C3_rate_r = states_I3_to_C3_rate_rate*states_I3_to_C3_rate_Qt
    states_I3_to_I2_rate_Qt = states_I3_to_I2_rate_Q10 ^((temperature - states_I3_to_I2_rate_MEASURED_AT)/states_I3_to_I2_rate_TEN_DEGREES)
    states_I3_to_I4_rate_Qt = states_I3_to_I4_rate_Q10 ^((temperature - states_I3_to_I4_rate_MEASURED_AT)/states_I3_to_I4_rate_TEN_DEGREES)
    states_I4_to_C4_rate_Qt = states_I4_to_C4_rate_Q10 ^((temperature - states_I4_to_C4_rate_MEASURED_AT)/states_I4_to_C4_rate_TEN_DEGREES)
    states_I4_to_C4_rate_r = states_I4_to_C4_rate_rate*states_I4_to_C4_rate_Qt
    states_I4_to_I3_rate_Qt = states_I4_to_I3_rate_Q10 ^((temperature - states_I4_to_I3_rate_MEASURED_AT)/states_I4_to_I3_rate_TEN_DEGREES)
    states_I4_to_I5_rate_Qt = states_I4_to_I5_rate_Q10 ^((temperature - states_I4_to_I5_rate_MEASURED_AT)/states_I4_to_I5_rate_TEN_DEGREES)
    states_I5_to_C5_rate_Qt = states_I5_to_C5_rate_Q10 ^((temperature - states_I5_to_C5_rate_MEASURED_AT)/states_I5_to_C5_rate_TEN_DEGREES)
    states_I5_to_C5_rate_r = states_I5_to_C5_rate_rate*states_I5_to_C5_rate_Qt
    states_I5_to_I4_rate_Qt = states_I5_to_I4_rate_Q10 ^((temperature - states_I5_to_I4_rate_MEASURED_AT)/states_I5_to_I4_rate_TEN_DEGREES)
    states_I5_to_I6_rate_Qt = states_I5_to_I6_rate_Q10 ^((temperature - states_I5_to_I6_rate_MEASURED_AT)/states_I5_to_I6_rate_TEN_DEGREES)
    states_I5_to_I6_rate_r = states_I5_to_I6_rate_rate*states_I5_to_I6_rate_Qt
    states_I6_to_I5_rate_Qt = states_I6_to_I5_rate_Q10 ^((temperature - states_I6_to_I5_rate_MEASURED_AT)/states_I6_to_I5_rate_TEN_DEGREES)
    states_I6_to_I5_rate_r = states_I6_to_I5_rate_rate*states_I6_to_I5_rate_Qt
    states_I6_to_O_rate_Qt = states_I6_to_O_rate_Q10 ^((temperature - states_I6_to_O_rate_MEASURED_AT)/states_I6_to_O_rate_TEN_DEGREES)
    states_I6_to_O_rate_r = states_I6_to_O_rate_rate*states_I6_to_O_rate_Qt
    states_O_to_C5_rate_Qt = states_O_to_C5_rate_Q10 ^((temperature - states_O_to_C5_rate_MEASURED_AT)/states_O_to_C5_rate_TEN_DEGREES)
    states_O_to_C5_rate_r = states_O_to_C5_rate_rate*states_O_to_C5_rate_Qt
    states_O_to_I6_rate_Qt = states_O_to_I6_rate_Q10 ^((temperature - states_O_to_I6_rate_MEASURED_AT)/states_O_to_I6_rate_TEN_DEGREES)
    states_O_to_I6_rate_r = states_O_to_I6_rate_rate*states_O_to_I6_rate_Qt
    SOLVE activation STEADYSTATE sparse
    SOLVE activation STEADYSTATE sparse
}

BREAKPOINT {
    LOCAL states_C1_q, states_C2_q, states_C3_q, states_C4_q, states_C5_q, states_I1_q, states_I2_q, states_I3_q,
        states_I4_q, states_I5_q, states_I6_q, states_O_q, states_q, states_fcond
    SOLVE activation METHOD sparse
    states_C1_q = states_C1_relativeConductance*states_C1_occupancy
    states_C2_q = states_C2_relativeConductance*states_C2_occupancy
    states_C3_q = states_C3_relativeConductance*states_C3_occupancy
    states_C4_q = states_C4_relativeConductance*states_C4_occupancy
    states_C5_q = states_C5_relativeConductance*states_C5_occupancy
    states_I1_q = states_I1_relativeConductance*states_I1_occupancy
    states_I2_q = states_I2_relativeConductance*states_I2_occupancy
    states_I3_q = states_I3_relativeConductance*states_I3_occupancy
    states_I4_q = states_I4_relativeConductance*states_I4_occupancy
    states_I5_q = states_I5_relativeConductance*states_I5_occupancy
    states_I6_q = states_I6_relativeConductance*states_I6_occupancy
    states_O_q = states_O_relativeConductance*states_O_occupancy
    states_q = states_C1_q + states_C2_q + states_C3_q + states_C4_q + states_C5_q + states_I1_q + states_I2_q + states_I3_q + states_I4_q + states_I5_q + states_I6_q + states_O_q
    states_fcond = states_q
    fopen = states_fcond
    gion = gmax*fopen
    i = gion*(v - ena)
    ina = i
}

KINETIC activation {
    rates(v)
    ~ states_C1_occupancy <-> states_C2_occupancy    (states_C1_to_C2_rate_r,states_C2_to_C1_rate_r)
    ~ states_C2_occupancy <-> states_C3_occupancy    (states_C2_to_C3_rate_r,states_C3_to_C2_rate_r)
    ~ states_C3_occupancy <-> states_C4_occupancy    (states_C3_to_C4_rate_r,states_C4_to_C3_rate_r)
    ~ states_C4_occupancy <-> states_C5_occupancy    (states_C4_to_C5_rate_r,states_C5_to_C4_rate_r)
    ~ states_C5_occupancy <-> states_O_occupancy    (states_C5_to_O_rate_r,states_O_to_C5_rate_r)
    ~ states_I1_occupancy <-> states_I2_occupancy    (states_I1_to_I2_rate_r,states_I2_to_I1_rate_r)
    ~ states_I2_occupancy <-> states_I3_occupancy    (states_I2_to_I3_rate_r,states_I3_to_I2_rate_r)
    ~ states_I3_occupancy <-> states_I4_occupancy    (states_I3_to_I4_rate_r,states_I4_to_I3_rate_r)
    ~ states_I4_occupancy <-> states_I5_occupancy    (states_I4_to_I5_rate_r,states_I5_to_I4_rate_r)
    ~ states_I5_occupancy <-> states_I6_occupancy    (states_I5_to_I6_rate_r,states_I6_to_I5_rate_r)
    ~ states_C1_occupancy <-> states_I1_occupancy    (states_C1_to_I1_rate_r,states_I1_to_C1_rate_r)
    ~ states_C2_occupancy <-> states_I2_occupancy    (states_C2_to_I2_rate_r,states_I2_to_C2_rate_r)
    ~ states_C3_occupancy <-> states_I3_occupancy    (states_C3_to_I3_rate_r,states_I3_to_C3_rate_r)
    ~ states_C4_occupancy <-> states_I4_occupancy    (states_C4_to_I4_rate_r,states_I4_to_C4_rate_r)
    ~ states_C5_occupancy <-> states_I5_occupancy    (states_C5_to_I5_rate_r,states_I5_to_C5_rate_r)
    ~ states_O_occupancy <-> states_I6_occupancy    (states_O_to_I6_rate_r,states_I6_to_O_rate_r)
    CONSERVE states_C1_occupancy + states_C2_occupancy + states_C3_occupancy + states_C4_occupancy + states_C5_occupancy + states_I1_occupancy + states_I2_occupancy + states_I3_occupancy + states_I4_occupancy + states_I5_occupancy + states_I6_occupancy + states_O_occupancy = 1
}

PROCEDURE rates(v (mV)) {
    states_C1_to_C2_rate_r = states_C1_to_C2_rate_rate*states_C1_to_C2_rate_Qt*exp((v - states_C1_to_C2_rate_midpoint)/states_C1_to_C2_rate_scale)
    states_C2_to_C1_rate_r = states_C2_to_C1_rate_rate*states_C2_to_C1_rate_Qt*exp((v - states_C2_to_C1_rate_midpoint)/states_C2_to_C1_rate_scale)
    states_C2_to_C3_rate_r = states_C2_to_C3_rate_rate*states_C2_to_C3_rate_Qt*exp((v - states_C2_to_C3_rate_midpoint)/states_C2_to_C3_rate_scale)
    states_C3_to_C2_rate_r = states_C3_to_C2_rate_rate*states_C3_to_C2_rate_Qt*exp((v - states_C3_to_C2_rate_midpoint)/states_C3_to_C2_rate_scale)
    states_C3_to_C4_rate_r = states_C3_to_C4_rate_rate*states_C3_to_C4_rate_Qt*exp((v - states_C3_to_C4_rate_midpoint)/states_C3_to_C4_rate_scale)
    states_C4_to_C3_rate_r = states_C4_to_C3_rate_rate*states_C4_to_C3_rate_Qt*exp((v - states_C4_to_C3_rate_midpoint)/states_C4_to_C3_rate_scale)
    states_C4_to_C5_rate_r = states_C4_to_C5_rate_rate*states_C4_to_C5_rate_Qt*exp((v - states_C4_to_C5_rate_midpoint)/states_C4_to_C5_rate_scale)
    states_C5_to_C4_rate_r = states_C5_to_C4_rate_rate*states_C5_to_C4_rate_Qt*exp((v - states_C5_to_C4_rate_midpoint)/states_C5_to_C4_rate_scale)
    states_I1_to_I2_rate_r = states_I1_to_I2_rate_rate*states_I1_to_I2_rate_Qt*exp((v - states_I1_to_I2_rate_midpoint)/states_I1_to_I2_rate_scale)
    states_I2_to_I1_rate_r = states_I2_to_I1_rate_rate*states_I2_to_I1_rate_Qt*exp((v - states_I2_to_I1_rate_midpoint)/states_I2_to_I1_rate_scale)
    states_I2_to_I3_rate_r = states_I2_to_I3_rate_rate*states_I2_to_I3_rate_Qt*exp((v - states_I2_to_I3_rate_midpoint)/states_I2_to_I3_rate_scale)
    states_I3_to_I2_rate_r = states_I3_to_I2_rate_rate*states_I3_to_I2_rate_Qt*exp((v - states_I3_to_I2_rate_midpoint)/states_I3_to_I2_rate_scale)
    states_I3_to_I4_rate_r = states_I3_to_I4_rate_rate*states_I3_to_I4_rate_Qt*exp((v - states_I3_to_I4_rate_midpoint)/states_I3_to_I4_rate_scale)
    states_I4_to_I3_rate_r = states_I4_to_I3_rate_rate*states_I4_to_I3_rate_Qt*exp((v - states_I4_to_I3_rate_midpoint)/states_I4_to_I3_rate_scale)
    states_I4_to_I5_rate_r = states_I4_to_I5_rate_rate*states_I4_to_I5_rate_Qt*exp((v - states_I4_to_I5_rate_midpoint)/states_I4_to_I5_rate_scale)
    states_I5_to_I4_rate_r = states_I5_to_I4_rate_rate*states_I5_to_I4_rate_Qt*exp((v - states_I5_to_I4_rate_midpoint)/states_I5_to_I4_rate_scale)
}
