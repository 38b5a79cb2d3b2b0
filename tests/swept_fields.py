"""Every field that a study can sweep, with a value other than the default."""

from netpyne_model.data_folders import MORPHOLOGIES

# A valid value other than the default, of every field that a study can sweep.
CHANGED = {
    "cell_file": str(MORPHOLOGIES / "example.swc"),
    "cell": {"base": "CA1", "biophysics": {"cable": {"Ra_ohm_cm": {"soma": {"value": 120.0}}}}},
    "stimuli": [{"kind": "CurrentClamp", "amplitude_nA": 0.1, "start_ms": 500.0}],
    "setup": "place_cell",
    "dc_nA": 0.05,
    "dc_start_ms": 100.0,
    "dc_section": "trunk_37",
    "dc_x": 0.75,
    "duration_ms": 700.0,
    "dt_ms": 0.05,
    "celsius": 33.0,
    "v_init_mV": -60.0,
    "spines": "none",
    "channels": "separate",
    "receptors": "generated",
    "drugs": ["TTX", "AP5"],
    "excitation": False,
    "n_excitatory": 10,
    "n_inhibitory": 12,
    "excitatory_share": 0.1,
    "inhibitory_share": 0.2,
    "w_max": 2.0,
    "field_centre_fraction": 0.25,
    "arrangement": "clustered",
    "theta_depth": 1.0,
    "theta_k": 4.0,
    "assignment_seed": 7,
    "inhibition_reduction": "in_field",
    "events_file": "events.csv",
    "events_are": "presynaptic",
    "weights_file": "weights.csv",
    "record_step_ms": 0.2,
    "record": {"tuft": "tuft_60(0.5)"},
    "record_currents": True,
    "record_segments_ms": 0.5,
    "record_membrane_currents_ms": 0.5,
    "record_membrane_currents_from_ms": 300.0,
    "record_membrane_currents_to_ms": 400.0,
    "spike_threshold_mV": -10.0,
    "integration": "second_order",
    "variable_step_atol": 1e-3,
}
# What gives a field an effect: generated receptors are for spines that are sections, ...
NEEDED = {
    "record_membrane_currents_from_ms": {"record_membrane_currents_ms": 0.5},
    "record_membrane_currents_to_ms": {"record_membrane_currents_ms": 0.5},
    "receptors": {"spines": "folded"},
    "events_are": {"events_file": str(MORPHOLOGIES / "example.swc")},  # any file, not read here
    "variable_step_atol": {
        "integration": "variable_step",
        "spines": "folded",
        "channels": "separate",
        "receptors": "generated",
    },
}
