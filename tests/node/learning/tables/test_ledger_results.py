"""The node's own results as a table: those that stand, each once."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from config.load import default_settings
from config.schema import Settings
from node.learning.tables.choice import TableChoice
from node.learning.tables.join import read_joined
from node.learning.tables.joined import FindingKind, JoinedTable
from node.learning.tables.mistake import TableError
from node.ledger import Ledger
from node.records.jobs import Job, ResultObject
from node.records.states import JobState, StudyState
from node.records.withheld import (
    AWAITING_REVIEW,
    NO_RESERVATIONS,
    Reservations,
    Withheld,
)
from node.store_paths import RESULT_FILE
from tests.support.empty_ledger import ledger_in
from tests.support.objects import NOON, STUDY, pet_series, received, structure_set
from tests.support.tables import Tables, facts


class Node:
    """A data folder whose jobs are done by hand."""

    def __init__(self, folder: Path, ledger: Ledger) -> None:
        self.folder = folder
        self.ledger = ledger
        pet = pet_series()
        for each in (*pet, structure_set(pet)):
            ledger.record_received(received(each), NOON)
            [row] = ledger.unindexed(1)
            ledger.record_indexed(row.identifier, each, NOON)
        [touched] = ledger.touched_studies(10)
        ledger.set_study_state(
            STUDY,
            StudyState.QUEUED,
            reason="",
            detail="",
            settles=False,
            generation=touched.generation,
            at=NOON,
        )

    def begin(self, key: str, line: str = "line", minutes: int = 0) -> None:
        """Enter a job and take it for computing."""
        at = NOON + timedelta(minutes=minutes)
        job = Job(key, STUDY, line, "{}", JobState.PENDING, at, 0)
        self.ledger.add_job(job, at)
        self.ledger.claim_job(at)

    def score(
        self,
        key: str,
        score: float,
        minutes: int,
        line: str = "line",
        reservations: Reservations = NO_RESERVATIONS,
    ) -> None:
        """Have a job done that gives the tumour a score."""
        self.begin(key, line, minutes)
        folder = self.folder / "results" / key
        folder.mkdir(parents=True)
        written = {
            "study_instance_uid": STUDY,
            "animal_id": "M1",
            "roi": "Tumor",
            "voxels": 100,
            "features": {"glcm_Contrast": score},
            "score": score,
            "score_model": "fine",
            "score_model_version": "1.0.0",
        }
        (folder / RESULT_FILE).write_text(json.dumps({"results": [written]}))
        made = ResultObject("1.2.88", f"1.9.{minutes}", "1.2.1", folder / RESULT_FILE)
        self.ledger.finish_job(key, [made], {}, NOON, reservations=reservations)

    @property
    def settings(self) -> Settings:
        settings = default_settings()
        node = settings.node.model_copy(update={"data_folder": self.folder})
        return settings.model_copy(update={"node": node})

    def read(self, tables: Tables) -> JoinedTable:
        """Return what the ledger says, with a design."""
        design = tables.write("design.csv", "animal,day\nM1,7\n")
        return read_joined(TableChoice(ledger=True, design=design), self.settings)


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    with ledger_in(tmp_path) as ledger:
        yield Node(tmp_path, ledger)


def test_a_result_of_the_ledger_is_a_row(node: Node, tables: Tables) -> None:
    node.score("k1", 0.5, 1)

    table = node.read(tables)

    assert table.frame["score"].tolist() == [0.5]
    assert table.frame["day"].tolist() == [7.0]
    assert [(each.role, each.rows, each.used) for each in table.sources] == [
        ("ledger", 1, 1),
        ("design", 1, 1),
    ]


def test_a_revision_takes_the_place_of_what_it_revises(
    node: Node, tables: Tables
) -> None:
    node.score("k1", 0.5, 1)
    node.score("k2", 0.7, 2)

    assert node.read(tables).frame["score"].tolist() == [0.7]


def test_the_newest_result_of_a_region_counts_among_lines(
    node: Node, tables: Tables
) -> None:
    node.score("k1", 0.5, 2, line="one")
    node.score("k2", 0.7, 1, line="other")

    assert node.read(tables).frame["score"].tolist() == [0.5]


def test_a_result_whose_revision_is_held_is_used_and_doubted(
    node: Node, tables: Tables
) -> None:
    node.score("k1", 0.5, 1)
    node.begin("k2", minutes=2)
    node.ledger.hold_job("k2", "missing_weight", "no weight", NOON)

    table = node.read(tables)

    assert table.frame["score"].tolist() == [0.5]
    [(file, row, fact)] = facts(table, FindingKind.DOUBTED)
    assert (file, row) == ("ledger", None)
    assert "a later job of it is held" in fact


def test_a_result_that_waits_is_left_out_and_told_until_it_is_released(
    node: Node, tables: Tables
) -> None:
    node.score("k1", 0.5, 1, line="one")
    node.score("k2", 0.7, 2, line="other")
    waits = Reservations(withheld=Withheld(AWAITING_REVIEW))
    node.score("k3", 0.9, 3, line="other", reservations=waits)
    table = node.read(tables)

    assert table.frame["score"].tolist() == [0.5]
    [(_, _, fact)] = facts(table, FindingKind.EXCLUDED)
    assert fact.endswith("waits for its release (awaiting_review)")

    node.ledger.release_result("k3", "meyer", NOON)
    assert node.read(tables).frame["score"].tolist() == [0.9]


def test_a_ledger_of_results_that_wait_is_refused(node: Node, tables: Tables) -> None:
    waits = Reservations(withheld=Withheld(AWAITING_REVIEW))
    node.score("k1", 0.5, 1, reservations=waits)

    with pytest.raises(TableError, match=r"a result that was released; 1 wait\b"):
        node.read(tables)


def test_a_ledger_without_results_is_refused(node: Node, tables: Tables) -> None:
    node.begin("k1")

    with pytest.raises(TableError, match="no study of the node has a result"):
        node.read(tables)


def test_a_result_that_cannot_be_read_is_refused(node: Node, tables: Tables) -> None:
    node.score("k1", 0.5, 1)
    (node.folder / "results" / "k1" / RESULT_FILE).write_text("{")

    with pytest.raises(TableError, match=f"the result of study {STUDY} cannot be read"):
        node.read(tables)
