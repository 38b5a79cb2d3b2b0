"""``ca1 build``: the NeuroML2 cells (NeuroML2/cells), and the annotations of all NeuroML2 files."""


def build() -> None:
    """Write the NeuroML2 cells from section tables and density rules, and all annotations."""
    from ..neuroml2.annotations import annotate, annotated_files
    from ..neuroml2.cells import write_cells

    for path in write_cells():
        print(path)
    for path in annotated_files():
        annotate(path)
