"""The HTML page: one valid file, nothing outside it, and every text stays a text."""

from html.parser import HTMLParser

import pytest

from model.page.document import Column, Figure, Paragraph, Picture, Table
from model.page.html import as_html
from tests.support.documents_of_pages import (
    HOSTILE,
    document_of,
    full_document,
    small_picture,
)

VOID = {"meta", "br", "img", "link", "hr", "input"}


class Page(HTMLParser):
    """Elements of a page, their texts, and whether every one is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), f"{tag} says something twice"
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def names(self) -> list[str]:
        return [str(found["id"]) for _, found in self.elements if "id" in found]


@pytest.fixture(scope="module")
def picture() -> Picture:
    return small_picture()


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_stays_a_text_wherever_it_stands(text: str, picture: Picture) -> None:
    harmless = {tag for tag, _ in Page(as_html(full_document("x", picture))).elements}

    page = as_html(full_document(text, picture))
    seen = Page(page)

    assert not seen.open
    assert {tag for tag, _ in seen.elements} == harmless
    assert not [
        name for _, found in seen.elements for name in found if name[:2] == "on"
    ]
    assert "\0" not in page
    assert "\u202e" not in page
    page.encode("utf-8")


def test_a_page_needs_nothing_from_outside(picture: Picture) -> None:
    page = Page(as_html(full_document("x", picture)))

    for tag in ("script", "link", "img", "iframe", "object", "base", "form"):
        assert not page.all(tag)
    policy = next(each for each in page.all("meta") if "http-equiv" in each)
    assert str(policy["content"]).startswith("default-src 'none'")
    references = [
        value
        for _, found in page.elements
        for name, value in found.items()
        if name in {"href", "src", "xlink:href"}
    ]
    assert references
    assert all(str(value).startswith("#") for value in references)


def test_names_are_used_once_and_references_find_them(picture: Picture) -> None:
    page = Page(as_html(full_document("x", picture)))
    names = page.names()

    assert len(names) == len(set(names))
    for _, found in page.elements:
        for key in ("href", "xlink:href", "aria-labelledby"):
            if key in found:
                assert str(found[key]).lstrip("#") in names


def test_a_page_tells_its_language_and_its_parts(picture: Picture) -> None:
    page = Page(as_html(document_of(Figure(picture, "What it shows", "A line rises"))))

    assert page.all("html") == [{"lang": "en"}]
    assert len(page.all("h1")) == 1
    assert len(page.all("h2")) == 4
    assert len(page.all("nav")) == 1
    drawn = page.all("svg")[0]
    assert (drawn["role"], drawn["aria-label"]) == ("img", "A line rises")


def test_numbers_are_set_to_the_right_under_their_heading() -> None:
    table = Table([Column("name"), Column("n", numeric=True)], [["a", "1"]], "Counts")
    page = Page(as_html(document_of(table)))

    assert [each.get("class") for each in page.all("th")] == [None, "number"]
    assert [each.get("class") for each in page.all("td")] == [None, "number"]
    assert {each.get("scope") for each in page.all("th")} == {"col"}


def test_a_warning_is_told_in_words_and_not_by_colour_alone() -> None:
    page = Page(as_html(document_of(Paragraph("text"))))

    assert "Warning" in page.texts


def test_the_same_document_gives_the_same_page(picture: Picture) -> None:
    document = full_document("αβ", picture)

    assert as_html(document) == as_html(document)
