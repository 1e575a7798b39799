"""One case: its options, its image, its regions, its result."""
