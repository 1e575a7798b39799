"""What an archive answers to STOW-RS: which objects it has, and which not.

Design choice: an object counts as stored only when the answer names it. A portal that
asks for a login answers 200 as well.

References
----------
* DICOM PS3.18 10.5.3 (Store Transaction, Response) and I.2 (Store Instances Response
  Module); F.2 (DICOM JSON Model); PS3.19 A.1 (Native DICOM Model, the XML form).
"""

import json
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from node.association.sender import judged
from node.records.outcome import Outcome

_REFERENCED = "00081199"
"""*Referenced SOP Sequence*: what is stored."""
_FAILED = "00081198"
"""*Failed SOP Sequence*."""
_INSTANCE = "00081155"
"""*Referenced SOP Instance UID*."""
_WARNING = "00081196"
"""*Warning Reason*."""
_FAILURE = "00081197"
"""*Failure Reason*."""

_UNSTATED_FAILURE = 0x0110
"""Processing failure; for a failed item that gives no reason."""
_SUCCESS = 0x0000
_DIGITS = 5
"""Of the largest US."""

_Item = dict[str, str]
"""First values by tag."""


class NoStoreResponseError(Exception):
    """The content of an answer is no Store Instances Response."""


def stored_instances(content: bytes, media_type: str) -> dict[str, Outcome]:
    """Return what became of each object that an answer names, by SOP Instance UID.

    Parameters
    ----------
    content : bytes
    media_type : str
        *Content-Type* of the answer, with or without parameters.

    Raises
    ------
    NoStoreResponseError
    """
    kind = media_type.partition(";")[0].strip().lower()
    if kind in ("application/dicom+json", "application/json"):
        sequences = _of_json(content)
    elif kind in ("application/dicom+xml", "application/xml", "text/xml"):
        sequences = _of_xml(content)
    else:
        raise NoStoreResponseError
    outcomes: dict[str, Outcome] = {}
    for item in sequences.get(_REFERENCED, []):
        outcomes[item.get(_INSTANCE, "")] = judged(_status(item, _WARNING, _SUCCESS))
    # An object that is named as both is not believed to be stored.
    for item in sequences.get(_FAILED, []):
        status = _status(item, _FAILURE, _UNSTATED_FAILURE)
        outcomes[item.get(_INSTANCE, "")] = judged(status or _UNSTATED_FAILURE)
    outcomes.pop("", None)
    return outcomes


def _status(item: _Item, tag: str, otherwise: int) -> int:
    text = item.get(tag, "").strip()
    if not text.isascii() or not text.isdecimal() or len(text) > _DIGITS:
        return otherwise
    return int(text)


def _of_json(content: bytes) -> dict[str, list[_Item]]:
    try:
        document = json.loads(content)
    # Digits without end, or brackets: neither is a response.
    except (ValueError, RecursionError):
        raise NoStoreResponseError from None
    # Some servers give a list of one.
    dataset = document[0] if isinstance(document, list) and document else document
    if not isinstance(dataset, dict):
        raise NoStoreResponseError
    return {
        tag: [
            {name: _first(element) for name, element in item.items()}
            for item in _values(dataset.get(tag))
            if isinstance(item, dict)
        ]
        for tag in (_REFERENCED, _FAILED)
    }


def _values(element: object) -> list[object]:
    found = element.get("Value") if isinstance(element, dict) else None
    return found if isinstance(found, list) else []


def _first(element: object) -> str:
    values = _values(element)
    plain = bool(values) and isinstance(values[0], str | int)
    return str(values[0]) if plain else ""


def _of_xml(content: bytes) -> dict[str, list[_Item]]:
    # Nothing that is declared is needed, and entities may grow without end.
    if b"<!" in content.replace(b"<!--", b"").replace(b"\0", b""):
        raise NoStoreResponseError
    try:
        root = ET.fromstring(content)  # noqa: S314 - without declarations
    except (ET.ParseError, LookupError, ValueError):
        raise NoStoreResponseError from None
    return {
        tag: [
            {
                attribute.get("tag", "").upper(): _text(attribute)
                for attribute in _children(item, "DicomAttribute")
            }
            for sequence in _children(root, "DicomAttribute")
            if sequence.get("tag", "").upper() == tag
            for item in _children(sequence, "Item")
        ]
        for tag in (_REFERENCED, _FAILED)
    }


def _children(parent: ET.Element, name: str) -> Iterator[ET.Element]:
    """Give the children of a name, in whatever namespace."""
    return (child for child in parent if child.tag.rpartition("}")[2] == name)


def _text(attribute: ET.Element) -> str:
    return next(((value.text or "") for value in _children(attribute, "Value")), "")
