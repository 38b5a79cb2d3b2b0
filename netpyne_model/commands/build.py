"""``ca1 build``: the NeuroML2 cells, the receptors for other tools, and all files' annotations."""


def build() -> None:
    """Write the NeuroML2 cells, receptors for other tools, annotations."""
    from ..neuroml2.annotations import annotate, annotated_files
    from ..neuroml2.cells import write_cells
    from ..neuroml2.receptors_elsewhere import write_receptors_elsewhere

    for path in (*write_cells(), *write_receptors_elsewhere()):
        print(path)
    for path in annotated_files():
        annotate(path)
