"""``ca1 build``: the NeuroML2 cells, channels at rest, clamps, receptors for other tools, annotations."""


def build() -> None:
    """Write NeuroML2 cells, steady channels, clamps, annotations."""
    from ..neuroml2.annotations import annotate, annotated_files
    from ..neuroml2.cells import write_cells
    from ..neuroml2.clamps import write_clamps
    from ..neuroml2.receptors_elsewhere import write_receptors_elsewhere
    from ..neuroml2.steady_channels import write_steady_channels

    written = [*write_cells(), *write_steady_channels(), write_clamps()]
    for path in (*written, *write_receptors_elsewhere()):
        print(path)
    for path in annotated_files():
        annotate(path)
