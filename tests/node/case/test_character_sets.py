"""All objects of a result are in one character set, and say every name as it was."""

from dataclasses import replace
from pathlib import Path

import pytest
from pydicom.charset import decode_bytes

from dicom_io.results.gate.fault import Origin
from dicom_io.results.gate.judging import faults_of
from model.contours import Roi
from node.records.kinds import ResultKind
from tests.support.made_objects import findings_of, made_of_findings, options_of
from tests.support.pet import pet_datasets
from tests.support.result import MODEL, assessment_of, series_of

KANJI = "Yamada^Tarou=山田^太郎=やまだ^たろう"
CYRILLIC = "Люксембург^Роза"
UNICODE = "ISO_IR 192"
ISO_2022 = ["", "ISO 2022 IR 87"]


@pytest.mark.parametrize(
    ("declared", "name", "roi", "wanted"),
    [
        ("ISO_IR 100", "Mäuse^Sieben", "Geschwür", "ISO_IR 100"),
        ("ISO_IR 144", CYRILLIC, "Опухоль", "ISO_IR 144"),
        (ISO_2022, KANJI, "腫瘍", ISO_2022),
        # No character set of the source has both.
        ("ISO_IR 100", "Mäuse^Sieben", "腫瘍", UNICODE),
        (ISO_2022, KANJI, "Geschwür", UNICODE),
        # It has more letters than it says.
        (None, "Mäuse^Sieben", "Tumor", UNICODE),
    ],
)
def test_objects_of_one_result_agree_and_every_name_comes_back(
    tmp_path: Path,
    declared: str | list[str] | None,
    name: str,
    roi: str,
    wanted: str | list[str] | None,
) -> None:
    source = pet_datasets(SpecificCharacterSet=declared, PatientName=name)
    series = series_of(source, tmp_path)
    named = Roi(1, roi, (), series.volume.grid.frame_of_reference)
    region = assessment_of(series, roi=named)
    made = made_of_findings(findings_of(series, [region]))
    origin = Origin(
        series.headers[0],
        frozenset(each.sop_instance_uid for each in series.instances),
        series.volume.grid.shape,
        uncalibrated=True,
    )

    assert len({each.SOPClassUID for each in made.values()}) == 8
    for file, dataset in made.items():
        assert dataset.get("SpecificCharacterSet") == wanted, file
        assert dataset.PatientName == name, file
        assert faults_of(dataset, origin) == (), file
    [segment] = made["segmentation.dcm"].SegmentSequence
    assert segment.SegmentLabel == roi
    assert roi in str(made["map-1.dcm"].SeriesDescription)


def test_what_is_told_by_one_object_alone_counts_for_all(tmp_path: Path) -> None:
    series = series_of(pet_datasets(SpecificCharacterSet="ISO_IR 100"), tmp_path)
    told = assessment_of(series, warnings=("Λ is not stated",))
    kinds = (ResultKind.REPORT, ResultKind.SEGMENTATION, ResultKind.PARAMETRIC_MAP)
    options = options_of(*kinds, institution_name="Universität")
    made = made_of_findings(findings_of(series, [told]), options)

    for file, dataset in made.items():
        assert dataset.SpecificCharacterSet == UNICODE, file
        assert dataset.InstitutionName == "Universität", file


def test_escape_sequences_are_those_of_the_standard(tmp_path: Path) -> None:
    series = series_of(
        pet_datasets(SpecificCharacterSet=ISO_2022, PatientName=KANJI), tmp_path
    )
    findings = findings_of(series, [assessment_of(series)])
    made = made_of_findings(findings, options_of(ResultKind.REPORT))

    written = made["report.dcm"].get_item("PatientName").value
    # ESC $ B, the two kanji of the name, ESC ( B: PS3.5 annex H.3.1.
    assert b"\x1b$B;3ED\x1b(B^" in written
    assert decode_bytes(written, ["iso8859", "iso2022_jp"], {ord("^")}) == KANJI


def test_letters_are_counted_and_not_their_bytes(tmp_path: Path) -> None:
    source = pet_datasets(SpecificCharacterSet=ISO_2022, PatientName=KANJI)
    series = series_of(source, tmp_path)
    model = replace(MODEL, title=f"{'腫瘍' * 20} (uncalibrated)")
    findings = findings_of(series, [assessment_of(series, score_model=model)])
    report = made_of_findings(findings, options_of(ResultKind.REPORT))["report.dcm"]
    origin = Origin(
        series.headers[0],
        frozenset(each.sop_instance_uid for each in series.instances),
        series.volume.grid.shape,
        uncalibrated=True,
    )

    assert report.SpecificCharacterSet == ISO_2022
    assert faults_of(report, origin) == ()
