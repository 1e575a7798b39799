"""Whether a file of ours is what was computed, before it is sent.

Design choice: each file is hashed once more before it goes out. A disk that turned a
bit in a map, or a file that somebody opened and saved, would otherwise be in the
archive for good; the hash costs a millisecond or two.
"""

import hashlib

from node.records.jobs import ResultObject
from node.records.outcome import Deferred, FailureKind

_REMEDY = "`exhaustion-node audit --repair` computes it again"


def why_not_sent(item: ResultObject) -> Deferred | None:
    """Return why an object must not be sent as its file is now, or None.

    An object whose hash nobody remembers is left to its sender.
    """
    if not item.sha256:
        return None
    try:
        found = hashlib.sha256(item.path.read_bytes()).hexdigest()
    except OSError as failure:
        why = f"{item.path.name} cannot be read: {failure.strerror}"
        return Deferred(f"{why}; {_REMEDY}", FailureKind.OWN_FILE)
    if found == item.sha256:
        return None
    why = f"{item.path.name} is not what was computed"
    return Deferred(f"{why}; {_REMEDY}", FailureKind.OWN_FILE)
