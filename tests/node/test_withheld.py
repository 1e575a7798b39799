"""Promises of `node.records.withheld`: why a result is not sent."""

from node.records.withheld import INVALID_OBJECT, Withheld


def test_what_several_objects_have_in_common_is_told_once() -> None:
    common = "dciodvfy: Error - Missing Element=<Laterality>"
    faults = (
        f"report.dcm 1.2.3: {common}",
        "Comprehensive 3D SR Storage 1.2.3: PatientID: must be the source's",
        f"map-1.dcm 1.2.4: {common}",
        f"summary.dcm 1.2.5: {common}",
        "report.dcm: 2 more faults",
    )

    assert Withheld(INVALID_OBJECT, faults).words == (
        f"report.dcm 1.2.3: {common} (and in 2 more objects); "
        "Comprehensive 3D SR Storage 1.2.3: PatientID: must be the source's; "
        "report.dcm: 2 more faults"
    )
