"""What scans of one subject have in common: a choice, apart from reading studies."""

from enum import StrEnum


class PairBy(StrEnum):
    """How scans of one subject are known."""

    ANIMAL = "animal"
    """By the animal that the node knows it for: injection log, pattern, PatientID."""
    PATIENT = "patient"
    """By PatientID."""
    FOLDER = "folder"
    """By the name of the folder directly below that of the repeat."""
