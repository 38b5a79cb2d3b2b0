"""Write the NeuroML2 cells (NeuroML2/cells) from the section tables and the density rules."""

import sys

from netpyne_model.errors import ModelError
from netpyne_model.neuroml2.cells import write_cells

if __name__ == "__main__":
    try:
        for path in write_cells():
            print(path)
    except ModelError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
