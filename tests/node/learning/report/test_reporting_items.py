"""The items of the guidelines: numbered as they are, and each said to be somebody's."""

import re

import pytest

from model.page.document import Paragraph, Section, Table
from node.learning.report.arrive_items import ARRIVE
from node.learning.report.checklist import AUTHORS, EVERY, Guideline
from node.learning.report.clear_items import CLEAR
from node.learning.report.reporting_items import GUIDELINES, items_for
from node.learning.report.tripod_items import TRIPOD_AI

# Collins et al. 2024, table 2: the parts of each of the 27 items.
TRIPOD_PARTS = {
    3: "abc", 5: "ab", 6: "abc", 8: "abc", 9: "abc", 12: "abcdefg", 18: "abcdef",
    20: "abc", 23: "ab", 27: "abc",
}  # fmt: skip
# Percie du Sert et al. 2020, tables 1 and 2.
ARRIVE_PARTS = {
    1: "ab", 2: "ab", 3: "abc", 4: "ab", 6: "ab", 7: "ab", 8: "ab", 9: "abcd",
    10: "ab", 12: "ab", 16: "abc", 17: "ab", 21: "ab",
}  # fmt: skip


def numbers_of(parts: dict[int, str], last: int) -> list[str]:
    return [
        f"{number}{part}"
        for number in range(1, last + 1)
        for part in parts.get(number, "") or [""]
    ]


def told(section: Section) -> str:
    return "\n".join(
        block.text for block in section.blocks if isinstance(block, Paragraph)
    )


def test_items_are_those_of_the_guidelines_in_their_order() -> None:
    def numbers(guideline: Guideline) -> list[str]:
        return [item.number for item in guideline.items]

    assert numbers(TRIPOD_AI) == numbers_of(TRIPOD_PARTS, 27)
    assert len(TRIPOD_AI.items) == 52
    assert numbers(ARRIVE) == numbers_of(ARRIVE_PARTS, 21)
    # 1 to 6 and 49 to 51 are about the manuscript alone.
    assert numbers(CLEAR) == [str(n) for n in [*range(7, 49), *range(52, 59)]]


@pytest.mark.parametrize("guideline", GUIDELINES, ids=lambda each: each.name)
def test_an_item_concerns_a_command_and_says_where_it_is_answered(
    guideline: Guideline,
) -> None:
    for item in guideline.items:
        assert item.asks
        assert item.where
        assert set(item.where) <= set(EVERY)
        assert all(item.where.values())


def test_only_models_are_measured_by_the_guideline_for_models() -> None:
    for command in EVERY:
        words = told(items_for(command))
        assert ("TRIPOD+AI" in words) == (command in {"train", "validate", "calibrate"})
        assert "ARRIVE 2.0" in words
        assert "CLEAR" in words


@pytest.mark.parametrize("command", EVERY)
def test_each_item_is_in_the_table_or_left_to_the_authors(command: str) -> None:
    section = items_for(command)
    tables = [block for block in section.blocks if isinstance(block, Table)]
    guidelines = [
        guideline
        for guideline in GUIDELINES
        if any(command in item.where for item in guideline.items)
    ]
    left = [line for line in told(section).split("\n") if AUTHORS.capitalize() in line]

    assert len(tables) == len(left) == len(guidelines)
    for guideline, table, line in zip(guidelines, tables, left, strict=True):
        listed = {row[0] for row in table.rows}
        of_authors = set(re.findall(r"(?:: |; )(\d+[a-g]?) ", line))
        concerned = {item.number for item in guideline.items if command in item.where}
        assert not listed & of_authors
        assert listed | of_authors == concerned


def test_ethics_and_blinding_are_never_claimed() -> None:
    theirs = {"17", "18a", "18b", "18c", "18d"}
    for item in TRIPOD_AI.items:
        if item.number in theirs:
            assert set(item.where.values()) == {AUTHORS}
    for item in ARRIVE.items:
        if item.number in {"4a", "5", "14"}:
            assert set(item.where.values()) == {AUTHORS}


def test_an_unknown_command_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="guess is none of"):
        items_for("guess")
