"""Valid small studies, one of whose files is then made hostile."""

from dataclasses import dataclass

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import JPEG2000Lossless, JPEGLSLossless, RLELossless

from dicom_io.part10 import encode_dataset
from tests.fuzz.elements import Tree, tree_of
from tests.support.acquisition_context import acquisition_context, ordinary_items
from tests.support.enhanced_pet import (
    drawn_on_frames,
    enhanced_dataset,
    legacy_converted_dataset,
)
from tests.support.pet import FRAME_OF_REFERENCE_UID, ROOT, pet_datasets
from tests.support.planes import image_datasets
from tests.support.registration import registration_dataset, source, turned_z
from tests.support.segmentation import painted_tumour
from tests.support.studies import contours_on, small_study

OTHER_FRAME = f"{ROOT}.1.77"
NAME = "Mouse^Seven"
"""The patient's name in all of them, which nothing may repeat."""


@dataclass(frozen=True)
class Scene:
    """A study that can be scored.

    Attributes
    ----------
    name : str
    files : tuple of bytes
    trees : tuple of (int, Tree)
        Those of the files that are mutated, by their place.
    """

    name: str
    files: tuple[bytes, ...]
    trees: tuple[tuple[int, Tree], ...]


def scenes() -> list[Scene]:
    """Return a study of each kind that the node reads."""
    return [
        _scene("contours", *_contours()),
        _scene("segmentation", *_segmentation()),
        _scene("fractions", *_fractions()),
        _scene("enhanced", *_enhanced()),
        _scene("converted", *_converted()),
        _scene("registered", *_registered()),
        _scene("compressed", *_compressed()),
    ]


def _scene(name: str, datasets: list[Dataset], chosen: list[int]) -> Scene:
    files = tuple(encode_dataset(dataset) for dataset in datasets)
    trees = tuple((place, tree_of(datasets[place])) for place in chosen)
    return Scene(name, files, trees)


def _contours() -> tuple[list[Dataset], list[int]]:
    pet, contours = small_study()
    # Weight and injection are left out: they are others than the PET's.
    _, graft, _, *others = ordinary_items()
    report = acquisition_context(graft, *others)
    datasets = [*pet, contours, report]
    return datasets, [0, 5, 12, 12, 13]


def _segmentation() -> tuple[list[Dataset], list[int]]:
    pet, _ = small_study()
    return [*pet, painted_tumour(pet, "BINARY")], [3, 12, 12, 12]


def _fractions() -> tuple[list[Dataset], list[int]]:
    pet, _ = small_study()
    return [*pet, painted_tumour(pet, "FRACTIONAL")], [12]


def _enhanced() -> tuple[list[Dataset], list[int]]:
    pet, contours = small_study()
    image = enhanced_dataset(pet)
    return [image, drawn_on_frames(contours, image)], [0, 0, 1]


def _converted() -> tuple[list[Dataset], list[int]]:
    pet, contours = small_study()
    image = legacy_converted_dataset(pet)
    return [image, drawn_on_frames(contours, image)], [0]


def _registered() -> tuple[list[Dataset], list[int]]:
    pet, _ = small_study()
    values = [int(1000 + k) for k in range(12)]
    shaped = [[[value] * 18] * 16 for value in values]
    ct = image_datasets("CT", shaped, FrameOfReferenceUID=OTHER_FRAME)
    joined = registration_dataset(
        FRAME_OF_REFERENCE_UID, source(OTHER_FRAME, turned_z(0.0))
    )
    return [*pet, *ct, contours_on(ct), joined], [14, 24, 25, 25]


def _compressed() -> tuple[list[Dataset], list[int]]:
    values = 2e4 * (1 + 0.5 * np.random.default_rng(7).random((12, 64, 64)))
    pet = pet_datasets(values=values)
    for number, syntax in enumerate((RLELossless, JPEGLSLossless, JPEG2000Lossless)):
        pet[number].compress(syntax, generate_instance_uid=False)
    return [*pet, contours_on(pet)], [0, 1, 2]
