"""The node, killed at every place between two side effects, and what it kept.

``make crash`` prints the matrix: each fault point, killed at its first and at a later
passing, restarted, and what was acknowledged, lost and doubled.
"""
