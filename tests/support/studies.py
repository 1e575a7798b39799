"""Small studies with a known answer, as folders."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset

from tests.support.pet import (
    pet_datasets,
    square_mm,
    structure_set_dataset,
    write_all,
)

TUMOUR_ROWS = slice(4, 10)
TUMOUR_COLUMNS = slice(5, 12)
TUMOUR_SLICES = range(3, 8)
TUMOUR_VOXELS = 6 * 7 * 5


def small_study(
    *, peak: float = 3e5, **overrides: object
) -> tuple[list[Dataset], Dataset]:
    """Return a PET series of 12 small slices and a structure set with one tumour.

    Stored values lie between two thirds of the peak, Bq/ml by default, and the peak.
    """
    pet = pet_datasets(values=peak / 3e5 * _bumps(), **overrides)
    return pet, contours_on(pet)


def contours_on(pet: Sequence[Dataset], **overrides: object) -> Dataset:
    """Return a structure set with ``Tumor``, a block of `TUMOUR_VOXELS` voxels."""
    squares = [
        square_mm(pet, number, rows=TUMOUR_ROWS, columns=TUMOUR_COLUMNS)
        for number in TUMOUR_SLICES
    ]
    return structure_set_dataset(pet, {"Tumor": squares}, **overrides)


def write_study(folder: Path, *, peak: float = 3e5, **overrides: object) -> list[Path]:
    """Write `small_study` and return its files, the structure set last."""
    pet, contours = small_study(peak=peak, **overrides)
    return write_all([*pet, contours], folder)


def _bumps() -> np.ndarray:
    """Return Bq/ml with a plausible mouse's SUV and texture in every voxel."""
    generator = np.random.default_rng(7)
    return 2e5 * (1 + 0.5 * generator.random((12, 16, 18)))
