"""Content items of a structured report, encoded (PS3.3 C.17.3).

Design choice: an item is encoded as soon as it is known. A report is some hundred small
items which are made to be written and never looked at; as data sets they cost ten times
as much. pydicom decodes them like those of a file when somebody asks.

Design choice: all text goes through `ContentItems`, which is of one document and of one
character set, and keeps what is beyond ASCII, so that whoever puts the document
together knows which character set it needs.
"""

import re
from collections.abc import Iterable, MutableSequence, Sequence
from functools import lru_cache
from struct import pack
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from pydicom.charset import convert_encodings, encode_string
from pydicom.sr.coding import Code
from pydicom.valuerep import format_number_as_ds

from dicom_io.encoding import encoded_element, encoded_items

CONTAINS = "CONTAINS"
HAS_ACQ_CONTEXT = "HAS ACQ CONTEXT"
HAS_CONCEPT_MOD = "HAS CONCEPT MOD"
HAS_OBS_CONTEXT = "HAS OBS CONTEXT"
SELECTED_FROM = "SELECTED FROM"

_LONGEST_CODE = 16
"""Of *Code Value* (SH); longer ones are *Long Code Value* (UC)."""
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")

CodeParts = tuple[str, str, str]


class Referenced(Protocol):
    """What an item refers to."""

    @property
    def sop_class_uid(self) -> str:
        """SOP Class UID."""

    @property
    def sop_instance_uid(self) -> str:
        """SOP Instance UID."""


class ContentItems:
    """Makes the content items of a document.

    Parameters
    ----------
    character_set : str or list of str
        *Specific Character Set* (0008,0005) of the document.

    Attributes
    ----------
    beyond_ascii : list of str
        What was written that is not ASCII.
    """

    def __init__(self, character_set: str | MutableSequence[str]) -> None:
        self._encodings = tuple(convert_encodings(character_set))
        self.beyond_ascii: list[str] = []

    def container(
        self,
        name: Code,
        content: Iterable[bytes],
        relationship: str = CONTAINS,
        template: str | None = None,
    ) -> bytes:
        """Return a container of items.

        Parameters
        ----------
        name : Code
        content : iterable of bytes
        relationship : str
            To what it is contained in.
        template : str or None
            *Template Identifier* in PS3.16.
        """
        identified = b"" if template is None else template_of(template)
        return (
            self._named(relationship, "CONTAINER", name)
            + encoded_element("ContinuityOfContent", b"CONTINUOUS")
            + identified
            + encoded_element("ContentSequence", encoded_items(content))
        )

    def text(self, name: Code, text: str, relationship: str = CONTAINS) -> bytes:
        """Return a text of any length.

        Control characters, which the value's VR does not hold (PS3.5 section 6.2, UT),
        are left out: some texts come from tables and names that others wrote.
        """
        return self._named(relationship, "TEXT", name) + encoded_element(
            "TextValue", self._encoded(_CONTROLS.sub("", text))
        )

    def code(
        self,
        name: Code,
        value: Code,
        relationship: str = CONTAINS,
        content: Sequence[bytes] = (),
    ) -> bytes:
        """Return a coded value, with what modifies it."""
        item = self._named(relationship, "CODE", name) + encoded_element(
            "ConceptCodeSequence", self._coded(value)
        )
        if content:
            item += encoded_element("ContentSequence", encoded_items(content))
        return item

    def uid(self, name: Code, value: str, relationship: str = CONTAINS) -> bytes:
        """Return a UID."""
        return self._named(relationship, "UIDREF", name) + encoded_element(
            "UID", _uid(value)
        )

    def number(
        self,
        name: Code,
        value: float | Code,
        unit: Code,
        modifiers: Sequence[bytes] = (),
        relationship: str = CONTAINS,
    ) -> bytes:
        """Return a number, or the reason why there is none (PS3.3 C.18.1).

        Parameters
        ----------
        name : Code
        value : int, float or Code
            A finite number, or a qualifier of PS3.16 CID 42 in its place.
        unit : Code
            UCUM.
        modifiers : sequence of bytes
            Items that say how it is to be understood.
        relationship : str
        """
        item = self._named(relationship, "NUM", name)
        if isinstance(value, Code):
            item += encoded_element("MeasuredValueSequence", b"") + encoded_element(
                "NumericValueQualifierCodeSequence", self._coded(value)
            )
        else:
            measured = self._measured(value, unit)
            item += encoded_element("MeasuredValueSequence", encoded_items([measured]))
        if modifiers:
            item += encoded_element("ContentSequence", encoded_items(modifiers))
        return item

    def reference(
        self,
        value_type: str,
        name: Code,
        referenced: Referenced,
        relationship: str = CONTAINS,
        *,
        frame: int | None = None,
        segment: int | None = None,
    ) -> bytes:
        """Return a reference to an object.

        Parameters
        ----------
        value_type : str
            ``IMAGE``, or ``COMPOSITE`` for what is none (PS3.3 C.17.3.2.1).
        name : Code
        referenced : Referenced
        relationship : str
        frame, segment : int or None
            What of it is meant; all of it if None.
        """
        reference = encoded_element(
            "ReferencedSOPClassUID", _uid(referenced.sop_class_uid)
        ) + encoded_element(
            "ReferencedSOPInstanceUID", _uid(referenced.sop_instance_uid)
        )
        if frame is not None:
            reference += encoded_element(
                "ReferencedFrameNumber", _padded(b"%d" % frame)
            )
        if segment is not None:
            reference += encoded_element("ReferencedSegmentNumber", pack("<H", segment))
        return encoded_element(
            "ReferencedSOPSequence", encoded_items([reference])
        ) + self._named(relationship, value_type, name)

    def polyline(self, name: Code, points: NDArray[np.float64], image: bytes) -> bytes:
        """Return a line through points of an image (PS3.3 C.18.6).

        Parameters
        ----------
        name : Code
        points : ndarray, shape (points, 2)
            (column, row); closed when the last point is the first.
        image : bytes
            The item that it is selected from.
        """
        return (
            self._named(CONTAINS, "SCOORD", name)
            + encoded_element("ContentSequence", encoded_items([image]))
            + encoded_element("GraphicData", points.astype("<f4").tobytes())
            + encoded_element("GraphicType", b"POLYLINE")
        )

    def _named(self, relationship: str, value_type: str, name: Code) -> bytes:
        self._note(name.meaning)
        return _head(self._encodings, relationship, value_type, _parts(name))

    def _coded(self, value: Code) -> bytes:
        self._note(value.meaning)
        return encoded_items([_code(self._encodings, _parts(value))])

    def _measured(self, value: float, unit: Code) -> bytes:
        whole = isinstance(value, int)
        written = str(value) if whole else format_number_as_ds(value)
        exact = (
            b"" if whole else encoded_element("FloatingPointValue", pack("<d", value))
        )
        return (
            encoded_element("MeasurementUnitsCodeSequence", self._coded(unit))
            + exact
            + encoded_element("NumericValue", _padded(written.encode("ascii")))
        )

    def _encoded(self, text: str) -> bytes:
        self._note(text)
        return _padded(_encode(self._encodings, text))

    def _note(self, text: str) -> None:
        if not text.isascii():
            self.beyond_ascii.append(text)


def template_of(identifier: str) -> bytes:
    """Return which template of PS3.16 a container follows (PS3.3 C.18.8)."""
    return encoded_element(
        "ContentTemplateSequence",
        encoded_items(
            [
                encoded_element("MappingResource", b"DCMR")
                + encoded_element(
                    "TemplateIdentifier", _padded(identifier.encode("ascii"))
                )
            ]
        ),
    )


def _parts(code: Code) -> CodeParts:
    # Codes of different meanings are equal to pydicom, as concepts, but not as items.
    return code.value, code.scheme_designator, code.meaning


@lru_cache(maxsize=4096)
def _head(
    encodings: tuple[str, ...], relationship: str, value_type: str, name: CodeParts
) -> bytes:
    return (
        encoded_element("RelationshipType", _padded(relationship.encode("ascii")))
        + encoded_element("ValueType", _padded(value_type.encode("ascii")))
        + encoded_element(
            "ConceptNameCodeSequence", encoded_items([_code(encodings, name)])
        )
    )


@lru_cache(maxsize=4096)
def _code(encodings: tuple[str, ...], code: CodeParts) -> bytes:
    """Return an item of a code sequence (PS3.3 section 8.8)."""
    value, designator, said = code

    def element(keyword: str, text: str) -> bytes:
        return encoded_element(keyword, _padded(_encode(encodings, text)))

    scheme = element("CodingSchemeDesignator", designator)
    meaning = element("CodeMeaning", said)
    if len(value) <= _LONGEST_CODE:
        return element("CodeValue", value) + scheme + meaning
    return scheme + meaning + element("LongCodeValue", value)


def _encode(encodings: tuple[str, ...], text: str) -> bytes:
    if text.isascii():
        return text.encode("ascii")
    return encode_string(text, list(encodings))


def _padded(value: bytes) -> bytes:
    return value + b" " * (len(value) % 2)


def _uid(value: str) -> bytes:
    return value.encode("ascii") + b"\0" * (len(value) % 2)
