"""The node's Query SCU: what an archive says that it holds (PS3.4 annex C).

Design choice: an answer is believed only as far as it can be checked. Some archives
ignore keys that they do not know and answer with everything; so each answer is compared
with the UIDs that were asked for, and what does not match is left out.

Design choice: what an archive may make us take is bounded, in answers and in time. More
is refused in words; half a list would look like a whole one.

Design choice: instances are asked for by their series, one question each, whatever
their number. Lists of UIDs are single-value matching to some archives, and a long list
does not fit into what others read.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from pydicom.datadict import dictionary_VR
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom import _config, build_context
from pynetdicom.association import Association
from pynetdicom.status import QR_FIND_SERVICE_CLASS_STATUS

from dicom_io.attributes import UnreadableValueError, person_readable, texts
from dicom_io.source_reference import SourceReference
from node.association.requestor import (
    Destination,
    PeerRefusesError,
    PeerUnavailableError,
    associate,
    close,
)
from node.association.sockets import end

# Switches of the whole process. On, pynetdicom writes identifiers out for its log, and
# those name patients.
_config.LOG_REQUEST_IDENTIFIERS = False
_config.LOG_RESPONSE_IDENTIFIERS = False

STUDY_ROOT_FIND = "1.2.840.10008.5.1.4.1.2.2.1"
UNCOMPRESSED: tuple[str, ...] = (ExplicitVRLittleEndian, ImplicitVRLittleEndian)
"""Transfer syntaxes of identifiers."""

_SUCCESS = 0x0000
_PENDING = frozenset({0xFF00, 0xFF01})
_PASSING = frozenset({0x0110, 0x0213, *range(0xA700, 0xA800)})
"""Out of resources, or out of order for now."""
_MOST_ANSWERS = 20_000
"""Of one question; an enhanced study has a dozen instances, a dynamic PET thousands."""
_LONGEST_S = 600.0
"""Of one question, however regularly its answers come."""
_ABORT_S = 1.0
_LAST_MESSAGE_ID = 0xFFFF
_TEXT_VRS = frozenset({"LO", "SH", "PN", "LT", "ST", "UC", "UT"})
"""Value representations that a character set applies to (PS3.5 6.1.2.2)."""

Answer = dict[str, str]
"""Values by keyword; several values of one attribute are parted by a backslash, and
what the archive left out is empty."""


class TooManyAnswersError(PeerRefusesError):
    """An archive answers with more than a question can have as its answer."""


def find(
    destination: Destination,
    level: str,
    keys: Mapping[str, str],
    wanted: Sequence[str],
    *,
    limit: int = _MOST_ANSWERS,
) -> list[Answer]:
    """Return what matches, over an association of its own.

    Parameters
    ----------
    destination : Destination
        The archive.
    level : str
        STUDY, SERIES or IMAGE.
    keys : mapping of str to str
        Keyword to value; several UIDs are parted by a backslash (PS3.4 C.2.2.2.2). The
        unique keys of the levels above must be among them (C.4.1.2.1).
    wanted : sequence of str
        Keywords of what is to be told beside the keys.
    limit : int
        Answers beyond which the archive is stopped.

    Raises
    ------
    PeerUnavailableError
    PeerRefusesError
    """
    with querying(destination) as asking:
        return asking.find(level, keys, wanted, limit=limit)


def held_instances(
    destination: Destination, items: Sequence[SourceReference]
) -> frozenset[str]:
    """Return the SOP Instance UIDs that an archive says it holds, out of those named.

    An item that names no study or series is never said to be held.

    Parameters
    ----------
    destination : Destination
    items : sequence of SourceReference

    Raises
    ------
    PeerUnavailableError
    PeerRefusesError
    """
    sought: dict[tuple[str, str], set[str]] = {}
    for item in items:
        if item.study_instance_uid and item.series_instance_uid:
            place = (item.study_instance_uid, item.series_instance_uid)
            sought.setdefault(place, set()).add(item.sop_instance_uid)
    held: set[str] = set()
    if not sought:
        return frozenset(held)
    with querying(destination) as asking:
        for (study, series), uids in sought.items():
            held |= uids & asking.instances(study, series, uids)
    return frozenset(held)


@contextmanager
def querying(destination: Destination) -> Iterator["Querying"]:
    """Yield an association over which questions are asked.

    Raises
    ------
    PeerUnavailableError
    PeerRefusesError
    """
    context = build_context(STUDY_ROOT_FIND, [*UNCOMPRESSED])
    association = associate(destination, [context])
    asking = Querying(destination, association)
    try:
        yield asking
    finally:
        close(association, broken=asking.broken)


class Querying:
    """Questions over one association; see `querying`.

    Parameters
    ----------
    destination : Destination
        The archive.
    association : Association

    Attributes
    ----------
    broken : bool
        Whether the association can be used no more.
    """

    def __init__(self, destination: Destination, association: Association) -> None:
        self.broken = False
        self._place = destination.place
        self._association = association
        self._asked = 0

    def find(
        self,
        level: str,
        keys: Mapping[str, str],
        wanted: Sequence[str],
        *,
        limit: int = _MOST_ANSWERS,
    ) -> list[Answer]:
        """Return what matches; see the function of this name."""
        keywords = [*keys, *wanted]
        found: list[Answer] = []
        for number, identifier in enumerate(self._answers(level, keys, wanted), 1):
            if number > limit:
                self._stop()
                why = f"{self._place} answers with more than {limit} items"
                raise TooManyAnswersError(why)
            answer = {keyword: _value(identifier, keyword) for keyword in keywords}
            if _fits(answer, keys):
                found.append(answer)
        return found

    def instances(
        self, study_uid: str, series_uid: str, uids: set[str]
    ) -> frozenset[str]:
        """Return the SOP Instance UIDs of a series, of one instance if one is sought.

        Parameters
        ----------
        study_uid, series_uid : str
        uids : set of str
            What is sought; empty for everything.
        """
        keys = {"StudyInstanceUID": study_uid, "SeriesInstanceUID": series_uid}
        only = next(iter(uids)) if len(uids) == 1 else ""
        answers = self.find("IMAGE", {**keys, "SOPInstanceUID": only}, ())
        return frozenset(answer["SOPInstanceUID"] for answer in answers)

    def _answers(
        self, level: str, keys: Mapping[str, str], wanted: Sequence[str]
    ) -> Iterator[Dataset]:
        """Yield identifiers until the archive has no more."""
        self._asked = self._asked % _LAST_MESSAGE_ID + 1
        identifier = _identifier(level, keys, wanted)
        until = time.monotonic() + _LONGEST_S
        try:
            responses = self._association.send_c_find(
                identifier, STUDY_ROOT_FIND, self._asked
            )
        # pynetdicom's, where the peer has gone between two questions.
        except RuntimeError as failure:
            self.broken = True
            why = f"{self._place} broke the association"
            raise PeerUnavailableError(why) from failure
        for status, answer in responses:
            if not self._goes_on(status):
                return
            if time.monotonic() > until:
                self._stop()
                why = f"{self._place} answers for longer than {_LONGEST_S:g} s"
                raise PeerUnavailableError(why)
            if answer is not None:
                yield answer

    def _goes_on(self, status: Dataset) -> bool:
        """Return whether more is to come; the end is silent only when it is good."""
        if "Status" not in status:
            self.broken = True
            why = f"{self._place} does not answer C-FIND"
            raise PeerUnavailableError(why)
        code = int(status.Status)
        if code in _PENDING or code == _SUCCESS:
            return code in _PENDING
        meaning = QR_FIND_SERVICE_CLASS_STATUS.get(code, ("", ""))[1]
        why = f"{self._place} answers C-FIND with {code:04X} {meaning}".strip()
        raise PeerUnavailableError(why) if code in _PASSING else PeerRefusesError(why)

    def _stop(self) -> None:
        """Cut the association: answers are under way that nobody wants."""
        self.broken = True
        end(self._association, _ABORT_S)


def _identifier(level: str, keys: Mapping[str, str], wanted: Sequence[str]) -> Dataset:
    identifier = Dataset()
    identifier.QueryRetrieveLevel = level
    if not all(value.isascii() for value in keys.values()):
        identifier.SpecificCharacterSet = "ISO_IR 192"
    for keyword in wanted:
        setattr(identifier, keyword, "")
    for keyword, value in keys.items():
        setattr(identifier, keyword, value)
    return identifier


def _value(identifier: Dataset, keyword: str) -> str:
    """Return a value of an answer; empty where it cannot be read."""
    if dictionary_VR(keyword) not in _TEXT_VRS:
        return "\\".join(texts(identifier, keyword))
    try:
        return person_readable(identifier, keyword)
    except UnreadableValueError:
        return ""


def _fits(answer: Answer, keys: Mapping[str, str]) -> bool:
    """Return whether an answer is to what was asked, as far as UIDs tell."""
    return all(
        answer[keyword] in value.split("\\")
        for keyword, value in keys.items()
        if value and dictionary_VR(keyword) == "UI"
    )
