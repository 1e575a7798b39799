"""Promises of `dicom_io.retired_codes`."""

from pydicom.dataset import Dataset

from dicom_io.retired_codes import renew_codes, successor_of


def code(value: str, scheme: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue = value
    item.CodingSchemeDesignator = scheme
    item.CodingSchemeVersion = "1993"
    item.CodeMeaning = meaning
    return item


def test_a_retired_code_has_a_successor_under_each_of_its_schemes() -> None:
    found = {successor_of("C-111A1", scheme) for scheme in ("SRT", "SNM3", "99SDM")}

    assert found == {"77004003"}


def test_somebody_s_own_code_and_living_schemes_have_none() -> None:
    assert successor_of("Y-X1743", "99SDM") is None
    assert successor_of("126401", "DCM") is None
    assert successor_of("C-111A1", "99OURS") is None


def test_codes_are_renewed_at_every_depth_and_keep_their_words() -> None:
    outer = code("F-10450", "99SDM", "recumbent")
    outer.PatientOrientationModifierCodeSequence = [
        code("F-10340", "SRT", "supine"),
        code("Y-X1743", "99SDM", "own"),
    ]
    dataset = Dataset()
    dataset.PatientOrientationCodeSequence = [outer]

    renew_codes(dataset)

    [found] = dataset.PatientOrientationCodeSequence
    inner, own = found.PatientOrientationModifierCodeSequence
    assert (found.CodingSchemeDesignator, found.CodeMeaning) == ("SCT", "recumbent")
    assert (inner.CodeValue, inner.CodeMeaning) == ("40199007", "supine")
    assert "CodingSchemeVersion" not in inner
    assert (own.CodeValue, own.CodingSchemeDesignator) == ("Y-X1743", "99SDM")
