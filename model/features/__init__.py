"""Texture and intensity features of a region, by IBEX's definitions and names."""
