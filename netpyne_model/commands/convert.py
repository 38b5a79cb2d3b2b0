"""``ca1 convert``: the mod files (mod/generated)."""


def convert() -> None:
    """Convert NeuroML2 mechanisms to NEURON mod files. Needs Java."""
    from ..mechanisms import conversion

    for path in conversion.convert():
        print(path)
