"""The cell as NetPyNE assembles it: spines folded or explicit, then ``cellParams``."""
