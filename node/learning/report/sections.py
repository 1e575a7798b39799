"""Parts that every report has: what it was made from, and with which settings."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from functools import singledispatch
from pathlib import PurePath
from typing import Any

import pandas as pd

from model.page.document import (
    Block,
    Column,
    Notice,
    Paragraph,
    Section,
    Table,
    Weight,
)
from node.identity import software_version
from node.learning.tables.joined import Finding, FindingKind, JoinedTable

FINDINGS_FILE = "findings.csv"
_KINDS = {
    FindingKind.UNMATCHED: "unmatched, left out",
    FindingKind.DUPLICATE: "duplicate, counted once",
    FindingKind.EXCLUDED: "excluded by a rule",
    FindingKind.DOUBTED: "used, to be looked at",
}
_EXAMPLES = 3
"""Rows that a line of grouped findings names."""


def software() -> str:
    """Return how reports name this software, as `Document.made_by`."""
    return f"exhaustion-node {software_version()}"


def settings_section(options: Mapping[str, Any], seed: int | None) -> Section:
    """Return every option with its value, so that the run can be made again.

    Parameters
    ----------
    options : mapping of str to Any
        By name as people type it, in the order that they should be read.
    seed : int or None
        Of everything that was drawn at random; None if nothing was.
    """
    drawn = "none: nothing was drawn at random" if seed is None else str(seed)
    rows = [[name, _shown(value)] for name, value in options.items()]
    return Section(
        "Settings",
        [
            Paragraph(
                "The same tables, options, seed and software give the same numbers."
            ),
            Table(
                [Column("Option"), Column("Value")],
                [*rows, ["seed", drawn], ["software", software()]],
            ),
        ],
    )


def data_section(table: JoinedTable) -> Section:
    """Return which files were read, how much of them was used, and what was not.

    Parameters
    ----------
    table : JoinedTable
    """
    frame = table.frame
    animals = frame["animal"].nunique() if "animal" in frame else 0
    blocks: list[Block] = [
        Paragraph(
            f"{_count(len(frame), 'row')} of {_count(animals, 'animal')} after the "
            f"join, with {_count(len(table.features), 'feature')}."
        ),
        Table(
            [
                Column("File"),
                Column("Role"),
                Column("Rows", numeric=True),
                Column("Used", numeric=True),
                Column("SHA-256"),
            ],
            [
                [file.name, file.role, str(file.rows), str(file.used), file.sha256]
                for file in table.sources
            ],
            "Files that were read",
        ),
    ]
    if table.profiles:
        blocks.append(
            Table(
                [Column("Feature profile or score model"), Column("Checksum")],
                [[name, checksum] for name, checksum in table.profiles.items()],
                "How the PET features were prepared",
            )
        )
    blocks.extend(_findings_blocks(table.findings))
    return Section("Data", blocks)


def findings_table(findings: Iterable[Finding]) -> pd.DataFrame:
    """Return every finding as a row, for ``findings.csv``.

    Parameters
    ----------
    findings : iterable of Finding
    """
    rows = [
        (each.kind.value, each.file, each.row, each.column, each.fact)
        for each in findings
    ]
    frame = pd.DataFrame(rows, columns=["kind", "file", "row", "column", "fact"])
    return frame.astype({"row": "Int64"})


def _findings_blocks(findings: Sequence[Finding]) -> list[Block]:
    if not findings:
        return [Paragraph("Every row was used; nothing about them is in doubt.")]
    counts = Counter((each.kind, each.file, each.column) for each in findings)
    by_group: dict[tuple[FindingKind, str, str], list[Finding]] = {}
    for each in findings:
        by_group.setdefault((each.kind, each.file, each.column), []).append(each)
    lost = sum(each.kind is not FindingKind.DOUBTED for each in findings)
    total = (
        f"{_count(lost, 'row')} left out or counted once, "
        f"{_count(len(findings) - lost, 'row')} used but to be looked at. "
        f"{FINDINGS_FILE} names each."
    )
    return [
        Notice(total, Weight.WARNING if lost else Weight.NOTE),
        Table(
            [
                Column("What became of it"),
                Column("File"),
                Column("Column"),
                Column("Rows", numeric=True),
                Column("First of them"),
            ],
            [
                [_KINDS[key[0]], key[1], key[2], str(counts[key]), _first(group)]
                for key, group in by_group.items()
            ],
            "Rows that were not simply used",
        ),
    ]


def _first(group: Sequence[Finding]) -> str:
    lines = [
        f"{each.fact}" if each.row is None else f"row {each.row}: {each.fact}"
        for each in group[:_EXAMPLES]
    ]
    return "\n".join(lines)


@singledispatch
def _shown(value: Any) -> str:
    """Return an option's value in words."""
    return "not given" if value is None else str(value)


@_shown.register
def _(value: str) -> str:
    return value or "not given"


@_shown.register
def _(value: bool) -> str:  # noqa: FBT001 (dispatched by class)
    return "yes" if value else "no"


@_shown.register
def _(value: float) -> str:
    return f"{value:.12g}"


@_shown.register
def _(value: Enum) -> str:
    return str(value.value)


@_shown.register
def _(value: PurePath) -> str:
    # Without its folder, which may name a person.
    return value.name


@_shown.register
def _(value: Mapping) -> str:  # type: ignore[type-arg] # dispatched by class
    pairs = (f"{key} = {_shown(item)}" for key, item in value.items())
    return ", ".join(pairs) or "none"


@_shown.register
def _(value: Sequence) -> str:  # type: ignore[type-arg] # dispatched by class
    return ", ".join(_shown(item) for item in value) or "none"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
