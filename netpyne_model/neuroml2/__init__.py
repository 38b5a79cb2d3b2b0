"""NeuroML2: writes the cells from the section table and the density rules, reads cells and components, validates."""
