"""Promises of `model.score.domain_check`."""

from dataclasses import replace

import numpy as np
import pytest

from model.grid import Mask
from model.score.domain import Circumstances, Domain
from model.score.domain_check import check_domain
from tests.model.features.regions import grid_of

DOMAIN = Domain(
    tracers=("FDG",),
    species=("mouse",),
    routes=("intraperitoneal",),
    uptake_min=(45.0, 75.0),
    units="g/ml{SUVbw}",
    voxel_mm=(0.7, 0.9),
    minimum_diameter_mm=5.0,
    features={"glcm_Contrast": (0.0, 10.0)},
)
STATED = Circumstances("FDG", "F-18", "mouse", "intraperitoneal", 60.0)
GRID = grid_of((10, 10, 10), 0.8)
ALL = Mask(GRID, np.ones(GRID.shape, np.bool_))


def test_a_measurement_that_the_model_was_made_for_is_inside() -> None:
    found = check_domain(DOMAIN, STATED, ALL, {"glcm_Contrast": 5.0})

    assert found.inside
    assert (found.refused, found.outside, found.unknown) == ("", (), ())
    assert found.small_mm is None


def test_without_a_domain_nothing_is_asked() -> None:
    one = np.zeros(GRID.shape, np.bool_)
    one[0, 0, 0] = True

    found = check_domain(Domain(), Circumstances("FLT"), Mask(GRID, one), {})

    assert found.inside
    assert found.unknown == ()


@pytest.mark.parametrize(
    ("tracer", "radionuclide", "named"),
    [
        ("FLT", "F-18", "FLT"),
        ("FLT (elsewhere FDG)", "F-18", "elsewhere FDG"),
        (None, "Zr-89", "Zr-89"),
        (None, "Ga-68", "Ga-68"),
        ("FDG", "C-11", "C-11"),
    ],
)
def test_another_tracer_is_refused_and_named(
    tracer: str | None, radionuclide: str, named: str
) -> None:
    stated = replace(STATED, tracer=tracer, radionuclide=radionuclide)

    found = check_domain(DOMAIN, stated, ALL, {})

    assert named in found.refused
    assert "FDG" in found.refused
    assert not found.inside


@pytest.mark.parametrize("tracer", ["FDG", "fdg"])
@pytest.mark.parametrize("radionuclide", ["F-18", None])
def test_the_tracer_of_the_model_is_accepted(
    tracer: str, radionuclide: str | None
) -> None:
    stated = replace(STATED, tracer=tracer, radionuclide=radionuclide)

    assert check_domain(DOMAIN, stated, ALL, {}).inside


def test_a_model_of_a_tracer_that_is_unknown_here_asks_for_no_radionuclide() -> None:
    own = replace(DOMAIN, tracers=("XYZ",))

    assert check_domain(own, replace(STATED, tracer="xyz"), ALL, {}).inside
    unnamed = replace(STATED, tracer=None, radionuclide="Zr-89")
    assert not check_domain(own, unnamed, ALL, {}).refused


@pytest.mark.parametrize(
    ("stated", "named"),
    [
        ({"species": "human"}, "species is human, not mouse"),
        ({"route": "intravenous"}, "route of administration is intravenous"),
        ({"uptake_min": 30.0}, "uptake time is 30 min, not 45 to 75 min"),
        ({"uptake_min": 44.9}, "uptake time is 44.9 min, not 45 to 75 min"),
        ({"uptake_min": 75.1}, "uptake time"),
    ],
)
def test_what_differs_is_named_and_not_refused(
    stated: dict[str, object], named: str
) -> None:
    found = check_domain(DOMAIN, replace(STATED, **stated), ALL, {})  # type: ignore[arg-type]

    (outside,) = found.outside
    assert named in outside
    assert not found.refused
    assert not found.inside


def test_the_ends_of_a_span_are_inside() -> None:
    for minutes in (45.0, 75.0):
        assert check_domain(DOMAIN, replace(STATED, uptake_min=minutes), ALL, {}).inside


def test_a_site_s_own_name_of_a_mouse_is_a_mouse() -> None:
    for species, inside in (("nude-mouse", True), ("Mouse", True), ("dormouse", False)):
        stated = replace(STATED, species=species)
        assert check_domain(DOMAIN, stated, ALL, {}).inside is inside


def test_voxels_of_another_size_are_outside_along_any_axis() -> None:
    grid = replace(GRID, slice_step_mm=(0.0, 0.0, 3.27))
    mask = Mask(grid, np.ones(grid.shape, np.bool_))

    (outside,) = check_domain(DOMAIN, STATED, mask, {}).outside

    assert outside == "voxel spacing is 0.8 to 3.27 mm, not 0.7 to 0.9 mm"


def test_a_feature_beyond_the_training_data_is_outside_unless_undefined() -> None:
    beyond = check_domain(DOMAIN, STATED, ALL, {"glcm_Contrast": 12.5})

    assert beyond.outside == ("glcm_Contrast is 12.5, not 0 to 10",)
    assert check_domain(DOMAIN, STATED, ALL, {"glcm_Contrast": np.nan}).inside


def test_other_units_than_suv_by_body_weight_are_outside() -> None:
    own = replace(DOMAIN, units="Bq/ml")

    assert "Bq/ml" in check_domain(own, STATED, ALL, {}).outside[0]


@pytest.mark.parametrize(("edge", "small"), [(5, True), (6, False)])
def test_a_region_below_the_minimum_diameter_is_small(edge: int, small: bool) -> None:  # noqa: FBT001 - pytest's
    inside = np.zeros(GRID.shape, np.bool_)
    inside[:edge, :edge, :edge] = True
    diameter_mm = (6 * (0.8 * edge) ** 3 / np.pi) ** (1 / 3)

    found = check_domain(DOMAIN, STATED, Mask(GRID, inside), {})

    assert found.inside is not small
    assert found.small_mm == (pytest.approx(diameter_mm) if small else None)


def test_what_nobody_states_is_named_and_not_held_against_the_measurement() -> None:
    found = check_domain(DOMAIN, Circumstances(), ALL, {})

    assert found.inside
    assert found.unknown == (
        "tracer",
        "species",
        "route of administration",
        "uptake time",
    )
