"""Checks of the arrays of sampled signals."""

import numpy as np

from ..errors import ModelError


def same_length(**arrays: np.ndarray) -> tuple[np.ndarray, ...]:
    """The arrays, provided that they are one-dimensional and equally long.

    They are passed by the names that an error is to call them.
    """
    checked = {name: np.asarray(values) for name, values in arrays.items()}
    shapes = {name: values.shape for name, values in checked.items()}
    if len(set(shapes.values())) > 1 or any(len(shape) != 1 for shape in shapes.values()):
        listed = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        raise ModelError(
            f"shapes {listed}: expected one value a sample; take all of them from one trial."
        )
    return tuple(checked.values())


def within(name: str, value: float, low: float, high: float) -> None:
    """Refuse a value that does not lie between two others, both excluded."""
    if not low < value < high:
        raise ModelError(f"{name} = {value:g}: expected more than {low:g} and less than {high:g}.")
