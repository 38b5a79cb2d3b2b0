"""The current step of LEMS_CA1_full.xml by NetPyNE and the package's general mode: time (ms), voltage of the soma (mV)."""

from pathlib import Path

import numpy as np

from netpyne_model import Trial

general = {"channels": "separate", "spines": "folded", "receptors": "generated"}
no_input = {"excitation": False, "n_inhibitory": 0}
step = {"dc_nA": 0.3, "dc_start_ms": 100, "dc_section": "soma_0", "dc_x": 0.5}

result = Trial(duration_ms=250, record_step_ms=0.025, **general, **no_input, **step).run()
np.savetxt(
    Path(__file__).with_suffix(".dat"), np.column_stack([result.time_ms, result.voltage_mV["soma"]])
)
