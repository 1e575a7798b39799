"""Promises of `node.case.circumstances`: what is stated of an image, by whom."""

import copy
from dataclasses import replace
from typing import Any

import pytest
from pydicom.dataset import Dataset

from config.load import load_settings
from dicom_io.pet.series import PetSeries
from model.score.domain import Circumstances
from model.suv import SuvConversion
from node.case.circumstances import circumstances_of
from node.case.suv_image import SuvImage
from node.options.case import case_options
from tests.support.pet import pet_datasets
from tests.support.result import series_of

RULES = case_options(load_settings(None)).suv
SUV = SuvConversion("rule", 1e-6, {"uptake_s": 4200.0})


@pytest.fixture(scope="module")
def series(tmp_path_factory: pytest.TempPathFactory) -> PetSeries:
    return series_of(pet_datasets(slices=1), tmp_path_factory.mktemp("pet"))


def image_of(
    series: PetSeries,
    context: tuple[tuple[str, str], ...] = (),
    conversion: SuvConversion = SUV,
) -> SuvImage:
    return SuvImage(series, series.volume, conversion, "m07", context, ())


def with_header(series: PetSeries, **attributes: Any) -> PetSeries:
    """Return the series with other attributes in its headers."""
    header = copy.deepcopy(series.headers[0])
    for keyword, value in attributes.items():
        setattr(header, keyword, value)
    return replace(series, headers=(header,) * len(series.headers))


def test_an_inveon_study_states_tracer_and_uptake_and_the_settings_the_species(
    series: PetSeries,
) -> None:
    assert circumstances_of(image_of(series), RULES) == Circumstances(
        tracer="FDG",
        radionuclide="F-18",
        species="mouse",
        route=None,
        uptake_min=70.0,
    )


def test_the_species_of_the_image_comes_before_the_configured_one(
    series: PetSeries,
) -> None:
    human = with_header(series, PatientSpeciesDescription="Homo sapiens")

    assert circumstances_of(image_of(human), RULES).species == "human"


def test_the_route_of_the_injection_log_comes_before_the_header(
    series: PetSeries,
) -> None:
    item = Dataset()
    item.RadiopharmaceuticalRoute = "IV"
    stated = with_header(series, RadiopharmaceuticalInformationSequence=[item])

    for context, route in (
        ((), "intravenous"),
        ((("route", "i.p."),), "intraperitoneal"),
        ((("route", "unknown"),), "intravenous"),
    ):
        found = circumstances_of(image_of(stated, context), RULES)
        assert found.route == route


def test_another_tracer_in_the_log_is_not_overruled_by_the_header(
    series: PetSeries,
) -> None:
    found = circumstances_of(image_of(series, (("Tracer", "FLT"),)), RULES)

    assert found.tracer == "FLT (elsewhere FDG)"


def test_the_uptake_of_an_average_is_where_its_first_frame_begins(
    series: PetSeries,
) -> None:
    numbers = {"uptake_s": -208.0, "averaged_from_s": 2700.0}
    image = image_of(series, conversion=replace(SUV, numbers=numbers))

    assert circumstances_of(image, RULES).uptake_min == 45.0


def test_an_uptake_that_nobody_knows_is_none(series: PetSeries) -> None:
    image = image_of(series, conversion=replace(SUV, numbers={}))

    assert circumstances_of(image, RULES).uptake_min is None


def test_what_cannot_be_read_counts_as_not_stated(
    series: PetSeries,
) -> None:
    header = copy.deepcopy(series.headers[0])
    header.add_new("RadiopharmaceuticalInformationSequence", "LO", "no sequence")
    broken = replace(series, headers=(header,))

    found = circumstances_of(image_of(broken), RULES)

    assert (found.tracer, found.radionuclide, found.route) == (None, None, None)
