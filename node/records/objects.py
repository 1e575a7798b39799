"""Objects as they arrive, and on the disk."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from dicom_io.header import InstanceHeader


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
    calling_ae : str
        AE title of the sender.
    """

    identifier: int
    path: Path
    calling_ae: str = ""


@dataclass(frozen=True)
class Arrival:
    """What came of one study from one sender until it fell silent.

    Attributes
    ----------
    study_instance_uid, calling_ae : str
    patient_id : str
        For an audit repository alone, never in logs.
    instances : mapping of str to int
        Number of objects by SOP Class UID.
    """

    study_instance_uid: str
    calling_ae: str
    patient_id: str
    instances: Mapping[str, int]


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

    def __reduce__(self) -> tuple[Any, ...]:
        """Return the object's parts for another process, its path as text.

        A case has hundreds of paths, and a path by itself takes longer to send than the
        header beside it.
        """
        return _received, (self.header, str(self.path), self.sha256, self.received_at)


def _received(
    header: InstanceHeader, path: str, sha256: str, received_at: datetime
) -> StoredInstance:
    return StoredInstance(header, Path(path), sha256, received_at)
