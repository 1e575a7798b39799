"""What the slices of a series have in common, learnt while they are read.

Slices of a series are equal but for a dozen of their eighty elements, and stretches of
equal elements are equal bytes. A slice is compared with the one before it, stretch by
stretch, and only what differs is scanned. What comes of it is what scanning all of it
gives: the same bytes between elements are the same elements.

Design choice: which elements differ is learnt, and not known. The first slice is taken
for a pattern as a whole; where another one does not follow it, that slice is scanned
and what differs in it is no part of the pattern any more. A slice with other elements
begins a new pattern.

Design choice: elements that are equal are one object, that of the slice before. All of
it holds for the others but where in its file it stood, which is asked of the last
element only; the last one is therefore never shared.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby, pairwise

from pydicom.dataelem import DataElement, RawDataElement
from pydicom.tag import BaseTag

Element = DataElement | RawDataElement
Elements = dict[BaseTag, Element]
Cut = Callable[[bytes, int, int, frozenset[int], Elements], int]
"""Adds the plain elements of a window to others, from an offset on up to one of some
tags or one that is not plain, and returns where it stopped. It is given the window, the
offset, the window's own offset in the file, the tags, and the elements."""

_HEADS = frozenset({8, 12})
"""Bytes of what stands before a value (PS3.5 section 7.1)."""


@dataclass(frozen=True)
class _Stretch:
    """Elements in a row that slices have in common, and what follows them.

    Attributes
    ----------
    content : bytes
        Of the elements in a file, heads and all; empty before the first of them.
    elements : dict
    up_to : frozenset of int
        Tags where the elements end that differ and stand behind these.
    """

    content: bytes
    elements: Elements
    up_to: frozenset[int]


@dataclass
class _Part:
    """The pattern of elements that are cut at once.

    Attributes
    ----------
    stretches : tuple of _Stretch
        Empty as long as there is no pattern.
    contents : dict of BaseTag to bytes
        Each element of the pattern in a file, head and all, in the order of files.
    common : set of BaseTag
        Those that no slice had otherwise.
    """

    stretches: tuple[_Stretch, ...] = ()
    contents: dict[BaseTag, bytes] = field(default_factory=dict)
    common: set[BaseTag] = field(default_factory=set)

    def follow(
        self, cut: Cut, window: bytes, begin: int, start: int
    ) -> tuple[Elements, int] | None:
        """Return what `cut` returns and adds, of a slice that follows the pattern."""
        elements: Elements = {}
        done = begin
        for stretch in self.stretches:
            if not window.startswith(stretch.content, done):
                return None
            elements.update(stretch.elements)
            done += len(stretch.content)
            done = cut(window, done, start, stretch.up_to, elements)
        return (elements, done) if self.stretches else None

    def learn(
        self,
        elements: Elements,
        contents: dict[BaseTag, bytes],
        stop_at: frozenset[int],
    ) -> None:
        """Take a slice into the pattern that did not follow it."""
        if list(contents) == list(self.contents):
            self.common = {
                tag for tag in self.common if contents[tag] == self.contents[tag]
            }
        else:
            # What follows the last element is asked of where that stands.
            self.common = set(list(contents)[:-1])
        self.contents = contents
        self.stretches = tuple(_stretches(self, elements, stop_at))


class SeriesPattern:
    """The pattern of the slices of one series, in the order in which they are read.

    Not for several threads.
    """

    def __init__(self) -> None:
        self._parts: dict[tuple[Cut, frozenset[int], int], _Part] = {}

    def cut(self, cut: Cut, stop_at: frozenset[int], number: int) -> Cut:
        """Return what does what a function does, after the pattern.

        Parameters
        ----------
        cut : callable
        stop_at : frozenset of int
            The tags with which it will be called.
        number : int
            How many times something was cut from the same data set before. What lies
            between is not plain and has no pattern.
        """
        part = self._parts.setdefault((cut, stop_at, number), _Part())

        def like_before(
            window: bytes, begin: int, start: int, _: frozenset[int], found: Elements
        ) -> int:
            followed = part.follow(cut, window, begin, start)
            if followed is None:
                elements: Elements = {}
                done = cut(window, begin, start, stop_at, elements)
                contents = _contents(elements, window, begin, start)
                part.learn(elements, contents, stop_at)
                followed = elements, done
            found.update(followed[0])
            return followed[1]

        return like_before


def _contents(
    elements: Elements, window: bytes, begin: int, start: int
) -> dict[BaseTag, bytes]:
    """Return each element as it stands in a file; nothing where one is repeated."""
    contents: dict[BaseTag, bytes] = {}
    for tag, element in elements.items():
        if not isinstance(element, RawDataElement):
            return {}
        value_at = element.value_tell - start
        if value_at - begin not in _HEADS:
            return {}
        end = value_at + element.length
        contents[tag] = window[begin:end]
        begin = end
    return contents


def _stretches(
    part: _Part, elements: Elements, stop_at: frozenset[int]
) -> Iterator[_Stretch]:
    """Give the stretches of a pattern, made of the slice that was learnt last."""
    found: list[list[BaseTag]] = []
    for is_common, tags in groupby(part.contents, part.common.__contains__):
        if is_common:
            found.append(list(tags))
        elif not found:
            found.append([])
    for own, following in pairwise([*found, []]):
        yield _Stretch(
            content=b"".join(part.contents[tag] for tag in own),
            elements={tag: elements[tag] for tag in own},
            up_to=stop_at.union(following[:1]),
        )
