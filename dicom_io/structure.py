"""The structure of a data set: where its elements, items and fragments begin and end.

A walk through the heads alone, which builds nothing, so that an object can be refused
before anything is made of it (PS3.5 sections 7.1 to 7.5 and A.4).

Design choice: the walk goes where pydicom's parser would go, oddities included: an item
may bear any tag, a sequence within explicit VR may be implicit, an unknown VR has a
short length. What the walk has counted is then all that the parser will ever see.

Design choice: a loop over a list of open levels, no recursion. However deep an object
is nested, the walk needs a few bytes for each level until it stops at the limit.
"""

import os
from dataclasses import dataclass
from typing import BinaryIO

from dicom_io.element_heads import (
    HEAD_BYTES,
    UNDEFINED,
    Encoding,
    Head,
    Heads,
    known_vr,
)
from dicom_io.limits import LimitExceededError, ReadingLimits
from dicom_io.unreadable import UnreadableObjectError

_ITEM = 0xFFFEE000
_ITEM_END = 0xFFFEE00D
_SEQUENCE_END = 0xFFFEE0DD
_MAY_BE_SEQUENCE = frozenset({b"", b"UN", b"SQ"})


def require_modest_structure(
    file: BinaryIO, encoding: Encoding, limits: ReadingLimits
) -> None:
    """Refuse a data set of too many elements or too deep nesting.

    Parameters
    ----------
    file : binary file
        At the first byte of the data set; left there. Values are skipped, not read.
    encoding : Encoding
    limits : ReadingLimits

    Raises
    ------
    LimitExceededError
    UnreadableObjectError
        When a sequence, an item or encapsulated pixel data have no end.
    """
    start = file.tell()
    _Walk(file, encoding, limits).through()
    file.seek(start)


@dataclass(slots=True)
class _Level:
    """Something that is open while the walk is in it.

    Attributes
    ----------
    holds : {"elements", "items", "fragments"}
    end : int
        Offset in the file at which it ends at the latest.
    bound : int
        Offset beyond which its bytes are not: the end of the innermost sequence of
        stated length around it, or of the file.
    implicit : bool
    delimited : bool
        Whether it ends with a delimiter.
    """

    holds: str
    end: int
    bound: int
    implicit: bool
    delimited: bool = False


class _Walk:
    """One walk through a data set."""

    def __init__(
        self, file: BinaryIO, encoding: Encoding, limits: ReadingLimits
    ) -> None:
        self._heads = Heads(file, encoding)
        self._limits = limits
        self._counted = 0
        self._sequences = 0
        self._at = file.tell()
        size = file.seek(0, os.SEEK_END)
        self._levels = [_Level("elements", size, size, encoding.implicit)]

    def through(self) -> None:
        """Walk to the end of the data set."""
        while self._levels:
            level = self._levels[-1]
            if self._at >= level.end:
                self._run_out(level)
            elif level.holds == "elements":
                self._elements(level)
            else:
                self._item(level)

    def _elements(self, level: _Level) -> None:
        """Walk over elements until one opens a level, or this one ends."""
        while True:
            self._at, passed = self._heads.plain(
                self._at, level.end, level.bound, implicit=level.implicit
            )
            self._count(passed)
            if self._at >= level.end:
                return
            self._count(1)
            found = self._heads.element(self._at, level.bound, implicit=level.implicit)
            if found is None or found.tag == _ITEM_END:
                # pydicom ends an item also where not even a head is left of it.
                self._at = level.bound if found is None else found.value_at
                self._levels.pop()
                return
            if found.length == UNDEFINED:
                self._open_undefined(found, level)
                return
            if found.vr in _MAY_BE_SEQUENCE and self._is_sequence(found, level):
                self._at = found.value_at
                end = min(found.value_at + found.length, level.bound)
                self._open_sequence(_Level("items", end, end, level.implicit))
                return
            self._at = found.value_at + found.length

    def _item(self, level: _Level) -> None:
        """Walk over the head of an item, or over a whole fragment."""
        self._count(1)
        head = self._heads.item(self._at, level.bound)
        if head is None:
            self._give_up()
            return
        tag, length = head
        self._at += HEAD_BYTES
        if tag == _SEQUENCE_END:
            self._close(level)
        elif level.holds == "items":
            self._open_item(level, length)
        elif tag != _ITEM or self._at + length > level.bound:
            self._give_up()
        else:
            self._at += length

    def _open_item(self, level: _Level, length: int) -> None:
        undefined = length == UNDEFINED
        end = level.bound if undefined else min(self._at + length, level.bound)
        implicit = level.implicit or self._heads.lack_vr(self._at, level.bound)
        self._levels.append(_Level("elements", end, level.bound, implicit, undefined))

    def _open_undefined(self, found: Head, level: _Level) -> None:
        """Open what ends with a delimiter: a sequence, or fragments."""
        self._at = found.value_at
        # PS3.5 6.2.2: UN of undefined length is a sequence.
        sequence = found.vr in {b"SQ", b"UN"} or self._is_sequence(found, level)
        holds = "items" if sequence else "fragments"
        bound = level.bound
        self._open_sequence(_Level(holds, bound, bound, level.implicit, delimited=True))

    def _open_sequence(self, level: _Level) -> None:
        self._sequences += 1
        if self._sequences > self._limits.nesting:
            fact = f"sequences are nested more than {self._limits.nesting} deep"
            raise LimitExceededError(fact, "nesting")
        self._levels.append(level)

    def _is_sequence(self, found: Head, level: _Level) -> bool:
        """Return whether a value will be parsed as a sequence."""
        if found.vr == b"SQ":
            return True
        known = "" if found.vr not in _MAY_BE_SEQUENCE else known_vr(found.tag)
        if known or found.vr not in _MAY_BE_SEQUENCE:
            return known == "SQ"
        if not found.length:
            return False
        head = self._heads.item(found.value_at, level.bound)
        return head is not None and head[0] == _ITEM

    def _run_out(self, level: _Level) -> None:
        """Leave a level whose bytes are used up; refuse a sequence that has no end."""
        if level.delimited and level.holds != "elements":
            self._give_up()
        else:
            self._close(level)

    def _give_up(self) -> None:
        """Leave a sequence that is damaged, up to where bytes are sure again.

        Within a value of stated length that is its end; who asks for the value is told.
        """
        while self._levels:
            level = self._levels[-1]
            self._close(level)
            if level.holds == "items" and not level.delimited:
                return
        fact = "a sequence, or encapsulated pixel data, has no end"
        raise UnreadableObjectError(fact)

    def _close(self, level: _Level) -> None:
        self._levels.pop()
        if level.holds == "elements":
            return
        self._sequences -= 1
        if not level.delimited:
            # What is left of a sequence of stated length is not looked at.
            self._at = level.end

    def _count(self, more: int) -> None:
        self._counted += more
        if self._counted > self._limits.elements:
            fact = f"the object has more than {self._limits.elements} elements"
            raise LimitExceededError(fact, "elements")
