"""Promises of the settings as values."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from config.load import default_settings
from config.schema import SHIPPED_SPECIES, Destination, Settings

PACS = {"name": "pacs", "ae_title": "PACS", "host": "10.0.0.2", "port": 104}


def test_settings_cannot_be_changed_in_place() -> None:
    with pytest.raises(ValidationError):
        default_settings().node.port = 104


def test_defaults_are_those_of_a_node_that_guesses_nothing() -> None:
    settings = default_settings()

    assert settings.suv.species == "mouse"
    assert settings.suv.units_in_doubt == "hold"
    assert settings.score.class_when_uncalibrated is False
    assert settings.matching.co_registered == ()
    assert settings.destinations == ()


def test_mouse_limits_are_those_of_a_mouse() -> None:
    mouse = default_settings().species["mouse"]

    assert mouse.weight_g == (10, 60)
    assert mouse.activity_mbq == (0.5, 40)


def test_a_species_of_the_site_stands_beside_the_shipped_ones() -> None:
    rabbit = {"weight_g": [1000, 6000], "activity_mbq": [10, 300]}

    settings = Settings.model_validate(
        {"species": {"rabbit": rabbit}, "suv": {"species": "rabbit"}}
    )

    assert set(settings.species) == {*SHIPPED_SPECIES, "rabbit"}
    assert settings.species["rabbit"].weight_g == (1000, 6000)
    assert "rabbit" not in default_settings().species


def test_a_shipped_species_is_replaced_under_its_name() -> None:
    nude = {"weight_g": [15, 35], "activity_mbq": [1, 20]}

    settings = Settings.model_validate({"species": {"mouse": nude}})

    assert settings.species["mouse"].weight_g == (15, 35)


def test_a_destination_gets_what_viewers_show_unless_told_otherwise() -> None:
    objects = Destination.model_validate(PACS).objects
    assert objects == (
        "sr",
        "segmentation",
        "parametric_map",
        "suv_series",
        "score_series",
        "summary",
        "pdf",
    )


def test_spaces_around_an_ae_title_do_not_count() -> None:
    """PS3.5 table 6.2-1: leading and trailing spaces are non-significant."""
    destination = Destination.model_validate({**PACS, "ae_title": " PACS  "})

    assert destination.ae_title == "PACS"


@pytest.mark.parametrize("title", ["", "   ", "A" * 17, "A\\B", "Zürich", "A\tB"])
def test_what_is_no_ae_title_is_refused(title: str) -> None:
    with pytest.raises(ValidationError, match="application entity title"):
        Destination.model_validate({**PACS, "ae_title": title})


@pytest.mark.parametrize("limits", [[60, 10], [0, 10], [10, 10], [-1, 5], [10]])
def test_limits_that_no_animal_can_meet_are_refused(limits: list[float]) -> None:
    mouse = {"weight_g": limits, "activity_mbq": [0.5, 40]}

    with pytest.raises(ValidationError):
        Settings.model_validate({"species": {"mouse": mouse}})


def test_the_data_folder_is_searched_for_score_models() -> None:
    settings = Settings.model_validate(
        {"node": {"data_folder": "/data"}, "score": {"model_folders": ["/models"]}}
    )

    assert settings.score_model_folders == (
        Path("/models"),
        Path("/data/score_models"),
    )


def test_a_ledger_url_is_not_shown_with_the_settings() -> None:
    url = "postgresql+psycopg://node:secret@db/ledger"

    settings = Settings.model_validate({"ledger": {"url": url}})

    assert "secret" not in repr(settings)
