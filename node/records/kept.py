"""What retention reads of a study: its files, and whether anyone still needs them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from node.records.kinds import REPEATING, ResultKind
from node.records.states import DeliveryState, JobState, StudyState


@dataclass(frozen=True)
class KeptObject:
    """An object of a study whose file the node has.

    Attributes
    ----------
    identifier : int
        Row number, among the received objects or among the results.
    sop_class_uid, sop_instance_uid, study_instance_uid, series_instance_uid : str
    path : Path
        Absolute.
    deliveries : mapping of str to DeliveryState
        By destination; empty for what was received.
    withdrawn : bool
        Whether it is, or says, that a result was taken back.
    superseded : bool
        Whether it is of a result that another one replaced.
    kind : ResultKind or None
        What it is of a result, where that is known; None for what was received.
    """

    identifier: int
    sop_class_uid: str
    sop_instance_uid: str
    study_instance_uid: str
    series_instance_uid: str
    path: Path
    deliveries: Mapping[str, DeliveryState]
    withdrawn: bool = False
    superseded: bool = False
    kind: ResultKind | None = None

    @property
    def never_sent(self) -> bool:
        """Whether it is nothing that an archive has to keep.

        It was withheld, and replaced before it was to be sent; or it only repeats what
        other objects hold, and no destination was to get it.
        """
        if not self.deliveries:
            return self.kind in REPEATING
        cancelled = set(self.deliveries.values()) == {DeliveryState.CANCELLED}
        return self.superseded and cancelled


@dataclass(frozen=True)
class Quiet:
    """How long nothing has happened to a study.

    Attributes
    ----------
    study_instance_uid : str
    state : StudyState
    touched : bool
        A decision on it is due.
    changed_at : datetime
        When an object of it came or its state changed, whichever was later.
    retired : bool
        Its files were deleted before.
    """

    study_instance_uid: str
    state: StudyState
    touched: bool
    changed_at: datetime
    retired: bool


@dataclass(frozen=True)
class KeptStudy:
    """A study with everything that speaks for or against the deletion of its files.

    Attributes
    ----------
    quiet : Quiet
    generation : int
        Of its content.
    around : tuple of Quiet
        The studies that it is connected with: its objects may decide theirs.
    received : tuple of KeptObject
        Those whose files were not deleted before.
    results : tuple of KeptObject
        All.
    jobs : frozenset of JobState
        States in which jobs of it are.
    conflicts : int
        Objects beside it that claim a SOP Instance UID of one of its own.
    fetching : bool
        Something that belongs to it is being retrieved.
    """

    quiet: Quiet
    generation: int
    around: tuple[Quiet, ...]
    received: tuple[KeptObject, ...]
    results: tuple[KeptObject, ...]
    jobs: frozenset[JobState]
    conflicts: int
    fetching: bool
