"""A document as one HTML file that needs nothing beside it.

Design choice: every text goes through `visible` and then through Jinja's escaping,
which is never turned off; the only mark-up that is let through is this package's own
style and the SVG of a `Picture`, which hold no text of a table.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from typing import Any

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup, escape

from model.page.document import Block, Document, Figure, Notice, Table, Weight
from model.page.html_template import STYLE, TEMPLATE
from model.page.letters import visible

_WORDS = {Weight.NOTE: "Note", Weight.WARNING: "Warning"}


@dataclass(frozen=True)
class _Item:
    """A block as the template reads it."""

    block: Block
    kind: str
    word: str = ""
    label: str = ""
    svg: Markup | None = None


@dataclass(frozen=True)
class _Part:
    title: str
    blocks: Sequence[_Item]


def as_html(document: Document) -> str:
    """Return a document as an HTML page.

    Parameters
    ----------
    document : Document
    """
    figures = count(1)
    summary = [_item(block, figures) for block in document.summary]
    sections = [
        _Part(section.title, [_item(block, figures) for block in section.blocks])
        for section in document.sections
    ]
    return _template().render(
        document=document,
        summary=summary,
        sections=sections,
        style=Markup(STYLE),  # noqa: S704 - a constant of this package
    )


@lru_cache
def _template() -> Template:
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_readable,
        keep_trailing_newline=True,
    )
    return environment.from_string(TEMPLATE)


def _readable(value: Any) -> Any:
    if isinstance(value, Markup):
        return value
    return visible(value) if isinstance(value, str) else value


def _item(block: Block, figures: Iterator[int]) -> _Item:
    kind = type(block).__name__
    match block:
        case Notice():
            return _Item(block, kind, word=_WORDS[block.weight])
        case Table():
            titles = ", ".join(column.title for column in block.columns)
            return _Item(block, kind, label=block.caption or f"Table of {titles}")
        case Figure():
            number = next(figures)
            word = f"Figure {number}."
            return _Item(block, kind, word=word, svg=_inline(block, number))
        case _:
            return _Item(block, kind)


def _inline(figure: Figure, number: int) -> Markup:
    """Return a figure's SVG with names that no other figure of the page has."""
    prefix = f"figure-{number}-"
    svg = re.sub(r'\bid="', f'id="{prefix}', figure.picture.svg)
    svg = re.sub(r'href="#', f'href="#{prefix}', svg)
    svg = svg.replace("url(#", f"url(#{prefix}")
    label = escape(visible(figure.alternative))
    svg = svg.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)
    return Markup(svg)  # noqa: S704 - drawn by this package, without any text
