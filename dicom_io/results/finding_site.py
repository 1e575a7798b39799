"""Where in the body a region lies, as far as the PET says so (PS3.16 CID 4031).

Design choice: a PET that says "whole body" says what was scanned, and nothing of where
a region lies; the site that the configuration names then holds, as where the PET says
nothing at all.

Design choice: only terms that PS3.16 Annex L knows are translated. What else stands in
*Body Part Examined* is somebody's own word, and a wrong site is worse than a wide one.
Retired codes of SNOMED RT are given as the SNOMED CT codes that took their place.
"""

import re
from collections.abc import Mapping
from functools import cache

from highdicom._standard_utils import get_anatomic_region_map
from pydicom.dataset import Dataset
from pydicom.sr.coding import Code

from dicom_io.codes import ENTIRE_BODY
from dicom_io.lenient import attribute_items, attribute_text
from dicom_io.retired_codes import SNOMED_CT, successor_of

RIGHT = Code("24028007", "SCT", "Right")
LEFT = Code("7771000", "SCT", "Left")
BOTH = Code("51440002", "SCT", "Right and left")

_SIDES = {"R": RIGHT, "L": LEFT, "B": BOTH}
_LONGEST = (16, 16, 64)
"""*Code Value* (SH), *Coding Scheme Designator* (SH), *Code Meaning* (LO)."""
_SEPARATORS = re.compile(r"[\s_-]+")


def finding_site(header: Dataset, otherwise: Code) -> Code:
    """Return where the regions of an image lie.

    Parameters
    ----------
    header : Dataset
        Of an image of the PET, or of a frame of it.
    otherwise : Code
        What holds where the PET does not say it, or says no more than the whole body.

    References
    ----------
    * DICOM PS3.3 10.5 (*Anatomic Region Sequence*), C.7.3.1 (*Body Part Examined*);
      PS3.16 Annex L.
    """
    stated = stated_site(header)
    return otherwise if stated is None else stated


def stated_site(header: Dataset) -> Code | None:
    """Return the site that a PET itself says, None where it says none."""
    for holder in (header, *attribute_items(header, "FrameAnatomySequence")):
        for item in attribute_items(holder, "AnatomicRegionSequence"):
            site = _code(item)
            if site is not None:
                return None if site.value == ENTIRE_BODY.value else site
    term = _SEPARATORS.sub("", attribute_text(header, "BodyPartExamined").upper())
    site = _body_parts().get(term)
    return None if site is None or site.value == ENTIRE_BODY.value else site


def laterality(header: Dataset) -> Code | None:
    """Return the side of the site that a PET says, None where it says none.

    Parameters
    ----------
    header : Dataset
        As in `finding_site`. A side belongs to the site that the same PET says; of any
        other site it says nothing.

    References
    ----------
    * DICOM PS3.16 CID 244, *Laterality*.
    """
    if stated_site(header) is None:
        return None
    sides = (
        attribute_text(header, "ImageLaterality"),
        attribute_text(header, "Laterality"),
        *(
            attribute_text(item, "FrameLaterality")
            for item in attribute_items(header, "FrameAnatomySequence")
        ),
    )
    return next((_SIDES[side] for side in sides if side in _SIDES), None)


def _code(item: Dataset) -> Code | None:
    value = attribute_text(item, "CodeValue")
    scheme = attribute_text(item, "CodingSchemeDesignator")
    meaning = attribute_text(item, "CodeMeaning")
    successor = successor_of(value, scheme)
    if successor is not None:
        value, scheme = successor, SNOMED_CT
    parts = (value, scheme, meaning)
    for part, longest in zip(parts, _LONGEST, strict=True):
        if not (0 < len(part) <= longest and part.isprintable()) or "\\" in part:
            return None
    return Code(value, scheme, meaning)


@cache
def _body_parts() -> Mapping[str, Code]:
    """Return the codes of the terms of *Body Part Examined* (PS3.16 Annex L)."""
    return {
        term: Code(code.value, code.scheme_designator, code.meaning)
        for term, (code, _) in get_anatomic_region_map().items()
    }
