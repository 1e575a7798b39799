"""Everything about a case that its objects are made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dicom_io.results.group_subject import SourceGroupSubject
from dicom_io.source_reference import SourceReference
from model.score.assessment import RoiAssessment
from node.case.background import CtBehind
from node.case.suv_image import SuvImage
from node.records.cases import Held
from node.records.history import TimePoint
from node.records.kinds import ResultKind


@dataclass(frozen=True, eq=False)
class Findings:
    """Everything about a case that its objects are made of.

    Attributes
    ----------
    image : SuvImage
    contour_source : SourceReference
        The object that the regions were made from.
    assessments : tuple of RoiAssessment
    held : tuple of Held
        Regions that could not be assessed.
    statements : tuple of str
        What a reader must know, beside those of the conversion to SUV.
    subject : SourceGroupSubject or None
        Whom the results are about, where it is not the PET's own patient.
    predecessors : mapping of ResultKind to SourceReference
        The reports that those of this result revise, by kind.
    history : tuple of TimePoint
        Earlier scans of the animal, as they were known when the job was first taken.
    irradiated_at : datetime or None
        When the animal was irradiated, where that is recorded.
    behind : CtBehind or None
        The CT that pictures show behind the PET.
    """

    image: SuvImage
    contour_source: SourceReference
    assessments: tuple[RoiAssessment, ...]
    held: tuple[Held, ...]
    statements: tuple[str, ...]
    subject: SourceGroupSubject | None
    predecessors: Mapping[ResultKind, SourceReference] = field(default_factory=dict)
    history: tuple[TimePoint, ...] = ()
    irradiated_at: datetime | None = None
    behind: CtBehind | None = None
