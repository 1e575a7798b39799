"""Promises of `readiness.assess` for frames of reference that registrations join."""

from dataclasses import replace

import pytest

from dicom_io.header import InstanceHeader, ObjectKind
from dicom_io.regions.registration import JoinedFrames
from node.case.commission import Commission, commission_from_json, commission_to_json
from node.readiness.assess import assess_readiness
from node.readiness.matching import GantryRule, MatchingRules
from node.records.cases import Case, Held, Readiness, Ready, Waiting
from tests.support.objects import (
    CT_FRAME,
    MODEL,
    PET_FRAME,
    ct_series,
    header,
    pet_series,
    redrawn,
    stored,
    structure_set,
)

NO_RULES = MatchingRules(co_registered=(), preferred_pet=())
ATLAS = "1.2.9.3"
FAR = "1.2.9.4"


def joining(
    uid: str, *frames: str, images: tuple[str, ...] = (), **fields: object
) -> InstanceHeader:
    """Return the header of a registration into the first frame."""
    joins = JoinedFrames(frames[0], frames[1:], (images,) if images else ())
    ordinary = {"series_instance_uid": f"{uid}.9", "frame_of_reference_uid": frames[0]}
    return header(ObjectKind.REGISTRATION, uid, joins=joins, **{**ordinary, **fields})


def assess(
    *headers: InstanceHeader, rules: MatchingRules = NO_RULES, settled: bool = False
) -> Readiness:
    """Return the readiness of the only contours among some objects."""
    return assess_readiness(stored(*headers), rules, settled=settled)[0]


def case_of(readiness: Readiness) -> Case:
    assert isinstance(readiness, Ready), readiness
    return readiness.case


def chain(readiness: Readiness) -> list[str]:
    """Return the registrations of a ready case."""
    registrations = case_of(readiness).registrations
    return [each.header.sop_instance_uid for each in registrations]


@pytest.mark.parametrize(
    "frames",
    [(PET_FRAME, CT_FRAME), (CT_FRAME, PET_FRAME), (ATLAS, CT_FRAME, PET_FRAME)],
)
def test_contours_on_a_ct_go_to_the_pet_that_a_registration_joins_to_it(
    frames: tuple[str, ...],
) -> None:
    ct = ct_series()
    found = assess(*ct, *pet_series(), structure_set(ct), joining("1.6.1", *frames))

    assert chain(found) == ["1.6.1"]
    assert case_of(found).accept_frames_of_reference == ()
    assert "registrations join" in case_of(found).warnings[0]


def test_the_shortest_chain_is_taken_from_the_contours_to_the_pet() -> None:
    ct = ct_series()
    found = assess(
        *ct,
        *pet_series(),
        structure_set(ct),
        joining("1.6.1", ATLAS, PET_FRAME),
        joining("1.6.2", ATLAS, CT_FRAME),
        joining("1.6.3", FAR, CT_FRAME),
    )

    assert chain(found) == ["1.6.2", "1.6.1"]
    direct = joining("1.6.4", PET_FRAME, CT_FRAME)
    shorter = assess(
        *ct,
        *pet_series(),
        structure_set(ct),
        joining("1.6.1", ATLAS, PET_FRAME),
        joining("1.6.2", ATLAS, CT_FRAME),
        direct,
    )
    assert chain(shorter) == ["1.6.4"]


def test_all_registrations_of_the_same_frames_are_part_of_the_case() -> None:
    ct = ct_series()
    found = assess(
        *ct,
        *pet_series(),
        structure_set(ct),
        joining("1.6.1", PET_FRAME, CT_FRAME),
        joining("1.6.2", CT_FRAME, PET_FRAME),
    )

    assert chain(found) == ["1.6.1", "1.6.2"]


def test_a_registration_that_names_images_alone_joins_their_frame() -> None:
    ct = ct_series()
    named = ct[1].sop_instance_uid
    reg = joining("1.6.1", PET_FRAME, images=("9.9.9", named))
    found = assess(*ct, *pet_series(), structure_set(ct), reg)

    assert chain(found) == ["1.6.1"]
    assert case_of(found).frames_of_images == ((named, CT_FRAME),)


def test_a_case_with_registrations_comes_back_from_its_row() -> None:
    ct = ct_series()
    objects = stored(
        *ct,
        *pet_series(),
        structure_set(ct),
        joining("1.6.1", PET_FRAME, images=(ct[0].sop_instance_uid,)),
    )
    [found] = assess_readiness(objects, NO_RULES, settled=False)
    commission = Commission(case_of(found), "inputs")

    again = commission_from_json(commission_to_json(commission), objects)

    assert again == commission


def test_a_registration_comes_before_the_sites_rule() -> None:
    ct = ct_series()
    rules = MatchingRules((GantryRule(MODEL, register=True),), ())
    objects = [*ct, *pet_series(), structure_set(ct)]
    joined = assess(*objects, joining("1.6.1", PET_FRAME, CT_FRAME), rules=rules)

    assert chain(joined) == ["1.6.1"]
    assert case_of(joined).registering is None


def test_the_sites_rule_for_the_own_pet_comes_before_another_studys() -> None:
    ct = ct_series()
    other = pet_series(
        series_instance_uid="1.5.1",
        study_instance_uid="1.5",
        frame_of_reference_uid=FAR,
    )
    objects = [*ct, *pet_series(), *other, structure_set(ct)]
    follow_up = joining("1.6.1", FAR, CT_FRAME)
    ruled = assess(*objects, follow_up, rules=MatchingRules((GantryRule(MODEL),), ()))
    waiting = assess(*objects, follow_up)
    unruled = assess(*objects, follow_up, settled=True)

    assert case_of(ruled).study_instance_uid == "1.2.3"
    assert CT_FRAME in case_of(ruled).accept_frames_of_reference
    assert isinstance(waiting, Waiting)
    assert case_of(unruled).study_instance_uid == "1.5"


def test_contours_whose_images_are_not_stored_come_by_registration_after_silence() -> (
    None
):
    ct = ct_series()
    objects = [*pet_series(), structure_set(ct), joining("1.6.1", PET_FRAME, CT_FRAME)]

    assert isinstance(assess(*objects), Waiting)
    assert chain(assess(*objects, settled=True)) == ["1.6.1"]


def test_contours_on_the_pet_in_a_frame_of_their_own_are_joined() -> None:
    pet = pet_series()
    contours = redrawn(structure_set(pet), frames_of_reference=(ATLAS,))
    found = assess(*pet, contours, joining("1.6.1", PET_FRAME, ATLAS))

    assert chain(found) == ["1.6.1"]


def test_a_deformable_registration_joins_nothing_and_is_named() -> None:
    ct = ct_series()
    joins = JoinedFrames(PET_FRAME, (CT_FRAME,), deformable=True)
    reg = header(ObjectKind.OTHER, "1.6.1", series_instance_uid="1.6", joins=joins)
    found = assess(*ct, *pet_series(), structure_set(ct), reg, settled=True)

    assert isinstance(found, Held)
    assert found.reason == "frame_of_reference"
    assert "Deformable registrations (1.6.1)" in found.detail
    assert "Spatial Registration" in found.detail


def test_a_rule_may_have_the_whole_ct_registered() -> None:
    ct = ct_series()
    rules = MatchingRules(
        (GantryRule(MODEL, register=True, maximum_motion_mm=1.5),), ()
    )
    objects = [*ct, *pet_series(), structure_set(ct[1:3])]
    before = assess(*objects, rules=rules)
    found = case_of(assess(*objects, rules=rules, settled=True))

    # Nothing says how many slices a CT has; the contours name only some.
    assert isinstance(before, Waiting)
    assert before.settles
    assert "CT slices" in before.missing
    assert found.registering is not None
    assert len(found.registering.ct) == 4
    assert found.registering.maximum_motion_mm == 1.5
    assert found.accept_frames_of_reference == ()


def test_contours_on_two_cts_are_not_registered() -> None:
    first, second = ct_series(), ct_series(series_instance_uid="1.2.3.22")
    rules = MatchingRules((GantryRule(MODEL, register=True),), ())
    both = [*first, *second]
    contours = redrawn(
        structure_set(first), instances=tuple(ct.sop_instance_uid for ct in both)
    )
    found = assess(*both, *pet_series(), contours, rules=rules, settled=True)

    assert isinstance(found, Held)
    assert found.reason == "registration_failed"


def test_what_a_registration_joins_is_no_part_of_a_result_of_ours() -> None:
    ct = ct_series()
    ours = replace(joining("1.6.1", PET_FRAME, CT_FRAME), kind=ObjectKind.OWN_RESULT)
    found = assess(*ct, *pet_series(), structure_set(ct), ours, settled=True)

    assert isinstance(found, Held)
