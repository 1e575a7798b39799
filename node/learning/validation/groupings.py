"""Whose scans are not independent of each other: a choice, apart from the rows."""

ANIMAL, CAGE, BATCH = "animal", "cage", "batch"
GROUPINGS = (ANIMAL, CAGE, BATCH)
