"""Which studies are decided on together.

Contouring stations file structure sets in studies of their own, and name what they were
drawn on by instance, by series or by frame of reference. A study is linked to every UID
of these kinds that it holds or refers to; studies with a UID in common are connected.

Design choice: a UID that more than `SHARED_AT_MOST` studies share connects none of
them. Some exporters write one frame of reference into everything; it identifies
nothing, and following it would bring the whole ledger together. Within a study it still
matches.
"""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from dicom_io.header import InstanceHeader, ObjectKind
from node.ledger.database import insert_unless_there
from node.tables import INSTANCES, LINKS, SERIES

SHARED_AT_MOST = 32
"""Studies that one UID may connect: an animal's time points, several times over."""

TOGETHER_AT_MOST = 64
"""Studies that are decided on together; more are not followed."""


def link_study(connection: Connection, study_id: int, header: InstanceHeader) -> None:
    """Remember what a study holds or refers to by one of its objects."""
    known = select(LINKS.c.uid).where(LINKS.c.study_id == study_id)
    for uid in _named(header):
        there = connection.execute(known.where(LINKS.c.uid == uid)).first()
        if there is None:
            insert_unless_there(connection, LINKS, {"study_id": study_id, "uid": uid})


def studies_around(connection: Connection, header: InstanceHeader) -> set[int]:
    """Return the studies that an object just linked may decide, its own included."""
    found = _holders(connection, {*_named(header), header.sop_instance_uid})
    if header.drawn_on is not None:
        found |= _studies_of_instances(connection, header.drawn_on.instances)
    return found


def connected_studies(connection: Connection, study_id: int) -> set[int]:
    """Return a study with all that it is connected with, over any number of steps."""
    found = {study_id}
    border = [study_id]
    while border and len(found) < TOGETHER_AT_MOST:
        new = _neighbours(connection, border.pop(0)) - found
        found |= new
        border.extend(sorted(new))
    return found


def _named(header: InstanceHeader) -> set[str]:
    """Return the UIDs that connect an object's study; none for a result of ours."""
    if header.kind is ObjectKind.OWN_RESULT:
        return set()
    uids = {header.series_instance_uid, header.frame_of_reference_uid or ""}
    if header.drawn_on is not None:
        uids.update(header.drawn_on.frames_of_reference)
        uids.update(header.drawn_on.series)
        uids.update(header.drawn_on.instances)
    return uids - {""}


def _neighbours(connection: Connection, study_id: int) -> set[int]:
    linked = select(LINKS.c.uid).where(LINKS.c.study_id == study_id)
    uids = list(connection.execute(linked).scalars())
    found = _holders(connection, uids) | _studies_of_instances(connection, uids)
    referring = (
        select(LINKS.c.study_id)
        .join(INSTANCES, INSTANCES.c.sop_instance_uid == LINKS.c.uid)
        .join(SERIES, SERIES.c.id == INSTANCES.c.series_id)
        .where(SERIES.c.study_id == study_id)
        .distinct()
    )
    return found | set(connection.execute(referring).scalars())


def _holders(connection: Connection, uids: Iterable[str]) -> set[int]:
    found: set[int] = set()
    for uid in uids:
        sharing = select(LINKS.c.study_id).where(LINKS.c.uid == uid)
        holders = connection.execute(sharing.limit(SHARED_AT_MOST + 1)).scalars().all()
        if len(holders) <= SHARED_AT_MOST:
            found.update(holders)
    return found


def _studies_of_instances(connection: Connection, uids: Iterable[str]) -> set[int]:
    holding = select(SERIES.c.study_id).join(
        INSTANCES, INSTANCES.c.series_id == SERIES.c.id
    )
    found: set[int] = set()
    for uid in uids:
        one = holding.where(INSTANCES.c.sop_instance_uid == uid)
        found.update(connection.execute(one).scalars())
    return found
