"""Promises of `node.case.objects.guides`: what they name is there."""

from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from model.score.assessment import SuvStatistics
from node.records.kinds import ResultKind
from tests.support.made_objects import findings_of, made_of_findings, options_of
from tests.support.pet import pet_datasets
from tests.support.result import assessment_of, series_of
from tests.support.service import command
from tests.support.studies import TUMOUR_SLICES, write_study
from tests.support.verification import complaints

ALL = (
    '["sr", "segmentation", "parametric_map", "suv_series", "score_series", "summary", '
    '"key_objects", "blending"]'
)


def scored(folder: Path, objects: str = ALL, **study: Any) -> dict[str, Dataset]:
    """Return the objects that are made of a study, by SOP Instance UID."""
    write_study(folder / "in", **study)
    config = folder / "node.toml"
    config.write_text(f"[results]\nobjects = {objects}\n")
    words = ("score", str(folder / "in"), "--out", str(folder / "out"))
    code, _, error = command(*words, "--config", str(config))
    assert code == 0, error
    found = [pydicom.dcmread(path) for path in sorted((folder / "out").rglob("*.dcm"))]
    return {dataset.SOPInstanceUID: dataset for dataset in found}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Dataset]:
    return scored(tmp_path_factory.mktemp("guides"))


def of(made: dict[str, Dataset], modality: str) -> list[Dataset]:
    return [each for each in made.values() if each.Modality == modality]


def selected(selection: Dataset) -> list[str]:
    return [
        item.ReferencedSOPSequence[0].ReferencedSOPInstanceUID
        for item in selection.ContentSequence
        if "ReferencedSOPSequence" in item
    ]


def test_a_selection_begins_with_the_page_and_ends_with_the_report(
    made: dict[str, Dataset],
) -> None:
    [selection] = of(made, "KO")
    kinds = [made[uid].SOPClassUID.name for uid in selected(selection)]

    assert kinds == [
        "Secondary Capture Image Storage",
        "Positron Emission Tomography Image Storage",
        "Positron Emission Tomography Image Storage",
        "Parametric Map Storage",
        "Comprehensive 3D SR Storage",
    ]
    said = selection.ContentSequence[0].TextValue
    assert "texture index (published equation, uncalibrated)" in said
    assert "locates no cells" in said


def test_the_slices_selected_lie_in_the_middle_of_the_region(
    made: dict[str, Dataset],
) -> None:
    [selection] = of(made, "KO")
    slices = [made[uid] for uid in selected(selection) if made[uid].Modality == "PT"]
    places = {tuple(each.ImagePositionPatient) for each in slices}
    [all_places] = [
        sorted(float(each.ImagePositionPatient[2]) for each in found)
        for found in [
            [e for e in of(made, "PT") if e.SeriesInstanceUID == s]
            for s in [slices[0].SeriesInstanceUID]
        ]
    ]

    assert len({each.SeriesInstanceUID for each in slices}) == 2
    assert len(places) == 1
    middle = all_places.index(float(next(iter(places))[2]))
    assert middle in {
        TUMOUR_SLICES[len(TUMOUR_SLICES) // 2],
        len(all_places) - 1 - TUMOUR_SLICES[len(TUMOUR_SLICES) // 2],
    }


def test_the_index_is_laid_over_images_that_are_there(
    made: dict[str, Dataset],
) -> None:
    [state] = of(made, "PR")
    above, below = state.AdvancedBlendingSequence

    for each in (above, below):
        uids = [item.ReferencedSOPInstanceUID for item in each.ReferencedImageSequence]
        assert {made[uid].SeriesInstanceUID for uid in uids} == {each.SeriesInstanceUID}
    assert state.ContentLabel == "INDEX_OVER_PET"
    assert state.FrameOfReferenceUID == of(made, "PT")[0].FrameOfReferenceUID


def test_every_index_lies_within_what_is_shown_and_no_padding_does(
    made: dict[str, Dataset],
) -> None:
    [state] = of(made, "PR")
    above, _ = state.AdvancedBlendingSequence
    low, high = (
        each.ThresholdValue
        for each in above.ThresholdSequence[0].ThresholdValueSequence
    )
    slices = [made[i.ReferencedSOPInstanceUID] for i in above.ReferencedImageSequence]
    stored = np.stack([each.pixel_array for each in slices])
    values = stored * float(slices[0].RescaleSlope)
    known = stored != slices[0].PixelPaddingValue

    assert known.any()
    assert (values[known] >= low).all()
    assert (values[known] <= high).all()
    assert (values[~known] < low).all()


def test_the_selection_keeps_the_standard_s_rules(
    made: dict[str, Dataset], tmp_path: Path
) -> None:
    [selection] = of(made, "KO")
    selection.save_as(tmp_path / "selection.dcm")

    assert complaints(tmp_path / "selection.dcm", "KeyObjectSelectionDocument") == []


def test_nothing_leads_to_objects_that_are_not_made(tmp_path: Path) -> None:
    found = scored(tmp_path, '["sr", "key_objects"]')

    assert [each.Modality for each in found.values()] == ["SR"]


def test_a_region_without_uptake_is_blended_all_the_same(tmp_path: Path) -> None:
    series = series_of(pet_datasets(), tmp_path)
    cold = SuvStatistics(-0.5, -0.25, -0.25, -0.125, 0.1, 1.0)
    findings = findings_of(series, [assessment_of(series, suv=cold)])
    kinds = (ResultKind.BLENDING, ResultKind.SCORE_SERIES, ResultKind.SUV_SERIES)
    made = made_of_findings(findings, options_of(*kinds))

    _, below = made["blending-1.dcm"].AdvancedBlendingSequence
    assert below.SoftcopyVOILUTSequence[0].WindowWidth > 0
