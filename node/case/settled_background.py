"""The CT behind a PET as data in a job's row, and back.

Design choice: hundreds of slices that no number depends on are one line there: their
series, what came last of it, and a digest of all. What came later, or is gone, is told
from what was settled by that; the picture then has no background, and says so.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from node.records.cases import Background
from node.records.objects import StoredInstance


def background_data(background: Background | None) -> Any:
    """Return the CT behind a PET as data for `json.dumps`."""
    if background is None or not background.ct:
        return None
    return {
        "series": background.ct[0].header.series_instance_uid,
        "until": max(each.received_at for each in background.ct).isoformat(),
        "sha256": _digest(background.ct),
        "co_registered": background.co_registered,
        "registrations": [
            [each.header.sop_instance_uid, each.sha256]
            for each in background.registrations
        ],
        "frames_of_images": [list(pair) for pair in background.frames_of_images],
    }


def background_from_data(
    data: Any, stored: Sequence[StoredInstance]
) -> Background | None:
    """Return what `background_data` has told.

    Parameters
    ----------
    data : object
        None where there was no CT.
    stored : sequence of StoredInstance
        Among which its objects are looked up.

    Returns
    -------
    Background or None
        Without a CT where its objects are not those that were settled.
    """
    if data is None:
        return None
    until = datetime.fromisoformat(data["until"])
    ct = tuple(
        each
        for each in stored
        if each.header.series_instance_uid == data["series"]
        and each.received_at <= until
    )
    known = {(each.header.sop_instance_uid, each.sha256): each for each in stored}
    bridges = [known.get((uid, sha256)) for uid, sha256 in data["registrations"]]
    registrations = tuple(each for each in bridges if each is not None)
    if _digest(ct) != data["sha256"] or len(registrations) < len(bridges):
        return Background()
    return Background(
        ct=ct,
        co_registered=bool(data["co_registered"]),
        registrations=registrations,
        frames_of_images=tuple((uid, frame) for uid, frame in data["frames_of_images"]),
    )


def background_content(background: Background | None) -> str:
    """Return of what a CT behind a PET consists, in short; empty without one."""
    if background is None:
        return ""
    return _digest([*background.ct, *background.registrations])


def _digest(instances: Iterable[StoredInstance]) -> str:
    named = sorted((each.header.sop_instance_uid, each.sha256) for each in instances)
    return hashlib.sha256(json.dumps(named).encode()).hexdigest()
