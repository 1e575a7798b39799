"""Rows of the ledger as frozen values; their states stand in `node.states`."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from dicom_io.header import InstanceHeader
from node.lineage import Lineage
from node.states import DeliveryState, JobState
from node.subject import Subject


@dataclass(frozen=True)
class ReceivedInstance:
    """An object as it arrived, its bytes durable and its header unread.

    Attributes
    ----------
    sop_class_uid, sop_instance_uid, transfer_syntax_uid : str
        As the sender announced them.
    sha256 : str
        Of the data set's bytes as received, without the file meta information.
    path : Path
        Of the Part 10 file, relative to the data folder or inside it.
    size : int
        Of the file, in bytes.
    calling_ae : str
        AE title of the sender.
    """

    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str
    sha256: str
    path: Path
    size: int
    calling_ae: str


class Unindexed(NamedTuple):
    """An object whose header is to be read.

    Attributes
    ----------
    identifier : int
        Row number.
    path : Path
    """

    identifier: int
    path: Path


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
class StoredInstance:
    """An object on disk with its header.

    Attributes
    ----------
    header : InstanceHeader
    path : Path
        DICOM Part 10 file.
    sha256 : str
        Of the data set's bytes as received, without the file meta information.
    received_at : datetime
    """

    header: InstanceHeader
    path: Path
    sha256: str
    received_at: datetime


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

    @property
    def objects(self) -> tuple[StoredInstance, ...]:
        """Every object that the computation reads."""
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


@dataclass(frozen=True)
class ResultObject:
    """One object of a result, written.

    Attributes
    ----------
    sop_class_uid, sop_instance_uid, transfer_syntax_uid : str
    path : Path
    series_instance_uid : str
        Empty for a file that no job of this node has made.
    sha256 : str
        Of the file's bytes; empty where nobody knows it.
    """

    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str
    path: Path
    series_instance_uid: str = ""
    sha256: str = ""


@dataclass(frozen=True)
class Job:
    """A computation in the ledger.

    Attributes
    ----------
    key : str
        Hex digest; see invariant 2.
    study_instance_uid : str
    line : str
        What revisions share: PET series, line of contours, animal. The latest key of a
        line is the one that stands; earlier ones are its predecessors.
    case_json : str
        The case as data, so that a restart computes the same.
    state : JobState
    created_at : datetime
        Every date in the result objects.
    attempts : int
    predecessor_sr_uid : str or None
        SOP Instance UID of the SR that the result replaces; settled when the job is
        first claimed, so that computing it again names the same one.
    reason, detail : str or None
        For HELD and FAILED; for PENDING, what it waits for, if that is known; for DONE,
        what the result lacks, in `detail`.
    contours_study_instance_uid : str or None
        Where the contours are filed in another study; that study shares the state.
    """

    key: str
    study_instance_uid: str
    line: str
    case_json: str
    state: JobState
    created_at: datetime
    attempts: int
    predecessor_sr_uid: str | None = None
    reason: str | None = None
    detail: str | None = None
    contours_study_instance_uid: str | None = None


@dataclass(frozen=True)
class Delivery:
    """One object to one destination.

    Attributes
    ----------
    identifier : int
        Row number.
    job_key, destination : str
    object : ResultObject
    state : DeliveryState
    attempts : int
    due_at : datetime
    status : str
        Last answer or failure in words, empty before the first attempt.
    confirmation : str
        What the destination said last of whether it keeps the object.
    """

    identifier: int
    job_key: str
    destination: str
    object: ResultObject
    state: DeliveryState
    attempts: int
    due_at: datetime
    status: str
    confirmation: str = ""
