"""The PET of a case in SUVbw, from the image and from all that is said of the animal.

Design choice: where several animals lay in the bed, nothing in the PET's header and in
an Acquisition Context SR of the group is any one animal's (PS3.3 C.7.1.4.1.1), and the
image holds the activity of all of them, so that it cannot be balanced with one dose.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from pydicom.dataset import Dataset

from dicom_io.context.acquisition_context import read_acquisition_context
from dicom_io.pet.dynamic_series import read_pet
from dicom_io.pet.series import PetSeries
from dicom_io.pet.units import Units
from dicom_io.suv.rule import (
    SeveralAnimalsError,
    SuvRules,
    convert_to_suv,
    injection_instant,
)
from model.administration import Administration, Source
from model.grid import Volume
from model.suv import SuvConversion
from node.case.one_animal import own_subject
from node.records.cases import Case
from node.records.subject import Subject

_ONE_OF_SEVERAL = (
    "Several animals lay in the bed: weight, activity and injection are those of {},"
    " and the balance of activity was not checked."
)


@dataclass(frozen=True, eq=False)
class SuvImage:
    """A PET in SUVbw.

    Attributes
    ----------
    series : PetSeries
    suv : Volume
        g/ml.
    conversion : SuvConversion
    animal_id : str
        What ties the animal's time points together.
    context : tuple of (str, str)
        What was recorded around injection and scan, by name.
    statements : tuple of str
        Beside those of the conversion.
    """

    series: PetSeries
    suv: Volume
    conversion: SuvConversion
    animal_id: str
    context: tuple[tuple[str, str], ...]
    statements: tuple[str, ...]


def read_suv(case: Case, rules: SuvRules) -> SuvImage:
    """Return the PET of a case in SUVbw.

    Raises
    ------
    DicomContentError, ModelError
        With its reason, when the image cannot be read or become SUV.
    """
    subject = own_subject(case)
    supplied, said = _supplied(case, rules)
    statements: tuple[str, ...] = ()
    if case.animal_id:
        rules = _of_one_among_several(rules)
        statements = (_ONE_OF_SEVERAL.format(case.animal_id),)

    def injected_at(headers: Sequence[Dataset]) -> datetime:
        return injection_instant(headers, rules, supplied)

    paths = [instance.path for instance in case.pet]
    series = read_pet(paths, rules.uptake_window, injected_at, rules.zone)
    if case.animal_id and series.units is not Units.BQML:
        # Its scanner made it with one weight, or none of these.
        raise SeveralAnimalsError(series.headers[0])
    suv, conversion = convert_to_suv(series, rules, supplied)
    conversion = replace(conversion, by_kilogram=rules.limits.is_large)
    return SuvImage(
        series=series,
        suv=suv,
        conversion=conversion,
        animal_id=series.patient_id if subject is None else subject.animal_id,
        context=_context(supplied, subject, rules.zone),
        statements=(*statements, *said),
    )


def _supplied(
    case: Case, rules: SuvRules
) -> tuple[tuple[Administration, ...], tuple[str, ...]]:
    """Return what sources beside the PET say of an animal, and what of it is unused."""
    subject = own_subject(case)
    told = () if subject is None else subject.supplied
    if Source.CONTEXT not in rules.sources.precedence:
        return told, ()
    found = [
        read_acquisition_context(instance.path, rules.zone)
        for instance in case.contexts
    ]
    animal = case.animal_id
    contexts = [each for each in found if not animal or each.patient_id == animal]
    supplied = (*told, *(each.administration for each in contexts))
    return supplied, tuple(said for each in contexts for said in each.statements)


def _of_one_among_several(rules: SuvRules) -> SuvRules:
    beside = tuple(
        source for source in rules.sources.precedence if source is not Source.HEADER
    )
    return replace(
        rules,
        sources=replace(rules.sources, precedence=beside),
        check_activity_balance=False,
    )


def _context(
    supplied: Sequence[Administration], subject: Subject | None, zone: tzinfo
) -> tuple[tuple[str, str], ...]:
    """Return each thing that was recorded once, in the words of the first to tell."""
    found: dict[str, str] = {}
    for each in supplied:
        for name, content in each.context:
            found.setdefault(name, content)
    if subject is not None and subject.irradiated_at is not None:
        at = subject.irradiated_at.astimezone(zone)
        found.setdefault("irradiated_at", at.isoformat(timespec="minutes"))
    return tuple(found.items())
