"""Documents with one block of each kind, and texts that mean harm."""

from model.page.document import (
    Block,
    Column,
    Document,
    Figure,
    Notice,
    Paragraph,
    Picture,
    Points,
    Section,
    Table,
    Weight,
)
from model.page.drawing import COLOURS, new_figure, picture_of

HOSTILE = (
    "<script>alert(1)</script>",
    "{{ 7 * 7 }}{% raw %}",
    "a\0b",
    "\u202egnp.exe",
    '" onmouseover="alert(1)',
    "<b>&amp;</b> & <para>",
    "--><svg onload=alert(1)>",
    "\ud800 half",
    "天地 αβ ± ≥ שלום",
)


def small_picture() -> Picture:
    figure = new_figure(60, 40)
    axes = figure.subplots()
    axes.plot([0, 1, 2], [1, 3, 2], color=COLOURS[0], label="a & <b>")
    axes.legend()
    return picture_of(figure)


def document_of(*blocks: Block, title: str = "A report") -> Document:
    return Document(
        title=title,
        subtitle="of a cohort",
        summary=[Notice("Uncalibrated.", Weight.WARNING)],
        sections=[Section("First", list(blocks)), Section("Second", [])],
        made_by="exhaustion-node 0.0.0",
        made_at="2026-03-02 10:00 UTC",
        keywords=("PET",),
    )


def full_document(text: str, picture: Picture) -> Document:
    """Return a document that has a text wherever a text may stand."""
    table = Table([Column(text), Column("n", numeric=True)], [[text, "1.50"]], text)
    blocks: list[Block] = [
        Paragraph(text),
        Notice(text, Weight.NOTE),
        Points([text, text]),
        table,
        Figure(picture, text, text),
        Figure(picture, text, text),
    ]
    return Document(text, text, blocks, [Section(text, blocks)], text, text, (text,))
