"""NeuroML2: writes and reads cells, reads components, validates files."""
