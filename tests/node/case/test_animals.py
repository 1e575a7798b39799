"""Which region is whose when several animals lie in one bed."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset

from dicom_io.header import read_header
from model.administration import Administration, Source
from model.contours import Roi
from model.grid import Grid, Mask
from node.case.animals import NoRegionOfAnimalError, share_of
from node.case.one_animal import one_each, own_subject
from node.case.regions import Region
from node.identity import case_line, input_digest
from node.records.cases import Case
from node.records.objects import StoredInstance
from node.records.subject import Subject
from tests.support.studies import small_study

GRID = Grid((4, 8, 12), (0, 0, 0), (0, 0, 1), (0, 1, 0), (1, 0, 0), "1.2")
IDS = ("M1", "M2")
LEFT, RIGHT = slice(0, 5), slice(7, 12)


def weight(grams: float) -> tuple[Administration, ...]:
    return (Administration(Source.LOG, "row 1 of the injection log", weight_g=grams),)


def bed(*subjects: Subject) -> Case:
    """Return a case before the animals are told apart."""
    pet, contours = small_study()
    at = datetime(2026, 3, 2, tzinfo=UTC)
    stored = [
        StoredInstance(read_header(dataset), Path(f"{number}.dcm"), str(number), at)
        for number, dataset in enumerate([*pet, contours])
    ]
    return Case(
        study_instance_uid=stored[0].header.study_instance_uid,
        pet=tuple(stored[:-1]),
        contours=stored[-1],
        accept_frames_of_reference=(),
        subjects=subjects,
    )


def region(name: str, columns: slice = LEFT) -> Region:
    inside = np.zeros(GRID.shape, np.bool_)
    inside[1:3, 2:4, columns] = True
    return Region(Roi(1, name, (), "1.2"), Mask(GRID, inside))


def header(**attributes: object) -> Dataset:
    dataset = Dataset()
    dataset.SeriesInstanceUID = "1.2.3"
    dataset.PatientPosition = "HFS"
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return dataset


def names_of(case: Case, regions: list[Region], pet: Dataset) -> dict[str, list[str]]:
    """Return the regions of each animal by name."""
    found = {}
    for each in one_each(case):
        try:
            share = share_of(each, regions, pet)
        except NoRegionOfAnimalError:
            found[each.animal_id] = []
        else:
            found[each.animal_id] = [mine.roi.name for mine in share.regions]
    return found


def test_the_logs_pattern_says_whose_a_region_is() -> None:
    case = bed(
        Subject("M1", roi_patterns=("*left*",)),
        Subject("M2", roi_patterns=("*right*",)),
    )
    regions = [region("Tumor LEFT"), region("tumor right", RIGHT)]

    assert names_of(case, regions, header()) == {
        "M1": ["Tumor LEFT"],
        "M2": ["tumor right"],
    }


def test_an_animals_name_is_found_as_a_word_and_not_as_a_part_of_one() -> None:
    case = bed(Subject("M1"), Subject("M10"))
    regions = [region("GTV_m1"), region("GTV_M10", RIGHT)]

    assert names_of(case, regions, header()) == {"M1": ["GTV_m1"], "M10": ["GTV_M10"]}


def test_the_place_in_the_bed_may_stand_in_the_regions_name() -> None:
    case = bed(Subject("M1", bed_position="top"), Subject("M2", bed_position="bottom"))
    regions = [region("bottom tumour"), region("top tumour", RIGHT)]

    assert names_of(case, regions, header()) == {
        "M1": ["top tumour"],
        "M2": ["bottom tumour"],
    }


def test_ordinal_places_divide_the_field_of_view() -> None:
    case = bed(
        Subject("M1", bed_position=r"1\1\1"), Subject("M2", bed_position="2/1/1")
    )
    regions = [region("tumour", LEFT), region("tumour b", RIGHT)]

    assert names_of(case, regions, header()) == {"M1": ["tumour"], "M2": ["tumour b"]}
    (said,) = share_of(one_each(case)[0], regions, header()).statements
    assert "place in the bed" in said


def test_the_pets_header_may_know_the_places() -> None:
    """PS3.3 C.7.1.4.1.1: *Subject Relative Position in Image* (0010,0028)."""
    group = []
    for animal, place in (("M1", [2, 1, 1]), ("M2", [1, 1, 1])):
        item = Dataset()
        item.PatientID = animal
        item.SubjectRelativePositionInImage = place
        group.append(item)
    pet = header(GroupOfPatientsIdentificationSequence=group)
    case = bed(Subject("M1"), Subject("M2"))
    regions = [region("a", LEFT), region("b", RIGHT)]

    assert names_of(case, regions, pet) == {"M1": ["b"], "M2": ["a"]}


@pytest.mark.parametrize(
    ("patterns", "name"),
    [
        ({}, "tumour"),
        ({"M1": ("t*",), "M2": ("*r",)}, "tumour"),
        ({}, "between M1 and M2"),
    ],
)
def test_a_region_that_may_be_anybodys_is_held_once(
    patterns: dict[str, tuple[str, ...]], name: str
) -> None:
    case = bed(*(Subject(each, roi_patterns=patterns.get(each, ())) for each in IDS))
    regions = [region(name), region("of M1"), region("of M2")]

    shares = [share_of(each, regions, header()) for each in one_each(case)]

    (held,) = [held for share in shares for held in share.held]
    assert held.reason == "several_animals"
    assert name in held.detail
    assert "injection log" in held.detail
    assert [len(share.regions) for share in shares] == [1, 1]


def test_an_animal_without_a_region_is_told_of() -> None:
    case = bed(Subject("M1"), Subject("M2"))

    with pytest.raises(NoRegionOfAnimalError, match="M2"):
        share_of(one_each(case)[1], [region("M1")], header())


def test_one_animals_weight_is_not_part_of_anothers_result() -> None:
    before = bed(Subject("M1", weight(20)), Subject("M2", weight(25)))
    after = bed(Subject("M1", weight(20)), Subject("M2", weight(26)))

    first, second = (
        [input_digest(case, {}) for case in one_each(each)] for each in (before, after)
    )

    assert first[0] == second[0]
    assert first[1] != second[1]


def test_animals_of_a_bed_have_lines_of_their_own() -> None:
    lines = {case_line(case) for case in one_each(bed(Subject("M1"), Subject("M2")))}

    assert len(lines) == 2


def test_a_single_animal_is_one_case() -> None:
    case = bed(Subject("M1", weight(20)))

    assert one_each(case) == (case,)
    assert own_subject(case) == case.subjects[0]
    assert own_subject(bed()) is None
