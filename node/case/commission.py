"""A case as data in a job's row, and back.

Design choice: the row names objects by UID and content, not by path, so that a restart
computes from exactly the bytes that made the case ready, or says that it cannot.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from node.case.settled_background import background_data, background_from_data
from node.records.cases import Case, Registering
from node.records.lineage import Lineage
from node.records.objects import StoredInstance
from node.records.subject import Subject, subject_data, subject_from_data


@dataclass(frozen=True)
class Commission:
    """A case with what its job must remember beside it.

    Attributes
    ----------
    case : Case
    inputs : str
        Digest from `node.identity.input_digest`.
    """

    case: Case
    inputs: str


def commission_to_json(commission: Commission) -> str:
    """Return the text for a job's row."""
    case = commission.case
    return json.dumps(
        {
            "inputs": commission.inputs,
            "study_instance_uid": case.study_instance_uid,
            "pet": [_named(instance) for instance in case.pet],
            "contours": _named(case.contours),
            "accept_frames_of_reference": list(case.accept_frames_of_reference),
            "warnings": list(case.warnings),
            "remarks": list(case.remarks),
            "registrations": [_named(instance) for instance in case.registrations],
            "frames_of_images": [list(pair) for pair in case.frames_of_images],
            "registering": _registering_data(case.registering),
            "contexts": [_named(instance) for instance in case.contexts],
            "subjects": [subject_data(subject) for subject in case.subjects],
            "animal_id": case.animal_id,
            "edition": case.edition,
            "lineage": asdict(case.lineage),
            "replicates": [
                [_named(instance) for instance in series] for series in case.replicates
            ],
            "background": background_data(case.background),
        }
    )


def inputs_of(text: str) -> str:
    """Return the digest of inputs in a job's row."""
    return str(json.loads(text)["inputs"])


def contours_of(text: str) -> str:
    """Return the SOP Instance UID of the contours in a job's row."""
    return str(json.loads(text)["contours"][0])


def named_in(text: str) -> Iterator[tuple[str, str]]:
    """Give SOP Instance UID and digest of every object that a job's row names."""
    data = json.loads(text)
    registering = data.get("registering") or {}
    lists = (
        data.get("pet", ()),
        [data["contours"]] if "contours" in data else (),
        data.get("registrations", ()),
        data.get("contexts", ()),
        registering.get("ct", ()),
        # Jobs of an earlier version have not all of these.
        *data.get("replicates", ()),
    )
    for named in lists:
        yield from ((uid, sha256) for uid, sha256 in named)


def subjects_of(text: str) -> tuple[Subject, ...]:
    """Return the subjects in a job's row."""
    return tuple(subject_from_data(item) for item in json.loads(text)["subjects"])


def commission_from_json(text: str, stored: Iterable[StoredInstance]) -> Commission:
    """Return the case of a job's row.

    Parameters
    ----------
    text : str
        From `commission_to_json`.
    stored : iterable of StoredInstance
        Among which the case's objects are looked up by UID and content.

    Raises
    ------
    CaseObjectsMissingError
        When an object of the case is not stored any more.
    """
    data = json.loads(text)
    stored = tuple(stored)
    known = {(item.header.sop_instance_uid, item.sha256): item for item in stored}

    def look_up(named: list[str]) -> StoredInstance:
        found = known.get((named[0], named[1]))
        if found is None:
            raise CaseObjectsMissingError(named[0])
        return found

    case = Case(
        study_instance_uid=data["study_instance_uid"],
        pet=tuple(look_up(named) for named in data["pet"]),
        contours=look_up(data["contours"]),
        accept_frames_of_reference=tuple(data["accept_frames_of_reference"]),
        warnings=tuple(data["warnings"]),
        # Jobs of an earlier version have none.
        remarks=tuple(data.get("remarks", ())),
        registrations=tuple(look_up(named) for named in data["registrations"]),
        frames_of_images=tuple((pair[0], pair[1]) for pair in data["frames_of_images"]),
        registering=_registering(data["registering"], look_up),
        contexts=tuple(look_up(named) for named in data["contexts"]),
        subjects=tuple(subject_from_data(item) for item in data["subjects"]),
        animal_id=data["animal_id"],
        edition=int(data["edition"]),
        lineage=Lineage(
            **{name: tuple(uids) for name, uids in data["lineage"].items()}
        ),
        replicates=tuple(
            tuple(look_up(named) for named in series)
            for series in data.get("replicates", ())
        ),
        background=background_from_data(data.get("background"), stored),
    )
    return Commission(case, data["inputs"])


def _registering_data(registering: Registering | None) -> Any:
    if registering is None:
        return None
    return {
        "ct": [_named(instance) for instance in registering.ct],
        "maximum_motion_mm": registering.maximum_motion_mm,
    }


def _registering(
    data: Any, look_up: Callable[[list[str]], StoredInstance]
) -> Registering | None:
    if data is None:
        return None
    ct = tuple(look_up(named) for named in data["ct"])
    return Registering(ct, float(data["maximum_motion_mm"]))


def _named(instance: StoredInstance) -> list[str]:
    return [instance.header.sop_instance_uid, instance.sha256]


class CaseObjectsMissingError(Exception):
    """An object that made a case ready is not stored any more."""

    def __init__(self, sop_instance_uid: str) -> None:
        super().__init__(
            f"object {sop_instance_uid} of a pending job is not stored any more; "
            "send the study again"
        )
        self.sop_instance_uid = sop_instance_uid
