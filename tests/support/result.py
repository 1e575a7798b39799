"""Builders of what result objects are made of: a PET series, a region's assessment."""

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from dicom_io.pet.series import PetSeries, read_pet_series
from dicom_io.results.report.report_content import ReportContent
from dicom_io.source_reference import SourceReference
from dicom_io.stamp import Equipment, ObjectIdentity
from model.contours import Roi
from model.grid import Grid, Mask, Volume
from model.score.assessment import (
    RoiAssessment,
    Sensitivity,
    SensitivityBasis,
    Shuffled,
    SuvStatistics,
    Term,
)
from model.score.domain import Circumstances, Domain
from model.score.score_model import (
    Aggregation,
    Calibration,
    Dimension,
    Discretisation,
    KurtosisKind,
    Limits,
    Preparation,
    ScoreModel,
)
from model.score.uptake import Uptake
from model.suv import SuvConversion
from tests.support.pet import write_all

CREATED_AT = datetime(2026, 3, 2, 12, 34, 56, 789000, timezone(timedelta(hours=1)))
EQUIPMENT = Equipment(
    manufacturer="exhaustion-node",
    model_name="exhaustion-node",
    serial_number="EXNODE",
    software_version="0.1.0",
    station_name="EXNODE",
)
MODEL = ScoreModel(
    name="zhang2023-fine",
    version="1.0.0",
    title="texture index (published equation, uncalibrated)",
    coefficients={
        "glcm_InverseVariance": -297.597,
        "glcm_Homogeneity2": 178.689,
        "histogram_Kurtosis": 1.088,
    },
    intercept=1.485,
    cut_off=0.0,
    outcome="proportion of terminally exhausted cells above the training median",
    calibration=Calibration.NONE,
    preparation=Preparation(
        discretisation=Discretisation.IBEX_FIXED_COUNT,
        levels=256,
        limits=Limits.NONZERO_RANGE,
        dimension=Dimension.IN_PLANE,
        aggregation=Aggregation.POOLED,
        offset=1,
        symmetric=True,
        kurtosis=KurtosisKind.MASKED_VALUES,
    ),
    minimum_voxels=30,
    map_radius_mm=2.4,
    reference="doi:10.1186/s40364-023-00454-z",
    sha256="ab" * 32,
    domain=Domain(tracers=("FDG",), uptake_min=(45.0, 75.0), minimum_diameter_mm=5.0),
)
SENSITIVITY = Sensitivity(
    low=-1.25,
    high=2.5,
    shift=0.75,
    basis=SensitivityBasis.PERTURBATION,
    parts={"contour_in": None, "contour_out": -1.25, "noise_seed": 0},
)
FEATURES = {
    "glcm_InverseVariance": 0.01234567890123,
    "glcm_Homogeneity2": 0.0234567890123,
    "histogram_Kurtosis": 2.98765432109876,
}


def identity(**overrides: Any) -> ObjectIdentity:
    """Return the identity of an object, its fields replaceable."""
    fields: dict[str, Any] = {
        "sop_instance_uid": "1.2.826.0.1.3680043.10.1555.77.1",
        "series_instance_uid": "1.2.826.0.1.3680043.10.1555.77",
        "uid_root": "2.25.",
        "series_number": 9001,
        "instance_number": 1,
        "series_description": "T-cell exhaustion texture report",
        "created_at": CREATED_AT,
        "job_key": "0123456789abcdef" * 4,
    }
    return ObjectIdentity(**(fields | overrides))


def series_of(datasets: Sequence[Dataset], folder: Path) -> PetSeries:
    """Write a series into a folder and return it as it is read back."""
    return read_pet_series(write_all(datasets, folder))


def block(grid: Grid) -> NDArray[np.bool_]:
    """Return a region with a hole, a step and an island, two voxels off the middle."""
    inside = np.zeros(grid.shape, bool)
    slices, rows, columns = (length // 2 for length in grid.shape)
    inside[slices - 2 : slices + 1, rows - 4 : rows + 3, columns - 5 : columns + 2] = (
        True
    )
    inside[slices - 1, rows - 1 : rows + 1, columns - 2] = False
    inside[slices - 1, rows - 4, columns - 5] = False
    inside[slices - 1, rows + 5, columns + 4] = True
    return inside


def assessment_of(
    series: PetSeries, inside: NDArray[np.bool_] | None = None, **overrides: Any
) -> RoiAssessment:
    """Return an assessment with made-up numbers, its fields replaceable."""
    grid = series.volume.grid
    mask = Mask(grid, block(grid) if inside is None else inside)
    map_values = np.full(grid.shape, np.nan, np.float32)
    map_values[mask.inside] = np.linspace(-12.5, 7.25, mask.voxels)
    fields: dict[str, Any] = {
        "roi": Roi(1, "Tumour", (), grid.frame_of_reference),
        "mask": mask,
        "suv": SuvStatistics(0.25, 1.5, 1.625, 4.125, 0.875, mask.volume_ml),
        "uptake": Uptake(3.5, 2.0, 0.8 * mask.volume_ml, 0.125, 41.0),
        "features": dict(FEATURES),
        "score_model": MODEL,
        "score": 0.8012345678901,
        "terms": tuple(
            Term(name, FEATURES[name], coefficient)
            for name, coefficient in MODEL.coefficients.items()
        ),
        "readings": {
            "zhang2023-fine": 0.8012345678901,
            "zhang2023-64": -3.25,
            "zhang2023-ibex-example": None,
        },
        "probability": None,
        "exhausted": None,
        "score_map": Volume(grid, map_values, "1"),
        "warnings": ("12 voxels: texture of so few is unsure",),
        "shuffled": Shuffled(4.5, 0.25, 100, 7),
        "sensitivity": SENSITIVITY,
        "circumstances": Circumstances("FDG", "F-18", "mouse", None, 70.0),
    }
    return RoiAssessment(**(fields | overrides))


def content_of(*assessments: RoiAssessment, **overrides: Any) -> ReportContent:
    """Return the content of a report, its fields replaceable."""
    fields: dict[str, Any] = {
        "assessments": assessments,
        "conversion": SuvConversion(
            rule="BQML, START, decay reference = Series Time",
            factor=6.123e-06,
            numbers={"weight_g": 22.0, "injected_activity_bq": 5.55e6},
            statements=("decay reference is Series Time",),
        ),
        "contour_source": SourceReference(
            "1.2.840.10008.5.1.4.1.1.481.3",
            "1.2.826.0.1.3680043.10.1555.1.3.1",
            "1.2.826.0.1.3680043.10.1555.1",
            "1.2.826.0.1.3680043.10.1555.1.3",
        ),
        "of_regions": ((),) * len(assessments),
        "predecessor": None,
        "statements": ("contours matched by frame of reference",),
    }
    return ReportContent(**(fields | overrides))
