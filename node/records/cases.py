"""Studies that are decided on, and what is said of them."""

from dataclasses import dataclass, field

from node.records.lineage import Lineage
from node.records.objects import StoredInstance
from node.records.subject import Subject


@dataclass(frozen=True)
class TouchedStudy:
    """A study on which a decision is due.

    Attributes
    ----------
    study_instance_uid : str
    generation : int
        Counts what was added to the study and to those that it is connected with. A
        decision that names an older generation leaves the study touched, so that
        nothing that came meanwhile is overlooked.
    """

    study_instance_uid: str
    generation: int


@dataclass(frozen=True)
class Registering:
    """Contours on a CT are moved onto the PET by registering the CT to it.

    Attributes
    ----------
    ct : tuple of StoredInstance
        The series that the contours were drawn on.
    maximum_motion_mm : float
        Beyond which the case is held.
    """

    ct: tuple[StoredInstance, ...]
    maximum_motion_mm: float


@dataclass(frozen=True)
class Background:
    """The CT that pictures show behind the PET; no number depends on it.

    Attributes
    ----------
    ct : tuple of StoredInstance
        Of one series; empty where it is not stored any more as it was settled.
    co_registered : bool
        Whether a site's rule lets its coordinates stand for the PET's.
    registrations : tuple of StoredInstance
        That lead from its frame of reference to the PET's.
    frames_of_images : tuple of tuple of str
        As `Case.frames_of_images`, for these registrations.
    """

    ct: tuple[StoredInstance, ...] = ()
    co_registered: bool = False
    registrations: tuple[StoredInstance, ...] = ()
    frames_of_images: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Case:
    """What one computation needs.

    Attributes
    ----------
    study_instance_uid : str
        Of the PET; results join this study.
    pet : tuple of StoredInstance
        One complete series.
    contours : StoredInstance
        RT Structure Set or Segmentation.
    accept_frames_of_reference : tuple of str
        Frames of reference of the contours that a site rule, or equality, lets stand
        for the PET's own.
    warnings : tuple of str
        How the match was made, where it was not by instance.
    registrations : tuple of StoredInstance
        Spatial Registrations that lead from the contours' frame of reference to the
        PET's.
    frames_of_images : tuple of tuple of str
        SOP Instance UID of an image and its Frame of Reference UID, for sources that
        the registrations name by their images alone.
    registering : Registering or None
        Where a site rule asks for a registration of the images.
    contexts : tuple of StoredInstance
        Acquisition Context SRs of the PET's study.
    subjects : tuple of Subject
        At most one, unless several animals lay in the bed; none where nothing beside
        the PET is known.
    animal_id : str
        Of the subject that the case is about, where there are several; else empty.
    edition : int
        How often something else was said of the subjects; 0 where nobody counts. A
        change that is taken back makes a revision as well.
    remarks : tuple of str
        On the injection log as a whole, told where the case is held; no result depends
        on them.
    lineage : Lineage
        Which contours it takes the place of.
    replicates : tuple of tuple of StoredInstance
        Whole series that are further reconstructions of the same scan.
    background : Background or None
        What pictures show behind the PET. Not among `objects`: it enters no number,
        and no key.
    """

    study_instance_uid: str
    pet: tuple[StoredInstance, ...]
    contours: StoredInstance
    accept_frames_of_reference: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    registrations: tuple[StoredInstance, ...] = ()
    frames_of_images: tuple[tuple[str, str], ...] = ()
    registering: Registering | None = None
    contexts: tuple[StoredInstance, ...] = ()
    subjects: tuple[Subject, ...] = ()
    animal_id: str = ""
    edition: int = 0
    remarks: tuple[str, ...] = ()
    lineage: Lineage = field(default_factory=Lineage)
    replicates: tuple[tuple[StoredInstance, ...], ...] = ()
    background: Background | None = None

    @property
    def objects(self) -> tuple[StoredInstance, ...]:
        """Every object that the numbers are computed from."""
        ct = () if self.registering is None else self.registering.ct
        others = (each for series in self.replicates for each in series)
        sources = (*self.pet, self.contours, *self.registrations)
        return (*sources, *ct, *self.contexts, *others)


@dataclass(frozen=True)
class Waiting:
    """Not complete yet.

    Attributes
    ----------
    study_instance_uid : str
    missing : str
        For example ``116 of 159 PET slices; RTSTRUCT missing``.
    settles : bool
        True when silence for `settle_seconds` would let the case go on by series or
        frame of reference.
    other_studies : tuple of str
        Studies that wait with it: a PET's, when the contours are filed elsewhere.
    """

    study_instance_uid: str
    missing: str
    settles: bool = False
    other_studies: tuple[str, ...] = ()


@dataclass(frozen=True)
class Held:
    """A person must act.

    Attributes
    ----------
    study_instance_uid : str or None
        None where no study is known (an empty folder).
    reason : str
        Code documented in `docs/reasons.md`.
    detail : str
        The fact with UIDs and attributes, and the remedy.
    other_studies : tuple of str
        Studies that are held with it.
    """

    study_instance_uid: str | None
    reason: str
    detail: str
    other_studies: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ready:
    """Everything that a computation needs is stored."""

    case: Case


Readiness = Waiting | Held | Ready
