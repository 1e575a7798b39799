"""Of which substance an item of an acquisition context tells (PS3.16 TID 8182, 8131).

Design choice: *Route of administration* and *DateTime Started* stand beside every
substance, an implanted tumour among them. They are the radiopharmaceutical's where they
stand below or beside its activity, its agent or its code.
"""

from dicom_io.context import concepts
from dicom_io.context.content_tree import ContentItem


def is_of_tracer(item: ContentItem, *, at_root: bool = False) -> bool:
    """Return whether an item tells of the radiopharmaceutical.

    Parameters
    ----------
    item : ContentItem
    at_root : bool
        Whether it does where it tells of no other substance.
    """
    for above in item.ancestors:
        if above.parent is None:
            break
        if _is_tracer(above):
            return True
        if _is_other_substance(above):
            return False
    return at_root


def _is_tracer(item: ContentItem) -> bool:
    if item.concept == concepts.HANDLING:
        # It has a start of its own, whatever was injected meanwhile.
        return False
    return (
        item.concept in concepts.RADIOPHARMACEUTICAL_HEADINGS
        or item.code in concepts.RADIOPHARMACEUTICALS
        or not item.concepts_below.isdisjoint(concepts.OF_THE_RADIOPHARMACEUTICAL)
        or not item.codes_below.isdisjoint(concepts.RADIOPHARMACEUTICALS)
    )


def _is_other_substance(item: ContentItem) -> bool:
    return item.code is not None or item.concept in concepts.OTHER_SUBSTANCES


def is_anaesthetic(item: ContentItem) -> bool:
    """Return whether an item names an anaesthetic that was given."""
    if item.code is None:
        return False
    under = any(above.concept == concepts.ANAESTHESIA for above in item.ancestors)
    drug = item.concept == concepts.DRUG_ADMINISTERED
    return (under and drug) or item.code in concepts.ANAESTHETICS
