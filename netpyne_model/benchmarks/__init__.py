"""What a run costs and how exact it is, for every choice of implementation: measured, never
asserted by a timed test.

``workloads`` says what is run and ``measure`` measures one piece of it in a process of its own;
``suite`` lets pytest-benchmark repeat and record the cases of ``comparison`` (choices of a
workload, with their ``accuracy``), ``commands`` (the command line as a whole) and ``growth`` (with
the size). ``report`` makes the tables and ``command`` is what ``ca1 benchmark`` calls.
``fingerprints`` tells whether the model itself has moved, and in which layer.
"""
