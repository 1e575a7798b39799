"""What the objects of a result say, whichever of them says it.

Design choice: found by what it is, a text in a value that the objects are made of, and
not by who writes it. All objects of a result are written in one character set, which
has to be known before the first of them is made; one text too many costs nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from node.case.objects.findings import Findings
from node.case.options import CaseOptions


def texts_beyond_ascii(findings: Findings, options: CaseOptions) -> tuple[str, ...]:
    """Return the texts of a result that are not ASCII, each once.

    That of the PET's own headers is left out: it is the source's.
    """
    image = findings.image
    said = (
        findings.held,
        findings.statements,
        findings.subject,
        image.conversion,
        image.context,
        options.equipment,
        options.objects.finding_site,
        *(
            (
                found.roi.name,
                found.warnings,
                found.score_model,
                found.readings,
                found.reading_models,
                found.circumstances,
                found.sensitivity,
            )
            for found in findings.assessments
        ),
    )
    beyond = (text for text in _texts_in(said) if not text.isascii())
    return tuple(dict.fromkeys(beyond))


def _texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _texts_in(tuple(value.items()))
    elif isinstance(value, Sequence):
        for each in value:
            yield from _texts_in(each)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _texts_in(getattr(value, field.name))
