"""Whether the node can commit to an object.

A scanner deletes what is committed to. So the node commits to an object only when its
row stands under the SOP class that is asked for, and its file is there, whole, by its
hash:

====== ========================= ==================================================
Reason PS3.3 C.14.1.1            When
====== ========================= ==================================================
0x0110 Processing failure        the file is missing or damaged, or the object could
                                 not be read: send it again
0x0112 No such object instance   it never came, or retention has deleted it, which
                                 it does only with what an archive holds
0x0119 Class/instance conflict   it came under another SOP class
0x0131 Duplicate transaction UID another question has this *Transaction UID*
====== ========================= ==================================================

Design choice: where two contents came under one SOP Instance UID, both are kept, and
nobody knows which of them is meant; so the node commits when both are whole.
"""

import logging
from collections.abc import Collection, Mapping, Sequence

from dicom_io.errors import DicomContentError
from dicom_io.part10 import content_sha256
from node.records.commitments import (
    CLASS_CONFLICT,
    NO_SUCH_INSTANCE,
    PROCESSING_FAILURE,
    CommitmentItem,
    KeptInstance,
)
from node.records.states import InstanceState

_log = logging.getLogger(__name__)

_STANDING = frozenset({InstanceState.RECEIVED, InstanceState.INDEXED})


def why_not(item: CommitmentItem, rows: Mapping[str, Sequence[KeptInstance]]) -> int:
    """Return why an object cannot be committed to, as *Failure Reason*; 0 if it can.

    Parameters
    ----------
    item : CommitmentItem
    rows : mapping of str to sequence of KeptInstance
        By SOP Instance UID.
    """
    mine = rows.get(item.sop_instance_uid, [])
    standing = [row for row in mine if row.state in _STANDING]
    if not standing:
        return PROCESSING_FAILURE if mine else NO_SUCH_INSTANCE
    if standing[0].sop_class_uid != item.sop_class_uid:
        return CLASS_CONFLICT
    return 0 if _are_whole(mine) else PROCESSING_FAILURE


def _are_whole(rows: Collection[KeptInstance]) -> bool:
    for row in rows:
        try:
            whole = content_sha256(row.path) == row.sha256
        except (OSError, DicomContentError):
            whole = False
        if not whole:
            _log.error(
                "%s is not committed to: its file is missing or damaged; see `audit`",
                row.sop_instance_uid,
            )
            return False
    return True
