"""``ca1 build``: the NeuroML2 cells (NeuroML2/cells)."""


def build() -> None:
    """Write the NeuroML2 cells from section tables and density rules."""
    from ..neuroml2.cells import write_cells

    for path in write_cells():
        print(path)
