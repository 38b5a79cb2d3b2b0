"""``python -m netpyne_model`` is the command ``ca1``."""

import sys

from .commands import main

if __name__ == "__main__":
    sys.exit(main())
