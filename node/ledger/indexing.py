"""From an object's header to the rows of its instance, series, study and links.

Design choice: a burst of objects is entered in one transaction, series by series, so
that the work per object is one changed row, whatever else the ledger holds.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path

from sqlalchemy import BindParameter, Connection, Integer, bindparam, select, update

from dicom_io.header import InstanceHeader, ObjectKind, header_to_json
from node.columns import RowNumber
from node.ledger.database import insert_unless_there
from node.ledger.happenings import record_event
from node.ledger.links import in_batches, link_study, linking_uids, studies_around
from node.ledger.rows import AnyRow, stored_of
from node.records.states import InstanceState, StudyState
from node.tables import INSTANCES, SERIES, STUDIES

Numbered = tuple[int, InstanceHeader]

_Named = tuple[AnyRow, InstanceHeader]

_PET = (ObjectKind.PET, ObjectKind.ENHANCED_PET)


def index_objects(
    connection: Connection, root: Path, headers: Sequence[Numbered], at: datetime
) -> None:
    """Enter what received objects say of themselves.

    Parameters
    ----------
    connection : Connection
    root : Path
        Data folder.
    headers : sequence of (int, InstanceHeader)
        By row number. Rows that are not RECEIVED stay as they are; one whose header
        names another object is set aside.
    at : datetime
    """
    by_number = dict(headers)
    named: list[_Named] = []
    for row in received_rows(connection, by_number):
        header = by_number[row.id]
        if row.sop_instance_uid == header.sop_instance_uid:
            named.append((row, header))
        else:
            why = f"the object names itself {header.sop_instance_uid}"
            set_aside(connection, row, why, at)
    named.sort(key=_series_key)
    for _, members in groupby(named, key=_series_key):
        _index_series(connection, root, list(members), at)


def received_rows(connection: Connection, numbers: Iterable[int]) -> list[AnyRow]:
    """Return the rows among some that wait for their header."""
    found: list[AnyRow] = []
    for some in in_batches(numbers):
        found += connection.execute(_RECEIVED, {"numbers": some}).all()
    return found


def set_aside(connection: Connection, row: AnyRow, why: str, at: datetime) -> None:
    """Keep an object out of readiness; one that conflicted takes its place."""
    connection.execute(
        update(INSTANCES)
        .where(INSTANCES.c.id == row.id)
        .values(state=InstanceState.UNREADABLE)
    )
    text = f"object {row.sop_instance_uid} is kept and not used: {why}"
    record_event(connection, at, "object", None, text)
    successors = _conflicting(connection, {row.sop_instance_uid})
    if successors:
        connection.execute(
            update(INSTANCES)
            .where(INSTANCES.c.id == min(number for _, number in successors))
            .values(state=InstanceState.RECEIVED)
        )


def report_conflict(
    connection: Connection, sop_instance_uid: str, study_uid: str | None, at: datetime
) -> None:
    """Tell that two contents claim one SOP Instance UID."""
    text = (
        f"another object came under SOP Instance UID {sop_instance_uid}; "
        "the first one stands, the other is kept beside it and not used"
    )
    record_event(connection, at, "object", study_uid, text)


def _series_key(named: _Named) -> tuple[str, str]:
    header = named[1]
    return (header.study_instance_uid, header.series_instance_uid)


def _index_series(
    connection: Connection, root: Path, members: list[_Named], at: datetime
) -> None:
    headers = [header for _, header in members]
    study_id = _study(connection, headers[0], at)
    series_id = _series(connection, study_id, headers[0])
    link_study(connection, study_id, set().union(*map(linking_uids, headers)))
    texts = [header_to_json(header) for header in headers]
    for (row, _), text in zip(members, texts, strict=True):
        # Who decides on them asks for them soon, and a report waits for that.
        stored_of(root, text, row.path, row.sha256, row.received_at)
    indexed = {
        "state": InstanceState.INDEXED,
        "series_id": series_id,
        "indexed_at": at,
    }
    connection.execute(
        _INDEX,
        [
            {"number": row.id, **indexed, "header_json": text}
            for (row, _), text in zip(members, texts, strict=True)
        ],
    )
    more = {"more": len(members)}
    connection.execute(_COUNT_IN_SERIES, {"series": series_id, **more})
    connection.execute(_COUNT_IN_STUDY, {"study": study_id, **more})
    if any(header.kind is not ObjectKind.OWN_RESULT for header in headers):
        connection.execute(_UPDATE_STUDY, {"study": study_id, "retired_at": None})
    _show_pet(connection, study_id, headers[0])
    _touch(connection, study_id, headers, at)
    uids = {header.sop_instance_uid for header in headers}
    for uid in sorted({uid for uid, _ in _conflicting(connection, uids)}):
        report_conflict(connection, uid, headers[0].study_instance_uid, at)


def _show_pet(connection: Connection, study_id: int, header: InstanceHeader) -> None:
    """Have a study carry the PatientID of its PET, the one that results carry.

    On an Inveon the CT has another; people enter the PET's in the injection log.
    """
    if header.kind in _PET:
        shown = {"patient_id": header.patient_id, "study_date": header.study_date}
        connection.execute(_UPDATE_STUDY, {"study": study_id, **shown})


def _touch(
    connection: Connection, study_id: int, headers: list[InstanceHeader], at: datetime
) -> None:
    """Have every study decided on again that the objects may change."""
    around = studies_around(connection, study_id, headers)
    for some in in_batches(around):
        connection.execute(_TOUCH, {"studies": some, "touched_at": at})


def _study(connection: Connection, header: InstanceHeader, at: datetime) -> int:
    uid = header.study_instance_uid
    here = {"uid": uid}
    identifier = connection.execute(_STUDY_OF, here).scalar_one_or_none()
    if identifier is not None:
        return int(identifier)
    undecided = "not decided yet"
    new = {
        "study_instance_uid": uid,
        "patient_id": header.patient_id,
        "study_date": header.study_date,
        "instances": 0,
        "state": StudyState.WAITING,
        "reason": "",
        "detail": undecided,
        "updated_at": at,
        "decision": StudyState.WAITING,
        "decision_reason": "",
        "decision_detail": undecided,
        "settles": False,
        "generation": 0,
        "touched": False,
        "touched_at": at,
    }
    if insert_unless_there(connection, STUDIES, new):
        record_event(connection, at, "study", uid, "the first object came")
    return int(connection.execute(_STUDY_OF, here).scalar_one())


def _series(connection: Connection, study_id: int, header: InstanceHeader) -> int:
    here = {"study": study_id, "uid": header.series_instance_uid}
    identifier = connection.execute(_SERIES_OF, here).scalar_one_or_none()
    if identifier is not None:
        return int(identifier)
    new = {
        "study_id": study_id,
        "series_instance_uid": header.series_instance_uid,
        "modality": header.modality,
        "series_description": header.series_description,
        "kind": header.kind,
        "instances": 0,
    }
    insert_unless_there(connection, SERIES, new)
    return int(connection.execute(_SERIES_OF, here).scalar_one())


def _conflicting(connection: Connection, uids: set[str]) -> set[tuple[str, int]]:
    """Return the objects, by UID and row, that lie beside one that stands."""
    found: set[tuple[str, int]] = set()
    for some in in_batches(uids):
        rows = connection.execute(_CONFLICTING, {"uids": some})
        found.update((row.sop_instance_uid, row.id) for row in rows)
    return found


_STUDY: BindParameter[int] = bindparam("study", type_=RowNumber)
_SERIES: BindParameter[int] = bindparam("series", type_=RowNumber)
_MORE: BindParameter[int] = bindparam("more", type_=Integer)

# Each is put together once: a report waits for two dozen of them.
_RECEIVED = (
    select(
        INSTANCES.c.id,
        INSTANCES.c.sop_instance_uid,
        INSTANCES.c.path,
        INSTANCES.c.sha256,
        INSTANCES.c.received_at,
    )
    .where(
        INSTANCES.c.id.in_(bindparam("numbers", expanding=True)),
        INSTANCES.c.state == InstanceState.RECEIVED,
    )
    .with_for_update()
)
_CONFLICTING = select(INSTANCES.c.sop_instance_uid, INSTANCES.c.id).where(
    INSTANCES.c.sop_instance_uid.in_(bindparam("uids", expanding=True)),
    INSTANCES.c.state == InstanceState.CONFLICTING,
)
_STUDY_OF = select(STUDIES.c.id).where(STUDIES.c.study_instance_uid == bindparam("uid"))
_SERIES_OF = select(SERIES.c.id).where(
    SERIES.c.study_id == _STUDY, SERIES.c.series_instance_uid == bindparam("uid")
)
_INDEX = update(INSTANCES).where(INSTANCES.c.id == bindparam("number"))
_COUNT_IN_SERIES = (
    update(SERIES)
    .where(SERIES.c.id == _SERIES)
    .values(instances=SERIES.c.instances + _MORE)
)
_COUNT_IN_STUDY = (
    update(STUDIES)
    .where(STUDIES.c.id == _STUDY)
    .values(instances=STUDIES.c.instances + _MORE)
)
_UPDATE_STUDY = update(STUDIES).where(STUDIES.c.id == _STUDY)
_TOUCH = (
    update(STUDIES)
    .where(STUDIES.c.id.in_(bindparam("studies", expanding=True)))
    .values(generation=STUDIES.c.generation + 1, touched=True)
)
