"""What a Vector of NEURON's holds, as an array."""

from typing import Any

import numpy as np


def copy_of(vector: Any) -> np.ndarray:
    """The numbers of a ``neuron.hoc.HocObject`` Vector as an array of its own.

    NEURON 9's ``as_numpy`` leaves half a kilobyte behind at every call, which at every millisecond
    of a trial is 4 MB; numpy before 2.3 makes no array of a Vector without elements.
    """
    return np.array(vector) if len(vector) else np.empty(0)
