"""An Acquisition Context SR is believed where it stands, or refused."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import EnhancedSRStorage

from dicom_io.attributes import UnreadableValueError
from dicom_io.context.acquisition_context import (
    AcquisitionContext,
    ConflictingContextError,
    ContextUnitError,
    ContextValueError,
    NoAcquisitionContextError,
    SeveralSubjectsError,
    read_acquisition_context,
)
from dicom_io.context.content_tree import DEEPEST, ContentTreeError
from dicom_io.errors import DicomContentError
from model.administration import Administration, Assay, Source
from node.failure import REASONS
from tests.support import acquisition_context as sr
from tests.support.pet import STUDY_UID, write_all
from tests.support.verification import complaints

BERLIN = ZoneInfo("Europe/Berlin")
AT_TEN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def read(tmp_path: Path, *below: Dataset, **overrides: object) -> AcquisitionContext:
    (path,) = write_all([sr.acquisition_context(*below, **overrides)], tmp_path)
    return read_acquisition_context(path, BERLIN)


def said(tmp_path: Path, *below: Dataset, **overrides: object) -> Administration:
    return read(tmp_path, *below, **overrides).administration


def test_all_that_an_ordinary_report_says_is_read(tmp_path: Path) -> None:
    context = read(tmp_path, *sr.ordinary_items())

    assert context.patient_id == "mouse-1"
    assert context.study_instance_uid == STUDY_UID
    assert context.statements == ()
    assert context.administration == Administration(
        source=Source.CONTEXT,
        origin=f"Acquisition Context SR {sr.CONTEXT_UID}",
        weight_g=24.8,
        activity=Assay(8.9e6),
        injected_at=datetime(2026, 3, 2, 9, 5, tzinfo=UTC),
        context=(
            ("route", "Intravenous route"),
            ("injection_stopped_at", "2026-03-02T09:05:10+00:00"),
            ("glucose_mmol_l", "7.9"),
            ("fasting", "4 h"),
            ("anaesthesia", "Isoflurane"),
            ("body_temperature", "36.8 Cel"),
        ),
    )


def test_the_reports_of_these_tests_are_ones(tmp_path: Path) -> None:
    (path,) = write_all([sr.acquisition_context(*sr.ordinary_items())], tmp_path)

    assert not complaints(path, "AcquisitionContextSR")


@pytest.mark.parametrize(
    ("value", "unit", "grams"),
    [
        ("24.8", "g", 24.8),
        ("0.0248", "kg", 24.8),
        ("2.48E+1", "g{body}", 24.8),
        ("24800", "mg", 24.8),
    ],
)
def test_a_weight_is_converted_by_its_unit(
    tmp_path: Path, value: str, unit: str, grams: float
) -> None:
    found = said(tmp_path, sr.num(sr.BODY_WEIGHT, value, unit))

    assert found.weight_g == pytest.approx(grams)


@pytest.mark.parametrize(
    ("value", "unit", "becquerels"),
    [
        ("8.9", "MBq", 8.9e6),
        ("8900", "kBq", 8.9e6),
        ("8.9E6", "Bq", 8.9e6),
        ("0.24", "mCi", 8.88e6),
        ("240", "uCi", 8.88e6),
    ],
)
def test_an_activity_is_converted_by_its_unit(
    tmp_path: Path, value: str, unit: str, becquerels: float
) -> None:
    activity = said(tmp_path, sr.num(sr.ADMINISTERED, value, unit)).activity

    assert activity == Assay(pytest.approx(becquerels))


@pytest.mark.parametrize("unit", ["stone", "G", "", "MBq", "g/ml"])
def test_an_unknown_unit_is_refused(tmp_path: Path, unit: str) -> None:
    with pytest.raises(ContextUnitError, match="body weight") as raised:
        said(tmp_path, sr.num(sr.BODY_WEIGHT, "24.8", unit))

    assert raised.value.uid == sr.CONTEXT_UID


def test_a_unit_of_another_scheme_is_refused(tmp_path: Path) -> None:
    weight = sr.num(sr.BODY_WEIGHT, "24.8", "g")
    units = weight.MeasuredValueSequence[0].MeasurementUnitsCodeSequence
    units[0].CodingSchemeDesignator = "99SITE"

    with pytest.raises(ContextUnitError, match="99SITE"):
        said(tmp_path, weight)


@pytest.mark.parametrize(
    "concept",
    [
        sr.BODY_WEIGHT,
        ("29463-7", "LN", "Body weight"),
        ("C81328", "NCIt", "anything at all"),
    ],
)
@pytest.mark.parametrize("depth", [0, 1, 5])
def test_a_value_is_taken_wherever_its_concept_stands(
    tmp_path: Path, concept: sr.Triplet, depth: int
) -> None:
    item = sr.num(concept, "24.8", "g")
    for _ in range(depth):
        item = sr.container(("1", "99SITE", "A site's own"), item)

    assert said(tmp_path, item).weight_g == 24.8


@pytest.mark.parametrize("scheme", ["SRT", "SNM3", "99SDM"])
def test_retired_codes_mean_what_their_successors_mean(
    tmp_path: Path, scheme: str
) -> None:
    found = said(
        tmp_path,
        sr.container(
            ("1", "99SITE", "Tracer"),
            sr.code(("C-B02C9", scheme, "Agent"), ("C-B1031", scheme, "FDG")),
            sr.code(("G-C340", scheme, "Route"), ("G-D106", scheme, "I.p.")),
        ),
    )

    assert found.context == (("route", "Intraperitoneal route"),)


def test_the_same_value_twice_is_one(tmp_path: Path) -> None:
    found = said(
        tmp_path,
        sr.num(sr.BODY_WEIGHT, "24.8", "g"),
        sr.container(sr.HANDLING, sr.num(sr.BODY_WEIGHT, "0.0248", "kg")),
    )

    assert found.weight_g == pytest.approx(24.8)


@pytest.mark.parametrize(
    ("first", "second", "named"),
    [
        (
            sr.num(sr.BODY_WEIGHT, "24.8", "g"),
            sr.num(sr.BODY_WEIGHT, "25.1", "g"),
            "24.8 g and 25.1 g",
        ),
        (
            sr.num(sr.ADMINISTERED, "8.9", "MBq"),
            sr.num(sr.ADMINISTERED, "9.1", "MBq"),
            r"8\.9e\+06 Bq and 9\.1e\+06 Bq",
        ),
        (
            sr.date_time(sr.STARTED_AT, "20260302100500"),
            sr.date_time(sr.STARTED_AT, "20260302110500"),
            "09:05:00.* and .*10:05:00",
        ),
        (
            sr.code(sr.ROUTE, sr.INTRAVENOUS),
            sr.code(sr.ROUTE, sr.INTRAPERITONEAL),
            "Intraperitoneal route and Intravenous route",
        ),
    ],
)
def test_two_values_of_one_concept_are_refused_and_named(
    tmp_path: Path, first: Dataset, second: Dataset, named: str
) -> None:
    with pytest.raises(ConflictingContextError, match=named) as raised:
        said(tmp_path, first, sr.container(sr.ADMINISTRATION, second))

    assert raised.value.reason == "conflicting_sources"


def test_an_implanted_tumour_is_no_injection(tmp_path: Path) -> None:
    graft = [
        sr.date_time(sr.STARTED, "20260215101500"),
        sr.code(sr.ROUTE, sr.SUBCUTANEOUS),
    ]
    nested = sr.code(sr.GRAFT_MATERIAL, sr.LUNG_CANCER, *graft)
    flat = sr.container(
        sr.EXOGENOUS, sr.code(sr.GRAFT_MATERIAL, sr.LUNG_CANCER), *graft
    )

    for each in (sr.container(sr.EXOGENOUS, nested), flat):
        found = said(tmp_path, each)
        assert found.injected_at is None
        assert found.context == ()


@pytest.mark.parametrize("flat", [True, False])
def test_a_tracer_among_exogenous_substances_is_the_injection(
    tmp_path: Path, *, flat: bool
) -> None:
    details = (
        sr.date_time(sr.STARTED, "20260302100000"),
        sr.code(sr.ROUTE, sr.INTRAPERITONEAL),
        sr.num(sr.ADMINISTERED, "8.9", "MBq"),
    )
    agent = ("1", "99SITE", "Radiopharmaceutical")
    tracer = (
        (sr.code(agent, sr.FDG), *details)
        if flat
        else (sr.code(agent, sr.FDG, *details),)
    )
    found = said(tmp_path, sr.container(sr.EXOGENOUS, *tracer))

    assert found.injected_at == AT_TEN
    assert found.context == (("route", "Intraperitoneal route"),)


def test_the_start_of_a_phase_is_no_injection(tmp_path: Path) -> None:
    found = said(
        tmp_path,
        sr.container(
            sr.HANDLING,
            sr.date_time(sr.STARTED, "20260302080000"),
            sr.num(sr.ADMINISTERED, "8.9", "MBq"),
            sr.code(sr.ROUTE, sr.INTRAVENOUS),
        ),
    )

    assert found.injected_at is None
    assert found.activity == Assay(8.9e6)
    assert found.context == (("route", "Intravenous route"),)


def test_a_drug_s_route_is_not_the_tracer_s(tmp_path: Path) -> None:
    found = said(
        tmp_path,
        sr.container(
            sr.MEDICATIONS,
            sr.code(
                sr.DRUG,
                ("373464007", "SCT", "Ketamine"),
                sr.code(sr.ROUTE, sr.INTRAPERITONEAL),
            ),
        ),
        sr.code(sr.ROUTE, sr.INTRAVENOUS),
    )

    assert found.context == (
        ("route", "Intravenous route"),
        ("anaesthesia", "Ketamine"),
    )


def test_what_was_measured_before_and_after_is_an_assay_and_its_rest(
    tmp_path: Path,
) -> None:
    found = said(
        tmp_path,
        sr.num(sr.BEFORE, "9.2", "MBq", at="20260302100000+0100"),
        sr.num(sr.AFTER, "0.3", "MBq", at="20260302100900"),
    )

    assert found.activity == Assay(9.2e6, AT_TEN)
    assert found.residual == Assay(0.3e6, AT_TEN.replace(minute=9))


@pytest.mark.parametrize(
    ("before", "after"), [("", "20260302100900"), ("20260302", "")]
)
def test_a_measurement_without_its_instant_is_not_used_and_said(
    tmp_path: Path, before: str, after: str
) -> None:
    context = read(
        tmp_path,
        sr.num(sr.BEFORE, "9.2", "MBq", at=before),
        sr.num(sr.AFTER, "0.3", "MBq", at=after),
    )

    assert context.administration.activity is None
    assert context.administration.residual is None
    assert "no Observation DateTime" in context.statements[0]


def test_an_administered_activity_wins_over_its_measurements(tmp_path: Path) -> None:
    found = said(
        tmp_path,
        sr.num(sr.BEFORE, "9.2", "MBq", at="20260302100000"),
        sr.num(sr.AFTER, "0.3", "MBq", at="20260302100900"),
        sr.num(sr.ADMINISTERED, "8.9", "MBq"),
    )

    assert found.activity == Assay(8.9e6)
    assert found.residual is None


@pytest.mark.parametrize(
    ("written", "overrides", "hour_utc"),
    [
        ("20260302100000", {}, 9),
        ("20260302100000+0530", {}, 4),
        ("20260302100000", {"TimezoneOffsetFromUTC": "-0500"}, 15),
    ],
)
def test_an_instant_is_in_the_zone_that_is_stated(
    tmp_path: Path, written: str, overrides: dict[str, str], hour_utc: int
) -> None:
    found = said(tmp_path, sr.date_time(sr.STARTED_AT, written), **overrides)

    assert found.injected_at is not None
    assert found.injected_at.astimezone(UTC).hour == hour_utc


def test_the_object_s_own_weight_counts_where_the_tree_has_none(tmp_path: Path) -> None:
    weight = sr.num(sr.BODY_WEIGHT, "24.8", "g")

    assert said(tmp_path, PatientWeight="0.025").weight_g == pytest.approx(25)
    assert said(tmp_path, weight, PatientWeight="0.03").weight_g == 24.8


def test_nothing_said_is_nothing_known(tmp_path: Path) -> None:
    empty = sr.num(sr.ADMINISTERED, "1", "MBq")
    empty.MeasuredValueSequence = []
    found = said(tmp_path, sr.num(sr.BODY_WEIGHT, "0", "g"), empty)

    assert found == Administration(
        Source.CONTEXT, f"Acquisition Context SR {sr.CONTEXT_UID}"
    )


def test_what_is_carried_along_may_have_several_values(tmp_path: Path) -> None:
    found = said(
        tmp_path,
        sr.num(sr.TEMPERATURE, "36.8", "Cel"),
        sr.num(sr.TEMPERATURE, "36.1", "Cel"),
        sr.num(sr.TEMPERATURE, "36.8", "Cel"),
        sr.num(sr.GLUCOSE, "142", "mg/dL"),
        sr.num(sr.GLUCOSE, "8", "weird"),
    )

    assert found.context == (
        ("glucose_mg_dl", "142"),
        ("glucose", "8 weird"),
        ("body_temperature", "36.8 Cel; 36.1 Cel"),
    )


def test_labels_hold_no_control_characters(tmp_path: Path) -> None:
    route = ("1", "99SITE", "tail\x1b[31m vein")
    found = said(tmp_path, sr.code(sr.ROUTE, route))

    assert found.context == (("route", "tail[31m vein"),)


def test_a_report_on_several_animals_is_refused(tmp_path: Path) -> None:
    one, two = sr.text(sr.SUBJECT_ID, "m1"), sr.text(sr.SUBJECT_ID, "m2")

    assert said(tmp_path, one, one)
    with pytest.raises(SeveralSubjectsError):
        said(tmp_path, one, two)


def test_another_object_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoAcquisitionContextError):
        read(tmp_path, SOPClassUID=EnhancedSRStorage)


def test_a_negative_value_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContextValueError, match="negative"):
        said(tmp_path, sr.num(sr.BODY_WEIGHT, "-24", "g"))


@pytest.mark.parametrize("value", ["nan", "x"])
def test_what_is_no_number_is_refused(tmp_path: Path, value: str) -> None:
    weight = sr.num(sr.BODY_WEIGHT, "1", "g")
    measured = weight.MeasuredValueSequence[0]
    measured.add_new("NumericValue", "LO", value)

    with pytest.raises(UnreadableValueError) as raised:
        said(tmp_path, weight)
    assert raised.value.uid == sr.CONTEXT_UID


def test_a_tree_deeper_than_any_report_is_refused(tmp_path: Path) -> None:
    deep = sr.num(sr.BODY_WEIGHT, "24.8", "g")
    for _ in range(DEEPEST - 1):
        deep = sr.container(sr.HANDLING, deep)

    assert said(tmp_path, deep).weight_g == 24.8
    with pytest.raises(ContentTreeError):
        said(tmp_path, sr.container(sr.HANDLING, deep))


def test_a_tree_larger_than_any_report_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dicom_io.context.content_tree.MOST_ITEMS", 20)
    items = [sr.text(sr.SUBJECT_ID, "m1")] * 20

    assert said(tmp_path, *items[1:])
    with pytest.raises(ContentTreeError):
        said(tmp_path, *items)


@pytest.mark.parametrize(
    "error",
    [
        ConflictingContextError,
        ContextUnitError,
        ContextValueError,
        SeveralSubjectsError,
        ContentTreeError,
        NoAcquisitionContextError,
    ],
)
def test_every_refusal_has_a_reason_and_a_remedy(
    error: type[DicomContentError],
) -> None:
    assert error.reason in REASONS
    assert error.remedy.endswith(".")
