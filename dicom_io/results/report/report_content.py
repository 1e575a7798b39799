"""What a measurement report says: values, before anything of it is encoded."""

from dataclasses import dataclass

from pydicom.sr.coding import Code

from dicom_io.codes import ENTIRE_BODY
from dicom_io.pet.series import PetSeries
from dicom_io.results.group_subject import SourceGroupSubject
from dicom_io.source_reference import SourceReference
from model.errors import ModelError
from model.grid import require_same_grid
from model.score.assessment import RoiAssessment
from model.suv import SuvConversion


@dataclass(frozen=True)
class RelatedObject:
    """An object of the result that a report names.

    Attributes
    ----------
    name : Code
        What it is to the reader.
    reference : SourceReference
        Of a longer series, its first instance.
    segment : int or None
        What of a segmentation is meant.
    """

    name: Code
    reference: SourceReference
    segment: int | None = None


@dataclass(frozen=True, eq=False)
class ReportContent:
    """What a report says.

    Attributes
    ----------
    assessments : tuple of RoiAssessment
        At least one, each with at least one voxel on the grid of the series.
    conversion : SuvConversion
        How the stored values became SUV.
    contour_source : SourceReference
        The object that the regions were made from.
    of_regions : tuple of (tuple of RelatedObject)
        For each assessment, the objects that show its region.
    predecessor : SourceReference or None
        The report that this one replaces.
    statements : tuple of str
        What else a reader must know.
    completed : bool
        False when more is to come: the report is then partial and preliminary.
    animal_id : str or None
        What ties the animal's time points together; the PET's patient ID if None.
    context : tuple of (str, str)
        What was recorded around injection and scan, by name: route, glucose, ...
    subject : SourceGroupSubject or None
        The animal, where the PET shows several: the report is then in a study of its.
    finding_site : Code
        Where the regions lie, for a PET that does not say it.
    of_case : tuple of RelatedObject
        Objects of the result that are about all regions.
    segmentation : SourceReference or None
        The regions as segments, numbered from 1 in the order of the assessments.
    """

    assessments: tuple[RoiAssessment, ...]
    conversion: SuvConversion
    contour_source: SourceReference
    of_regions: tuple[tuple[RelatedObject, ...], ...]
    predecessor: SourceReference | None
    statements: tuple[str, ...]
    completed: bool = True
    animal_id: str | None = None
    context: tuple[tuple[str, str], ...] = ()
    subject: SourceGroupSubject | None = None
    finding_site: Code = ENTIRE_BODY
    of_case: tuple[RelatedObject, ...] = ()
    segmentation: SourceReference | None = None

    def animal_in(self, series: PetSeries) -> str:
        """Return what ties the animal's time points together."""
        subject = "" if self.subject is None else self.subject.patient_id
        return self.animal_id or subject or series.patient_id


def require_regions(series: PetSeries, content: ReportContent) -> None:
    """Refuse a report of nothing, or of regions of another image.

    Raises
    ------
    NothingToReportError
        When there is no assessment, or one without voxels.
    GridMismatchError
        When a mask stands on another grid.
    """
    if not content.assessments:
        raise NothingToReportError(None)
    for assessment in content.assessments:
        require_same_grid(series.volume.grid, assessment.mask.grid)
        if assessment.mask.voxels == 0:
            raise NothingToReportError(assessment.roi.name)


class NothingToReportError(ModelError):
    """There is no region, or one without voxels."""

    reason = "no_roi"
    remedy = "Draw a region that encloses voxels of the PET."

    def __init__(self, roi: str | None) -> None:
        super().__init__(
            "no region was assessed" if roi is None else f"region {roi!r} has no voxels"
        )
        self.roi = roi


class NoSegmentationError(ModelError):
    """A report of segments has no segmentation to refer to."""

    def __init__(self) -> None:
        super().__init__("a report of segments needs the segmentation of its regions")
