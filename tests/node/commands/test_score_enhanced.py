"""Promises of ``exhaustion-node score`` about multi-frame PET, through its own door."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pydicom
import pytest
from click.testing import CliRunner
from pydicom.dataset import Dataset
from pydicom.uid import (
    EnhancedPETImageStorage,
    LegacyConvertedEnhancedPETImageStorage,
)

from node.cli import main
from tests.support.enhanced_pet import (
    ENHANCED_UID,
    drawn_on_frames,
    enhanced_dataset,
    legacy_converted_dataset,
)
from tests.support.pet import write_all
from tests.support.studies import TUMOUR_SLICES, contours_on, small_study
from tests.support.verification import complaints

Maker = Callable[..., Dataset]


def score(folder: Path, out: Path, *more: str) -> tuple[int, Any]:
    words = ["score", str(folder), "--out", str(out), "--json", *more]
    run = CliRunner().invoke(main, words)
    assert run.exception is None or isinstance(run.exception, SystemExit), run.output
    return run.exit_code, json.loads(run.stdout)


def multi_frame_study(make: Maker, folder: Path, **overrides: Any) -> list[Dataset]:
    """Write a study whose PET is one object, and whose contours name its frames."""
    pet, contours = small_study()
    image = make(pet, **overrides)
    write_all([image, drawn_on_frames(contours, image)], folder)
    return pet


def only_held(answer: Any) -> Any:
    assert answer["results"] == []
    (held,) = answer["held"]
    return held


@pytest.mark.parametrize("make", [enhanced_dataset, legacy_converted_dataset])
def test_frames_have_the_suv_of_the_same_classic_slices(
    tmp_path: Path, make: Maker
) -> None:
    pet = multi_frame_study(make, tmp_path / "frames")
    write_all([*pet, contours_on(pet)], tmp_path / "slices")
    code, answer = score(tmp_path / "frames", tmp_path / "out")
    _, classic = score(tmp_path / "slices", tmp_path / "twin")
    assert (code, answer["held"]) == (0, [])
    (result,), (twin,) = answer["results"], classic["results"]
    assert result["suv"] == pytest.approx(twin["suv"], rel=1e-6)
    assert result["voxels"] == twin["voxels"]
    assert result["features"] == pytest.approx(twin["features"], rel=1e-6)
    assert result["score"] == pytest.approx(twin["score"], rel=1e-6)
