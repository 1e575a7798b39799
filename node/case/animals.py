"""Several animals in one bed, and which regions are whose.

A region belongs to the animal whose pattern in the injection log its name matches; else
to the one whose name or place in the bed is a word of the region's name; else to the
one in whose part of the field of view it lies (`model.bed`), where the places of all
are known as ordinals. What no rule decides belongs to nobody and is held.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from pydicom.dataset import Dataset

from dicom_io.errors import DicomContentError
from dicom_io.pet.bed import machine_axes, occupants_of
from model.bed import Place, place_of
from model.errors import ModelError
from node.case.regions import Region
from node.failure import held_by
from node.records.cases import Case, Held
from node.records.subject import Subject

_WORD = re.compile(r"[^\W_]+")
_ORDINALS = re.compile(r"\s*(\d{1,3})\s*[\\/]\s*(\d{1,3})\s*[\\/]\s*(\d{1,3})\s*")


@dataclass(frozen=True)
class Share:
    """What falls to one animal.

    Attributes
    ----------
    regions : tuple of Region
    held : tuple of Held
        Regions of nobody; told with the first animal of the bed alone.
    statements : tuple of str
        How it was decided, where not by the log's patterns.
    """

    regions: tuple[Region, ...]
    held: tuple[Held, ...]
    statements: tuple[str, ...]


def share_of(case: Case, regions: Sequence[Region], header: Dataset) -> Share:
    """Return the regions of the animal that a case is about.

    Parameters
    ----------
    case : Case
        With at least two subjects.
    regions : sequence of Region
        Of all animals.
    header : Dataset
        Of the PET.

    Raises
    ------
    NoRegionOfAnimalError
        When it has none.
    """
    bed = _Bed(case.subjects, header)
    mine: list[Region] = []
    held: list[Held] = []
    statements: list[str] = []
    first = case.animal_id == case.subjects[0].animal_id
    for region in regions:
        try:
            owner, how = bed.owner_of(region)
        except (DicomContentError, ModelError) as error:
            if first:
                study = case.study_instance_uid
                held.append(held_by(error, study, roi=region.roi.name))
            continue
        if owner == case.animal_id:
            mine.append(region)
            statements.extend([how] if how else [])
    if not mine and not held:
        raise NoRegionOfAnimalError(case.animal_id, header)
    return Share(tuple(mine), tuple(held), tuple(statements))


class _Bed:
    """The animals of a bed, and whose a region is."""

    def __init__(self, subjects: Sequence[Subject], header: Dataset) -> None:
        self._subjects = subjects
        self._header = header
        self._places = _places(subjects, header)

    def owner_of(self, region: Region) -> tuple[str, str]:
        """Return the animal of a region, and what must be said about it."""
        name = region.roi.name
        by_pattern = [each for each in self._subjects if _claims(each, name)]
        if by_pattern:
            return self._only(by_pattern, region), ""
        words = _words(name)
        by_word = [each for each in self._subjects if _named_in(each, words)]
        if by_word:
            said = f"ROI {name!r} was taken as the animal's by its name"
            return self._only(by_word, region), said
        if not self._places:
            raise NobodysRegionError(region, self._subjects)
        place = place_of(region.mask, self._places, machine_axes(self._header))
        if place is None:
            raise NobodysRegionError(region, self._subjects)
        said = (
            f"ROI {name!r} was taken as the animal's by its place in the bed, in which"
            f" {len(self._places)} animals share the field of view equally"
        )
        return self._places[place], said

    def _only(self, claiming: Sequence[Subject], region: Region) -> str:
        if len(claiming) > 1:
            raise NobodysRegionError(region, claiming)
        return claiming[0].animal_id


def _places(subjects: Iterable[Subject], header: Dataset) -> dict[Place, str]:
    """Return who lies where; empty unless it is known of all, each at its own place."""
    known = {each.patient_id: each.place for each in occupants_of(header)}
    found: dict[Place, str] = {}
    for number, subject in enumerate(subjects, start=1):
        place = _ordinals(subject.bed_position) or known.get(subject.animal_id)
        if place is not None:
            found[place] = subject.animal_id
        if len(found) < number:
            return {}
    return found


def _ordinals(bed_position: str) -> Place | None:
    found = _ORDINALS.fullmatch(bed_position)
    if found is None:
        return None
    right, down, inward = (int(part) for part in found.groups())
    return right, down, inward


def _claims(subject: Subject, name: str) -> bool:
    return any(
        fnmatchcase(name.casefold(), pattern.casefold())
        for pattern in subject.roi_patterns
    )


def _named_in(subject: Subject, words: Sequence[str]) -> bool:
    """Return whether an animal's name or place is among the words, in one piece."""
    for called in (subject.animal_id, subject.bed_position):
        wanted = _words(called)
        starts = range(len(words) - len(wanted) + 1)
        if wanted and any(words[at : at + len(wanted)] == wanted for at in starts):
            return True
    return False


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


class NobodysRegionError(ModelError):
    """It cannot be told which animal of a bed a region belongs to."""

    reason = "several_animals"
    remedy = (
        "Give each animal's regions in the column roi of the injection log, or name"
        " the regions by animal."
    )

    def __init__(self, region: Region, subjects: Iterable[Subject]) -> None:
        animals = ", ".join(subject.animal_id for subject in subjects)
        super().__init__(
            f"region {region.roi.name!r} may belong to any of the animals {animals}"
        )
        self.roi_name = region.roi.name


class NoRegionOfAnimalError(DicomContentError):
    """An animal of a bed has no region."""

    reason = "no_roi"
    remedy = (
        "Draw its tumour, or take its row out of the injection log if it has none;"
        " the other animals have results of their own."
    )

    def __init__(self, animal_id: str, header: Dataset) -> None:
        super().__init__(
            f"no region belongs to animal {animal_id}",
            uid=str(header.get("SeriesInstanceUID", "")) or None,
        )
        self.animal_id = animal_id
