"""Promises of `model.believed`, `model.agreement` and `model.assay`."""

import math
from datetime import UTC, date, datetime, timedelta

import pytest

from model.administration import Administration, Assay, Source, SourceRules
from model.agreement import Believed, ConflictingSourcesError
from model.assay import (
    AssayAfterInjectionError,
    AssayWithoutHalfLifeError,
    AssayWithoutInstantError,
    ResidualError,
)
from model.believed import (
    CalibrationFactorError,
    believed_activity,
    believed_calibration,
    believed_injection,
    believed_weight,
)
from model.plausibility import (
    AnimalLimits,
    ImplausibleWeightError,
    UnitsInDoubt,
    UnitsInDoubtError,
)

MOUSE = AnimalLimits("mouse", (10.0, 60.0), (0.5e6, 40e6))
RULES = SourceRules()
TEN = datetime(2026, 3, 2, 10, tzinfo=UTC)
HALF_LIFE = timedelta(seconds=6586.2)
ROW = "row 12 of the injection log"


def log(**said: object) -> Administration:
    return Administration(Source.LOG, ROW, **said)  # type: ignore[arg-type]


def header(**said: object) -> Administration:
    return Administration(Source.HEADER, "PET header", **said)  # type: ignore[arg-type]


def released(**said: object) -> Administration:
    return Administration(Source.RELEASE, "release 3", **said)  # type: ignore[arg-type]


def weight(
    *sources: Administration,
    rules: SourceRules = RULES,
    in_doubt: UnitsInDoubt = UnitsInDoubt.HOLD,
) -> Believed | None:
    return believed_weight(sources, rules, MOUSE, in_doubt)


def activity(*sources: Administration, at: datetime | None = TEN) -> Believed | None:
    return believed_activity(sources, (at, HALF_LIFE), RULES, MOUSE, UnitsInDoubt.HOLD)


def test_the_header_alone_is_believed_without_words() -> None:
    found = weight(header(weight_g=25.0))

    assert found == Believed(25.0, Source.HEADER)


def test_the_more_trusted_source_is_believed_and_all_are_said() -> None:
    found = weight(header(weight_g=25.0), log(weight_g=24.8))

    assert found is not None
    assert (found.value, found.source) == (24.8, Source.LOG)
    assert found.statements == (f"Weight 24.8 g from {ROW}; PET header: 25 g",)


def test_the_configured_precedence_decides() -> None:
    rules = SourceRules((Source.HEADER, Source.LOG))

    found = weight(log(weight_g=24.8), header(weight_g=25.0), rules=rules)

    assert found is not None
    assert found.value == 25.0


def test_a_source_left_out_is_not_asked() -> None:
    rules = SourceRules((Source.LOG,))

    assert weight(header(weight_g=25.0), rules=rules) is None
    assert weight(header(weight_g=50.0), log(weight_g=24.8), rules=rules) == Believed(
        24.8, Source.LOG, (f"Weight 24.8 g from {ROW}",)
    )


@pytest.mark.parametrize(("other", "held"), [(27.5, False), (27.6, True)])
def test_weights_may_differ_by_the_tolerance(other: float, *, held: bool) -> None:
    if not held:
        assert weight(log(weight_g=25.0), header(weight_g=other)) is not None
        return
    with pytest.raises(ConflictingSourcesError) as conflict:
        weight(log(weight_g=25.0), header(weight_g=other))

    told = str(conflict.value)
    assert all(said in told for said in ("25 g", ROW, "27.6 g", "PET header", "10%"))
    assert "release" in conflict.value.remedy
    assert conflict.value.reason == "conflicting_sources"


def test_a_person_overrides_and_it_is_said() -> None:
    sources = (header(weight_g=50.0), log(weight_g=40.0), released(weight_g=25.0))

    found = weight(*sources)

    assert found is not None
    assert found.value == 25.0
    assert found.statements == (
        (
            f"Weight 25 g from release 3; {ROW}: 40 g (overridden);"
            " PET header: 50 g (overridden)"
        ),
    )


def test_an_impossible_value_that_agrees_in_another_unit_is_no_conflict() -> None:
    found = weight(header(weight_g=25_000.0), log(weight_g=24.8))

    assert found is not None
    assert found.value == 24.8
    assert "entered in g" in found.statements[0]


def test_a_plausible_value_does_not_agree_in_another_unit() -> None:
    """40 g would be 40 mg of another unit: possible, and thus a disagreement."""
    with pytest.raises(ConflictingSourcesError):
        weight(log(weight_g=24.8), header(weight_g=40.0))


def test_the_believed_value_must_be_plausible_whatever_the_others_say() -> None:
    with pytest.raises(ImplausibleWeightError) as refusal:
        weight(log(weight_g=70.0), header(weight_g=25.0))
    assert refusal.value.__notes__ == [f"[{ROW}]"]

    with pytest.raises(UnitsInDoubtError):
        weight(header(weight_g=25_000.0))
    found = weight(header(weight_g=25_000.0), in_doubt=UnitsInDoubt.CONVERT)
    assert found is not None
    assert found.value == 25.0


def test_an_assay_is_decayed_to_the_injection_and_the_residual_subtracted() -> None:
    """6 MBq half a half-life before, 0.2 MBq left half a half-life after."""
    half = timedelta(seconds=3293.1)
    said = log(activity=Assay(6e6, TEN - half), residual=Assay(0.2e6, TEN + half))

    found = activity(said)

    assert found is not None
    assert found.value == pytest.approx(6e6 / math.sqrt(2) - 0.2e6 * math.sqrt(2))
    assert found.numbers == {"assayed_activity_bq": 6e6, "residual_activity_bq": 0.2e6}
    assert any("less a residual of 0.2 MBq" in words for words in found.statements)


def test_an_injected_activity_needs_no_instant_and_loses_no_residual() -> None:
    found = activity(header(activity=Assay(5.55e6)), at=None)

    assert found == Believed(5.55e6, Source.HEADER)


def test_the_headers_dose_is_compared_with_what_was_injected() -> None:
    assay = Assay(6e6, TEN - HALF_LIFE)

    agreeing = activity(log(activity=assay), header(activity=Assay(3.1e6)))

    assert agreeing is not None
    assert agreeing.value == pytest.approx(3e6)
    with pytest.raises(ConflictingSourcesError, match="injected activity"):
        activity(log(activity=assay), header(activity=Assay(6e6)))


@pytest.mark.parametrize("stated", [5.5, 5500.0, 5.5 / 37.0])
def test_a_dose_in_another_unit_is_no_conflict(stated: float) -> None:
    found = activity(log(activity=Assay(5.55e6)), header(activity=Assay(stated)))

    assert found is not None
    assert found.value == 5.55e6


def test_an_assay_that_cannot_be_decayed_is_refused() -> None:
    assay = Assay(6e6, TEN)
    with pytest.raises(AssayWithoutInstantError):
        activity(log(activity=assay), at=None)
    with pytest.raises(AssayWithoutHalfLifeError):
        believed_activity(
            [log(activity=assay)], (TEN, None), RULES, MOUSE, UnitsInDoubt.HOLD
        )
    with pytest.raises(AssayAfterInjectionError):
        activity(log(activity=Assay(6e6, TEN + timedelta(minutes=2))))
    with pytest.raises(ResidualError):
        activity(log(activity=assay, residual=Assay(6e6)))


def test_an_assay_of_a_less_trusted_source_that_cannot_be_decayed_is_said() -> None:
    found = activity(
        released(activity=Assay(5e6)), log(activity=Assay(6e6, TEN)), at=None
    )

    assert found is not None
    assert found.value == 5e6
    assert any("could not be compared" in words for words in found.statements)


def test_instants_may_differ_by_the_tolerance() -> None:
    near, far = TEN + timedelta(seconds=300), TEN + timedelta(seconds=301)

    found = believed_injection([header(injected_at=near), log(injected_at=TEN)], RULES)

    assert found is not None
    assert (found.at, found.by.source) == (TEN, Source.LOG)
    with pytest.raises(ConflictingSourcesError, match="301 s"):
        believed_injection([header(injected_at=far), log(injected_at=TEN)], RULES)
    overridden = believed_injection(
        [header(injected_at=far), released(injected_at=TEN)], RULES
    )
    assert overridden is not None
    assert "overridden" in overridden.statements[0]
    assert believed_injection([], RULES) is None


def test_a_cross_calibration_factor_is_one_of_two_instruments() -> None:
    said = log(cross_calibration=1.05, cross_calibrated_on=date(2026, 1, 10))

    found = believed_calibration([said], RULES)

    assert found is not None
    assert found.value == 1.05
    assert found.numbers == {"cross_calibration": 1.05}
    assert "2026-01-10" in found.statements[-1]
    assert believed_calibration([log()], RULES) is None
    with pytest.raises(CalibrationFactorError):
        believed_calibration([log(cross_calibration=37.0)], RULES)
