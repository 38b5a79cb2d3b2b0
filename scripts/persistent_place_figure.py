#!/usr/bin/env python3
"""Draw the figure of the study persistent_place: ``python scripts/persistent_place_figure.py FOLDER FILE``.

FOLDER is that of the study's results, FILE has no suffix: a .png and a .svg are written.
"""

import sys

from netpyne_model.figures import save_both
from netpyne_model.figures.persistent_place import persistent_place
from netpyne_model.studies import load_results

AT_NA = 0.1
"""The DC of the panel of lost spikes: that of the published conversion."""

if __name__ == "__main__":
    folder, file = sys.argv[1:]
    print(*save_both(persistent_place(load_results(folder).table, at_nA=AT_NA), file))
