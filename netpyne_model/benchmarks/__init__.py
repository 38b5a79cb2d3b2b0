"""What a run costs and how exact it is, for every choice of implementation: measured, never asserted by a timed test.

``workloads`` says what is run, ``measure`` runs one piece of it in a process of its own, ``runner`` starts these processes
and sums up, ``accuracy`` compares traces, ``commands`` times the command line as a whole, ``growth`` varies the size,
``report`` prints and writes, ``door`` is the command (``scripts/benchmark.py``).
"""
