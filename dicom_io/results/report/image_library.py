"""The images that a report is about (PS3.16 TID 1600).

Design choice: what all slices share (modality, matrix, spacing, orientation, frame of
reference) is said once, for their group, as TID 1600 provides. Said again for every
slice it makes the report ten times larger.
"""

from collections.abc import Iterable, Iterator, Sequence

from dicom_io import codes
from dicom_io.attributes import required_numbers
from dicom_io.lenient import attribute_numbers
from dicom_io.pet.series import InstanceReference, PetSeries
from dicom_io.results.report import report_concepts as concepts
from dicom_io.results.report.content_items import HAS_ACQ_CONTEXT, ContentItems

_MICROMETRE_DIGITS = 6
"""Of a distance in millimetres that was computed: more are rounding."""


def image_library(
    items: ContentItems,
    series: PetSeries,
    images: Sequence[InstanceReference],
    *others: Sequence[InstanceReference],
) -> bytes:
    """Return the library of the slices, and of what belongs to them.

    Parameters
    ----------
    items : ContentItems
    series : PetSeries
        Of the slices.
    images : sequence of InstanceReference
        Slices of the series, at least one.
    *others : sequence of InstanceReference
        Further time frames, Parametric Maps: each in a group of its own; may be empty.
    """
    slices = [*_shared(items, series), *_entries(items, images)]
    groups = [
        items.container(codes.IMAGE_LIBRARY_GROUP, content)
        for content in (slices, *(_entries(items, other) for other in others if other))
    ]
    return items.container(codes.IMAGE_LIBRARY, groups)


def _entries(
    items: ContentItems, references: Iterable[InstanceReference]
) -> list[bytes]:
    return [
        items.reference("IMAGE", codes.SOURCE, reference, frame=reference.frame)
        for reference in references
    ]


def _shared(items: ContentItems, series: PetSeries) -> Iterator[bytes]:
    """Give what all slices have in common (PS3.16 TID 1602, 1604)."""
    grid, first = series.volume.grid, series.headers[0]
    _, rows, columns = grid.shape
    vertical_mm, horizontal_mm = required_numbers(first, "PixelSpacing", 2)
    between_mm = round(grid.spacing_mm[0], _MICROMETRE_DIGITS)
    thickness = attribute_numbers(first, "SliceThickness", 1) or ()
    cosines = required_numbers(first, "ImageOrientationPatient", 6)
    yield items.code(
        concepts.MODALITY, concepts.POSITRON_EMISSION_TOMOGRAPHY, HAS_ACQ_CONTEXT
    )
    yield items.uid(
        concepts.FRAME_OF_REFERENCE, grid.frame_of_reference, HAS_ACQ_CONTEXT
    )
    for name, value, unit in (
        (concepts.PIXEL_ROWS, rows, concepts.PIXELS),
        (concepts.PIXEL_COLUMNS, columns, concepts.PIXELS),
        (concepts.HORIZONTAL_SPACING, horizontal_mm, concepts.MILLIMETRE),
        (concepts.VERTICAL_SPACING, vertical_mm, concepts.MILLIMETRE),
        (concepts.SLICE_SPACING, between_mm, concepts.MILLIMETRE),
        *((concepts.SLICE_THICKNESS, mm, concepts.MILLIMETRE) for mm in thickness),
        *(
            (name, cosine, concepts.DIRECTION_COSINE)
            for name, cosine in zip(concepts.ORIENTATION, cosines, strict=True)
        ),
    ):
        yield items.number(name, value, unit, relationship=HAS_ACQ_CONTEXT)
