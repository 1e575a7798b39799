"""A case as data in a job's row, and back.

Design choice: the row names objects by UID and content, not by path, so that a restart
computes from exactly the bytes that made the case ready, or says that it cannot.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from node.records import Case, StoredInstance


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
        }
    )


def inputs_of(text: str) -> str:
    """Return the digest of inputs in a job's row."""
    return str(json.loads(text)["inputs"])


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
    )
    return Commission(case, data["inputs"])


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
