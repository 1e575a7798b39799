"""A ledger of any size, filled in bulk: studies that were received, computed and sent.

What is written are rows as the ledger itself writes them; a test compares the two.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select

from dicom_io.header import InstanceHeader, ObjectKind, header_to_json
from node.ledger import Ledger
from node.ledger.links import linking_uids
from node.records.objects import ReceivedInstance
from node.records.states import DeliveryState, InstanceState, JobState, StudyState
from node.tables import (
    DELIVERIES,
    EVENTS,
    INSTANCES,
    JOBS,
    LINKS,
    RESULTS,
    SERIES,
    STUDIES,
)
from tests.support.objects import NOON, digest, pet_series, structure_set

SLICES = 159
PER_STUDY = SLICES + 1
_AT_ONCE = 50
_MINUTE = timedelta(minutes=1)
_ANY = "<study>"
"""Stands for the UID of a study in what all of them have alike."""


def fill(ledger: Ledger, instances: int) -> int:
    """Fill an empty ledger, and return how many studies it holds."""
    studies = max(1, instances // PER_STUDY)
    for begin in range(0, studies, _AT_ONCE):
        rows: dict[Any, list[dict[str, Any]]] = {}
        for number in range(begin, min(begin + _AT_ONCE, studies)):
            for table, row in _study(number):
                rows.setdefault(table, []).append(row)
        with ledger._writing() as connection:
            for table, some in rows.items():
                connection.execute(insert(table), some)
    with ledger._writing() as connection:
        if connection.dialect.name == "postgresql":
            for table in (STUDIES, SERIES, INSTANCES, JOBS, RESULTS, DELIVERIES):
                last = select(func.max(table.c.id)).scalar_subquery()
                numbers = func.pg_get_serial_sequence(table.name, "id")
                connection.execute(select(func.setval(numbers, last)))
    return studies


def study_uid(number: int) -> str:
    """Return the UID of a study of the filling."""
    return f"1.2.826.0.1.3680043.10.1338.{number + 1}"


def headers_of(number: int) -> list[InstanceHeader]:
    """Return the PET and the contours of a study; it shares a UID with no other."""
    return _headers(study_uid(number))


def _headers(uid: str) -> list[InstanceHeader]:
    pet = pet_series(
        SLICES,
        study_instance_uid=uid,
        series_instance_uid=f"{uid}.1",
        frame_of_reference_uid=f"{uid}.9",
    )
    contours = structure_set(pet, f"{uid}.3.1", study_instance_uid=uid)
    return [*pet, replace(contours, series_instance_uid=f"{uid}.3")]


def as_stored(header: InstanceHeader) -> ReceivedInstance:
    """Return an object under the name that the store gives it."""
    sha256 = digest(header.sop_instance_uid)
    return ReceivedInstance(
        sop_class_uid=header.sop_class_uid,
        sop_instance_uid=header.sop_instance_uid,
        transfer_syntax_uid=header.transfer_syntax_uid,
        sha256=sha256,
        path=Path("objects") / sha256[:2] / f"{sha256}.dcm",
        size=32_000,
        calling_ae="SCANNER",
    )


def _study(number: int) -> Iterator[tuple[Any, dict[str, Any]]]:
    uid, at = study_uid(number), NOON + number * _MINUTE
    yield (
        STUDIES,
        {
            "id": number + 1,
            "study_instance_uid": uid,
            "patient_id": "mouse.pet",
            "study_date": "20260302",
            "instances": PER_STUDY,
            "state": StudyState.COMMITTED,
            "reason": "",
            "detail": "",
            "updated_at": at,
            "decision": StudyState.QUEUED,
            "decision_reason": "",
            "decision_detail": "",
            "settles": False,
            "generation": 1,
            "touched": False,
            "touched_at": at,
        },
    )
    yield SERIES, _series(number, 0, f"{uid}.1", "PT", ObjectKind.PET)
    yield SERIES, _series(number, 1, f"{uid}.3", "RTSTRUCT", ObjectKind.STRUCTURE_SET)
    for place, (sop_class, of_one, text) in enumerate(_one_study()):
        sop_instance = of_one.replace(_ANY, uid)
        sha256 = digest(sop_instance)
        yield (
            INSTANCES,
            {
                "id": number * PER_STUDY + place + 1,
                "sop_class_uid": sop_class,
                "sop_instance_uid": sop_instance,
                "transfer_syntax_uid": "1.2.840.10008.1.2.1",
                "sha256": sha256,
                "path": f"objects/{sha256[:2]}/{sha256}.dcm",
                "size": 32_000,
                "calling_ae": "SCANNER",
                "received_at": at,
                "state": InstanceState.INDEXED,
                "series_id": number * 2 + 1 + (place == SLICES),
                "indexed_at": at,
                "header_json": text.replace(_ANY, uid),
            },
        )
    for link in _links_of_one():
        yield LINKS, {"study_id": number + 1, "uid": link.replace(_ANY, uid)}
    yield from _result(number, at)


def _series(
    study: int, place: int, uid: str, modality: str, kind: ObjectKind
) -> dict[str, Any]:
    return {
        "id": study * 2 + place + 1,
        "study_id": study + 1,
        "series_instance_uid": uid,
        "modality": modality,
        "series_description": modality,
        "kind": kind,
        "instances": 1 if place else SLICES,
    }


@cache
def _one_study() -> list[tuple[str, str, str]]:
    """Return SOP class, SOP instance and header of each object of any study."""
    return [
        (header.sop_class_uid, header.sop_instance_uid, header_to_json(header))
        for header in _headers(_ANY)
    ]


@cache
def _links_of_one() -> list[str]:
    return sorted(set().union(*map(linking_uids, _headers(_ANY))))


def _result(number: int, at: datetime) -> Iterator[tuple[Any, dict[str, Any]]]:
    uid = study_uid(number)
    uids = [of_one.replace(_ANY, uid) for _, of_one, _ in _one_study()]
    named = [[each, digest(each)] for each in uids]
    case = {
        "inputs": digest(uid),
        "pet": named[:-1],
        "contours": named[-1],
        "registrations": [],
        "contexts": [],
        "registering": None,
    }
    key = digest(f"job {number}")
    yield (
        JOBS,
        {
            "id": number + 1,
            "key": key,
            "study_id": number + 1,
            "line": f"{uid}.1|{uid}.3",
            "case_json": json.dumps(case),
            "state": JobState.DONE,
            "created_at": at,
            "updated_at": at,
            "attempts": 1,
        },
    )
    for place, name in enumerate(("report.dcm", "map-1.dcm")):
        identifier = number * 2 + place + 1
        yield (
            RESULTS,
            {
                "id": identifier,
                "job_id": number + 1,
                "sop_class_uid": "1.2.840.10008.5.1.4.1.1.88.34",
                "sop_instance_uid": f"{uid}.7.{place}",
                "series_instance_uid": f"{uid}.7",
                "transfer_syntax_uid": "1.2.840.10008.1.2.1",
                "path": f"results/{key}/{name}",
                "sha256": digest(name),
            },
        )
        yield (
            DELIVERIES,
            {
                "id": identifier,
                "result_id": identifier,
                "destination": "PACS",
                "state": DeliveryState.COMMITTED,
                "attempts": 1,
                "due_at": at,
                "status": "0x0000 Success",
                "updated_at": at,
            },
        )
    for text in ("the first object came", "queued", "scored", "delivered", "committed"):
        yield (
            EVENTS,
            {"at": at, "kind": "study", "study_instance_uid": uid, "text": text},
        )
