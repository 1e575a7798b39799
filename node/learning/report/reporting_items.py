"""Which items of the reporting guidelines a report answers, and which authors must.

Sources: TRIPOD+AI 2024 (`tripod_items`), CLEAR 2023 (`clear_items`) and ARRIVE 2.0
(`arrive_items`). The tables are an aid for those who write a paper; they replace
neither the guidelines nor their filled forms.
"""

from collections.abc import Sequence

from model.page.document import Block, Column, Notice, Paragraph, Section, Table, Weight
from node.learning.report.arrive_items import ARRIVE
from node.learning.report.checklist import AUTHORS, EVERY, Guideline, Item
from node.learning.report.clear_items import CLEAR
from node.learning.report.tripod_items import TRIPOD_AI

GUIDELINES = (TRIPOD_AI, CLEAR, ARRIVE)
_COLUMNS = (Column("Item"), Column("What it asks"), Column("Where this report answers"))


def items_for(command: str) -> Section:
    """Return the reporting items that concern a command's report.

    Parameters
    ----------
    command : str
        ``repeatability``, ``train``, ``validate``, ``calibrate`` or ``cohort``.

    Raises
    ------
    ValueError
        For any other command.
    """
    if command not in EVERY:
        fact = f"{command} is none of {', '.join(EVERY)}"
        raise ValueError(fact)
    blocks: list[Block] = [
        Notice(
            "An aid for those who write a paper. Each item is told in few words; read "
            "the guideline itself before an item is called reported.",
            Weight.NOTE,
        )
    ]
    for guideline in GUIDELINES:
        blocks.extend(_blocks(guideline, command))
    return Section("Reporting items", blocks)


def _blocks(guideline: Guideline, command: str) -> Sequence[Block]:
    items = [item for item in guideline.items if command in item.where]
    if not items:
        return []
    answered = [item for item in items if item.where[command] != AUTHORS]
    left = [item for item in items if item.where[command] == AUTHORS]
    caption = f"{guideline.name}: items that this report answers, or answers in part"
    blocks: list[Block] = [
        Paragraph(f"{guideline.name}: {guideline.reference}."),
        Table(_COLUMNS, [_row(item, command) for item in answered], caption),
    ]
    if left:
        asked = "; ".join(f"{item.number} {item.asks}" for item in left)
        blocks.append(Paragraph(f"{AUTHORS.capitalize()}: {asked}."))
    return blocks


def _row(item: Item, command: str) -> tuple[str, str, str]:
    return item.number, item.asks, item.where[command]
