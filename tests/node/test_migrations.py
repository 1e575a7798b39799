"""Promises of `node.migrations`: an old ledger opens, and no change is forgotten."""

import json
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import create_engine
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from node.columns import METADATA
from node.ledger import Ledger, LedgerAddressError
from node.migrations.versions import pages_0003
from node.records.kinds import SOP_CLASSES, ResultKind
from node.records.states import ReceiveOutcome
from tests.support.objects import NOON, pet_series, received


def address(folder: Path) -> str:
    return f"sqlite:///{folder / 'ledger.sqlite'}"


def test_the_migrations_make_exactly_the_tables_that_the_ledger_uses(
    tmp_path: Path,
) -> None:
    with (
        Ledger.open(address(tmp_path), tmp_path) as ledger,
        ledger._reading() as connection,
    ):
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, METADATA) == []
        made = connection.exec_driver_sql(
            "SELECT sql FROM sqlite_master WHERE name = 'uq_instances_standing'"
        ).scalar_one()
    # The comparison does not look at the condition of an index.
    assert "WHERE state IN ('received', 'indexed')" in made


def test_opening_again_keeps_what_is_there(tmp_path: Path) -> None:
    with Ledger.open(address(tmp_path), tmp_path) as ledger:
        ledger.record_received(received(pet_series(1)[0]), NOON)

    with Ledger.open(address(tmp_path), tmp_path) as ledger:
        again = ledger.record_received(received(pet_series(1)[0]), NOON)
    assert again is ReceiveOutcome.DUPLICATE


def test_a_migration_that_is_cut_off_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("alembic.op.create_index", cut_off)
        with pytest.raises(KeyboardInterrupt):
            Ledger.open(address(tmp_path), tmp_path)
    database = sqlite3.connect(tmp_path / "ledger.sqlite")
    tables = database.execute("SELECT name FROM sqlite_master").fetchall()
    database.close()
    assert tables == []

    with Ledger.open(address(tmp_path), tmp_path) as ledger:
        assert ledger.studies() == []


def test_a_ledger_of_a_newer_version_is_refused_and_not_changed(tmp_path: Path) -> None:
    Ledger.open(address(tmp_path), tmp_path).close()
    database = sqlite3.connect(tmp_path / "ledger.sqlite")
    database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.commit()
    database.close()

    with pytest.raises(LedgerAddressError, match="another version"):
        Ledger.open(address(tmp_path), tmp_path)


def test_the_tables_can_be_made_in_postgresql_too() -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    for table in METADATA.sorted_tables:
        text = str(CreateTable(table).compile(dialect=dialect))
        assert "id BIGSERIAL" in text or table.name in ("links", "commitment_items")
        for index in table.indexes:
            assert str(CreateIndex(index).compile(dialect=dialect))


def test_results_of_an_earlier_version_are_of_a_kind() -> None:
    made = (ResultKind.REPORT, ResultKind.PARAMETRIC_MAP, ResultKind.REJECTION)
    classes = [SOP_CLASSES[kind] for kind in made]
    with create_engine("sqlite://").begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE results (sop_class_uid TEXT, kind TEXT DEFAULT '')"
        )
        for uid in (*classes, "1.2.3"):
            connection.exec_driver_sql(
                "INSERT INTO results (sop_class_uid) VALUES (?)", (uid,)
            )

        with Operations.context(MigrationContext.configure(connection)):
            pages_0003._name_kinds()

        found = connection.exec_driver_sql("SELECT kind FROM results ORDER BY rowid")
        assert [row[0] for row in found] == [*made, ""]


def test_jobs_of_an_earlier_version_get_the_names_of_their_animals() -> None:
    cases = {
        "alone": {"animal_id": "", "subjects": [{"animal_id": "M01"}]},
        "of a bed": {
            "animal_id": "M03",
            "subjects": [{"animal_id": "M02"}, {"animal_id": "M03"}],
        },
        "unknown": {"animal_id": "", "subjects": []},
    }
    with create_engine("sqlite://").begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE jobs (id INTEGER, case_json TEXT, animal_id TEXT DEFAULT '')"
        )
        texts = [*map(json.dumps, cases.values()), "damaged"]
        for number, text in enumerate(texts, start=1):
            connection.exec_driver_sql(
                "INSERT INTO jobs (id, case_json) VALUES (?, ?)", (number, text)
            )

        with Operations.context(MigrationContext.configure(connection)):
            pages_0003._name_animals()

        named = connection.exec_driver_sql("SELECT animal_id FROM jobs ORDER BY id")
        assert [row[0] for row in named] == ["M01", "M03", "", ""]
