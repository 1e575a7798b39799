"""Published answers, through the door that users take: ``score --json``.

Sources: SUV reference objects, expected.csv (OncoRay, CC BY 4.0); IBSI validation set
(CC BY 3.0) with its reference masks.
"""

from pathlib import Path

import pytest

from tests.node.commands.test_score import score
from tests.support.shared import SHARED_DATA, needs_shared_data

STS = SHARED_DATA / "sts-petct"
DRO = SHARED_DATA / "suv-reference-objects"
SUV_TOLERANCE = 0.005


@needs_shared_data
@pytest.mark.reference
@pytest.mark.parametrize(
    ("study", "voxels", "suv_max", "suv_mean"),
    [
        ("STS_025/PET", 606, 6.376, 2.953),
        ("STS_002/PET", 555, None, None),
    ],
)
def test_a_real_tumour_has_its_reference_voxels_and_suv(
    tmp_path: Path,
    study: str,
    voxels: int,
    suv_max: float | None,
    suv_mean: float | None,
) -> None:
    code, document = score(STS / study, "--out", tmp_path, "--species", "human")

    (result,) = document["results"]
    assert code == 0
    assert result["roi"] == "GTV_Mass_PET"
    assert result["voxels"] == voxels
    if suv_max is not None:
        assert result["suv"]["max"] == pytest.approx(suv_max, abs=5e-4)
        assert result["suv"]["mean"] == pytest.approx(suv_mean, abs=5e-4)


@needs_shared_data
@pytest.mark.reference
def test_inveon_orientation_changes_no_number(tmp_path: Path) -> None:
    contours = STS / "STS_025" / "PET" / "mask" / "RS.dcm"
    flipped = tmp_path / "in"
    flipped.mkdir()
    for path in [*(STS / "STS_025-inveon-orientation").rglob("*.dcm"), contours]:
        (flipped / path.name).write_bytes(path.read_bytes())

    _, document = score(flipped, "--out", tmp_path / "out", "--species", "human")
    _, original = score(
        STS / "STS_025" / "PET", "--out", tmp_path / "original", "--species", "human"
    )

    assert document["results"][0]["voxels"] == 606
    assert document["results"][0]["suv"] == pytest.approx(original["results"][0]["suv"])
    assert document["results"][0]["score"] == pytest.approx(
        original["results"][0]["score"], abs=1e-8
    )


@needs_shared_data
@pytest.mark.reference
@pytest.mark.parametrize("name", ["DRO_0_0", "DRO_1_0"])
def test_suv_reference_objects_give_their_suv(tmp_path: Path, name: str) -> None:
    code, document = score(DRO / name, "--out", tmp_path, "--species", "human")

    (result,) = document["results"]
    assert code == 0
    assert result["suv"]["min"] == pytest.approx(0.20, abs=SUV_TOLERANCE)
    assert result["suv"]["median"] == pytest.approx(1.00, abs=SUV_TOLERANCE)
    assert result["suv"]["max"] == pytest.approx(4.00, abs=SUV_TOLERANCE)


@needs_shared_data
@pytest.mark.reference
def test_a_dose_in_another_unit_is_held_and_converted_only_when_asked(
    tmp_path: Path,
) -> None:
    words = (DRO / "DRO_3_0", "--out", tmp_path, "--species", "human")

    code, held = score(*words)
    converted_code, converted = score(*words, "--units-in-doubt", "convert")

    assert code == 3
    assert [item["reason"] for item in held["held"]] == ["units_in_doubt"]
    assert "MBq" in held["held"][0]["detail"]
    assert converted_code == 0
    assert converted["results"][0]["suv"]["median"] == pytest.approx(
        1.00, abs=SUV_TOLERANCE
    )
    assert any("MBq" in text for text in converted["results"][0]["warnings"])
