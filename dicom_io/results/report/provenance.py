"""How a report's numbers came about, as *Qualitative Evaluations* (PS3.16 TID 1500)."""

from collections.abc import Iterable, Iterator

from pydicom.sr.coding import Code

from dicom_io import codes
from dicom_io.results.report.content_items import ContentItems
from model.suv import SuvConversion

RESEARCH_USE = "Research use only. Not for diagnosis or treatment decisions."


def qualitative_evaluations(
    items: ContentItems,
    conversion: SuvConversion,
    statements: Iterable[str],
    context: Iterable[tuple[str, str]],
    job_key: str,
) -> bytes:
    """Return the texts on intended use, conversion to SUV and job, in a container.

    Parameters
    ----------
    items : ContentItems
    conversion : SuvConversion
    statements : iterable of str
        What else a reader must know.
    context : iterable of (str, str)
        What was recorded around injection and scan, by name.
    job_key : str
    """
    # What the conversion says may be among what holds for the whole case.
    said = dict.fromkeys((*conversion.statements, *statements))
    texts = [
        (codes.INTENDED_USE, RESEARCH_USE),
        *_conversion(conversion),
        *((codes.STATEMENT, statement) for statement in said),
        *((codes.ACQUISITION_CONTEXT, f"{name} = {value}") for name, value in context),
        (codes.JOB_KEY, job_key),
    ]
    content = (items.text(concept, text) for concept, text in texts)
    return items.container(codes.QUALITATIVE_EVALUATIONS, content)


def _conversion(conversion: SuvConversion) -> Iterator[tuple[Code, str]]:
    yield codes.SUV_RULE, conversion.rule
    yield codes.SUV_INPUT, f"factor = {conversion.factor!r}"
    if conversion.slice_factors:
        factors = ", ".join(map(repr, conversion.slice_factors))
        yield codes.SUV_INPUT, f"factor by slice = {factors}"
    for name, value in conversion.numbers.items():
        yield codes.SUV_INPUT, f"{name} = {value!r}"
