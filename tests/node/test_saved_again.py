"""Promises of the node about contours that are saved more than once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom.dataset import Dataset

from tests.support.inline import InlineNode
from tests.support.saves import named_by, pet, predecessor, save, uid_of


@pytest.fixture
def node(tmp_path: Path) -> Iterator[InlineNode]:
    with InlineNode(tmp_path) as started:
        yield started


def test_an_older_save_that_arrives_late_does_not_replace_the_newer_one(
    node: InlineNode,
) -> None:
    node.send(*pet(), save(2))
    node.reports(1)
    node.send(save(1))
    node.reports(1)

    assert node.job_states() == ["done"]
    # What comes then still revises what stands.
    node.send(save(3))
    newer, newest = node.reports(2)
    assert named_by(newest) == [newer.SOPInstanceUID]


def test_two_saves_that_are_there_before_the_pet_have_one_result(
    node: InlineNode,
) -> None:
    node.send(save(2), save(1), *pet())
    [report] = node.reports(1)

    assert named_by(report) == []
    assert uid_of(2) in str(report.CurrentRequestedProcedureEvidenceSequence)


@pytest.mark.parametrize(
    "other",
    [
        save(2, StructureSetLabel="Second reading"),
        save(2, region="Node"),
        save(2, OperatorsName="Keller^Anna"),
    ],
    ids=["label", "regions", "reader"],
)
def test_other_contours_have_a_result_of_their_own(
    node: InlineNode, other: Dataset
) -> None:
    node.send(*pet(), save(1, OperatorsName="Meyer^Bo"))
    node.reports(1)
    node.send(other)
    reports = node.reports(2)

    assert [named_by(report) for report in reports] == [[], []]
    assert node.job_states() == ["done", "done"]
    assert "Keller" not in str(node.study())


def test_a_save_that_names_its_predecessor_revises_it_under_any_name(
    node: InlineNode,
) -> None:
    node.send(*pet(), save(1))
    node.reports(1)
    revised = save(
        2,
        region="Lesion",
        StructureSetLabel="Final",
        PredecessorStructureSetSequence=predecessor(1),
    )
    node.send(revised)
    first, second = node.reports(2)

    assert named_by(second) == [first.SOPInstanceUID]
    assert node.job_states() == ["done", "superseded"]


def test_a_missing_link_that_comes_last_makes_one_line_of_two(
    node: InlineNode,
) -> None:
    node.send(*pet(), save(1))
    node.reports(1)
    last = save(
        3, StructureSetLabel="c", PredecessorStructureSetSequence=predecessor(2)
    )
    node.send(last)
    node.reports(2)
    assert node.job_states() == ["done", "done"]

    link = save(
        2, StructureSetLabel="b", PredecessorStructureSetSequence=predecessor(1)
    )
    node.send(link)
    _, newest = node.reports(2)

    assert node.job_states() == ["done", "superseded"]
    node.send(
        save(4, StructureSetLabel="d", PredecessorStructureSetSequence=predecessor(3))
    )
    assert named_by(node.reports(3)[-1]) == [newest.SOPInstanceUID]
