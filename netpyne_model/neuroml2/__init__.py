"""NeuroML2: writes and reads cells, reads components, validates files."""

import logging

# pyNeuroML shows every library's log, and nobody wants to read numexpr's count of threads.
logging.getLogger("numexpr").setLevel(logging.WARNING)
