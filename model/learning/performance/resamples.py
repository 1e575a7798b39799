"""How many samples make an optimism: apart from its making, since it is a choice."""

RESAMPLES = 500
"""The standard error of the mean optimism is then below a twentieth of its spread."""
