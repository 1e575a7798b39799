"""Where at the archive something lies that is sought, and what of it is not here yet.

Design choice: everything is compared by instance before anything is fetched. What was
received once, or made here, is not fetched again, also when its file was deleted after
its time.

Design choice: a Patient ID is followed only when it names an animal: one with a
wildcard in it, or with more studies than an animal has, does not.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from dicom_io.header import DrawnOn
from node.association.query import (
    Answer,
    Querying,
    TooManyAnswersError,
    find,
)
from node.association.requestor import Destination
from node.association.retrieve import Request
from node.association.sop_classes import SCORED_SOP_CLASSES

STUDIES_AT_MOST = 64
"""Of one Patient ID that is followed."""
_CONTEXT_MODALITIES = ("SR",)
"""Of Acquisition Contexts, which belong to the images of a study."""
_PET = "PT"


@dataclass(frozen=True)
class Series:
    """A series that an archive says it holds.

    Attributes
    ----------
    study_uid, series_uid, modality : str
    frame : str
        Frame of Reference UID; empty where it is not asked for, or not told.
    """

    study_uid: str
    series_uid: str
    modality: str
    frame: str = ""


class Locating:
    """Questions to an archive on behalf of what is sought.

    Parameters
    ----------
    source : Destination
        The archive.
    asking : Querying
        An association with it.
    here : callable
        Takes SOP Instance UIDs and returns which of them need not be fetched.
    """

    def __init__(
        self,
        source: Destination,
        asking: Querying,
        here: Callable[[Iterable[str]], frozenset[str]],
    ) -> None:
        self._source = source
        self._asking = asking
        self._here = here

    def missing(self, series: Iterable[Series]) -> list[Request]:
        """Return what of some series is to be fetched."""
        requests = (self._missing(each) for each in dict.fromkeys(series))
        return [request for request in requests if request is not None]

    def series_of(
        self, study_uid: str, modalities: Sequence[str], *, framed: bool = False
    ) -> list[Series]:
        """Return the series of a study that have one of some modalities.

        Parameters
        ----------
        study_uid : str
        modalities : sequence of str
        framed : bool
            Whether frames of reference are asked for, which few archives answer.
        """
        wanted = ["Modality", *(["FrameOfReferenceUID"] if framed else [])]
        keys = {"StudyInstanceUID": study_uid, "SeriesInstanceUID": ""}
        return [
            Series(
                study_uid,
                answer["SeriesInstanceUID"],
                answer["Modality"],
                answer.get("FrameOfReferenceUID", ""),
            )
            for answer in self._asking.find("SERIES", keys, wanted)
            if answer["SeriesInstanceUID"] and answer["Modality"] in modalities
        ]

    def images(
        self,
        drawn_on: DrawnOn,
        studies: Sequence[str],
        patient_id: str,
        modalities: Sequence[str],
    ) -> list[Series]:
        """Return the images that contours name, with the PET and context beside them.

        Looked for in the studies that the contours name and in their own, then in
        those of the same Patient ID.

        Parameters
        ----------
        drawn_on : DrawnOn
        studies : sequence of str
            Study Instance UIDs.
        patient_id : str
        modalities : sequence of str
        """
        beside: list[Series] = []
        for uid in self._studies_to_look_in(studies, patient_id):
            own = uid in studies
            named, others = self._images_in(uid, drawn_on, modalities, own=own)
            if named:
                return named + others
            if own and not beside:
                beside = others
        # None is named, and a PET beside the contours may be theirs nevertheless.
        return beside if any(each.modality == _PET for each in beside) else []

    def contours(
        self, study_uid: str, patient_id: str, modalities: Sequence[str]
    ) -> list[Series]:
        """Return contours and registrations in a study, and in those that hold no PET.

        Contouring stations file them in studies of their own.
        """
        found = self.series_of(study_uid, modalities)
        for answer in self.studies_of_patient(patient_id):
            uid = answer["StudyInstanceUID"]
            held = frozenset(filter(None, answer["ModalitiesInStudy"].split("\\")))
            # Where the archive does not say what a study holds, its series are looked
            # at.
            if uid != study_uid and (not held or held & {*modalities}):
                found += self._apart(uid, modalities)
        return found

    def earlier(
        self, study_uid: str, patient_id: str, date: str, modalities: Sequence[str]
    ) -> list[Series]:
        """Return series of the same Patient ID's studies up to a date.

        A study without a date is no earlier one.
        """
        series: list[Series] = []
        for answer in self.studies_of_patient(patient_id):
            uid, then = answer["StudyInstanceUID"], answer["StudyDate"]
            if uid != study_uid and then and then <= date:
                series += self.series_of(uid, (*modalities, *_CONTEXT_MODALITIES))
        return series

    def studies_of_patient(self, patient_id: str) -> list[Answer]:
        """Return the studies of a Patient ID; none when it names no one animal."""
        if not patient_id or set(patient_id) & set("*?\\"):
            return []
        keys = {"PatientID": patient_id, "StudyInstanceUID": ""}
        wanted = ["ModalitiesInStudy", "StudyDate"]
        try:
            # Over an association of its own, which ends when there are too many.
            answers = find(self._source, "STUDY", keys, wanted, limit=STUDIES_AT_MOST)
        except TooManyAnswersError:
            return []
        return [
            answer
            for answer in answers
            if answer["PatientID"] == patient_id and answer["StudyInstanceUID"]
        ]

    def _apart(self, study_uid: str, modalities: Sequence[str]) -> Iterator[Series]:
        """Yield contours of a study, unless it has a PET that they belong to."""
        series = self.series_of(study_uid, (*modalities, _PET))
        if not any(each.modality == _PET for each in series):
            yield from series

    def _studies_to_look_in(
        self, studies: Sequence[str], patient_id: str
    ) -> Iterator[str]:
        yield from studies
        for answer in self.studies_of_patient(patient_id):
            if answer["StudyInstanceUID"] not in studies:
                yield answer["StudyInstanceUID"]

    def _images_in(
        self, study_uid: str, drawn_on: DrawnOn, modalities: Sequence[str], *, own: bool
    ) -> tuple[list[Series], list[Series]]:
        """Return the images of a study that contours name, and what belongs to them."""
        by_frame = not drawn_on.series and not drawn_on.instances
        series = self.series_of(
            study_uid, (*modalities, *_CONTEXT_MODALITIES), framed=by_frame
        )
        images = [each for each in series if each.modality in modalities]
        named = [each for each in images if self._is_named(each, drawn_on)]
        if not named and by_frame and own:
            # An archive that keeps frames of reference to itself.
            named = [each for each in images if not each.frame]
        beside = [
            each
            for each in series
            if each.modality == _PET or each.modality in _CONTEXT_MODALITIES
        ]
        has_pet = any(each.modality == _PET for each in named)
        return named, [
            each for each in beside if not (has_pet and each.modality == _PET)
        ]

    def _is_named(self, series: Series, drawn_on: DrawnOn) -> bool:
        if drawn_on.series:
            return series.series_uid in drawn_on.series
        if drawn_on.instances:
            there = self._asking.instances(series.study_uid, series.series_uid, set())
            return not there.isdisjoint(drawn_on.instances)
        return series.frame in drawn_on.frames_of_reference

    def _missing(self, series: Series) -> Request | None:
        """Return the instances of a series that the node takes and has not."""
        keys = {
            "StudyInstanceUID": series.study_uid,
            "SeriesInstanceUID": series.series_uid,
            "SOPInstanceUID": "",
        }
        answers = self._asking.find("IMAGE", keys, ["SOPClassUID"])
        uids = {each["SOPInstanceUID"]: each["SOPClassUID"] for each in answers}
        uids.pop("", None)
        needed = uids.keys() - self._here(uids)
        taken = [
            uid
            for uid in sorted(needed)
            # Where the archive does not say what it is, the attempt does.
            if not uids[uid] or uids[uid] in SCORED_SOP_CLASSES
        ]
        if not taken:
            return None
        if series.modality in _CONTEXT_MODALITIES and not any(map(uids.get, taken)):
            return None
        return Request(
            series.study_uid,
            series.series_uid,
            tuple(taken),
            whole_series=len(taken) == len(uids),
        )
