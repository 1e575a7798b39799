"""Contests of the maps of texture, against PyRadiomics' voxel-based extraction.

Two co-occurrence features and kurtosis, 13 averaged directions, 32 levels: the fewer
levels, the faster PyRadiomics is, while nothing changes here. One thread each.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import SimpleITK as sitk  # noqa: N813 - the name that its documentation uses
from numpy.typing import NDArray
from radiomics.firstorder import RadiomicsFirstOrder
from radiomics.glcm import RadiomicsGLCM

from model.features.discretisation import grey_levels
from model.features.preparation import (
    Aggregation,
    Dimension,
    Discretisation,
    KurtosisKind,
    Limits,
    Preparation,
)
from model.grid import Grid, Mask, Volume
from model.score.maps.score_map import feature_maps
from model.score.score_model import Calibration, ScoreModel
from tests.benchmarks.measurement import Contest, UnlikeError

BATCHES = (10, 25, 50, 100, 250, 1000)
TRIED_VOXELS = 1000
SPACING_MM = 0.8
LIMIT_S = 0.25
PREPARATION = Preparation(
    discretisation=Discretisation.IBEX_FIXED_COUNT,
    levels=32,
    limits=Limits.NONZERO_RANGE,
    dimension=Dimension.VOLUME,
    aggregation=Aggregation.AVERAGED,
    offset=1,
    symmetric=True,
    kurtosis=KurtosisKind.MASKED_VALUES,
)
OF_PAIRS = {"glcm_InverseVariance": "InverseVariance", "glcm_Homogeneity2": "Idm"}
OF_VALUES = {"histogram_Kurtosis": "Kurtosis"}

Maps = dict[str, NDArray[np.float64]]


def ball(voxels: int) -> tuple[Volume, Mask]:
    """Return a smooth noisy tumour with as many voxels, give or take a few."""
    radius = (voxels * 3 / 4 / np.pi) ** (1 / 3)
    side = 2 * int(np.ceil(radius)) + 7
    offsets = np.indices((side,) * 3) - (side // 2 + 0.1)
    distance = np.sqrt(np.sum(offsets**2, axis=0))
    noise = np.random.default_rng(voxels).normal(size=(side,) * 3)
    for axis in range(3):
        noise = noise + np.roll(noise, 1, axis)
    image = 5 + 3 * np.exp(-((distance / radius) ** 2)) + 0.3 * noise
    step = SPACING_MM
    grid = Grid((side,) * 3, (0, 0, 0), (0, 0, step), (0, step, 0), (step, 0, 0), "1.2")
    return Volume(grid, image, "g/ml"), Mask(grid, distance < radius)


def equation(radius: int) -> ScoreModel:
    """Return a model of the three features with windows of that radius in voxels."""
    return ScoreModel(
        name="bench",
        version="1.0.0",
        title="texture index",
        coefficients=dict.fromkeys({**OF_PAIRS, **OF_VALUES}, 1.0),
        intercept=0.0,
        cut_off=0.0,
        outcome="none",
        calibration=Calibration.NONE,
        preparation=PREPARATION,
        minimum_voxels=1,
        map_radius_mm=radius * SPACING_MM,
        reference="none",
        sha256="0" * 64,
    )


class Peer:
    """PyRadiomics' maps of a region; what it is handed is made beforehand."""

    def __init__(self, volume: Volume, mask: Mask, radius: int) -> None:
        levels = np.zeros(mask.grid.shape, np.int32)
        levels[mask.inside] = grey_levels(volume.inside(mask), PREPARATION).values
        self._levels = sitk.GetImageFromArray(levels)
        self._values = sitk.GetImageFromArray(volume.values)
        self._mask = sitk.GetImageFromArray(mask.inside.astype(np.uint8))
        self._radius = radius

    def maps(self, batch: int, every: int = 1) -> Maps:
        """Return the maps of every n-th voxel, by name."""
        found: Maps = {}
        for kind, image, names in (
            (RadiomicsGLCM, self._levels, OF_PAIRS),
            (RadiomicsFirstOrder, self._values, OF_VALUES),
        ):
            extractor = kind(
                image,
                self._mask,
                binWidth=1,
                symmetricalGLCM=True,
                voxelBased=True,
                kernelRadius=self._radius,
                maskedKernel=True,
                initValue=np.nan,
                voxelBatch=batch,
            )
            places = extractor.labelledVoxelCoordinates[:, ::every]
            extractor.labelledVoxelCoordinates = places
            for name in names.values():
                extractor.enableFeatureByName(name)
            with np.errstate(invalid="ignore"):
                made = extractor.execute()
            for ours, theirs in names.items():
                found[ours] = sitk.GetArrayFromImage(made[theirs])
        return found

    def best_batch(self, voxels: int) -> int:
        """Return the batch size that is fastest on a part of the region's voxels."""
        every = max(1, voxels // TRIED_VOXELS)
        return min(BATCHES, key=lambda batch: self._seconds(batch, every))

    def _seconds(self, batch: int, every: int) -> float:
        began = time.process_time()
        self.maps(batch, every)
        return time.process_time() - began


@contextmanager
def against_pyradiomics(voxels: int, radius: int) -> Iterator[Contest]:
    """Maps of a region, and the same by PyRadiomics at its best batch size."""
    volume, mask = ball(voxels)
    model, peer = equation(radius), Peer(volume, mask, radius)
    batch = peer.best_batch(mask.voxels)
    every = max(1, mask.voxels // TRIED_VOXELS)
    _require_alike(feature_maps(volume, mask, model), peer.maps(batch, every))
    yield Contest(
        f"score_map_{voxels}_r{radius}",
        f"PyRadiomics voxelBased, batches of {batch} (best of "
        f"{', '.join(map(str, BATCHES))}), {mask.voxels} voxels, 32 levels, one thread",
        partial(feature_maps, volume, mask, model),
        partial(peer.maps, batch),
        5,
    )


def _require_alike(ours: dict[str, Volume], theirs: Maps) -> None:
    for name, expected in theirs.items():
        there = np.isfinite(expected)
        scale = np.abs(expected[there]) if name in OF_VALUES else 1.0
        limit = 1e-9 if name in OF_VALUES else 1e-12
        apart = np.abs(ours[name].values[there] - expected[there]) / scale
        if not there.any() or apart.max() > limit:
            raise UnlikeError


@contextmanager
def score_map_200000() -> Iterator[Contest]:
    """Maps of a large region against the time and the memory that they may take."""
    volume, mask = ball(200_000)
    with ProcessPoolExecutor(1, get_context("spawn")) as alone:
        peak_mb = alone.submit(_peak_mb).result()
    yield Contest(
        "score_map_200000",
        f"the limit of {LIMIT_S} s; {mask.voxels} voxels, radius 2, one thread; the "
        f"process takes {peak_mb:.0f} MB at its peak, of 500",
        partial(feature_maps, volume, mask, equation(2)),
        LIMIT_S,
        5,
    )


def _peak_mb() -> float:
    """Return what this process has taken at most, after making the same maps."""
    feature_maps(*ball(200_000), equation(2))
    status = Path("/proc/self/status").read_text()
    (peak_kb,) = (
        line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")
    )
    return float(peak_kb) / 1024


@contextmanager
def map_startup() -> Iterator[Contest]:
    """A process that loads the compiled loops; they were compiled at installation."""

    def load(modules: str) -> None:
        subprocess.run([sys.executable, "-c", f"import {modules}"], check=True)

    maps = "model.score.maps"
    yield Contest(
        "map_startup",
        "a process that loads numpy alone",
        partial(load, f"numpy, {maps}.local_sums, {maps}.local_kurtosis"),
        partial(load, "numpy"),
        9,
    )


MAP_CONTESTS: dict[str, Callable[[], AbstractContextManager[Contest]]] = {
    **{
        f"score_map_{voxels}_r{radius}": partial(against_pyradiomics, voxels, radius)
        for voxels in (2000, 20_000)
        for radius in (1, 2)
    },
    "score_map_200000": score_map_200000,
    "map_startup": map_startup,
}
