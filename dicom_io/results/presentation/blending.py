"""A series laid over another: Advanced Blending Presentation State (PS3.3 A.33.7).

Design choice: the two are mixed half and half, in which it does not matter which of
them a viewer takes for the foreground. Beyond its threshold the series above is not
mixed in at all, so that what has no value leaves the image below as it is.

Design choice: put together by hand. highdicom's constructor wants every image of both
series with its pixels described, and states neither geometry nor threshold.

Design choice: images are named one by one, also where all of a series are meant. Those
who check references find every listed image used, and an archive that lacks some of
them can be seen to.

Design choice: what is displayed of the images, and how large, is left to the viewer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import AdvancedBlendingPresentationStateStorage

from dicom_io.lenient import attribute_value
from dicom_io.pet.series import PetSeries
from dicom_io.results.group_subject import SourceGroupSubject
from dicom_io.results.listed_sources import list_sources, plain_references
from dicom_io.results.new_object import new_object
from dicom_io.results.presentation.srgb_profile import srgb_profile
from dicom_io.source_reference import SourceReference
from dicom_io.stamp import SOFTWARE_NAME, Equipment, ObjectIdentity
from model.page.summary.palette import table_of

_HALF = 0.5
_SIXTEEN_BITS = 257
_LONG_STRING = 64
_OF_THE_SOURCE = ("BodyPartExamined", "Laterality", "AnatomicalOrientationType")
_COLOURS = ("Red", "Green", "Blue")


@dataclass(frozen=True)
class BlendedSeries:
    """A series, and how it is shown.

    Attributes
    ----------
    images : tuple of SourceReference
        All of one series, at least one.
    window : tuple of float
        Least and greatest value that are told apart, in the series' own units.
    palette : str
        Colour table, by matplotlib's name.
    threshold : tuple of float, or None
        Least and greatest value that are shown at all.
    """

    images: tuple[SourceReference, ...]
    window: tuple[float, float]
    palette: str
    threshold: tuple[float, float] | None = None


@dataclass(frozen=True)
class BlendingContent:
    """What is laid over what.

    Attributes
    ----------
    above, below : BlendedSeries
        In one frame of reference, that of the PET.
    label : str
        At most 16 capitals, digits and underscores (CS).
    description : str
        For people.
    """

    above: BlendedSeries
    below: BlendedSeries
    label: str
    description: str


def build_blending(
    series: PetSeries,
    content: BlendingContent,
    identity: ObjectIdentity,
    equipment: Equipment,
    subject: SourceGroupSubject | None = None,
) -> Dataset:
    """Return a presentation state that lays one series over another.

    Parameters
    ----------
    series : PetSeries
        Whose study and frame of reference it joins.
    content : BlendingContent
    identity : ObjectIdentity
    equipment : Equipment
    subject : SourceGroupSubject or None
        The animal, where the PET shows several: it is then in the animal's study.

    Returns
    -------
    Dataset
        Explicit VR little endian.

    References
    ----------
    * DICOM PS3.3 C.11.33, C.11.34; C.11.10 (identification); C.11.15 (ICC profile).
    """
    dataset = new_object(
        series,
        (AdvancedBlendingPresentationStateStorage, "PR"),
        identity,
        equipment,
        subject,
        (content.description,),
    )
    dataset.FrameOfReferenceUID = series.volume.grid.frame_of_reference
    dataset.PositionReferenceIndicator = None
    dataset.ContentLabel = content.label
    dataset.ContentDescription = content.description[:_LONG_STRING].strip()
    dataset.ContentCreatorName = f"{SOFTWARE_NAME}^"
    dataset.PresentationCreationDate = dataset.ContentDate
    dataset.PresentationCreationTime = dataset.ContentTime
    # A presentation state has these in place of the others (C.11.10).
    del dataset.ContentDate, dataset.ContentTime
    dataset.PixelPresentation = "TRUE_COLOR"
    dataset.AdvancedBlendingSequence = [
        _input(1, content.above, geometry="FALSE"),
        _input(2, content.below, geometry="TRUE"),
    ]
    dataset.BlendingDisplaySequence = [_mixed((1, 2))]
    for keyword in _OF_THE_SOURCE:
        if attribute_value(series.headers[0], keyword) is not None:
            dataset.add(series.headers[0][keyword])
    dataset.ICCProfile = srgb_profile()
    dataset.ColorSpace = "SRGB"
    list_sources(dataset, (*content.above.images, *content.below.images))
    return dataset


def _input(number: int, shown: BlendedSeries, geometry: str) -> Dataset:
    item = Dataset()
    item.BlendingInputNumber = number
    item.StudyInstanceUID = shown.images[0].study_instance_uid
    item.SeriesInstanceUID = shown.images[0].series_instance_uid
    item.ReferencedImageSequence = plain_references(shown.images)
    item.TimeSeriesBlending = "FALSE"
    item.GeometryForDisplay = geometry
    item.SoftcopyVOILUTSequence = [_window(*shown.window)]
    item.PaletteColorLookupTableSequence = [_palette(table_of(shown.palette))]
    if shown.threshold is not None:
        item.ThresholdSequence = [_threshold(shown.threshold)]
    return item


def _window(low: float, high: float) -> Dataset:
    item = Dataset()
    item.WindowCenter = _rounded((low + high) / 2)
    item.WindowWidth = _rounded(high - low) or 1.0
    item.VOILUTFunction = "LINEAR_EXACT"
    return item


def _palette(table: NDArray[np.uint8]) -> Dataset:
    """Return a colour table of 256 entries of 16 bits."""
    item = Dataset()
    for place, colour in enumerate(_COLOURS):
        entries = table[:, place].astype("<u2") * _SIXTEEN_BITS
        name = f"{colour}PaletteColorLookupTable"
        setattr(item, f"{name}Descriptor", [len(table), 0, 16])
        setattr(item, f"{name}Data", entries.astype("<u2").tobytes())
    return item


def _threshold(limits: Sequence[float]) -> Dataset:
    item = Dataset()
    item.ThresholdType = "RANGE_INCL"
    values = []
    for limit in limits:
        value = Dataset()
        value.ThresholdValue = limit
        values.append(value)
    item.ThresholdValueSequence = values
    return item


def _mixed(inputs: Sequence[int]) -> Dataset:
    item = Dataset()
    item.BlendingMode = "FOREGROUND"
    item.RelativeOpacity = _HALF
    used = []
    for number in inputs:
        each = Dataset()
        each.BlendingInputNumber = number
        used.append(each)
    item.BlendingDisplayInputSequence = used
    return item


def _rounded(number: float) -> float:
    return float(f"{number:.6g}")
