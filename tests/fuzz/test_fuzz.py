"""A part of the fuzzing that is small enough for every run; `make fuzz` does it all."""

import sys
from pathlib import Path
from random import Random

import pytest

from tests.fuzz import __main__ as fuzz
from tests.fuzz.association_run import run_associations
from tests.fuzz.examination import Examiner
from tests.fuzz.file_mutations import mutated
from tests.fuzz.file_run import Report
from tests.fuzz.scenes import scenes

FILES = 40
SECONDS = 4.0


def test_hostile_files_end_in_a_result_or_a_typed_error() -> None:
    examiner = Examiner(seed=11, score_every=10)
    try:
        faults = [examiner.examine(number) for number in range(FILES)]
    finally:
        examiner.close()

    assert [fault.detail for fault in faults if fault is not None] == []
    assert examiner.outcomes["unreadable_object"]


def test_a_run_that_its_time_ends_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(fuzz, "run_files", lambda *_, **__: Report(examined=3))
    monkeypatch.setattr(sys, "argv", ["fuzz", "files", "--count", "4"])
    assert fuzz.main() == 1
    assert "only 3 of 4 files" in capsys.readouterr().out

    monkeypatch.setattr(sys, "argv", ["fuzz", "files", "--count", "3"])
    assert fuzz.main() == 0


def test_what_is_mutated_can_be_scored_before() -> None:
    examiner = Examiner(seed=0)
    try:
        for _, paths in examiner.studies:
            examiner.score(paths)
    finally:
        examiner.close()

    assert examiner.outcomes == {"scored": len(scenes())}


def test_the_same_seed_makes_the_same_bytes() -> None:
    _, tree = scenes()[0].trees[0]

    first, second, other = (mutated(tree, Random(each)) for each in (1, 1, 2))  # noqa: S311 (repeatable on purpose)

    assert first == second
    assert first != other


@pytest.mark.system
def test_hostile_associations_cost_the_service_nothing() -> None:
    report = run_associations(seed=11, count=3_000, seconds=SECONDS, talkers=4)

    assert report.faults == []
    assert report.pdus > 200
    assert report.statuses["C-STORE", 0x0000]
    assert any(
        report.statuses.get(("C-STORE", refused)) for refused in (0xA900, 0xC000)
    )
    # Commitment is asked and answered, and refused where it cannot be read.
    assert {"N-ACTION", "N-EVENT-REPORT"} <= {name for name, _ in report.statuses}
