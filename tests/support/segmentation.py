"""Builders of Segmentations, as highdicom writes them, for tests of every package."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from highdicom.seg import (
    SegmentAlgorithmTypeValues,
    Segmentation,
    SegmentationTypeValues,
    SegmentDescription,
)
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes

from tests.support.pet import ROOT
from tests.support.studies import TUMOUR_COLUMNS, TUMOUR_ROWS, TUMOUR_SLICES

SEGMENTATION_UID = f"{ROOT}.1.4.1"
SEGMENTATION_SERIES_UID = f"{ROOT}.1.4"


def segmentation_dataset(
    images: Sequence[Dataset],
    segments: Mapping[str, NDArray[Any]],
    *,
    kind: str = "BINARY",
    **options: Any,
) -> Dataset:
    """Return a Segmentation of single-frame images.

    Parameters
    ----------
    images : sequence of Dataset
        In any order.
    segments : mapping of str to ndarray, shape (images, rows, columns)
        By label; booleans, or fractions of 1 for FRACTIONAL. Slices are those of the
        images as given.
    kind : str
        BINARY, FRACTIONAL or LABELMAP, of which the last knows no overlap.
    **options
        Of highdicom.
    """
    stacked = np.stack(list(segments.values()), axis=-1)
    if kind == "FRACTIONAL":
        pixels = stacked.astype(np.float32)
    elif kind == "LABELMAP":
        numbers = np.arange(1, len(segments) + 1, dtype=np.uint8)
        pixels = (stacked * numbers).sum(axis=-1).astype(np.uint8)
    else:
        pixels = stacked.astype(np.uint8)
    dataset = Segmentation(
        source_images=list(images),
        pixel_array=pixels,
        segmentation_type=SegmentationTypeValues(kind),
        segment_descriptions=[
            _description(number, label) for number, label in enumerate(segments, 1)
        ],
        series_instance_uid=SEGMENTATION_SERIES_UID,
        series_number=4,
        sop_instance_uid=SEGMENTATION_UID,
        instance_number=1,
        manufacturer="Contouring",
        manufacturer_model_name="Painter",
        software_versions="1",
        device_serial_number="1",
        **options,
    )
    dataset.file_meta.ImplementationVersionName = "TEST"
    return dataset


def keep_frames(dataset: Dataset, kept: Sequence[int]) -> None:
    """Keep only some frames of a BINARY Segmentation, in the order given."""
    pixels = dataset.pixel_array.reshape(-1, dataset.Rows, dataset.Columns)[list(kept)]
    groups = dataset.PerFrameFunctionalGroupsSequence
    dataset.PerFrameFunctionalGroupsSequence = [groups[frame] for frame in kept]
    dataset.NumberOfFrames = len(kept)
    dataset.PixelData = _packed(pixels)


def _packed(pixels: NDArray[Any]) -> bytes:
    packed = np.packbits(pixels.ravel().astype(np.uint8), bitorder="little").tobytes()
    return packed + b"\0" * (len(packed) % 2)


def painted_tumour(
    images: Sequence[Dataset], kind: str, *, slices: range = TUMOUR_SLICES
) -> Dataset:
    """Return a Segmentation of the tumour of `small_study`, on all of its slices."""
    inside = np.zeros((12, 16, 18), np.bool_)
    inside[list(slices), TUMOUR_ROWS, TUMOUR_COLUMNS] = True
    return segmentation_dataset(images, {"Tumor": inside}, kind=kind)


def _description(number: int, label: str) -> SegmentDescription:
    return SegmentDescription(
        segment_number=number,
        segment_label=label,
        segmented_property_category=codes.SCT.MorphologicallyAbnormalStructure,
        segmented_property_type=codes.SCT.Neoplasm,
        algorithm_type=SegmentAlgorithmTypeValues.MANUAL,
    )
