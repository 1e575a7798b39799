"""Small studies with a known answer, as folders."""

from collections.abc import Iterable, Sequence
from copy import deepcopy
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset

from tests.support.pet import (
    ROOT,
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


def as_study(number: int, datasets: Iterable[Dataset]) -> list[Dataset]:
    """Return copies that are of another study: the builders' UIDs moved elsewhere.

    So several studies can go to one node and know nothing of one another.
    """
    moved = [deepcopy(dataset) for dataset in datasets]
    for dataset in moved:
        _move_uids(dataset, number)
        dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    return moved


def uid_in(number: int, uid: str) -> str:
    """Return what `as_study` makes of a UID."""
    if not uid.startswith(f"{ROOT}."):
        return uid
    return f"{ROOT}.{1000 + number}.{uid.removeprefix(f'{ROOT}.')}"


def write_study(folder: Path, *, peak: float = 3e5, **overrides: object) -> list[Path]:
    """Write `small_study` and return its files, the structure set last."""
    pet, contours = small_study(peak=peak, **overrides)
    return write_all([*pet, contours], folder)


def _bumps() -> np.ndarray:
    """Return Bq/ml with a plausible mouse's SUV and texture in every voxel."""
    generator = np.random.default_rng(7)
    return 2e5 * (1 + 0.5 * generator.random((12, 16, 18)))


def _move_uids(dataset: Dataset, number: int) -> None:
    for element in dataset:
        if element.VR == "SQ":
            for item in element.value:
                _move_uids(item, number)
        elif element.VR == "UI":
            element.value = uid_in(number, str(element.value))
