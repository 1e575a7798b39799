"""Promises of `node.case.gate`: what an independent verifier says, heard or not."""

import shutil
import time
from pathlib import Path

import pytest
from pydicom.dataset import Dataset

from dicom_io.part10 import encode_dataset
from dicom_io.pet.series import PetSeries, read_pet_series
from dicom_io.results.gate.fault import Origin
from dicom_io.results.report.measurement_report import build_measurement_report
from node.case.external_check import (
    ExternalCheck,
    UnheardError,
    attribute_of,
    beyond,
)
from node.case.gate import Gate
from node.case.objects.made import Made, made_of
from node.records.kinds import ResultKind
from tests.support.pet import pet_datasets
from tests.support.result import (
    EQUIPMENT,
    assessment_of,
    content_of,
    identity,
    series_of,
)
from tests.support.shared import SHARED_DATA, needs_shared_data
from tests.support.tools import require_tool

BIRTH_DATE = "Error - Missing attribute Type 2 Required Element=<PatientBirthDate>"
UNKNOWN = "Warning - Unrecognized <{}> of <Coding Scheme Designator>"


@pytest.fixture(scope="module")
def series(tmp_path_factory: pytest.TempPathFactory) -> PetSeries:
    return series_of(pet_datasets(), tmp_path_factory.mktemp("pet"))


def report_of(series: PetSeries) -> Dataset:
    content = content_of(assessment_of(series))
    return build_measurement_report(series, content, identity(), EQUIPMENT)


def made(dataset: Dataset) -> Made:
    return made_of(ResultKind.REPORT, "report", dataset)


def origin_of(series: PetSeries) -> Origin:
    return Origin(
        series.headers[0],
        frozenset(each.sop_instance_uid for each in series.instances),
        series.volume.grid.shape,
        uncalibrated=True,
    )


def program(folder: Path, script: str) -> ExternalCheck:
    """Return a check by a program that is a shell script."""
    path = folder / "verifier"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return ExternalCheck(path, timeout_s=0.5)


def real() -> ExternalCheck:
    return ExternalCheck(Path(require_tool("dciodvfy")))


def test_a_good_object_passes_both(series: PetSeries) -> None:
    assert Gate(origin_of(series), real()).check(made(report_of(series))) == ()


def test_what_dciodvfy_finds_is_a_fault_by_object_and_attribute(
    series: PetSeries,
) -> None:
    report = report_of(series)
    report.PatientSex = "X"
    origin = origin_of(series)
    origin.header.PatientSex = "X"
    source = encode_dataset(pet_datasets()[0])
    try:
        (fault,) = Gate(origin, real(), lambda: source).check(made(report))
    finally:
        origin.header.PatientSex = "F"

    assert fault.startswith(f"report.dcm {report.SOPInstanceUID}: dciodvfy: ")
    assert attribute_of(fault) == "PatientsSex"


def test_what_the_source_violates_itself_is_no_fault(series: PetSeries) -> None:
    report = report_of(series)
    source = pet_datasets()[0]
    report.PatientSex = source.PatientSex = "X"
    gate = Gate(origin_of(series), real(), lambda: encode_dataset(source))

    assert not [fault for fault in gate.check(made(report)) if "dciodvfy" in fault]


@needs_shared_data
@pytest.mark.parametrize(
    "folder",
    [
        "sts-petct/STS_025/PET/image",
        "sts-petct/STS_002/PET/image",
        "suv-reference-objects/DRO_0_0/PT",
    ],
)
def test_results_of_public_series_pass(folder: str) -> None:
    paths = sorted((SHARED_DATA / folder).glob("*.dcm"))
    public = read_pet_series(paths)
    gate = Gate(origin_of(public), real(), paths[0].read_bytes)

    assert gate.check(made(report_of(public))) == ()


def test_an_instance_after_the_pattern_of_another_is_not_judged(
    series: PetSeries, tmp_path: Path
) -> None:
    asked = program(tmp_path, f"echo '{BIRTH_DATE}'")
    pattern = made(report_of(series))
    further = Made(**{**vars(pattern), "dataset": None})

    assert Gate(origin_of(series), asked).check(further) == ()
    assert Gate(origin_of(series), asked).check(pattern)


def test_what_is_said_of_no_source_is_no_fault(
    series: PetSeries, tmp_path: Path
) -> None:
    ends = f"if {shutil.which('grep')} -q source; then kill -SEGV $$; fi"
    asked = program(tmp_path, f"{ends}; echo '{BIRTH_DATE}'")
    gate = Gate(origin_of(series), asked, lambda: b"source")

    assert gate.check(made(report_of(series))) == ()
    assert gate.unheard == "verifier was ended by signal 11"


def test_a_verifier_that_hangs_is_asked_once_of_a_result(
    series: PetSeries, tmp_path: Path
) -> None:
    asked_of = tmp_path / "asked"
    hangs = program(tmp_path, f"echo >> {asked_of}; sleep 60")
    gate = Gate(origin_of(series), hangs)
    report = made(report_of(series))

    assert [gate.check(report) for _ in range(3)] == [(), (), ()]
    assert gate.unheard == "verifier does not end"
    assert asked_of.read_text() == "\n"


def test_many_faults_are_told_as_some_and_how_many(
    series: PetSeries, tmp_path: Path
) -> None:
    asked = program(tmp_path, "for n in 1 2 3 4 5 6 7; do echo Error - $n; done")

    *some, more = Gate(origin_of(series), asked).check(made(report_of(series)))
    assert len(some) == 5
    assert more == "report.dcm: 2 more faults"


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo 'Error - Dicom dataset contains nonsense'", ()),
        (f"echo SR; echo '{UNKNOWN.format('99ABC')}'", ()),
        (f"echo SR; echo '{UNKNOWN.format('ABC')}' >&2", (UNKNOWN.format("ABC"),)),
        ("echo PETImage", ()),
        (f"echo '{BIRTH_DATE}'; echo '{BIRTH_DATE}'; exit 1", (BIRTH_DATE,)),
        (
            'echo "Error - (0x0010,0x0010) PN Name PN [1] = <Eva^Roe> - Dubious"',
            ("Error - (0x0010,0x0010) PN Name PN [1] - Dubious",),
        ),
        (
            "echo 'Error - LO [1] = <T\u00fcm> - Length invalid for this VR = 66'",
            (),
        ),
        (
            "echo 'Error - SH [1] = <Tum> - Length invalid for this VR = 18'",
            ("Error - SH [1] - Length invalid for this VR = 18",),
        ),
    ],
)
def test_what_counts_is_heard_once_and_without_names(
    script: str, said: tuple[str, ...], tmp_path: Path
) -> None:
    assert program(tmp_path, script).complaints(b"bytes") == said


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("exec >&-; exec 2>&-; sleep 60", "does not end"),
        ("yes 'Error - again'", "does not end"),
        ("echo 'Error - first'; kill -SEGV $$", "was ended by signal 11"),
        ("echo 'libc.so.6: not found'; exit 127", "says nothing of an object, and"),
        ("echo 'usage: verifier [file]'", "says nothing of an object, and"),
        ("true", "says nothing of an object, and ends with code 0"),
    ],
)
def test_a_verifier_that_hangs_crashes_or_says_nothing_is_not_heard(
    script: str, why: str, tmp_path: Path
) -> None:
    with pytest.raises(UnheardError, match=f"^verifier {why}"):
        program(tmp_path, script).complaints(b"bytes")


def test_a_verifier_that_is_gone_is_not_heard(tmp_path: Path) -> None:
    with pytest.raises(UnheardError, match=r"^gone cannot be run: No such file"):
        ExternalCheck(tmp_path / "gone").complaints(b"bytes")


def test_a_verifier_is_heard_also_by_who_asks_late(tmp_path: Path) -> None:
    with program(tmp_path, f"echo '{BIRTH_DATE}'").asked(b"bytes") as answer:
        time.sleep(0.6)

        assert answer.complaints() == (BIRTH_DATE,)


def test_a_verifier_gets_the_bytes_and_nothing_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_THE_NODE", "x")
    copied = tmp_path / "copied"
    cat, env = shutil.which("cat"), shutil.which("env")
    asked = program(tmp_path, f"{cat} > {copied}; echo Error - $({env})")
    said = asked.complaints(bytes(range(256)) * 5000)

    assert copied.read_bytes() == bytes(range(256)) * 5000
    assert "SECRET" not in "".join(said)


@pytest.mark.parametrize(
    ("complaint", "attribute"),
    [
        ("Error - Value invalid - (0x0020,0x0010) SH Study ID", "StudyID"),
        ("Error - Missing Element=<Laterality> Module=<GeneralSeries>", "Laterality"),
        ("Warning - Unrecognized <X> of attribute <Image Type>", "ImageType"),
        (
            "Error - StudyInstanceUID has same value as FrameOfReferenceUID <1.2>",
            "StudyInstanceUID",
        ),
        ("Error - (0x0099,0x0001) unknown", "(0x0099,0x0001)"),
        ("Abort - nothing", ""),
    ],
)
def test_a_complaint_is_of_an_attribute(complaint: str, attribute: str) -> None:
    assert attribute_of(complaint) == attribute


def test_one_code_of_the_source_excuses_no_other() -> None:
    old = "Warning - deprecated - attribute <CodingSchemeDesignator> = <SNM3>"
    other = "Warning - deprecated - attribute <CodingSchemeDesignator> = <SRT>"

    assert beyond((old, other), (old,)) == (other,)
