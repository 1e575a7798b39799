"""Promises of `node.case.objects.maps`: few maps are whole grids, many are not."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dicom_io.pet.series import PetSeries
from node.case.gate import gate_of
from node.case.objects import maps
from node.case.objects.made import made_of
from node.records.kinds import ResultKind
from tests.support.made_objects import findings_of, made_of_findings, options_of
from tests.support.pet import pet_datasets
from tests.support.result import assessment_of, series_of

OPTIONS = replace(options_of(ResultKind.PARAMETRIC_MAP), external_check=None)


@pytest.fixture(scope="module")
def series(tmp_path_factory: pytest.TempPathFactory) -> PetSeries:
    return series_of(pet_datasets(), tmp_path_factory.mktemp("pet"))


def frames_of(series: PetSeries, *slices: slice) -> list[int]:
    """Return how many frames the map of each of some regions has."""
    regions = []
    for each in slices:
        inside = np.zeros(series.volume.grid.shape, bool)
        inside[each, 4:10, 4:10] = True
        regions.append(assessment_of(series, inside))
    findings = findings_of(series, regions)
    gate = gate_of(findings, OPTIONS, Path())
    made = made_of_findings(findings, OPTIONS)
    for name, dataset in made.items():
        assert gate.check(made_of(ResultKind.PARAMETRIC_MAP, name, dataset)) == ()
    numbers = range(1, len(regions) + 1)
    return [int(made[f"map-{number}.dcm"].NumberOfFrames) for number in numbers]


def test_one_map_is_whole_however_large(
    series: PetSeries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maps, "_WHOLE_BYTES", 1)

    assert frames_of(series, slice(3, 5)) == [len(series.instances)]


def test_a_few_maps_are_whole(series: PetSeries) -> None:
    assert frames_of(series, slice(3, 5), slice(0, 9)) == 2 * [len(series.instances)]


def test_many_maps_have_the_slices_of_their_regions(
    series: PetSeries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maps, "_WHOLE_BYTES", 1)
    last = len(series.instances) - 1

    # Of one slice, the next has a frame too, and of the last the one before it.
    assert frames_of(series, slice(3, 7), slice(5, 6), slice(last, None)) == [4, 2, 2]
