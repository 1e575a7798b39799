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

from sqlalchemy import BindParameter, Connection, Text, bindparam, select

from dicom_io.header import InstanceHeader, ObjectKind
from node.columns import RowNumber
from node.ledger.database import insert_all_unless_there
from node.ledger.rows import AnySelect
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
        here = {"study": study_id, "uids": some}
        known.update(connection.execute(_LINKED_OF, here).scalars())
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
        here = {"study": study_id, "uids": some}
        found.update(connection.execute(_SHARING_SOME, here).scalars())
    for some in in_batches({each.sop_instance_uid for each in used}):
        found.update(connection.execute(_REFERRING_TO, {"uids": some}).scalars())
    named = {uid for each in used for uid in _named_instances(each)}
    for some in in_batches(named):
        found.update(connection.execute(_HOLDING, {"uids": some}).scalars())
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
        here = {"study": border.pop(0)}
        new = {
            number
            for query in (_SHARING, _REFERRING, _REFERRED)
            for number in connection.execute(query, here).scalars()
        } - found
        found |= new
        border.extend(sorted(new))
    return found


def _sharing(*, some: bool) -> AnySelect:
    """Return the query for studies that share a UID, or one of some, with a study."""
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
        .where(mine.c.study_id == _STUDY, ~one_too_many.exists())
        .distinct()
    )
    return query.where(mine.c.uid.in_(_UIDS)) if some else query


def _referring() -> AnySelect:
    """Return the query for studies that refer to objects of a study."""
    # Nested, not joined: a planner without statistics may begin a join at the far end.
    held = (
        select(INSTANCES.c.sop_instance_uid)
        .join(SERIES, SERIES.c.id == INSTANCES.c.series_id)
        .where(SERIES.c.study_id == _STUDY)
    )
    return select(LINKS.c.study_id).where(LINKS.c.uid.in_(held)).distinct()


def _referred() -> AnySelect:
    """Return the query for studies that hold what a study refers to."""
    linked = select(LINKS.c.uid).where(LINKS.c.study_id == _STUDY)
    series = select(INSTANCES.c.series_id).where(
        INSTANCES.c.sop_instance_uid.in_(linked)
    )
    return select(SERIES.c.study_id).where(SERIES.c.id.in_(series)).distinct()


_STUDY: BindParameter[int] = bindparam("study", type_=RowNumber)
_UIDS: BindParameter[str] = bindparam("uids", type_=Text, expanding=True)

# Each is put together once: a report waits for a dozen of them.
_LINKED_OF = select(LINKS.c.uid).where(
    LINKS.c.study_id == _STUDY, LINKS.c.uid.in_(_UIDS)
)
_REFERRING_TO = select(LINKS.c.study_id).where(LINKS.c.uid.in_(_UIDS)).distinct()
_HOLDING = (
    select(SERIES.c.study_id)
    .join(INSTANCES, INSTANCES.c.series_id == SERIES.c.id)
    .where(INSTANCES.c.sop_instance_uid.in_(_UIDS))
    .distinct()
)
_SHARING = _sharing(some=False)
_SHARING_SOME = _sharing(some=True)
_REFERRING = _referring()
_REFERRED = _referred()


def in_batches(values: Iterable[Value]) -> Iterator[list[Value]]:
    """Give values in an order of their own, as many at once as a statement takes."""
    remaining = iter(sorted(values))
    while some := list(islice(remaining, _AT_ONCE)):
        yield some
