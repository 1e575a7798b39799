"""Promises of ``release``: what a person gives is used, and is in the audit."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.load import load_settings
from dicom_io.header import ObjectKind
from node.data_folder import open_ledger
from node.deciding.intake import Intake
from node.ledger import Ledger
from node.options.works import intake_options
from node.records.states import StudyState
from tests.support.objects import NOON, STUDY
from tests.support.pet import pet_datasets, write_all
from tests.support.service import command
from tests.support.sources import enter_study, weights


class Place:
    """A data folder with a ledger, and a configuration."""

    def __init__(self, folder: Path, ledger: Ledger) -> None:
        self.config = folder / "node.toml"
        self.ledger = ledger
        self.log = folder / "log.csv"

    def release(self, *words: str) -> tuple[int, str, str]:
        return command("release", *words, "--config", str(self.config))

    def released(self, *words: str) -> Any:
        """Return what ``release --json`` printed; it must go well."""
        code, out, err = self.release(STUDY, *words, "--json")
        assert code == 0, err
        return json.loads(out)

    def sweep(self) -> None:
        options = intake_options(load_settings(self.config))
        Intake(self.ledger, options, lambda: NOON, lambda: None).sweep()

    def hold(self) -> None:
        """Have the next job held for the weight."""
        job = self.ledger.claim_job(NOON)
        assert job is not None
        self.ledger.hold_job(job.key, "missing_weight", "no weight", NOON)

    def study(self) -> Any:
        code, out, _ = command("study", STUDY, "--json", "--config", str(self.config))
        assert code == 0
        return json.loads(out)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    log = tmp_path / "log.csv"
    log.write_text("animal,study_date,weight_g,bed_position\nM99,2026-03-02,20,\n")
    (tmp_path / "node.toml").write_text(
        f"""
[node]
data_folder = "{tmp_path / "data"}"
timezone = "Europe/Zurich"
[injection_log]
path = "{log}"
"""
    )
    settings = load_settings(tmp_path / "node.toml")
    with open_ledger(settings, make=True) as ledger:
        yield Place(tmp_path, ledger)


@pytest.fixture
def held(place: Place) -> Place:
    """A place with a study that is held for its weight."""
    enter_study(place.ledger)
    place.sweep()
    place.hold()
    return place


def test_a_held_study_is_queued_with_what_was_released(held: Place) -> None:
    document = held.released("--weight-g", "24.8", "--by", "ann")

    assert document["weight_g"] == 24.8
    assert document["before"] == {"weight_g": "what the PET says"}
    [key] = document["queued"]
    study = held.study()
    assert (study["state"], study["reason"]) == ("queued", "")
    job = held.ledger.claim_job(NOON)
    assert job is not None
    assert job.key == key
    assert weights(job) == [24.8]


@pytest.mark.parametrize(
    ("stated", "before"), [("0.0224", "weight 22.4 g, PET header"), ("", "nothing")]
)
def test_the_audit_tells_what_the_header_said(
    held: Place, stated: str, before: str
) -> None:
    [pet] = [
        each
        for each in held.ledger.neighbourhood(STUDY)
        if each.header.kind is ObjectKind.PET
    ][:1]
    [written] = write_all(
        pet_datasets(slices=1, PatientWeight=stated), held.config.parent
    )
    pet.path.parent.mkdir(parents=True, exist_ok=True)
    written.rename(pet.path)

    document = held.released("--weight-g", "24.8")

    assert document["before"] == {"weight_g": before}


def test_the_running_node_decides_on_it_alike(held: Place) -> None:
    held.released("--weight-g", "24.8")

    held.sweep()

    assert held.ledger.touched_studies(9) == []
    jobs = held.study()["jobs"]
    assert [job["state"] for job in jobs] == ["superseded", "pending"]


def test_the_later_value_wins_and_the_audit_keeps_both(held: Place) -> None:
    held.released("--weight-g", "24.8", "--by", "ann")
    held.released("--weight-g", "28.4", "--by", "bob")

    study = held.study()
    assert [(each["who"], each["weight_g"]) for each in study["releases"]] == [
        ("ann", 24.8),
        ("bob", 28.4),
    ]
    [animal] = study["animals"]
    [source] = animal["sources"]
    assert source["weight_g"] == 28.4
    assert source["origin"].startswith("release by bob at ")
    audit = [each["text"] for each in study["events"] if each["kind"] == "release"]
    assert "ann released: weight 24.8 g (before: what the PET says)" in audit[0]
    assert "bob released: weight 28.4 g (before: weight 24.8 g, rel" in audit[1]
    code, out, _ = command("study", STUDY, "--config", str(held.config))
    assert code == 0
    assert "ann: weight 24.8 g" in " ".join(out.split())


def test_the_audit_names_the_row_of_the_log_that_was_overruled(place: Place) -> None:
    place.log.write_text("animal,study_date,weight_g\nmouse.pet,2026-03-02,29\n")
    enter_study(place.ledger)
    place.sweep()

    document = place.released("--weight-g", "24.8")

    before = "weight 29 g, row 2 of the injection log"
    assert document["before"] == {"weight_g": before}


def test_the_same_value_again_is_kept_and_changes_nothing(held: Place) -> None:
    assert held.released("--weight-g", "24.8")["queued"]
    again = held.released("--weight-g", "24.8", "--by", "bob")

    assert again["queued"] == []
    assert [note.partition(":")[0] for note in again["notes"]] == ["nothing changes"]
    assert len(held.study()["releases"]) == 2


def test_an_instant_without_an_offset_is_in_the_zone_of_the_site(held: Place) -> None:
    local = held.released("--injected-at", "2026-03-02T10:05")
    offset = held.released("--injected-at", "2026-03-02 10:05:30+02:00")

    assert local["injected_at"] == "2026-03-02T10:05:00+01:00"
    assert offset["injected_at"] == "2026-03-02T10:05:30+02:00"
    said = held.study()["animals"][0]["sources"][0]
    assert said["injected_at"].startswith("2026-03-02T08:05:30")


def test_an_activity_is_given_in_megabecquerel(held: Place) -> None:
    assert held.released("--activity-mbq", "5.55")["activity_bq"] == 5.55e6


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--weight-g", "0"), "no number above 0"),
        (("--weight-g", "-3"), "no number above 0"),
        (("--weight-g", "nan"), "no number above 0"),
        (("--activity-mbq", "inf"), "no number above 0"),
        (("--weight-g", "24,8"), "not a valid float"),
        (("--injected-at", "10:05"), "no instant"),
        (("--injected-at", "2026-03-02"), "no time of day"),
        (("--injected-at", "2999-03-02T10:05"), "in the future"),
        (("--injected-at", "2026-03-29T02:30"), "clocks were changed"),
        (("--injected-at", "2025-10-26T02:30"), "clocks were changed"),
        (("--weight-g", "24", "--by", "a\nb"), "no name"),
        (("--weight-g", "24", "--animal", "M08"), "it shows mouse.pet"),
    ],
)
def test_what_can_be_no_value_is_refused_and_nothing_is_entered(
    held: Place, words: tuple[str, ...], said: str
) -> None:
    code, _, err = held.release(STUDY, *words)

    assert code == 2
    assert said in err
    assert held.ledger.releases(STUDY) == ()


def test_without_a_value_the_study_tells_what_it_is_held_for(held: Place) -> None:
    code, _, err = held.release(STUDY)

    assert code == 2
    assert "missing_weight: no weight" in err
    assert "--weight-g" in err


def test_an_unknown_study_is_refused(place: Place) -> None:
    code, _, err = place.release("1.2.99", "--weight-g", "24")

    assert code == 2
    assert "no study 1.2.99" in err


def test_contours_alone_are_given_no_values(place: Place) -> None:
    enter_study(place.ledger, contours_study="1.2.77")

    code, _, err = place.release("1.2.77", "--weight-g", "24")

    assert code == 2
    assert STUDY in err


def test_a_study_that_still_waits_keeps_the_value_until_it_is_complete(
    place: Place,
) -> None:
    enter_study(place.ledger, contours_study=None)
    place.sweep()
    document = place.released("--weight-g", "24.8")
    assert "RTSTRUCT missing" in document["notes"][0]

    enter_study(place.ledger)
    place.sweep()

    job = place.ledger.claim_job(NOON)
    assert job is not None
    assert weights(job) == [24.8]


def test_in_a_bed_of_several_the_animal_must_be_named(place: Place) -> None:
    enter_study(place.ledger, is_group=True, members=("M07", "M08"))
    place.sweep()

    code, _, err = place.release(STUDY, "--weight-g", "24")
    assert code == 2
    assert "M07, M08" in err

    document = place.released("--weight-g", "24", "--animal", "m08")
    assert document["animal_id"] == "M08"
    assert len(document["queued"]) == 1
    [note] = document["notes"]
    assert note.startswith("nothing changes for animal M07: ")


def test_a_release_that_does_not_help_says_what_holds_the_study(held: Place) -> None:
    held.log.write_text(
        "animal,study_date,weight_g\nmouse.pet,2026-03-02,24\nmouse.pet,2026-03-02,29\n"
    )

    code, out, err = held.release(STUDY, "--weight-g", "24.8", "--json")

    assert code == 3
    assert json.loads(out)["held"][0]["reason"] == "conflicting_sources"
    assert "conflicting_sources" in err
    summary = held.ledger.studies(StudyState.HELD)[0]
    assert summary.reason == "conflicting_sources"


def test_while_the_log_cannot_be_read_the_value_is_kept_and_that_is_said(
    held: Place,
) -> None:
    held.log.unlink()

    code, out, err = held.release(STUDY, "--weight-g", "24.8", "--json")

    assert code == 3
    document = json.loads(out)
    assert document["before"] == {"weight_g": "not known yet"}
    assert "the values are kept" in document["notes"][0]
    assert "unreadable_log" in err
    assert [each.weight_g for each in held.ledger.releases(STUDY)] == [24.8]
