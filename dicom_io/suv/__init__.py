"""From a PET series to SUVbw: units, decay, and what was injected into whom."""
