"""The local texture index as an ordinary PET series (PS3.3 A.21, *Units* NONE).

Few viewers show a Parametric Map; every viewer shows a series of slices and fuses it on
the CT. The Parametric Map remains the truth: here the index is in 16 bits, the greatest
absolute value being 32767.

Design choice: what has no index is -32768 and is *Pixel Padding Value*. Viewers that
know padding show nothing there. In others it is far below the window, and hence as dark
as the window goes: a value just below the least index would be drawn as one where a
viewer interpolates across the edge of the region.

Design choice: regions that do not overlap share a series, with one slope and one
window, so that their colours compare. A region that overlaps one before it goes into
the next series in which it has room.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from dicom_io.codes import LOCAL_TEXTURE_INDEX
from dicom_io.pet.series import PetSeries
from dicom_io.results.group_subject import SourceGroupSubject
from dicom_io.results.images.map_content import INDEX_DISCLAIMER, NoScoreMapError
from dicom_io.results.images.pet_images import Identities, ImageKind, derived_images
from dicom_io.results.images.single_frames import EncodedInstance
from dicom_io.results.images.stored_values import StoredValues, slope_of
from dicom_io.stamp import Equipment
from model.grid import require_same_grid
from model.score.assessment import RoiAssessment

PADDING = -32768
"""Stored value of what has no index."""

_GREATEST = 32767
_SHORT_TEXT = 1024


def layers_of(assessments: Sequence[RoiAssessment]) -> tuple[tuple[int, ...], ...]:
    """Return which regions share a series.

    Parameters
    ----------
    assessments : sequence of RoiAssessment
        On one grid.

    Returns
    -------
    tuple of tuple of int
        Indices of the assessments of each series, rising. A region without a map is in
        none; every other is in the first series where no region before it overlaps it.
    """
    layers: list[list[int]] = []
    taken: list[NDArray[np.bool_]] = []
    for index, assessment in enumerate(assessments):
        if assessment.score_map is None:
            continue
        inside = assessment.mask.inside
        place = next(
            (n for n, there in enumerate(taken) if not (there & inside).any()),
            len(layers),
        )
        if place == len(layers):
            layers.append([])
            taken.append(np.zeros(inside.shape, np.bool_))
        layers[place].append(index)
        taken[place] |= inside
    return tuple(map(tuple, layers))


def build_score_series(
    series: PetSeries,
    assessments: Sequence[RoiAssessment],
    identities: Identities,
    equipment: Equipment,
    subject: SourceGroupSubject | None = None,
) -> Iterator[EncodedInstance]:
    """Give the images of the local texture index, in the order of slices.

    Parameters
    ----------
    series : PetSeries
        What was scored; the images join this study and frame of reference.
    assessments : sequence of RoiAssessment
        Of one layer: each with a map on the grid of the series, at least one. Where
        they overlap all the same, the later one shows.
    identities : callable
        Gives the identity of an instance, counted from 1.
    equipment : Equipment
    subject : SourceGroupSubject or None
        The animal, where the PET shows several: the images are then in a study of its.

    Raises
    ------
    NoScoreMapError
        When a region has no map.
    GridMismatchError
        When a map stands on another grid.
    """
    index = np.full(series.volume.grid.shape, np.nan)
    for assessment in assessments:
        if assessment.score_map is None:
            raise NoScoreMapError(assessment.roi.name)
        require_same_grid(series.volume.grid, assessment.score_map.grid)
        inside = assessment.mask.inside
        index[inside] = assessment.score_map.values[inside]
    names = ", ".join(assessment.roi.name for assessment in assessments)
    said = f"{INDEX_DISCLAIMER}. Not calibrated to any unit; research use only. Regions"
    kind = ImageKind(
        units="NONE",
        derivation=LOCAL_TEXTURE_INDEX,
        description=f"{said}: {_plain(names)}"[:_SHORT_TEXT].strip(),
        window=_window(index),
        window_explanation="Range of the index",
        further={"PixelPaddingValue": PADDING},
    )
    stored = _stored(index)
    return derived_images(series, stored, kind, identities, equipment, subject)


def _window(index: NDArray[np.float64]) -> tuple[float, float]:
    finite = index[np.isfinite(index)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)


def _stored(index: NDArray[np.float64]) -> StoredValues:
    known = np.isfinite(index)
    greatest = float(np.abs(index[known]).max()) if known.any() else 0.0
    slope = slope_of((greatest or 1.0) / _GREATEST)
    pixels = np.full(index.shape, PADDING, "<i2")
    whole = np.rint(index[known] / float(slope))
    pixels[known] = np.clip(whole, -_GREATEST, _GREATEST)
    return StoredValues(pixels, (slope,) * len(index))


def _plain(names: str) -> str:
    """Return names without what a text of DICOM cannot hold."""
    return "".join(letter for letter in names if letter.isprintable())
