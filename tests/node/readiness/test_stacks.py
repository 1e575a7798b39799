"""Promises of `readiness.stacks` on dynamic series: every place in every time frame."""

from dataclasses import replace
from itertools import chain

from dicom_io.header import DeclaredCount, InstanceHeader
from node.readiness.stacks import Stack, shortfall
from tests.support.objects import pet_series, stored

SLICES, TIME_SLICES = 5, 3


def dynamic_series(
    declared: DeclaredCount | None = None,
) -> list[InstanceHeader]:
    """Return headers frame by frame."""
    count = declared or DeclaredCount(SLICES, TIME_SLICES, None, "DYNAMIC")
    frames = (
        [
            replace(each, sop_instance_uid=f"{each.sop_instance_uid}.{frame}")
            for each in pet_series(SLICES, declared=count)
        ]
        for frame in range(TIME_SLICES)
    )
    return list(chain.from_iterable(frames))


def lacks(headers: list[InstanceHeader]) -> str | None:
    return shortfall(Stack(tuple(stored(*headers))), settled=True)


def test_a_dynamic_series_is_whole_with_all_places_in_all_time_frames() -> None:
    assert lacks(dynamic_series()) is None


def test_a_dynamic_series_lacks_what_its_counts_multiply_to() -> None:
    assert lacks(dynamic_series()[:-1]) == "14 of 15 PET slices"
    assert lacks(dynamic_series()[:SLICES]) == "5 of 15 PET slices"


def test_a_place_that_came_twice_does_not_stand_for_another() -> None:
    headers = dynamic_series()
    again = replace(headers[0], sop_instance_uid="1.2.3.1.99")

    assert lacks([*headers[:-1], again]) == (
        "1 of 5 places of PET slices in fewer than 3 time frames"
    )


def test_stale_time_slices_of_a_static_series_are_not_waited_for() -> None:
    count = DeclaredCount(SLICES, TIME_SLICES, None, "STATIC")

    assert lacks(pet_series(SLICES, declared=count)) is None


def test_a_dynamic_series_without_counts_is_whole_when_its_places_are_even() -> None:
    count = DeclaredCount(None, None, None, "DYNAMIC")
    headers = dynamic_series(count)

    assert lacks(headers) is None
    assert lacks(headers[:-1]) == "14 PET slices, not every place equally often"
