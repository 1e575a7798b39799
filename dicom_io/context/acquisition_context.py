"""What an Acquisition Context SR says of an animal and its injection (PS3.16 TID 8101).

TID 8101 describes housing, anaesthesia and substances and is extensible; it names no
place for weight and activity. A value is therefore taken wherever in the tree its
concept stands, with its unit.

Design choice: two different values of one concept that a result depends on are refused,
both named. What is only carried along, as a temperature that was taken five times, may
have several.

Design choice: route and start are the radiopharmaceutical's
(`dicom_io.context.substances`).

Design choice: *Administered activity* wins over what was measured before and after it:
it is computed from these (TID 10022). A measurement without its own *Observation
DateTime* cannot be decayed to the injection; it is not used, and that is said.

Design choice: *Patient's Weight* of the object counts where its tree states none.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path

from pydicom.dataset import Dataset
from pydicom.uid import AcquisitionContextSRStorage

from dicom_io.attributes import (
    faults_of,
    number,
    person_readable,
    required_text,
    text,
    uid_of,
)
from dicom_io.context import concepts
from dicom_io.context.content_tree import Concept, ContentItem, walk
from dicom_io.context.substances import is_anaesthetic, is_of_tracer
from dicom_io.errors import DicomContentError
from dicom_io.instants import zone_of
from dicom_io.part10 import read_dataset
from model.administration import Administration, Assay, Source

_SAME_VALUE = 1e-6
_MOST_CARRIED = 8
_GRAMS_PER_KILOGRAM = 1e3
_GLUCOSE_NAMES = {"mg/dL": "glucose_mg_dl", "mmol/L": "glucose_mmol_l"}


@dataclass(frozen=True)
class AcquisitionContext:
    """An Acquisition Context SR.

    Attributes
    ----------
    sop_instance_uid, study_instance_uid, patient_id : str
    administration : Administration
    statements : tuple of str
        What it says that was not used, in sentences.
    """

    sop_instance_uid: str
    study_instance_uid: str
    patient_id: str
    administration: Administration
    statements: tuple[str, ...] = ()


def read_acquisition_context(path: Path, zone: tzinfo) -> AcquisitionContext:
    """Return what an Acquisition Context SR says.

    Parameters
    ----------
    path : Path
    zone : tzinfo
        Of dates and times without an offset, where the object states none.

    Raises
    ------
    NoAcquisitionContextError
        When the object is of another SOP class.
    ConflictingContextError
        When two values of one concept stand in the tree.
    ContextUnitError, ContextValueError
        When a value's unit is unknown, or the value impossible.
    SeveralSubjectsError
        When it tells of several animals.
    DicomContentError
        When the object cannot be read.
    """
    report = read_dataset(path)
    if text(report, "SOPClassUID") != AcquisitionContextSRStorage:
        raise NoAcquisitionContextError(report)
    with faults_of(report):
        return _Reading(report, zone_of(report, zone)).context()


class _Reading:
    """One report while it is read."""

    def __init__(self, report: Dataset, zone: tzinfo) -> None:
        self._report = report
        self._zone = zone
        self._items = tuple(walk(report))
        self._statements: list[str] = []

    def context(self) -> AcquisitionContext:
        report = self._report
        self._require_one_subject()
        uid = required_text(report, "SOPInstanceUID")
        activity, residual = self._assays()
        administration = Administration(
            source=Source.CONTEXT,
            origin=f"Acquisition Context SR {uid}",
            weight_g=self._weight_g(),
            activity=activity,
            residual=residual,
            injected_at=self._instant(
                concepts.RADIOPHARMACEUTICAL_START, concepts.STARTED, "injection"
            ),
            context=tuple(self._carried()),
        )
        return AcquisitionContext(
            uid,
            required_text(report, "StudyInstanceUID"),
            person_readable(report, "PatientID"),
            administration,
            tuple(self._statements),
        )

    def _require_one_subject(self) -> None:
        found = {item.label for item in self._named({concepts.SUBJECT_ID})}
        if len(found - {""}) > 1:
            raise SeveralSubjectsError(self._report, len(found - {""}))

    def _weight_g(self) -> float | None:
        found = [
            value
            for _, value in self._values(
                concepts.BODY_WEIGHT, concepts.GRAMS, "body weight"
            )
        ]
        self._require_one(found, "body weight", "g")
        if found:
            return found[0]
        weight_kg = number(self._report, "PatientWeight")
        return weight_kg * _GRAMS_PER_KILOGRAM if weight_kg else None

    def _assays(self) -> tuple[Assay | None, Assay | None]:
        """Return the activity, and what was left of it."""
        administered = self._activity(concepts.ADMINISTERED_ACTIVITY, "administered")
        before = self._activity(concepts.PRE_ADMINISTRATION_ACTIVITY, "measured before")
        after = self._activity(concepts.POST_ADMINISTRATION_ACTIVITY, "measured after")
        if administered is not None:
            return Assay(administered.activity_bq), None
        if before is None:
            return None, None
        if any(each and each.measured_at is None for each in (before, after)):
            self._statements.append(
                "The measured activity of the Acquisition Context SR was not used,"
                " since a measurement has no Observation DateTime"
            )
            return None, None
        return before, after

    def _activity(self, concept: Concept, what: str) -> Assay | None:
        """Return the activity of a concept, with its own instant of observation."""
        name = f"{what} activity"
        found = self._values({concept}, concepts.BECQUERELS, name)
        self._require_one([value for _, value in found], name, "Bq")
        observed = {item.observed_at(self._zone) for item, _ in found} - {None}
        self._require_alone(observed, f"time of the {name}")
        return Assay(found[0][1], next(iter(observed), None)) if found else None

    def _instant(
        self, specific: Concept, general: Concept, what: str
    ) -> datetime | None:
        """Return an instant of the radiopharmaceutical's administration."""
        stated = {
            item.date_time(self._zone)
            for item in self._named({specific, general})
            if item.concept == specific or is_of_tracer(item)
        } - {None}
        self._require_alone(stated, f"time of the {what}")
        return next(iter(stated), None)

    def _carried(self) -> Iterable[tuple[str, str]]:
        """Give what is carried along, by the names that the injection log has."""
        routes = {
            concepts.ROUTES.get(item.code or ("", ""), item.label)
            for item in self._named({concepts.ROUTE})
            if is_of_tracer(item, at_root=True)
        } - {""}
        self._require_alone(routes, "route of administration")
        yield from (("route", route) for route in routes)
        sites = [
            each.label for each in self._named({concepts.SITE}) if is_of_tracer(each)
        ]
        yield from _told("injection_site", sites)
        stopped_at = self._instant(
            concepts.RADIOPHARMACEUTICAL_STOP, concepts.ENDED, "end of the injection"
        )
        if stopped_at is not None:
            yield "injection_stopped_at", stopped_at.isoformat()
        yield from self._of_the_animal()

    def _of_the_animal(self) -> Iterable[tuple[str, str]]:
        glucose = [item.quantity for item in self._named(concepts.GLUCOSE)]
        for unit, name in _GLUCOSE_NAMES.items():
            yield from _told(name, [f"{q[0]:g}" for q in glucose if q and q[1] == unit])
        others = [q for q in glucose if q and q[1] not in _GLUCOSE_NAMES]
        yield from _told("glucose", map(_written, others))
        yield from self._quantities("fasting", {concepts.FASTING_DURATION})
        yield from _told(
            "anaesthesia", [item.label for item in self._items if is_anaesthetic(item)]
        )
        for name, concept in (
            ("anaesthesia_started_at", concepts.ANAESTHESIA_STARTED),
            ("anaesthesia_finished_at", concepts.ANAESTHESIA_FINISHED),
        ):
            instants = [item.date_time(self._zone) for item in self._named({concept})]
            yield from _told(name, [each.isoformat() for each in instants if each])
        yield from self._quantities("body_temperature", concepts.BODY_TEMPERATURE)

    def _quantities(
        self, name: str, among: Collection[Concept]
    ) -> Iterable[tuple[str, str]]:
        found = [item.quantity for item in self._named(among)]
        return _told(name, [_written(quantity) for quantity in found if quantity])

    def _named(self, among: Collection[Concept]) -> list[ContentItem]:
        return [item for item in self._items if item.concept in among]

    def _values(
        self, among: Collection[Concept], units: Mapping[str, float], what: str
    ) -> list[tuple[ContentItem, float]]:
        """Return items and their values in the unit of the table; 0 is no value."""
        found: list[tuple[ContentItem, float]] = []
        for item in self._named(among):
            quantity = item.quantity
            if quantity is None or quantity[0] == 0:
                continue
            value, unit = quantity
            if unit not in units:
                raise ContextUnitError(self._report, what, unit)
            if value < 0:
                raise ContextValueError(self._report, what)
            found.append((item, value * units[unit]))
        return found

    def _require_one(self, values: list[float], what: str, unit: str) -> None:
        """Refuse values that differ by more than their notation."""
        if values and max(values) - min(values) > _SAME_VALUE * max(values):
            told = [f"{value:g} {unit}" for value in (min(values), max(values))]
            raise ConflictingContextError(self._report, what, told)

    def _require_alone(
        self, values: set[datetime | None] | set[str], what: str
    ) -> None:
        if len(values) > 1:
            raise ConflictingContextError(self._report, what, sorted(map(str, values)))


def _written(quantity: tuple[float, str]) -> str:
    value, unit = quantity
    return f"{value:g} {unit}".strip()


def _told(name: str, values: Iterable[str]) -> Iterable[tuple[str, str]]:
    """Give a name and its different values as one text, if there are any."""
    different = list(dict.fromkeys(value for value in values if value))
    if different:
        yield name, "; ".join(different[:_MOST_CARRIED])


class NoAcquisitionContextError(DicomContentError):
    """An object of another SOP class."""

    remedy = "Send the Acquisition Context SR itself."

    def __init__(self, report: Dataset) -> None:
        super().__init__("the object is no Acquisition Context SR", uid=uid_of(report))


class ConflictingContextError(DicomContentError):
    """Two values of one concept stand in one report."""

    reason = "conflicting_sources"
    remedy = "Correct the Acquisition Context SR at its source and send it again."

    def __init__(self, report: Dataset, what: str, values: Iterable[str]) -> None:
        told = " and ".join(list(values)[:_MOST_CARRIED])
        fact = f"the Acquisition Context SR states more than one {what}: {told}"
        super().__init__(fact, uid=uid_of(report))


class ContextUnitError(DicomContentError):
    """A value's unit is none that the node knows."""

    reason = "units_in_doubt"
    remedy = "State it with a UCUM unit, as g or MBq, and send the SR again."

    def __init__(self, report: Dataset, what: str, unit: str) -> None:
        printable = "".join(c for c in unit if c.isprintable())[:32]
        stated = f"in unit {printable!r}" if printable else "without a unit"
        super().__init__(f"the {what} is stated {stated}", uid=uid_of(report))


class ContextValueError(DicomContentError):
    """A value is less than nothing."""

    reason = "unreadable_object"
    remedy = "Correct the Acquisition Context SR at its source and send it again."

    def __init__(self, report: Dataset, what: str) -> None:
        super().__init__(f"the {what} is negative", uid=uid_of(report))


class SeveralSubjectsError(DicomContentError):
    """A report tells of several animals."""

    reason = "several_animals"
    remedy = "Send one Acquisition Context SR for each animal."

    def __init__(self, report: Dataset, count: int) -> None:
        fact = f"the Acquisition Context SR tells of {count} animals"
        super().__init__(fact, uid=uid_of(report))
