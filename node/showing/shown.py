"""A result that is looked at: its numbers, its objects, and where they went."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.refusal import RefusalError
from node.object_display import object_words
from node.records.kinds import ResultKind


@dataclass(frozen=True)
class ShownObject:
    """An object of a result.

    Attributes
    ----------
    kind : ResultKind or None
        What it is of the result, where that is known.
    sop_class_uid, sop_instance_uid : str
    path : Path
    """

    kind: ResultKind | None
    sop_class_uid: str
    sop_instance_uid: str
    path: Path

    @property
    def words(self) -> str:
        """What it is, for people."""
        return object_words(self.kind, self.sop_class_uid)


@dataclass(frozen=True)
class Sent:
    """Objects of a result at a destination.

    Attributes
    ----------
    destination, state : str
    objects : int
    """

    destination: str
    state: str
    objects: int


@dataclass(frozen=True)
class ShownResult:
    """A result.

    Attributes
    ----------
    study_instance_uid : str
    job_key : str
        Empty where nobody knows it.
    state : str
        In the ledger; empty for files.
    results : tuple of dict
        As `node.case.report.RoiResult.as_data` gives them, as far as they are known.
    held : tuple of dict
        Regions without a result, and the result itself while it waits for its release:
        `reason`, `detail`, `study_instance_uid`.
    objects : tuple of ShownObject
        The report first.
    sent : tuple of Sent
    remarks : tuple of str
        What a reader must know of where this was taken from.
    """

    study_instance_uid: str
    job_key: str
    state: str
    results: tuple[dict[str, Any], ...]
    held: tuple[dict[str, Any], ...]
    objects: tuple[ShownObject, ...]
    sent: tuple[Sent, ...] = ()
    remarks: tuple[str, ...] = ()

    def of(self, *kinds: ResultKind) -> tuple[ShownObject, ...]:
        """Return the objects of some kinds, in the order in which these are named."""
        return tuple(
            each for kind in kinds for each in self.objects if each.kind is kind
        )


class NothingToShowError(RefusalError):
    """There is no result under a name, or it cannot be read."""
