"""The only maker of identity: job keys, UIDs and this software's name.

Design choice: nothing here is random. A UID is a digest of the job's key and of what
the UID is for, so that a result which is built again after a crash is the same object.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import Any

from dicom_io.stamp import ObjectIdentity
from node.records.cases import Case
from node.records.jobs import Job
from node.records.subject import Subject, subject_content

MANUFACTURER = "exhaustion-node"
MODEL_NAME = "exhaustion-node"

_UID_LENGTH = 64
"""Longest UID (PS3.5 section 9.1)."""


def software_version() -> str:
    """Return the installed version of this software."""
    return version("exhaustion-node")


def input_digest(case: Case, outside: Mapping[str, Any]) -> str:
    """Return what a result depends on, the software version apart.

    Parameters
    ----------
    case : Case
    outside : mapping
        Every value and setting beside the objects that enters the result, as plain
        data.

    Returns
    -------
    str
        SHA-256, hexadecimal. Which contours the case takes the place of is no part of
        it, as the report that the result revises is not: neither changes a number, and
        what came late would have a result made anew.
    """
    objects = sorted(
        (instance.header.sop_instance_uid, instance.sha256) for instance in case.objects
    )
    registering = case.registering
    return _digest(
        {
            "objects": objects,
            "accepted": sorted(case.accept_frames_of_reference),
            "warnings": list(case.warnings),
            "frames_of_images": [list(pair) for pair in case.frames_of_images],
            "maximum_motion_mm": registering and registering.maximum_motion_mm,
            "subjects": [subject_content(subject) for subject in case.subjects],
            "animal_id": case.animal_id,
            "edition": case.edition,
            "outside": outside,
        }
    )


def subjects_digest(subjects: Iterable[Subject], statements: Iterable[str]) -> str:
    """Return what tells whether something else is said of the animals of a case.

    Parameters
    ----------
    subjects : iterable of Subject
    statements : iterable of str
        On what sources say and is not used.
    """
    said = [subject_content(subject) for subject in subjects]
    return _digest({"subjects": said, "statements": list(statements)})


def job_key(inputs: str, software: str) -> str:
    """Return the key of a job (invariant 2).

    Parameters
    ----------
    inputs : str
        From `input_digest`.
    software : str
        Version of the software that computes.

    Returns
    -------
    str
        SHA-256, hexadecimal.
    """
    return _digest({"inputs": inputs, "software": software})


def case_line(case: Case) -> str:
    """Return what all revisions of a case share.

    Contours that revise each other (`node.readiness.revisions`) on one PET series share
    it; other contours, and another animal of the bed, stand on their own.
    """
    return lines_of_series(case)[0]


def lines_of_series(case: Case) -> tuple[str, ...]:
    """Return the line of a case, and those that its contours were on before it.

    That is what each series of contours has that was found to be of the same line.
    """
    pet = case.pet[0].header.series_instance_uid
    series = case.lineage.series or (case.contours.header.series_instance_uid,)
    animal = f"/{case.animal_id}" if case.animal_id else ""
    return tuple(f"{pet}/{each}{animal}" for each in series)


def derived_uid(root: str, *names: str) -> str:
    """Return a UID that follows from its names alone.

    Parameters
    ----------
    root : str
        Prefix without the last dot; ``2.25`` for UUID-derived UIDs (PS3.5 B.2).
    *names : str
        What the UID is for.

    Returns
    -------
    str
        At most 64 characters.
    """
    digest = hashlib.sha256("/".join(names).encode()).digest()
    number = str(int.from_bytes(digest[:16]))
    return f"{root}.{number[: _UID_LENGTH - len(root) - 1].lstrip('0') or '0'}"


def object_identity(
    job: Job,
    role: str,
    *,
    root: str,
    number: int,
    description: str,
    instance: int = 1,
) -> ObjectIdentity:
    """Return the identity of one object of a job's result.

    Parameters
    ----------
    job : Job
    role : str
        What the object is within the result, for example ``report`` or ``map/1``.
    root : str
        UID root, without the last dot.
    number : int
        Series number.
    description : str
        Series description.
    instance : int
        Number of the instance in the series of this role, from 1.
    """
    # The first is called as the only one of a series is.
    further = () if instance == 1 else (str(instance),)
    return ObjectIdentity(
        sop_instance_uid=derived_uid(root, job.key, role, "instance", *further),
        series_instance_uid=derived_uid(root, job.key, role, "series"),
        uid_root=f"{root}.",
        series_number=number,
        instance_number=instance,
        series_description=description,
        created_at=job.created_at,
        job_key=job.key,
    )


def _digest(content: Any) -> str:
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
