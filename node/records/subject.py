"""An animal of a case, and what is said of it; as a value and as plain data."""

from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from model.administration import Administration


@dataclass(frozen=True)
class Subject:
    """An animal of a case, and what sources beside the PET say of it.

    Attributes
    ----------
    animal_id : str
        What ties its time points together.
    supplied : tuple of Administration
        From the injection log and what a person released.
    bed_position : str
        Where it lay among several, as the log names it; else empty.
    roi_patterns : tuple of str
        Names of its regions, where several animals lay in the bed.
    irradiated_at : datetime or None
        When it was first irradiated, where that is recorded.
    """

    animal_id: str
    supplied: tuple[Administration, ...] = ()
    bed_position: str = ""
    roi_patterns: tuple[str, ...] = ()
    irradiated_at: datetime | None = None


@dataclass(frozen=True)
class SubjectRules:
    """How the animals of a case are known.

    Attributes
    ----------
    attribute : str
        Keyword of the PET's attribute in which the animal's name stands.
    pattern : str
        Regular expression with a group ``animal``; empty for the whole attribute.
    injection_log : Path or None
        The site's CSV file.
    zone : tzinfo
        Of the log's dates and times.
    """

    attribute: str
    pattern: str
    injection_log: Path | None
    zone: tzinfo


_SUBJECTS = TypeAdapter(Subject)


def subject_data(subject: Subject) -> Any:
    """Return a subject as data for `json.dumps`; equal subjects give equal data."""
    return _SUBJECTS.dump_python(subject, mode="json")


def subject_content(subject: Subject) -> Any:
    """Return what of a subject enters a result's numbers, as data for `json.dumps`.

    Where it stands in its source is left out: a log whose rows were sorted says the
    same as before.
    """
    supplied = tuple(replace(each, origin="") for each in subject.supplied)
    said = replace(subject, supplied=supplied)
    # What a later version may say of a subject, and nobody says of this one, is no
    # change.
    return _SUBJECTS.dump_python(said, mode="json", exclude_defaults=True)


def subject_from_data(data: Any) -> Subject:
    """Return the subject of `subject_data`."""
    return _SUBJECTS.validate_python(data)
