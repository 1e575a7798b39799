"""Images with regions, made up or read, and the preparations of the readings."""

from pathlib import Path

import nibabel
import numpy as np
import pydicom
from numpy.typing import NDArray

from model.features.preparation import (
    Aggregation,
    Dimension,
    Discretisation,
    HistogramBins,
    KurtosisKind,
    Limits,
    Preparation,
)
from model.grid import Grid, Mask, Volume

FINE = Preparation(
    discretisation=Discretisation.IBEX_FIXED_COUNT,
    levels=256,
    limits=Limits.NONZERO_RANGE,
    dimension=Dimension.IN_PLANE,
    aggregation=Aggregation.POOLED,
    offset=1,
    symmetric=True,
    kurtosis=KurtosisKind.MASKED_VALUES,
)
IBEX_EXAMPLE = Preparation(
    discretisation=Discretisation.IBEX_UNIT_STEP,
    levels=None,
    limits=Limits.NONZERO_RANGE,
    dimension=Dimension.IN_PLANE,
    aggregation=Aggregation.POOLED,
    offset=1,
    symmetric=True,
    kurtosis=KurtosisKind.BIN_PROBABILITIES,
    histogram=HistogramBins(101, 0.0, 100.0),
)


def grid_of(shape: tuple[int, ...], spacing_mm: float = 0.8) -> Grid:
    slices, rows, columns = shape
    return Grid(
        shape=(slices, rows, columns),
        origin_mm=(0.0, 0.0, 0.0),
        slice_step_mm=(0.0, 0.0, spacing_mm),
        row_step_mm=(0.0, spacing_mm, 0.0),
        column_step_mm=(spacing_mm, 0.0, 0.0),
        frame_of_reference="1.2.3",
    )


def region_of(
    values: NDArray[np.floating], inside: NDArray[np.bool_] | None = None
) -> tuple[Volume, Mask]:
    grid = grid_of(values.shape)
    everywhere = np.ones(values.shape, np.bool_)
    chosen = everywhere if inside is None else inside
    return Volume(grid, np.asarray(values, np.float64), "g/ml"), Mask(grid, chosen)


def blob(
    seed: int, shape: tuple[int, int, int] = (6, 9, 8)
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """A noisy image and a ragged region with holes, off the image's centre."""
    random = np.random.default_rng(seed)
    image = random.gamma(3.0, 1.5, shape)
    distance = np.linalg.norm(
        np.indices(shape).reshape(3, -1).T - (np.array(shape) / 2.2), axis=1
    ).reshape(shape)
    inside = (distance < min(shape) / 2) & (random.random(shape) < 0.85)
    return image, inside


def sts_tumour(folder: Path) -> tuple[Volume, Mask]:
    """A human PET in g/ml with the reference mask of its tumour."""
    return _sts(folder, "PET", "g/ml", margin=1000)


def sts_ct_tumour(folder: Path) -> tuple[Volume, Mask]:
    """A human CT in Hounsfield units with the reference mask of its tumour."""
    return _sts(folder, "CT", "[hnsf'U]", margin=0)


def _sts(folder: Path, modality: str, unit: str, *, margin: int) -> tuple[Volume, Mask]:
    """Read the slices that hold the tumour, and so many more on either side."""
    mask = nibabel.Nifti1Image.from_filename(
        folder / "reference-masks" / f"{modality}_mask.nii.gz"
    )
    inside = np.asarray(mask.dataobj).transpose(2, 1, 0) > 0
    used = np.flatnonzero(inside.any(axis=(1, 2)))
    kept = slice(max(0, used[0] - margin), used[-1] + 1 + margin)
    paths = sorted((folder / modality / "image").glob("*.dcm"))
    headers = [pydicom.dcmread(path, stop_before_pixels=True) for path in paths]
    order = np.argsort([float(h.ImagePositionPatient[2]) for h in headers])
    chosen = [pydicom.dcmread(paths[n]) for n in order[kept]]
    values = np.stack(
        [h.pixel_array * float(h.RescaleSlope) + h.RescaleIntercept for h in chosen]
    )
    in_plane = float(chosen[0].PixelSpacing[0])
    x, y, z = (float(number) for number in chosen[0].ImagePositionPatient)
    grid = Grid(
        shape=values.shape,
        origin_mm=(x, y, z),
        slice_step_mm=(0.0, 0.0, 3.27),
        row_step_mm=(0.0, in_plane, 0.0),
        column_step_mm=(in_plane, 0.0, 0.0),
        frame_of_reference="1.2.3",
    )
    return Volume(grid, values, unit), Mask(grid, inside[kept])
