"""A study of two animals in one bed, and the log that tells them apart."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from tests.support.pet import (
    pet_datasets,
    square_mm,
    structure_set_dataset,
    write_all,
)
from tests.support.report_alone import report_alone

SLICES, ROWS, COLUMNS = 12, 16, 24
LEFT, RIGHT = slice(3, 9), slice(15, 21)
TUMOUR_ROWS = slice(4, 10)
LOG_HEAD = "animal,patient_id,study_date,weight_g,activity_mbq,injected_at,bed_position"


def bed_study(
    names: tuple[str, str] = ("Tumor M1", "Tumor M2"), **overrides: Any
) -> tuple[list[Dataset], Dataset]:
    """Return a PET of a group of two and a structure set with a tumour in each half.

    M1 lies in the first columns, at the machine's right for an animal that lies head
    first, prone, on an Inveon, whose columns run to the patient's right.
    """
    group = {
        "PatientID": "bed7",
        "PatientWeight": None,
        "RadionuclideTotalDose": None,
        "RadiopharmaceuticalStartTime": None,
        "RadiopharmaceuticalStartDateTime": None,
        "PatientPosition": "HFP",
        "GroupOfPatientsIdentificationSequence": [
            _member("M1", [1, 1, 1]),
            _member("M2", [2, 1, 1]),
        ],
        **overrides,
    }
    pet = pet_datasets(values=_two_bodies(), **group)
    contours = {
        name: [
            square_mm(pet, number, rows=TUMOUR_ROWS, columns=columns)
            for number in range(3, 8)
        ]
        for name, columns in zip(names, (LEFT, RIGHT), strict=True)
    }
    return pet, structure_set_dataset(pet, contours)


def write_bed(
    folder: Path, names: tuple[str, str] = ("Tumor M1", "Tumor M2"), **overrides: Any
) -> list[Path]:
    """Write `bed_study` and return its files, the structure set last."""
    pet, contours = bed_study(names, **overrides)
    return write_all([*pet, contours], folder)


def write_log(path: Path, rows: Sequence[str], head: str = LOG_HEAD) -> Path:
    """Write an injection log and return a configuration that names it."""
    path.write_text("\n".join([head, *rows, ""]), encoding="utf-8")
    config = path.with_suffix(".toml")
    config.write_text(
        report_alone(f'[injection_log]\npath = "{path}"\n'), encoding="utf-8"
    )
    return config


def _member(patient_id: str, place: list[int]) -> Dataset:
    item = Dataset()
    item.PatientID = patient_id
    item.SubjectRelativePositionInImage = place
    return item


def _two_bodies() -> NDArray[np.float64]:
    """Return Bq/ml; one body in each half, with the same activity in both."""
    generator = np.random.default_rng(11)
    values = np.zeros((SLICES, ROWS, COLUMNS))
    body = 2e5 * (1 + 0.5 * generator.random((SLICES, ROWS - 4, COLUMNS // 2 - 2)))
    values[:, 2:-2, 1:11] = body
    values[:, 2:-2, 13:23] = body
    return values
