"""An object of a result before it is made, and the plan of all of them.

Design choice: identities follow from the job and an object's role alone, so that the
report, which is made and sent first, can refer to objects that are made after it.

Design choice: series numbers are fixed by kind and region and never by what else is
made, so that a reader finds the same object under the same number in every study.
"""

from dataclasses import dataclass, replace

from dicom_io.source_reference import SourceReference
from dicom_io.stamp import ObjectIdentity
from node.case.options import CaseOptions
from node.identity import object_identity
from node.records.jobs import Job
from node.records.kinds import SOP_CLASSES, ResultKind

SERIES_NUMBERS = {
    ResultKind.REPORT: 0,
    ResultKind.SEGMENT_REPORT: 1,
    ResultKind.SEGMENTATION: 2,
    ResultKind.SUV_SERIES: 3,
    ResultKind.SUMMARY: 4,
    ResultKind.PDF: 5,
    ResultKind.KEY_OBJECTS: 6,
    ResultKind.BLENDING: 7,
    ResultKind.REJECTION: 9,
    ResultKind.SCORE_SERIES: 10,
    ResultKind.PARAMETRIC_MAP: 100,
}
"""What is added to the base for the first series of a kind.

Score series follow one another from 10. The maps of region n begin at 100 n: the index
first, then the features, and from 100 n + 50 the index as a probability.
"""

PROBABILITY = "probability"
"""`Planned.subject` of a map that shows the index as a probability."""


@dataclass(frozen=True)
class Planned:
    """A series of a result before it is made.

    Attributes
    ----------
    kind : ResultKind
    role : str
        What it is within the result; its UIDs follow from it.
    name : str
        Of its file, without the suffix; instances of a longer series are numbered.
    offset : int
        Series number, from the base.
    description : str
        Series description.
    instances : int
    region : int or None
        Index of the assessment that it shows, where it shows one.
    subject : str
        What of the region it shows; empty for the index.
    regions : tuple of int
        Indices of the assessments, where it shows several in one series.
    """

    kind: ResultKind
    role: str
    name: str
    offset: int
    description: str
    instances: int = 1
    region: int | None = None
    subject: str = ""
    regions: tuple[int, ...] = ()

    def shows(self, region: int) -> bool:
        """Return whether it shows a region: this one, or all there are."""
        if self.regions:
            return region in self.regions
        return self.region in {None, region}


@dataclass(frozen=True, eq=False)
class Plan:
    """The objects of a result, by name.

    Attributes
    ----------
    series : tuple of Planned
        In the order of making.
    job : Job
    options : CaseOptions
    study_instance_uid : str
        That the result joins.
    texts : tuple of str
        As in `dicom_io.stamp.ObjectIdentity`.
    """

    series: tuple[Planned, ...]
    job: Job
    options: CaseOptions
    study_instance_uid: str
    texts: tuple[str, ...] = ()

    def of(self, kind: ResultKind) -> tuple[Planned, ...]:
        """Return what is planned of a kind."""
        return tuple(each for each in self.series if each.kind is kind)

    def identity(self, planned: Planned, instance: int = 1) -> ObjectIdentity:
        """Return the identity of an instance of a series, counted from 1."""
        identity = object_identity(
            self.job,
            planned.role,
            root=self.options.objects.uid_root,
            number=self.options.objects.series_number_base + planned.offset,
            description=planned.description,
            instance=instance,
        )
        return replace(identity, texts=self.texts) if self.texts else identity

    def reference(self, planned: Planned, instance: int = 1) -> SourceReference:
        """Return what other objects name an instance by."""
        identity = self.identity(planned, instance)
        return SourceReference(
            SOP_CLASSES[planned.kind],
            identity.sop_instance_uid,
            self.study_instance_uid,
            identity.series_instance_uid,
        )

    def references(self, kind: ResultKind) -> tuple[SourceReference, ...]:
        """Return what other objects name every instance of a kind by."""
        return tuple(
            self.reference(planned, instance)
            for planned in self.of(kind)
            for instance in range(1, planned.instances + 1)
        )

    def index_maps(self, regions: int) -> tuple[SourceReference | None, ...]:
        """Return the map of the index of each region, None where it has none."""
        found = {
            planned.region: self.reference(planned)
            for planned in self.of(ResultKind.PARAMETRIC_MAP)
            if not planned.subject
        }
        return tuple(found.get(region) for region in range(regions))
