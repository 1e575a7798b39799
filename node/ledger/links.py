"""Which studies are decided on together.

Contouring stations file structure sets in studies of their own, and name what they were
drawn on by instance, by series or by frame of reference; registrations, which may have
studies of their own too, name what they join in the same ways. A study is linked to
every UID of these kinds that it holds or refers to; studies with a UID in common are
connected.

Design choice: a UID that more than `SHARED_AT_MOST` studies share connects none of
them. Some exporters write one frame of reference into everything; it identifies
nothing, and following it would bring the whole ledger together. Within a study it still
matches.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

from sqlalchemy import Connection, select

from dicom_io.header import InstanceHeader, ObjectKind
from node.ledger.database import insert_all_unless_there
from node.tables import INSTANCES, LINKS, SERIES

SHARED_AT_MOST = 32
"""Studies that one UID may connect: an animal's time points, several times over."""

TOGETHER_AT_MOST = 64
"""Studies that are decided on together; more are not followed."""

Value = TypeVar("Value", str, int)

_AT_ONCE = 500
"""UIDs that one statement names; databases bound the number of parameters."""


def linking_uids(header: InstanceHeader) -> set[str]:
    """Return the UIDs that connect an object's study; none for a result of ours."""
    if header.kind is ObjectKind.OWN_RESULT:
        return set()
    uids = {header.series_instance_uid, header.frame_of_reference_uid or ""}
    if header.drawn_on is not None:
        uids.update(header.drawn_on.frames_of_reference)
        uids.update(header.drawn_on.series)
        uids.update(header.drawn_on.instances)
    if header.joins is not None:
        uids.update((header.joins.registered, *header.joins.sources))
        uids.update(*header.joins.images)
    return uids - {""}


def link_study(connection: Connection, study_id: int, uids: set[str]) -> None:
    """Remember what a study holds or refers to."""
    known: set[str] = set()
    for some in in_batches(uids):
        there = select(LINKS.c.uid).where(
            LINKS.c.study_id == study_id, LINKS.c.uid.in_(some)
        )
        known.update(connection.execute(there).scalars())
    rows = [{"study_id": study_id, "uid": uid} for uid in sorted(uids - known)]
    insert_all_unless_there(connection, LINKS, rows)


def studies_around(
    connection: Connection, study_id: int, headers: Iterable[InstanceHeader]
) -> set[int]:
    """Return the studies that objects of one study, just linked, may decide.

    Parameters
    ----------
    connection : Connection
    study_id : int
        Included in what is returned.
    headers : iterable of InstanceHeader
    """
    used = [each for each in headers if each.kind is not ObjectKind.OWN_RESULT]
    if not used:
        return set()
    found = {study_id}
    shared = {uid for each in used for uid in linking_uids(each)}
    for some in in_batches(shared):
        found.update(_sharing(connection, study_id, some))
    for some in in_batches({each.sop_instance_uid for each in used}):
        referring = select(LINKS.c.study_id).where(LINKS.c.uid.in_(some))
        found.update(connection.execute(referring.distinct()).scalars())
    named = {uid for each in used for uid in _named_instances(each)}
    for some in in_batches(named):
        holding = (
            select(SERIES.c.study_id)
            .join(INSTANCES, INSTANCES.c.series_id == SERIES.c.id)
            .where(INSTANCES.c.sop_instance_uid.in_(some))
        )
        found.update(connection.execute(holding.distinct()).scalars())
    return found


def _named_instances(header: InstanceHeader) -> Iterator[str]:
    if header.drawn_on is not None:
        yield from header.drawn_on.instances
    if header.joins is not None:
        for images in header.joins.images:
            yield from images


def connected_studies(connection: Connection, study_id: int) -> set[int]:
    """Return a study with all that it is connected with, over any number of steps."""
    found = {study_id}
    border = [study_id]
    while border and len(found) < TOGETHER_AT_MOST:
        new = _neighbours(connection, border.pop(0)) - found
        found |= new
        border.extend(sorted(new))
    return found


def _neighbours(connection: Connection, study_id: int) -> set[int]:
    # Nested, not joined: a planner without statistics may begin a join at the far end.
    held = (
        select(INSTANCES.c.sop_instance_uid)
        .join(SERIES, SERIES.c.id == INSTANCES.c.series_id)
        .where(SERIES.c.study_id == study_id)
    )
    referring = select(LINKS.c.study_id).where(LINKS.c.uid.in_(held)).distinct()
    linked = select(LINKS.c.uid).where(LINKS.c.study_id == study_id)
    series = select(INSTANCES.c.series_id).where(
        INSTANCES.c.sop_instance_uid.in_(linked)
    )
    referred = select(SERIES.c.study_id).where(SERIES.c.id.in_(series)).distinct()
    return {
        *_sharing(connection, study_id, None),
        *connection.execute(referring).scalars(),
        *connection.execute(referred).scalars(),
    }


def _sharing(
    connection: Connection, study_id: int, uids: list[str] | None
) -> Iterable[int]:
    """Return the studies that share a UID with a study, or one of some UIDs."""
    mine, theirs, all_ = LINKS.alias("mine"), LINKS.alias("theirs"), LINKS.alias("all_")
    one_too_many = (
        select(all_.c.study_id)
        .where(all_.c.uid == mine.c.uid)
        .limit(1)
        .offset(SHARED_AT_MOST)
    )
    query = (
        select(theirs.c.study_id)
        .select_from(mine.join(theirs, theirs.c.uid == mine.c.uid))
        .where(mine.c.study_id == study_id, ~one_too_many.exists())
        .distinct()
    )
    if uids is not None:
        query = query.where(mine.c.uid.in_(uids))
    return connection.execute(query).scalars()


def in_batches(values: Iterable[Value]) -> Iterator[list[Value]]:
    """Give values in an order of their own, as many at once as a statement takes."""
    remaining = iter(sorted(values))
    while some := list(islice(remaining, _AT_ONCE)):
        yield some
