"""What flow cytometry measured of the CD8+ T cells of a tumour."""

from enum import StrEnum


class Readout(StrEnum):
    """A readout of exhaustion; the four of Zhang et al. 2023."""

    EARLY = "early"
    """Proportion of early exhausted cells."""
    TERMINAL = "terminal"
    """Proportion of terminally exhausted cells (CD8+ PD-1hi)."""
    RATIO = "early_to_terminal"
    """Early over terminal proportion, E/T."""
    MFI = "mfi"
    """Mean fluorescence intensity of PD-1."""
