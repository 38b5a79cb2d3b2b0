"""The table of the cell's receptors."""

from .table import (
    FAST_TYPES,
    KINDS,
    TABLE,
    Kind,
    Receptor,
    ReceptorName,
    check_receptor,
    first_receptor,
    receptors,
    receptors_of,
)
