"""Writes linear systems that conserve their sum, such as a receptor's states, as reactions."""

import itertools
from collections.abc import Mapping

from .nmodl import names


def reactions(slopes: Mapping[str, str]) -> list[str]:
    """Write coupled differential equations as NMODL reactions.

    Reactions let NEURON solve the states together, implicitly and sparsely, at a fixed step and
    within CVode, whose Newton iteration otherwise sees the diagonal of the system only and takes a
    tenth of the step. `slopes` gives the right-hand side by state. Returns the lines of a KINETIC
    block; none if the system is not linear or does not conserve the sum of its states.
    """
    import sympy

    symbols = {name: sympy.Symbol(name) for text in slopes.values() for name in names(text)}
    symbols |= {state: sympy.Symbol(state) for state in slopes}
    states = [symbols[state] for state in slopes]
    texts = [text.replace("^", "**") for text in slopes.values()]
    right = sympy.Matrix([sympy.sympify(text, locals=symbols) for text in texts])
    rates = right.jacobian(states)
    rest = (right - rates * sympy.Matrix(states)).expand()
    linear = not (rates.free_symbols & set(states)) and rest.is_zero_matrix
    conserved = all(sympy.expand(sum(rates[:, column])) == 0 for column in range(len(states)))
    if not (linear and conserved):
        return []
    return [
        f"~ {states[i]} <-> {states[j]} ({_nmodl(rates[j, i])}, {_nmodl(rates[i, j])})"
        for i, j in itertools.combinations(range(len(states)), 2)
        if rates[i, j] != 0 or rates[j, i] != 0
    ]


def _nmodl(expression) -> str:
    return str(expression).replace("**", "^")
