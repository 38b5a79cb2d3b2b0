"""What a run keeps of NEURON's memory when it is over, to the byte; docs/robustness.md has a thousand trials.

NEURON 9 never frees 32 bytes of a node of which Python took a pointer, nor 96 of what Python made by
calling one of its classes. A trial may do so for what it records, not for every node or sample.
"""

import ctypes
import gc
import sys

import pytest

from netpyne_model import Cell, Trial
from netpyne_model.cell.guard import Guard
from netpyne_model.cell.segment_voltages import SegmentVoltages

FEW = {"setup": "place_cell", "duration_ms": 5.0, "n_excitatory": 20, "n_inhibitory": 5}
# The fields of glibc's structure of that name, in its order.
MALLINFO2 = ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks")
MALLINFO2 += ("uordblks", "fordblks", "keepcost")


class Allocated(ctypes.Structure):
    """What glibc's ``mallinfo2`` tells; `uordblks` are the bytes in use."""

    _fields_ = [(name, ctypes.c_size_t) for name in MALLINFO2]


@pytest.fixture(scope="module")
def bytes_in_use():
    """Bytes that NEURON, and whatever else is no Python, has from the C library."""
    library = ctypes.CDLL(None)
    if not hasattr(library, "mallinfo2"):
        pytest.skip("no mallinfo2: the C library is not glibc 2.33 or newer")
    library.mallinfo2.restype = Allocated

    def now() -> int:
        gc.collect()
        return library.mallinfo2().uordblks

    return now


def test_taking_potentials_keeps_nothing_of_the_segments(loaded, bytes_in_use):
    def take():
        sections = {f"branch_{number}": loaded.Section(f"branch_{number}") for number in range(50)}
        for section in sections.values():
            section.nseg = 11
        assert len(SegmentVoltages(sections).now_mV()) == 550

    for _ in range(3):
        take()
    before = bytes_in_use()
    for _ in range(20):
        take()
    # Measured: 0 to 1 B a segment; 32 with a pointer to each.
    assert (bytes_in_use() - before) / (20 * 550) < 4


def test_a_guard_makes_no_objects_while_a_run_goes_on(loaded):
    guard = Guard(Cell().build())
    loaded.ParallelContext().set_maxstep(10)
    loaded.finitialize(-67)
    guard.begin()
    for _ in range(5):
        guard.advance(loaded.t + 0.05)
    gc.collect()
    before = sys.getallocatedblocks()
    for _ in range(200):
        guard.advance(loaded.t + 0.05)
    gc.collect()
    # Two objects of NEURON an advance were 400.
    assert sys.getallocatedblocks() - before < 100


def test_a_trial_keeps_nothing_of_its_nodes(bytes_in_use):
    for seed in range(4):
        Trial(**FEW, seed=seed).run()
    before = bytes_in_use()
    for seed in range(12):
        Trial(**FEW, seed=seed).run()
    # Measured: 0.2 kB a trial in the long run, up to 3 in the first ones; 14.4 kB when a guard had
    # pointers to all 453 segments.
    assert (bytes_in_use() - before) / 12 < 8000
