"""Where regions are drawn: structure sets, segmentations, registrations."""
