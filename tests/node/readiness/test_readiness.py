"""Promises of `node.readiness.assess`."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from dicom_io.header import (
    DeclaredCount,
    InstanceHeader,
    ObjectKind,
    SavedAs,
    read_header_file,
)
from node.readiness.assess import assess_readiness, studies_of
from node.readiness.matching import GantryRule, MatchingRules
from node.records.cases import Case, Held, Readiness, Ready, Waiting
from node.records.objects import StoredInstance
from tests.support.objects import (
    CT_FRAME,
    MODEL,
    PET_FRAME,
    PET_SERIES,
    STUDY,
    ct_series,
    header,
    pet_series,
    redrawn,
    stored,
    structure_set,
)
from tests.support.shared import SHARED_DATA, needs_shared_data

NO_RULES = MatchingRules(co_registered=(), preferred_pet=())
INVEON = MatchingRules(co_registered=(GantryRule(MODEL),), preferred_pet=())
ABSENT = ("9.9.1", "9.9.2")


def assess(
    *headers: InstanceHeader,
    rules: MatchingRules = NO_RULES,
    settled: bool = False,
    final: bool = False,
) -> Readiness:
    """Return the only readiness of some objects."""
    [only] = assess_readiness(stored(*headers), rules, settled=settled, final=final)
    return only


def waiting(readiness: Readiness) -> str:
    assert isinstance(readiness, Waiting), readiness
    return readiness.missing


def held(readiness: Readiness) -> str:
    assert isinstance(readiness, Held), readiness
    return readiness.reason


def ready(readiness: Readiness) -> list[str]:
    """Return the UIDs of the PET slices of a ready case."""
    assert isinstance(readiness, Ready), readiness
    return [each.header.sop_instance_uid for each in readiness.case.pet]


def test_a_study_is_ready_with_the_last_object_in_whatever_order_they_come() -> None:
    pet = pet_series(6)
    objects = [*pet, structure_set(pet)]
    Random(1).shuffle(objects)  # noqa: S311 (an order, not a secret)

    for number in range(1, len(objects)):
        assert isinstance(assess(*objects[:number]), Waiting)

    found = assess(*objects)
    assert sorted(ready(found)) == sorted(each.sop_instance_uid for each in pet)
    assert isinstance(found, Ready)
    assert found.case.warnings == ()
    assert found.case.accept_frames_of_reference == (PET_FRAME,)


def test_waiting_says_how_many_slices_are_there_and_that_contours_are_missing() -> None:
    pet = pet_series(159)

    assert waiting(assess(*pet[:116])) == "116 of 159 PET slices; RTSTRUCT missing"


def test_a_study_waits_while_a_referenced_slice_is_missing() -> None:
    pet = pet_series(159)
    found = assess(*pet[:116], structure_set(pet), settled=True)

    assert waiting(found) == "116 of 159 PET slices"
    assert isinstance(found, Waiting)
    assert not found.settles


def test_a_study_waits_for_referenced_ct_slices() -> None:
    ct = ct_series(4, frame_of_reference_uid=PET_FRAME)
    found = assess(*pet_series(), *ct[:3], structure_set(ct), settled=True)

    assert waiting(found) == "3 of 4 referenced slices"


def test_slices_that_no_contour_names_are_waited_for_too() -> None:
    pet = pet_series(6)
    found = assess(*pet[1:], structure_set(pet[2:4]), settled=True)

    assert waiting(found) == "5 of 6 PET slices"


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        (DeclaredCount(6, 6, None, "STATIC"), None),
        (DeclaredCount(6, 2, None, "DYNAMIC"), "6 of 12 PET slices"),
        (DeclaredCount(6, 2, 6, "DYNAMIC"), "6 of 12 PET slices"),
        (DeclaredCount(6, None, 8, "STATIC"), "6 of 8 PET slices"),
        (DeclaredCount(9, None, 6, "WHOLE BODY"), "6 of 9 PET slices"),
        (DeclaredCount(0, None, 6, "STATIC"), None),
    ],
)
def test_time_slices_count_for_dynamic_series_only_and_the_greatest_count_holds(
    declared: DeclaredCount, expected: str | None
) -> None:
    pet = pet_series(6, declared=declared)
    found = assess(*pet, structure_set(pet))

    if expected is None:
        assert len(ready(found)) == 6
    else:
        assert waiting(found) == expected


def test_a_repeated_place_does_not_stand_for_a_missing_one() -> None:
    pet = pet_series(4)
    again = replace(pet[0], sop_instance_uid="1.2.3.1.77")
    found = assess(*pet[:3], again, structure_set(pet[:3]), settled=True)

    assert waiting(found) == "3 of 4 places of PET slices"


def test_a_series_that_declares_nothing_is_whole_only_after_silence() -> None:
    pet = pet_series(5, declared=DeclaredCount(None, None, None, "STATIC"))
    contours = structure_set(pet)
    before = assess(*pet, contours)
    after = assess(*pet, contours, settled=True)

    assert waiting(before) == "5 PET slices, how many come is not declared"
    assert isinstance(before, Waiting)
    assert before.settles
    assert len(ready(after)) == 5
    assert isinstance(after, Ready)
    assert "does not declare its size" in after.case.warnings[0]


def test_a_gap_in_a_series_that_declares_nothing_is_never_passed_over() -> None:
    pet = pet_series(6, declared=DeclaredCount(None, None, None, None))
    pet = [*pet[:2], *pet[4:]]
    found = assess(*pet, structure_set(pet), settled=True)

    assert waiting(found) == "4 PET slices, at least 2 between them missing"


def test_planes_that_are_a_little_off_are_no_gap() -> None:
    pet = pet_series(6, declared=DeclaredCount(None, None, None, None))
    plane = pet[3].plane
    assert plane is not None
    moved = replace(plane, position_mm=(0.0, 0.0, plane.position_mm[2] + 0.04))
    pet[3] = replace(pet[3], plane=moved)

    assert len(ready(assess(*pet, structure_set(pet), settled=True))) == 6


def test_a_series_without_count_and_place_is_never_taken_for_whole() -> None:
    pet = [replace(each, plane=None, count=None) for each in pet_series(3)]
    found = assess(*pet, structure_set(pet), settled=True, final=True)

    assert held(found) == "incomplete_series"


def test_references_that_nothing_answers_fall_through_to_the_series_after_silence() -> (
    None
):
    pet = pet_series()
    contours = redrawn(structure_set(pet), instances=ABSENT)
    before = assess(*pet, contours)
    after = assess(*pet, contours, settled=True)

    assert waiting(before) == "the images that the contours name are missing"
    assert isinstance(before, Waiting)
    assert before.settles
    assert isinstance(after, Ready)
    [warning] = after.case.warnings
    assert "None of the 2 referenced slices is stored" in warning
    assert PET_SERIES in warning


def test_and_then_to_the_frame_of_reference_and_place() -> None:
    pet = pet_series()
    contours = redrawn(structure_set(pet), instances=ABSENT, series=("9.9",))
    after = assess(*pet, contours, settled=True)

    assert isinstance(after, Ready)
    assert f"frame of reference {PET_FRAME} and place" in after.case.warnings[0]


def test_nothing_falls_through_onto_an_incomplete_stack() -> None:
    pet = pet_series(6)
    for references in ({"instances": ABSENT}, {"instances": ABSENT, "series": ()}):
        contours = redrawn(structure_set(pet), **references)
        assert waiting(assess(*pet[:5], contours, settled=True)) == "5 of 6 PET slices"


def test_contours_beside_all_images_in_their_frame_of_reference_are_held() -> None:
    pet = pet_series()
    far = redrawn(
        structure_set(pet),
        instances=ABSENT,
        series=(),
        low_mm=(200.0, 0.0, 0.0),
        high_mm=(210.0, 5.0, 5.0),
    )

    assert held(assess(*pet, far, settled=True)) == "roi_outside_image"
    assert isinstance(assess(*pet, far), Waiting)


def test_contours_that_are_filed_in_another_study_are_found() -> None:
    pet = pet_series()
    contours = structure_set(pet, study_instance_uid="1.7")
    found = assess(*pet, contours)

    assert isinstance(found, Ready)
    assert found.case.study_instance_uid == STUDY
    assert studies_of(found) == (STUDY, "1.7")


def test_waiting_for_a_pet_of_another_study_is_said_of_both_studies() -> None:
    pet = pet_series(6)
    found = assess(*pet[:3], structure_set(pet, study_instance_uid="1.7"))

    assert studies_of(found) == ("1.7", STUDY)


def test_contours_on_a_ct_go_to_the_pet_in_its_frame_of_reference() -> None:
    ct = ct_series(frame_of_reference_uid=PET_FRAME)
    elsewhere = pet_series(series_instance_uid="1.2.3.8", frame_of_reference_uid="1.5")
    pet = pet_series()
    found = assess(*ct, *elsewhere, *pet, structure_set(ct))

    assert ready(found) == [each.sop_instance_uid for each in pet]
    assert isinstance(found, Ready)
    assert "drawn on CT series" in found.case.warnings[0]


def test_frames_of_reference_of_one_gantry_are_joined_only_by_the_sites_rule() -> None:
    ct = ct_series()
    objects = [*ct, *pet_series(), structure_set(ct)]
    refused = assess(*objects, settled=True)
    allowed = assess(*objects, rules=INVEON)

    assert held(refused) == "frame_of_reference"
    assert isinstance(refused, Held)
    assert CT_FRAME in refused.detail
    assert PET_FRAME in refused.detail
    assert f'[[matching.co_registered]] model_name = "{MODEL}"' in refused.detail
    assert isinstance(allowed, Ready)
    assert CT_FRAME in allowed.case.accept_frames_of_reference
    assert "site's rule" in allowed.case.warnings[1]


def test_the_sites_rule_does_not_join_another_scanner() -> None:
    ct = ct_series(model_name="Other CT")
    found = assess(*ct, *pet_series(), structure_set(ct), rules=INVEON, settled=True)

    assert held(found) == "frame_of_reference"


def test_the_network_waits_before_it_holds_for_a_frame_of_reference() -> None:
    ct = ct_series()
    found = assess(*ct, *pet_series(), structure_set(ct))

    assert isinstance(found, Waiting)
    assert found.settles


def test_several_pet_series_that_fit_are_held_with_the_list() -> None:
    ct = ct_series(frame_of_reference_uid=PET_FRAME)
    osem = pet_series(series_description="OSEM3D")
    fbp = pet_series(series_instance_uid="1.2.3.8", series_description="FBP")
    found = assess(*ct, *osem, *fbp, structure_set(ct))

    assert held(found) == "several_pet"
    assert isinstance(found, Held)
    assert "1.2.3.1 (OSEM3D); 1.2.3.8 (FBP)" in found.detail


def test_the_sites_preference_chooses_among_several_pet_series() -> None:
    ct = ct_series(frame_of_reference_uid=PET_FRAME)
    osem = pet_series(series_description="PET OSEM3D")
    fbp = pet_series(series_instance_uid="1.2.3.8", series_description="PET FBP")
    rules = MatchingRules((), preferred_pet=("*map*", "*osem*"))
    found = assess(*ct, *fbp, *osem, structure_set(ct), rules=rules)

    assert ready(found) == [each.sop_instance_uid for each in osem]


def test_contours_that_name_their_pet_need_no_preference() -> None:
    osem = pet_series()
    fbp = pet_series(series_instance_uid="1.2.3.8", series_description="FBP")
    found = assess(*osem, *fbp, structure_set(fbp))

    assert ready(found) == [each.sop_instance_uid for each in fbp]


def test_gated_pet_is_held_unless_an_ungated_one_fits() -> None:
    gated = pet_series(
        series_instance_uid="1.2.3.8", declared=DeclaredCount(4, None, None, "GATED")
    )
    pet = pet_series()
    ct = ct_series(frame_of_reference_uid=PET_FRAME)

    assert held(assess(*gated, structure_set(gated))) == "gated"
    found = assess(*gated, *pet, *ct, structure_set(ct))
    assert ready(found) == [each.sop_instance_uid for each in pet]


def test_own_results_take_no_part() -> None:
    pet = pet_series()
    map_of_ours = header(ObjectKind.OWN_RESULT, "1.8.1", series_instance_uid="1.8")

    assert len(ready(assess(*pet, structure_set(pet), map_of_ours))) == 4
    assert assess_readiness(stored(map_of_ours), NO_RULES, settled=True) == ()


def test_structure_sets_of_two_series_are_two_cases() -> None:
    pet = pet_series()
    second = structure_set(pet, "1.2.3.4.1", series_instance_uid="1.2.3.4")
    found = assess_readiness(
        stored(*pet, structure_set(pet), second), NO_RULES, settled=False
    )

    assert [type(each) for each in found] == [Ready, Ready]


def test_of_a_series_of_structure_sets_the_last_is_the_case() -> None:
    pet = pet_series()
    first, second = structure_set(pet), structure_set(pet, "1.2.3.3.2")

    [found] = ready_cases(*pet, first, second)

    assert found.contours.header == second
    assert found.lineage.passed_over == (first.sop_instance_uid,)


def test_the_last_of_a_series_does_not_replace_one_on_another_pet() -> None:
    pet = pet_series()
    late = pet_series(series_instance_uid="1.2.3.8")
    contours = structure_set(pet), structure_set(late, "1.2.3.3.2")

    assert len(ready_cases(*pet, *late, *contours)) == 2


def test_contours_elsewhere_that_were_revised_say_by_what() -> None:
    pet = pet_series()
    first = structure_set(pet, "1.6.3.1", study_instance_uid="1.6")
    second = structure_set(
        pet,
        "1.7.3.1",
        study_instance_uid="1.7",
        series_instance_uid="1.7.3",
        saved_as=SavedAs(predecessors=("1.6.3.1",)),
    )

    waiting, found = assess_readiness(
        stored(*pet, first, second), NO_RULES, settled=False
    )

    assert isinstance(found, Ready)
    assert found.case.contours.header == second
    assert isinstance(waiting, Waiting)
    assert waiting.study_instance_uid == "1.6"
    assert "1.7.3.1" in waiting.missing


def ready_cases(*headers: InstanceHeader) -> list[Case]:
    found = assess_readiness(stored(*headers), NO_RULES, settled=False)
    return [each.case for each in found if isinstance(each, Ready)]


def test_a_pet_beside_a_matched_one_is_not_waited_on() -> None:
    pet = pet_series()
    second = pet_series(series_instance_uid="1.2.3.8")

    assert isinstance(assess(*pet, *second, structure_set(pet)), Ready)


@pytest.mark.parametrize(
    ("objects", "reason", "words"),
    [
        (pet_series(), "no_roi", "RTSTRUCT missing"),
        (pet_series(6)[:4], "incomplete_series", "4 of 6 PET slices; RTSTRUCT missing"),
        (ct_series(), "no_pet", "PET missing; RTSTRUCT missing"),
        ([structure_set(pet_series())], "no_pet", "PET missing"),
        ([*ct_series(), structure_set(ct_series())], "no_pet", "PET missing"),
        (
            [*pet_series(6)[:4], structure_set(pet_series(6))],
            "incomplete_series",
            "4 of 6 PET slices",
        ),
    ],
)
def test_a_folder_is_held_in_the_words_in_which_the_network_waits(
    objects: list[InstanceHeader], reason: str, words: str
) -> None:
    assert waiting(assess(*objects, settled=True)) == words
    found = assess(*objects, settled=True, final=True)

    assert held(found) == reason
    assert isinstance(found, Held)
    assert found.detail.startswith(f"{words}. Send")


def test_contours_in_no_frame_of_reference_that_is_stored_are_held() -> None:
    pet = pet_series()
    stray = redrawn(
        structure_set(pet), instances=ABSENT, series=(), frames_of_reference=("1.5",)
    )

    assert held(assess(*pet, stray, settled=True)) == "frame_of_reference"


def read_stored(folder: Path) -> list[StoredInstance]:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    return [
        StoredInstance(read_header_file(path), path, path.name, at)
        for path in sorted(folder.rglob("*.dcm"))
    ]


@needs_shared_data
@pytest.mark.parametrize(
    ("case", "slices", "matched"),
    [
        ("sts-petct/STS_025/PET", 47, "by series"),
        ("sts-petct/STS_025-inveon-orientation", 47, "by series"),
        ("sts-petct/STS_002/PET", 48, "by series"),
        ("suv-reference-objects/DRO_0_0", 20, "does not declare its size"),
        ("suv-reference-objects/DRO_1_0", 20, "does not declare its size"),
    ],
)
def test_real_studies_are_ready(case: str, slices: int, matched: str) -> None:
    found = assess_readiness(
        read_stored(SHARED_DATA / case), NO_RULES, settled=True, final=True
    )

    [only] = found
    assert len(ready(only)) == slices
    assert isinstance(only, Ready)
    assert matched in only.case.warnings[0]


@needs_shared_data
def test_contours_on_the_ct_of_a_real_study_go_to_its_pet() -> None:
    found = assess_readiness(
        read_stored(SHARED_DATA / "sts-petct" / "STS_025"),
        NO_RULES,
        settled=True,
        final=True,
    )

    assert [len(ready(each)) for each in found] == [47, 47]
