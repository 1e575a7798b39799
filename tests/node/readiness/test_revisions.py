"""Promises of `readiness.revisions`: what revises what, and what stands by itself."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations
from random import Random
from time import monotonic

import pytest

from dicom_io.header import InstanceHeader, ObjectKind, SavedAs
from node.readiness.revisions import Overtaken, lines_of
from node.records.lineage import Lineage
from tests.support.objects import NOON, pet_series, redrawn, stored, structure_set

PET = pet_series()
A_WHILE_S = 20.0


def save(name: str, hour: int | None = None, **said: object) -> InstanceHeader:
    """Return a structure set in a series of its own, saved in an hour of a day."""
    at = None if hour is None else datetime(2026, 3, 2, hour, tzinfo=UTC)
    fields = {"label": "Tumours", "saved_at": at, **said}
    return structure_set(
        PET,
        f"1.2.3.3.{name}",
        series_instance_uid=f"1.2.3.{name}",
        saved_as=SavedAs(**fields),  # type: ignore[arg-type]
    )


def places(*headers: InstanceHeader) -> dict[str, Lineage | Overtaken]:
    return lines_of(stored(*headers))


def standing(*headers: InstanceHeader) -> list[str]:
    """Return the last parts of the UIDs of those that stand."""
    found = places(*headers)
    return sorted(
        uid.rpartition(".")[2]
        for uid, place in found.items()
        if isinstance(place, Lineage)
    )


def lineage(of: InstanceHeader, *headers: InstanceHeader) -> Lineage:
    found = places(*headers)[of.sop_instance_uid]
    assert isinstance(found, Lineage)
    return found


def named(header: InstanceHeader) -> tuple[str, ...]:
    return (header.sop_instance_uid,)


def test_a_later_save_in_a_series_of_its_own_revises_the_earlier_and_says_so() -> None:
    first, second = save("1", 10), save("2", 11)

    found = lineage(second, first, second)

    assert standing(first, second) == ["2"]
    assert found.series == ("1.2.3.1", "1.2.3.2")
    assert found.passed_over == named(first)
    [said] = found.statements
    assert said.startswith("This structure set was taken as a revision of 1.2.3.3.1:")
    assert said.endswith("same label and regions.")


def test_an_older_save_that_comes_late_does_not_replace_the_newer_one() -> None:
    old, new = save("1", 10), save("2", 11)

    found = lineage(new, new, old)

    assert standing(new, old) == ["2"]
    # The line keeps its name, so that the result of the newer one stays on it.
    assert found.series == ("1.2.3.2", "1.2.3.1")


def test_saves_of_one_second_stand_in_the_order_of_receipt() -> None:
    assert standing(save("1", 10), save("2", 10)) == ["2"]
    assert standing(save("2", 10), save("1", 10)) == ["1"]


@pytest.mark.parametrize(
    "other",
    [
        save("2", 11, label="Organs"),
        redrawn(save("2", 11), roi_names=("tumour", "node")),
        replace(save("2", 11), study_instance_uid="1.9"),
        replace(save("2", 11), kind=ObjectKind.SEGMENTATION),
        save("2"),
        save("2", 11, in_utc=True),
    ],
    ids=["label", "regions", "study", "kind", "no time", "another clock"],
)
def test_what_is_not_the_same_stands_side_by_side(other: InstanceHeader) -> None:
    assert standing(save("1", 10), other) == ["1", "2"]


def test_without_a_label_or_regions_nothing_is_taken_as_a_revision() -> None:
    assert standing(save("1", 10, label=""), save("2", 11, label="")) == ["1", "2"]
    bare = [redrawn(save(name, 10), roi_names=()) for name in "12"]
    assert standing(*bare) == ["1", "2"]


def test_the_order_of_regions_does_not_matter() -> None:
    first = redrawn(save("1", 10), roi_names=("a", "b"))
    second = redrawn(save("2", 11), roi_names=("b", "a"))

    assert standing(first, second) == ["2"]


@pytest.mark.parametrize("who", ["operator", "interpreters"])
def test_two_readers_are_two_results(who: str) -> None:
    saves = [save(name, hour, **{who: name}) for name, hour in (("1", 10), ("2", 11))]

    assert standing(*saves) == ["1", "2"]


def test_one_that_names_nobody_revises_the_only_reader() -> None:
    assert standing(save("1", 10, operator="x"), save("2", 11)) == ["2"]


def test_one_that_names_nobody_revises_neither_of_two_readers() -> None:
    readers = save("1", 10, operator="x"), save("2", 11, operator="y")

    assert standing(*readers, save("3", 12)) == ["1", "2", "3"]


def test_each_reader_revises_their_own() -> None:
    readers = save("1", 10, operator="x"), save("2", 11, operator="y")

    assert standing(*readers, save("3", 12, operator="x")) == ["2", "3"]


def test_a_named_predecessor_is_revised_whatever_else_differs() -> None:
    first = save("1", 10, label="Draft", operator="x")
    second = replace(
        save("2", 9, label="Final", operator="y", predecessors=named(first)),
        study_instance_uid="1.9",
    )
    second = redrawn(second, roi_names=("lesion",))

    for order in ((first, second), (second, first)):
        found = lineage(second, *order)
        assert standing(*order) == ["2"]
        assert "joined as predecessors" in found.statements[0]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_chain_of_predecessors_may_come_in_any_order(order: tuple[int, ...]) -> None:
    first = save("1", label="a")
    second = save("2", label="b", predecessors=named(first))
    third = save("3", label="c", predecessors=named(second))
    chain = (first, second, third)

    assert standing(*(chain[number] for number in order)) == ["3"]


def test_two_readers_that_begin_with_one_draft_are_two_results() -> None:
    draft = save("1", 10)
    mine = save("2", 11, operator="x", predecessors=named(draft))
    theirs = save("3", 12, operator="y", predecessors=named(draft))

    assert standing(draft, mine, theirs) == ["2", "3"]
    assert standing(mine, theirs, draft) == ["2", "3"]


def test_one_reader_that_begins_twice_with_one_draft_has_one_result() -> None:
    draft = save("1", 10)
    once = save("2", 11, operator="x", predecessors=named(draft))
    twice = save("3", 12, operator="x", predecessors=named(draft))

    assert standing(draft, once, twice) == ["3"]


def test_objects_that_name_each_other_do_not_go_round_in_circles() -> None:
    first = save("1", 10, predecessors=("1.2.3.3.2",))
    second = save("2", 11, predecessors=("1.2.3.3.1",))
    itself = save("3", 9, label="x", predecessors=("1.2.3.3.3",))

    assert standing(first, second, itself) == ["2", "3"]


def test_one_series_is_one_line_whoever_saved() -> None:
    first = save("1", 10, operator="x")
    second = replace(save("2", 11, operator="y"), series_instance_uid="1.2.3.1")

    found = lineage(second, first, second)

    assert standing(first, second) == ["2"]
    assert found.series == ("1.2.3.1",)
    assert "of the same series" in found.statements[0]


def test_headers_that_say_nothing_of_their_saving_know_series_alone() -> None:
    first = replace(save("1"), saved_as=None)
    second = replace(first, sop_instance_uid="1.2.3.3.2")
    other = replace(save("3"), saved_as=None)

    assert standing(first, second, other) == ["2", "3"]


def test_what_came_at_once_and_cannot_be_told_apart_stands_side_by_side() -> None:
    first = save("1")
    second = replace(save("2"), series_instance_uid="1.2.3.1")
    at_once = [replace(each, received_at=NOON) for each in stored(first, second)]

    found = lines_of(at_once)

    for one, other in ((first, second), (second, first)):
        place = found[one.sop_instance_uid]
        assert isinstance(place, Lineage)
        assert place.passed_over == ()
        assert f"beside {other.sop_instance_uid}" in place.statements[0]


def test_what_comes_later_never_takes_a_line_apart() -> None:
    random = Random(11)  # noqa: S311 - the same saves in each run
    for _ in range(300):
        saves = [any_save(random, number) for number in range(1, 8)]
        before: list[set[str]] = []
        for count in range(1, len(saves) + 1):
            lines = lines_among(*saves[:count])
            assert all(any(line <= now for now in lines) for line in before)
            before = lines


def any_save(random: Random, number: int) -> InstanceHeader:
    """Return a structure set of a random reader, hour, label, series, predecessor."""
    found = save(
        str(number),
        random.choice([None, 8, 9, 10, 11]),
        label=random.choice(["a", "a", "b"]),
        operator=random.choice(["", "x", "y"]),
        predecessors=random.choice([(), (), (f"1.2.3.3.{random.randint(1, 7)}",)]),
    )
    series = random.choice([found.series_instance_uid] * 4 + ["1.2.3.1"])
    return replace(found, series_instance_uid=series)


def lines_among(*headers: InstanceHeader) -> list[set[str]]:
    """Return which objects are on one line, by what stands on it."""
    found = places(*headers)
    stand = {uid: place for uid, place in found.items() if isinstance(place, Lineage)}
    # Those that stand beside each other share a line, and what they passed over.
    lines: dict[tuple[str, ...], set[str]] = {}
    for uid, place in stand.items():
        lines.setdefault(place.series, set()).update({uid, *place.passed_over})
    return list(lines.values())


def test_hundreds_of_saves_are_put_in_order_at_once() -> None:
    saves = [save(str(number), number % 24) for number in range(300)]
    chain = [
        replace(each, saved_as=SavedAs(predecessors=(f"1.2.3.3.{number - 1}",)))
        for number, each in enumerate(saves)
    ]
    begun = monotonic()

    assert standing(*saves) == ["287"]
    assert standing(*chain) == ["299"]
    assert monotonic() - begun < A_WHILE_S


def test_every_object_has_a_place_and_what_is_overtaken_names_one_that_stands() -> None:
    saves = [save(str(number), 8 + number % 5) for number in range(1, 9)]
    found = places(*saves)

    assert set(found) == {each.sop_instance_uid for each in saves}
    for place in found.values():
        if isinstance(place, Overtaken):
            assert isinstance(found[place.by.header.sop_instance_uid], Lineage)
