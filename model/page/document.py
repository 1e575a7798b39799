"""A document: what a report says, before it is HTML or PDF.

Texts are plain: no mark-up is read in them, so that a name from a table cannot become
any.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Weight(StrEnum):
    """How much a notice matters."""

    NOTE = "note"
    WARNING = "warning"


@dataclass(frozen=True)
class Paragraph:
    """Running text."""

    text: str


@dataclass(frozen=True)
class Notice:
    """Text that must not be overlooked, in a frame."""

    text: str
    weight: Weight = Weight.WARNING


@dataclass(frozen=True)
class Points:
    """A list of short texts."""

    items: Sequence[str]


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    title : str
    numeric : bool
        Whether its cells are set to the right.
    """

    title: str
    numeric: bool = False


@dataclass(frozen=True)
class Table:
    """A table of cells that are already words.

    Attributes
    ----------
    columns : sequence of Column
    rows : sequence of sequence of str
        As many cells as columns.
    caption : str
    """

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    caption: str = ""


@dataclass(frozen=True)
class Picture:
    """A drawn figure, in both forms.

    Attributes
    ----------
    svg : str
    png : bytes
        At 200 dots per inch.
    width_mm, height_mm : float
    """

    svg: str
    png: bytes
    width_mm: float
    height_mm: float


@dataclass(frozen=True)
class Figure:
    """A picture with what it shows in words.

    Attributes
    ----------
    picture : Picture
    caption : str
    alternative : str
        For a reader who does not see it.
    """

    picture: Picture
    caption: str
    alternative: str


Block = Paragraph | Notice | Points | Table | Figure


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it."""

    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Document:
    """A report.

    Attributes
    ----------
    title : str
    subtitle : str
        For example the model's name or the cohort's.
    summary : sequence of Block
        What a reader must know who reads no further.
    sections : sequence of Section
    made_by : str
        Software and version.
    made_at : str
        Instant, as it is shown.
    """

    title: str
    subtitle: str
    summary: Sequence[Block]
    sections: Sequence[Section]
    made_by: str
    made_at: str
    keywords: Sequence[str] = field(default_factory=tuple)
