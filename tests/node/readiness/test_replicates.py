"""Promises of `node.readiness.replicates`."""

from dataclasses import replace

import pytest

from dicom_io.header import DeclaredCount, InstanceHeader
from dicom_io.scan_identity import ScanIdentity
from node.readiness.assess import assess_readiness
from node.readiness.matching import MatchingRules
from node.records.cases import Ready
from tests.support.objects import pet_series, stored, structure_set

SCAN = ScanIdentity("20260302 101500", "900000", "BQML", "START", ("ATTN", "DECY"))
OTHER = "1.2.3.8"


def scanned(
    series: list[InstanceHeader], scan: ScanIdentity | None = SCAN
) -> list[InstanceHeader]:
    return [replace(each, scan=scan) for each in series]


def other_series(**changes: object) -> list[InstanceHeader]:
    return pet_series(series_instance_uid=OTHER, **changes)


def replicates_in(
    *headers: InstanceHeader, wanted: bool = True
) -> list[list[InstanceHeader]]:
    """Return the replicates of the only case among some objects."""
    rules = MatchingRules((), (), replicates=wanted)
    [found] = assess_readiness(stored(*headers), rules, settled=True)
    assert isinstance(found, Ready)
    return [[each.header for each in series] for series in found.case.replicates]


def test_another_reconstruction_of_the_scan_is_a_replicate() -> None:
    pet, other = scanned(pet_series()), scanned(other_series())

    assert replicates_in(*pet, *other, structure_set(pet)) == [other]
    assert replicates_in(*pet, structure_set(pet)) == []


def test_replicates_are_left_out_on_the_sites_wish() -> None:
    pet, other = scanned(pet_series()), scanned(other_series())

    assert replicates_in(*pet, *other, structure_set(pet), wanted=False) == []


@pytest.mark.parametrize(
    "scan",
    [
        replace(SCAN, acquired="20260302 104500"),
        replace(SCAN, frame_duration="600000"),
        replace(SCAN, corrected=("DECY",)),
        replace(SCAN, units="GML"),
        None,
    ],
)
def test_what_was_measured_otherwise_is_no_replicate(scan: ScanIdentity | None) -> None:
    pet, other = scanned(pet_series()), scanned(other_series(), scan)

    assert replicates_in(*pet, *other, structure_set(pet)) == []


def test_an_incomplete_reconstruction_is_not_waited_for() -> None:
    pet, other = scanned(pet_series()), scanned(other_series())

    assert replicates_in(*pet, *other[:-1], structure_set(pet)) == []


def test_a_reconstruction_on_another_grid_is_no_replicate() -> None:
    pet, other = scanned(pet_series()), scanned(other_series())
    moved = []
    for each in other:
        assert each.plane is not None
        x, y, z = each.plane.position_mm
        plane = replace(each.plane, position_mm=(x + 0.4, y, z))
        moved.append(replace(each, plane=plane))

    assert replicates_in(*pet, *moved, structure_set(pet)) == []


def test_gated_and_dynamic_series_are_no_replicates() -> None:
    pet = scanned(pet_series())
    for kind in ("GATED", "DYNAMIC"):
        moving = scanned(other_series(declared=DeclaredCount(4, 1, None, kind)))

        assert replicates_in(*pet, *moving, structure_set(pet)) == []
