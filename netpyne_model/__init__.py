"""CA1 pyramidal place cell (Hsu, Zhao, Milstein & Spruston 2018) in NeuroML2 and NetPyNE."""

__version__ = "0.1.0"
