"""Promises of the ledger on its size: no everyday question reads a whole table."""

from collections.abc import Iterator

import pytest
from sqlalchemy import event, func, select

from node.case.commission import named_in
from node.ledger import Ledger
from node.tables import EVENTS, INSTANCES
from tests.benchmarks.ledger_contests import Everyday
from tests.support.million import PER_STUDY, fill, study_uid

OBJECTS = 6 * PER_STUDY


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Ledger, int]]:
    root = tmp_path_factory.mktemp("filled")
    with Ledger.open(f"sqlite:///{root / 'ledger.sqlite'}", root) as ledger:
        yield ledger, fill(ledger, OBJECTS)


def test_a_filled_ledger_is_one_that_the_ledger_could_have_written(
    filled: tuple[Ledger, int],
) -> None:
    ledger, studies = filled
    assert studies == 6
    assert not any(each.miscounted for each in ledger.audited_studies(9))
    detail = ledger.study(study_uid(0))
    assert detail is not None
    assert len(detail.results) == len(detail.deliveries) == 2
    headers = [each.header for each in ledger.neighbourhood(study_uid(0))]
    assert len(headers) == PER_STUDY
    assert {each.study_instance_uid for each in headers} == {study_uid(0)}


def test_no_everyday_question_scans_a_table_or_sorts_one(
    filled: tuple[Ledger, int],
) -> None:
    """Plans do not depend on a busy machine, and growth follows from them."""
    ledger, studies = filled
    asked: dict[str, tuple[object, ...]] = {}

    def listen(*arguments: object) -> None:
        asked[str(arguments[2])] = tuple(arguments[3])  # type: ignore[arg-type]

    event.listen(ledger._engine, "before_cursor_execute", listen)
    for work in Everyday(ledger, studies).works.values():
        work()
    # A page of each is read on end; what is looked up for its rows is not.
    [job, *_] = ledger.audited_jobs(1)
    known = ledger.known_objects(named_in(job.case_json))
    assert len(known) == PER_STUDY
    ledger.kept_study(job.study_instance_uid)
    event.remove(ledger._engine, "before_cursor_execute", listen)
    questions = {
        statement: parameters
        for statement, parameters in asked.items()
        if statement.startswith(("SELECT", "UPDATE", "DELETE"))
    }
    with ledger._reading() as connection:
        for statement, parameters in questions.items():
            plan = connection.exec_driver_sql(
                f"EXPLAIN QUERY PLAN {statement}", parameters
            )
            steps = [str(row[-1]) for row in plan]
            # A list of the last changed studies goes along its index, to its limit.
            whole = [
                step
                for step in steps
                if step.startswith("SCAN")
                and "USING INDEX ix_studies_updated_at_id" not in step
                and "CONSTANT ROW" not in step
                and "(subquery" not in step
            ]
            # Nearly every object is indexed: that state finds nothing.
            whole += [
                step
                for step in steps
                if "(state=?)" in step and "indexed" in parameters
            ]
            assert not whole, (statement, steps)
    assert len(questions) > 25


def test_events_grow_with_studies_and_not_with_objects(
    filled: tuple[Ledger, int],
) -> None:
    ledger, _ = filled

    def count(table: object) -> int:
        with ledger._reading() as connection:
            number = select(func.count()).select_from(table)  # type: ignore[arg-type]
            return int(connection.execute(number).scalar_one())

    events, objects = count(EVENTS), count(INSTANCES)
    # Of another study than the one that grows above.
    Everyday(ledger, 2).works["index one more"]()
    assert count(INSTANCES) == objects + 1
    assert count(EVENTS) == events
