"""Small studies of each kind of source that results are read back of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from tests.support.bed import bed_study, write_log
from tests.support.dynamic import CHOSEN, FRAMES_S, dynamic_datasets
from tests.support.enhanced_pet import drawn_on_frames, enhanced_dataset
from tests.support.pet import square_mm, structure_set_dataset, write_all
from tests.support.reading import Voxels, single_frames
from tests.support.studies import contours_on, small_study

SLICES = 12
_BED_LOG = (
    "M1,bed7,2026-03-02,20.0,5.0,2026-03-02T09:00,",
    "M2,bed7,2026-03-02,25.0,5.0,2026-03-02T09:00,",
)


@dataclass(frozen=True)
class Written:
    """A study in a folder, and what a reader must know that is not ours.

    Attributes
    ----------
    folder : Path
    slices : list of Dataset
        Single-frame images of the grid that is scored.
    frames : list of Dataset
        The same in the order of frames, where the PET is one object of several.
    activity : Voxels or None
        Bq/ml, where it is not that of the slices.
    options : tuple of str
        For ``score``.
    animals : tuple of str
        Patient IDs of results, where they are not the PET's.
    """

    folder: Path
    slices: list[Dataset]
    frames: list[Dataset] = field(default_factory=list)
    activity: Voxels | None = None
    options: tuple[str, ...] = ()
    animals: tuple[str, ...] = ()


def decreasing(folder: Path) -> Written:
    """Write slices that are numbered against the normal of their orientation."""
    pet, contours = small_study()
    write_all([*pet, contours], folder)
    return Written(folder, pet)


def oblique(folder: Path) -> Written:
    """Write a turned grid, numbered along its normal, with regions that overlap."""
    pet, _ = small_study(InstanceNumber=_from_last, ImageIndex=_from_last)
    blocks = {
        "Tumor": (slice(4, 10), slice(5, 12)),
        "Core": (slice(6, 9), slice(8, 15)),
    }
    contours = structure_set_dataset(
        pet,
        {
            name: [square_mm(pet, k, rows=rows, columns=columns) for k in range(3, 8)]
            for name, (rows, columns) in blocks.items()
        },
    )
    _turn(pet, contours, _rotation(0.3, -0.2, 0.5))
    write_all([*pet, contours], folder)
    return Written(folder, pet)


def enhanced(folder: Path) -> Written:
    """Write an Enhanced PET image whose frames are in no order of place."""
    pet, contours = small_study()
    frames = [pet[k] for k in np.random.default_rng(4).permutation(len(pet))]
    image = enhanced_dataset(frames)
    write_all([image, drawn_on_frames(contours, image)], folder)
    return Written(folder, pet, frames)


def dynamic(folder: Path) -> Written:
    """Write a dynamic series, of which the middle frames are averaged."""

    def bq_ml(number: int) -> NDArray[np.float64]:
        generator = np.random.default_rng(number)
        noise = generator.random((SLICES, 16, 18))
        return np.asarray(2e5 * (0.5 + 0.1 * number + 0.5 * noise))

    pet = dynamic_datasets(values=bq_ml)
    write_all([*pet, contours_on(pet[-SLICES:])], folder)
    of_frames = [pet[(n - 1) * SLICES : n * SLICES] for n in CHOSEN]
    read = [single_frames(each) for each in of_frames]
    durations = [FRAMES_S[n - 1] for n in CHOSEN]
    mean = np.average([each.values for each in read], axis=0, weights=durations)
    return Written(folder, of_frames[0], activity=Voxels(read[0].points, mean))


def bed(folder: Path) -> Written:
    """Write a PET of two animals, and the log that tells them apart."""
    pet, contours = bed_study()
    write_all([*pet, contours], folder)
    log = folder.with_name("log.csv")
    config = write_log(log, _BED_LOG)
    # With all objects, each of which is read.
    config.write_text(f'[injection_log]\npath = "{log}"\n', encoding="utf-8")
    return Written(folder, pet, options=("--config", str(config)), animals=("M1", "M2"))


STUDIES: dict[str, Callable[[Path], Written]] = {
    each.__name__: each for each in (decreasing, oblique, enhanced, dynamic, bed)
}


def _from_last(k: int) -> int:
    return SLICES - k


def _rotation(*angles: float) -> NDArray[np.float64]:
    """Return a turn about x, then y, then z."""
    turned = np.eye(3)
    for axis, angle in enumerate(angles):
        one, other = [at for at in range(3) if at != axis]
        turn = np.eye(3)
        turn[one, one] = turn[other, other] = np.cos(angle)
        turn[one, other], turn[other, one] = -np.sin(angle), np.sin(angle)
        turned = turn @ turned
    return turned


def _turn(
    pet: Sequence[Dataset], contours: Dataset, rotation: NDArray[np.float64]
) -> None:
    """Turn a study about the origin, in place."""
    for image in pet:
        for keyword in ("ImagePositionPatient", "ImageOrientationPatient"):
            image[keyword].value = _turned(image[keyword].value, rotation)
    for drawn in contours.ROIContourSequence:
        for contour in drawn.ContourSequence:
            contour.ContourData = _turned(contour.ContourData, rotation)


def _turned(values: Sequence[float], rotation: NDArray[np.float64]) -> list[str]:
    points = np.reshape(np.array(values, float), (-1, 3)) @ rotation.T
    return [f"{number:.9f}" for number in points.ravel()]
