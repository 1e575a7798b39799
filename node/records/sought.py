"""What the node seeks at its archive, as a value and as a row.

Design choice: a row names what is lacking and not how it is found: the contours whose
images are missing, the series that has gaps, the study that nobody has drawn in yet. So
it stays one row while objects come, and what is left of it is worked out from what is
here whenever it is looked for.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from node.records.states import RetrievalState


class Need(StrEnum):
    """Why something is sought."""

    IMAGES = "images"
    """The images that contours were drawn on, and the PET beside them."""
    SLICES = "slices"
    """The rest of a PET series."""
    CONTOURS = "contours"
    """Contours and registrations of a study with PET, which somebody may still make."""
    EARLIER = "earlier"
    """Earlier studies of the same animal."""
    FETCHED = "fetched"
    """Nothing: a study of which objects were fetched for the sake of another one."""


_WORDS = {
    Need.IMAGES: "the images that contours {} were drawn on",
    Need.SLICES: "the missing slices of series {}",
    Need.CONTOURS: "contours and registrations of study {}",
    Need.EARLIER: "studies of the same Patient ID before study {}",
    Need.FETCHED: "objects of study {}",
}


@dataclass(frozen=True)
class Sought:
    """Something that the node fetches.

    Attributes
    ----------
    need : Need
    level : str
        Of what the UIDs name: STUDY, SERIES or IMAGE.
    uids : tuple of str
    modalities : tuple of str
        Of the series that are looked for; empty for any.
    """

    need: Need
    level: str
    uids: tuple[str, ...]
    modalities: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What it is, for people."""
        return _WORDS[self.need].format(", ".join(self.uids))


@dataclass(frozen=True)
class Retrieval:
    """A row of what is sought for a study.

    Attributes
    ----------
    identifier : int
        Row number.
    study_instance_uid, patient_id, study_date : str
        Of the study for which it is sought.
    sought : Sought
    state : RetrievalState
    attempts : int
        In a row that brought nothing.
    wanted_at, due_at : datetime
    status : str
        What the last attempt gave, in words; empty before the first.
    changed_at : datetime
        When the last object of the study, or of one connected with it, came.
    """

    identifier: int
    study_instance_uid: str
    patient_id: str
    study_date: str
    sought: Sought
    state: RetrievalState
    attempts: int
    wanted_at: datetime
    due_at: datetime
    status: str
    changed_at: datetime


class SoughtTextError(ValueError):
    """A row of the ledger holds no `Sought`."""

    def __init__(self, text: str) -> None:
        super().__init__(f"this names nothing that is sought: {text[:80]}")


def sought_to_json(sought: Sought) -> str:
    """Return the text of a row; equal values have equal texts."""
    content = {
        "need": sought.need,
        "level": sought.level,
        "uids": sought.uids,
        "modalities": sought.modalities,
    }
    return json.dumps(content, sort_keys=True, separators=(",", ":"))


def sought_from_json(text: str) -> Sought:
    """Return the value of a row.

    Raises
    ------
    SoughtTextError
    """
    try:
        content = json.loads(text)
        return Sought(
            Need(content["need"]),
            str(content["level"]),
            tuple(map(str, content["uids"])),
            tuple(map(str, content["modalities"])),
        )
    except (ValueError, KeyError, TypeError) as failure:
        raise SoughtTextError(text) from failure
