"""Rates of single inputs, and trains compared, for tests of what is drawn."""

import math

import numpy as np
import pandas as pd

from netpyne_model.inputs import group_names
from netpyne_model.inputs.rates import rates


def one_input(setup, group, peak=math.nan, phase_rad=0.0, n=1):
    kind = "exc" if group in group_names("exc") else "inh"
    return rates(
        setup, pd.DataFrame({"group": [group] * n, "kind": kind, "peak": float(peak)}), phase_rad
    )


def same(first, second):
    return len(first) == len(second) and all(
        np.array_equal(a, b) for a, b in zip(first, second, strict=True)
    )
