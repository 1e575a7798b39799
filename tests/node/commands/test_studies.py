"""Promises of ``studies`` and ``study``: what a person reads in a terminal."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from config.load import load_settings
from node.data_folder import open_ledger
from node.deciding.intake import Intake
from node.ledger import Ledger
from node.options.works import intake_options
from tests.support.objects import NOON, STUDY, ct_series
from tests.support.service import command
from tests.support.sources import enter, enter_study

LONG_STUDY = "1.2.826.0.1.3680043.8.498.12345678901234567890123456789012345678"
WHY = (
    "the weight is missing [PatientWeight (0010,1030)] in 1.2.3.4. Enter weight_g in "
    "the injection log, or decide with `exhaustion-node release UID --weight-g X`."
)


class Place:
    """A data folder with a ledger, of a site in Zurich."""

    def __init__(self, folder: Path, ledger: Ledger) -> None:
        self.config = folder / "node.toml"
        self.ledger = ledger

    def sweep(self) -> None:
        options = intake_options(load_settings(self.config))
        Intake(self.ledger, options, lambda: NOON, lambda: None).sweep()

    def held(self, study: str = STUDY, why: str = WHY) -> "Place":
        enter_study(self.ledger, study)
        self.sweep()
        job = self.ledger.claim_job(NOON)
        assert job is not None
        self.ledger.hold_job(job.key, "missing_weight", why, NOON)
        return self

    def tell(self, *words: str) -> list[str]:
        code, out, err = command(*words, "--config", str(self.config))
        assert code == 0, err
        return out.splitlines()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    (tmp_path / "node.toml").write_text(
        f'[node]\ndata_folder = "{tmp_path / "data"}"\ntimezone = "Europe/Zurich"\n'
    )
    settings = load_settings(tmp_path / "node.toml")
    with open_ledger(settings, make=True) as ledger:
        yield Place(tmp_path, ledger)


def test_a_uid_stands_whole_on_a_line_of_its_own(place: Place) -> None:
    lines = place.held(LONG_STUDY).tell("studies")

    assert LONG_STUDY in [line.strip() for line in lines]


def test_reasons_keep_to_the_width_of_the_terminal_and_are_whole(place: Place) -> None:
    lines = place.held().tell("studies")

    assert max(map(len, lines)) <= 80
    told = " ".join(line.strip() for line in lines)
    assert f"missing_weight: {WHY}" in told


def test_times_are_in_the_zone_of_the_site(place: Place) -> None:
    place.held()

    assert "2026-03-02 13:00:00" in place.tell("studies")[0]
    assert "What happened (Europe/Zurich)" in place.tell("study", STUDY)


def test_a_study_is_told_by_the_patient_id_of_its_pet(place: Place) -> None:
    enter(place.ledger, *(replace(ct, patient_id="ct.pet") for ct in ct_series()))
    place.held()

    assert place.tell("studies")[0].endswith("mouse.pet")
    assert "PatientID mouse.pet" in place.tell("study", STUDY)
    assert json.loads("\n".join(place.tell("studies", "--json")))[0]["patient_id"] == (
        "mouse.pet"
    )


def test_names_that_would_steer_the_terminal_are_shown_without_effect(
    place: Place,
) -> None:
    place.held(why="\x1b[31mred [bold]x[/bold]")

    told = "\n".join([*place.tell("studies"), *place.tell("study", STUDY)])

    assert "\x1b" not in told
    assert "[31mred [bold]x[/bold]" in told


def test_why_a_study_is_held_is_told_once_and_then_named(place: Place) -> None:
    happened = place.held().tell("study", STUDY)
    events = happened[happened.index("What happened (Europe/Zurich)") :]

    told = " ".join(line.strip() for line in events)
    assert told.count(WHY) == 1
    assert told.endswith("held: missing_weight")


def test_for_which_animal_a_value_was_released_is_told(place: Place) -> None:
    enter_study(place.ledger, is_group=True, members=("M07", "M08"))
    place.sweep()
    place.tell("release", STUDY, "--weight-g", "24", "--animal", "M08", "--by", "ann")

    told = " ".join(line.strip() for line in place.tell("study", STUDY))

    assert "ann for animal M08: weight 24 g" in told


def test_a_long_list_ends_where_it_is_told_to_and_says_so(place: Place) -> None:
    for number in range(3):
        enter_study(place.ledger, f"1.2.{number + 3}")
        place.sweep()
    code, out, err = command("studies", "--limit", "2", "--config", str(place.config))

    assert code == 0
    assert out.count("objects") == 2
    assert "--limit" in err


def test_a_study_whose_files_were_deleted_says_so_and_computes_nothing(
    place: Place,
) -> None:
    enter_study(place.ledger)
    place.sweep()
    study = place.ledger.kept_study(STUDY)
    assert study is not None
    assert place.ledger.retire(study, "kept elsewhere", NOON)

    for words in (("studies",), ("study", STUDY)):
        told = " ".join(line.strip() for line in place.tell(*words))
        assert "files were deleted at 2026-03-02 13:00:00" in told
    for words in (("replay", STUDY), ("release", STUDY, "--weight-g", "20")):
        code, _, err = command(*words, "--config", str(place.config))
        assert code == 2
        assert "Send it to the node again" in err
