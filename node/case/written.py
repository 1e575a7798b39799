"""What was made of a case, as the node hears it from a worker.

Design choice: without the numbers, which are in a file. To receive them the node would
load all that computes.
"""

from dataclasses import dataclass
from pathlib import Path

from node.records.cases import Held
from node.records.kinds import ResultKind


@dataclass(frozen=True)
class WrittenObject:
    """A result object and its file.

    Attributes
    ----------
    kind : ResultKind
    sop_class_uid, sop_instance_uid, series_instance_uid, transfer_syntax_uid : str
    path : Path
        As the writer returned it.
    sha256 : str
        Of the file's bytes.
    """

    kind: ResultKind
    sop_class_uid: str
    sop_instance_uid: str
    series_instance_uid: str
    transfer_syntax_uid: str
    path: Path
    sha256: str


@dataclass(frozen=True)
class WrittenResult:
    """The files of a result.

    Attributes
    ----------
    objects : tuple of WrittenObject
        The SR first; empty when no region could be assessed.
    held : tuple of Held
        One per region that could not.
    faults : tuple of str
        Why the objects should not be sent, in words; empty when they may be.
    unheard : str
        Why an external check that was wanted has not judged them, in words; empty when
        it has.
    """

    objects: tuple[WrittenObject, ...]
    held: tuple[Held, ...] = ()
    faults: tuple[str, ...] = ()
    unheard: str = ""
