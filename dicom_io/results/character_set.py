"""In which character set a result is written: one for all of its objects.

Design choice: the character set of the source, where that holds every text of the
source and of the result; else Unicode. What an object happens to say itself does not
matter: a study whose objects differ is one of which a viewer shows some names wrongly.

Design choice: held is what comes back as it was. Of a set with code extensions (ISO
2022), whose escape sequences are easily written otherwise than they are read, that is
tried with each text. The default repertoire (no value, or an empty first one) is ASCII;
a source that writes more under it than it says gets Unicode, in which its text is read
as it was read here.

References
----------
* DICOM PS3.3 C.12.1.1.2; PS3.5 section 6.1.
"""

import re
import warnings
from collections.abc import Iterable, Iterator, Sequence

from pydicom.charset import convert_encodings, decode_bytes, encode_string
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag
from pydicom.valuerep import CUSTOMIZABLE_CHARSET_VR, TEXT_VR_DELIMS

from dicom_io.lenient import UNREADABLE, attribute_value

UNICODE = "ISO_IR 192"
"""*Specific Character Set* of UTF-8 (PS3.3 C.12.1.1.2)."""

_DEFAULT_REPERTOIRE = frozenset({"", "ISO_IR 6", "ISO 2022 IR 6"})
_ESCAPE = b"\x1b"
_PARTS = re.compile(r"[\\^=]")
"""Between values, and between the components of a name."""
_BEYOND_ASCII = re.compile(r"[\x80-\xff]")
"""What pydicom writes as Latin-1 under the default repertoire, which has none of it."""


def set_character_set(source: Dataset, result: Dataset, texts: Iterable[str]) -> None:
    """Say in which character set a result is written, in place.

    Parameters
    ----------
    source : Dataset
        Whose character set it is to have; not changed.
    result : Dataset
    texts : iterable of str
        What the objects of the result say beside the source's own text.
    """
    declared = attribute_value(source, "SpecificCharacterSet")
    values = [declared] if isinstance(declared, str) else list(declared or ())
    said = [*(each for each in texts if not each.isascii()), *_texts_of(source)]
    if said and not _holds(values, said):
        result.SpecificCharacterSet = UNICODE
    elif any(values):
        result.SpecificCharacterSet = declared


def _holds(declared: Sequence[str], texts: Iterable[str]) -> bool:
    """Return whether texts beyond ASCII come back as they were written."""
    by_default = not declared or declared[0] in _DEFAULT_REPERTOIRE
    if by_default and len(declared) <= 1:
        return False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        try:
            encodings = convert_encodings(list(declared))
            return all(
                not (by_default and _BEYOND_ASCII.search(part))
                and _returns(part, encodings)
                for text in texts
                for part in _PARTS.split(text)
            )
        except (UnicodeError, LookupError):
            return False


def _returns(text: str, encodings: list[str]) -> bool:
    written = encode_string(text, encodings)
    return decode_bytes(written, encodings, TEXT_VR_DELIMS) == text


def _texts_of(dataset: Dataset) -> Iterator[str]:
    """Give the public texts of a data set and its items that are not ASCII."""
    for tag, element in dataset.items():
        if not tag.is_private and _may_go_beyond(element):
            yield from _texts_in(dataset, tag)


def _may_go_beyond(element: DataElement | RawDataElement) -> bool:
    """Return whether an element need be decoded to know what it says."""
    vr = element.VR
    if vr is not None and vr != "SQ" and vr not in CUSTOMIZABLE_CHARSET_VR:
        return False
    if not isinstance(element, RawDataElement):
        return True
    value = element.value or b""
    return not value.isascii() or _ESCAPE in value


def _texts_in(dataset: Dataset, tag: BaseTag) -> Iterator[str]:
    try:
        element = dataset[tag]
    except UNREADABLE:
        return
    if element.VR == "SQ":
        for item in element.value:
            yield from _texts_of(item)
    elif element.VR in CUSTOMIZABLE_CHARSET_VR:
        values = element.value if element.VM > 1 else [element.value]
        yield from (text for text in map(str, values) if not text.isascii())
