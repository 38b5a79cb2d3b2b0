"""Validate the NeuroML2 and LEMS files of the model, or those given as arguments. Needs Java."""

import argparse
import sys
from pathlib import Path

from netpyne_model.errors import ModelError
from netpyne_model.neuroml2.validation import (
    model_files,
    validate_includes,
    validate_schema,
    validate_with_jneuroml,
)

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("places", nargs="*", type=Path, metavar="FILE|FOLDER")
    try:
        files = model_files(*parser.parse_args().places)
        problems = [
            *validate_schema(files),
            *validate_includes(files),
            *validate_with_jneuroml(*files),
        ]
    except ModelError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        sys.exit(2)
    print(f"{len(files)} files are valid.")
