"""In which character sets a data set states its texts (PS3.3 C.12.1.1.2)."""

from collections.abc import Mapping, MutableSequence
from functools import lru_cache

from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag

_SPECIFIC_CHARACTER_SET = BaseTag(0x00080005)


def character_set_of(
    elements: Mapping[BaseTag, DataElement | RawDataElement],
) -> str | MutableSequence[str]:
    """Return the encodings of a data set's texts, in Python's names.

    Parameters
    ----------
    elements : mapping of BaseTag to element
        Of the data set, by tag.

    Raises
    ------
    Exception
        Whatever pydicom raises for what it does not understand.
    """
    element = elements.get(_SPECIFIC_CHARACTER_SET)
    if isinstance(element, RawDataElement):
        # The objects of a site say the same, wherever in their files that stands.
        return _stated(element._replace(value_tell=0))
    stated = Dataset()
    if element is not None:
        stated[_SPECIFIC_CHARACTER_SET] = element
    return stated._character_set  # noqa: SLF001 - as pydicom's own reader does


@lru_cache(maxsize=64)
def _stated(element: RawDataElement) -> str | MutableSequence[str]:
    return Dataset({element.tag: element})._character_set  # noqa: SLF001 - see above
