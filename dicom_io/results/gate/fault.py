"""What is wrong with an object, and what it is judged by."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from pydicom.dataset import Dataset

from dicom_io.results.group_subject import SourceGroupSubject


@dataclass(frozen=True)
class Fault:
    """A rule that an object breaks.

    Attributes
    ----------
    place : str
        Keyword of an attribute, or the name of a concept.
    rule : str
        What must hold, in words, with its source.
    sop_instance_uid : str
    sop_class : str
        Name of its SOP class, for people.
    """

    place: str
    rule: str
    sop_instance_uid: str
    sop_class: str

    @property
    def words(self) -> str:
        """The fault on one line."""
        return f"{self.sop_class} {self.sop_instance_uid}: {self.place}: {self.rule}"


@dataclass(frozen=True, eq=False)
class Origin:
    """What objects were made from, as far as rules compare them with it.

    Attributes
    ----------
    header : Dataset
        Of an image of the PET; not changed.
    images : frozenset of str
        SOP Instance UIDs of the PET.
    shape : tuple of int
        Slices, rows and columns of its grid.
    uncalibrated : bool
        Whether a score is of a model that is not calibrated.
    subject : SourceGroupSubject or None
        The animal, where the PET shows several.
    uid_root : str
        As in `dicom_io.stamp.ObjectIdentity`.
    """

    header: Dataset
    images: frozenset[str]
    shape: tuple[int, int, int]
    uncalibrated: bool = False
    subject: SourceGroupSubject | None = None
    uid_root: str = "2.25."


Finding = tuple[str, str]
"""Place and rule of a fault."""

Rule = Callable[[Dataset, Origin], Iterable[Finding]]


def required(dataset: Dataset, *keywords: str, source: str) -> Iterator[Finding]:
    """Give each attribute that is absent or empty and must not be."""
    for keyword in keywords:
        if dataset.get(keyword) in (None, "", b"") or not filled(dataset, keyword):
            yield keyword, f"must be there with a value ({source})"


def filled(dataset: Dataset, keyword: str) -> bool:
    """Return whether an attribute is there and not empty."""
    return keyword in dataset and not dataset[keyword].is_empty
