"""Convert the NeuroML2 channels and synapses to NEURON mod files (mod/generated). Needs Java."""

import sys

from netpyne_model.errors import ModelError
from netpyne_model.mechanisms.conversion import convert

if __name__ == "__main__":
    try:
        for path in convert():
            print(path)
    except ModelError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
