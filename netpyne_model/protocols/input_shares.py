"""How many of a cell's spines place-field input drives: the set-ups' numbers are one cell's."""

from ..cell.cell import Cell
from ..cell.worked_out import worked_out
from ..errors import ModelError
from ..inputs import Setup, load_setup


def published_share(setup: str) -> float:
    """Share of the published cell's spines that a set-up drives, to two digits."""
    spines = worked_out(Cell()).placement.spines
    return float(f"{load_setup(setup).n_excitatory / len(spines):.2g}")


def number_of(n: int, share: float | None) -> int | None:
    """A share of `n` synapses as a whole number, rounded down; None without a share."""
    return None if share is None else int(n * share + 1e-9)  # 0.29 * 100 is a little less than 29


def check_fits(setup: Setup, n_spines: int) -> None:
    """Refuse a set-up whose own number of inputs is more than a cell has spines.

    Raises
    ------
    ModelError
        With the share of the spines that the published cell has driven.
    """
    if setup.n_excitatory <= n_spines:
        return
    raise ModelError(
        f"setup '{setup.name}' drives {setup.n_excitatory:,} spines, this cell has {n_spines:,};"
        f" give a share of them, excitatory_share={published_share(setup.name):g} as on the"
        " published cell."
    )
