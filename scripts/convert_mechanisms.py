#!/usr/bin/env python3
"""``ca1 convert`` from a clone that is not installed: ``python scripts/convert_mechanisms.py``."""

import os.path
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.realpath(__file__))))

from netpyne_model.__main__ import command

if __name__ == "__main__":
    command("convert")
