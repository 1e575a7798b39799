"""Promises of what the node fetches by itself, against an archive on loopback."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import UID, EnhancedSRStorage

from node.association.listener import STORED, Listener, SinkAnswer
from node.association.received import ReceivedObject
from node.association.retrieve import Taker
from node.retrieval.retrieving import RetrieveOptions, Retrieving
from node.retry import RetryPolicy
from tests.support.acquisition_context import acquisition_context
from tests.support.inline import InlineNode, as_received
from tests.support.peers import destination, free_port, listener_options
from tests.support.pet import STUDY_UID
from tests.support.query_retrieve import QueryRetrieveArchive
from tests.support.registration import registration_dataset, source, turned_z
from tests.support.service import command
from tests.support.studies import as_study, small_study, uid_in

pytestmark = pytest.mark.system

_SETTLED = timedelta(seconds=2)

Begin = Callable[..., "Fetching"]


class Fetching:
    """A node that fetches, one thread, and time as the test wills."""

    def __init__(
        self, node: InlineNode, archive: QueryRetrieveArchive, **changes: object
    ) -> None:
        self.node = node
        self.archive = archive
        self.peer = archive.peer
        options: dict[str, Any] = {
            "method": "get",
            "policy": RetryPolicy(first_delay=timedelta(minutes=1)),
            "settle": timedelta(seconds=1),
            "give_up_after": timedelta(days=30),
            "earlier_studies": False,
        }
        self._options = RetrieveOptions(**(options | changes))
        self.restart()

    def restart(self) -> None:
        """Forget what is kept in memory."""
        self._retrieving = Retrieving(
            self.node.ledger,
            self.peer,
            self._options,
            Taker(self.sink),
            self.node.clock,
        )

    def stop(self) -> None:
        """Have it stop, as the service does."""
        self._retrieving.stop()

    def sink(self, received: ReceivedObject) -> SinkAnswer:
        self.node._receive(received)
        return STORED

    def send(self, *datasets: Dataset) -> None:
        """Receive objects and decide on them; nothing is computed."""
        for dataset in datasets:
            self.node.clock.move(timedelta(milliseconds=1))
            self.node._receive(as_received(dataset))
        self.node._intake.sweep()

    def sweep(self, after: timedelta = _SETTLED) -> None:
        """Let time pass, fetch what is due, and decide on what came."""
        self.node.clock.move(after)
        self._retrieving.sweep()
        self.node._intake.sweep()

    def study(self, uid: str = STUDY_UID) -> Any:
        """Return `study UID --json`, without time passing."""
        code, out, error = command(
            "study", uid, "--config", str(self.node.config), "--json"
        )
        assert code == 0, error
        return json.loads(out)

    def sought(self, need: str, uid: str = STUDY_UID) -> Any:
        """Return what `study` says of one thing that is sought."""
        (found,) = [each for each in self.study(uid)["sought"] if each["need"] == need]
        return found


@pytest.fixture(scope="module")
def archive() -> Iterator[QueryRetrieveArchive]:
    with QueryRetrieveArchive().running() as found:
        yield found


@pytest.fixture
def fetching(archive: QueryRetrieveArchive, tmp_path: Path) -> Iterator[Begin]:
    """Begin to fetch from an archive that holds some data sets."""
    with ExitStack() as stack:

        def begin(*held: Dataset, **changes: object) -> Fetching:
            archive.begin(held)
            node = stack.enter_context(InlineNode(tmp_path))
            return Fetching(node, archive, **changes)

        yield begin


def uids(datasets: list[Dataset]) -> list[str]:
    return sorted(str(each.SOPInstanceUID) for each in datasets)


def test_a_structure_set_that_comes_alone_has_its_pet_fetched(fetching: Begin) -> None:
    pet, contours = small_study()

    fetch = fetching(*pet, contours)
    fetch.send(contours)
    assert "PET missing" in fetch.study()["detail"]
    fetch.sweep()
    assert fetch.study()["state"] == "queued"
    fetch.sweep(timedelta(hours=1))
    images = fetch.sought("images")

    assert sorted(fetch.archive.fetched) == uids(pet)
    assert images["state"] == "came"
    assert contours.SOPInstanceUID in images["what"]


def test_nothing_is_fetched_while_objects_are_still_coming(fetching: Begin) -> None:
    pet, contours = small_study()

    fetch = fetching(*pet, contours)
    fetch.send(contours)
    fetch.sweep(timedelta(seconds=0.5))
    fetch.send(pet[0])
    fetch.sweep(timedelta(seconds=0.9))

    assert fetch.archive.asked == []


def test_only_the_missing_slices_are_fetched(fetching: Begin) -> None:
    pet, contours = small_study()

    fetch = fetching(*pet, contours)
    fetch.send(*pet[:9], contours)
    fetch.sweep()
    assert fetch.study()["state"] == "queued"
    fetch.sweep(timedelta(hours=1))

    assert sorted(fetch.archive.fetched) == uids(pet[9:])
    assert fetch.sought("slices")["state"] == "came"


def test_contours_that_are_drawn_later_are_found_and_scored(fetching: Begin) -> None:
    pet, contours = small_study()

    fetch = fetching(*pet)
    fetch.send(*pet)
    fetch.sweep()
    assert "RTSTRUCT missing" in fetch.study()["detail"]
    assert fetch.sought("contours")["status"] == (
        "the archive has none that is not here"
    )

    fetch.archive.held.append(contours)
    fetch.sweep(timedelta(minutes=2))

    assert fetch.study()["state"] == "queued"
    assert fetch.archive.fetched == [contours.SOPInstanceUID]
    assert fetch.sought("contours")["state"] == "wanted"


def test_a_poll_takes_one_question_and_grows_rarer(fetching: Begin) -> None:
    pet, _ = small_study()

    fetch = fetching(*pet)
    fetch.send(*pet)
    fetch.sweep()
    asked = []
    for _ in range(60):
        before = fetch.archive.questions("SERIES")
        fetch.sweep(timedelta(minutes=1))
        asked.append(fetch.archive.questions("SERIES") - before)

    assert sum(asked[:10]) > sum(asked[50:]) >= 1
    assert set(asked) <= {0, 1}
    assert fetch.archive.questions("IMAGE") == 0


def test_revised_contours_make_a_revision_and_polling_ends(fetching: Begin) -> None:
    pet, contours = small_study()
    revised = deepcopy(contours)
    revised.SOPInstanceUID = "1.2.3.4"
    revised.file_meta.MediaStorageSOPInstanceUID = UID("1.2.3.4")
    revised.StructureSetTime = "150000"

    fetch = fetching(*pet, contours)
    fetch.send(*pet, contours)
    fetch.sweep()
    fetch.node.work()
    fetch.archive.held.append(revised)
    fetch.sweep(timedelta(days=29))
    assert len(fetch.node.reports(2)) == 2

    fetch.sweep(timedelta(days=29))
    assert fetch.sought("contours")["state"] == "wanted"
    fetch.sweep(timedelta(days=2))
    asked = len(fetch.archive.asked)
    fetch.sweep(timedelta(days=2))

    assert fetch.sought("contours")["state"] == "came"
    assert fetch.study()["state"] == "delivered"
    assert len(fetch.archive.asked) == asked


def test_what_is_not_drawn_in_time_is_given_up_and_the_study_says_so(
    fetching: Begin,
) -> None:
    pet, contours = small_study()

    fetch = fetching(*pet)
    fetch.send(*pet)
    fetch.sweep()
    fetch.sweep(timedelta(days=31))
    study = fetch.study()
    assert study["state"] == "waiting"
    assert "pacs was asked for 30 days, and has none; given up" in study["detail"]
    assert fetch.sought("contours")["due"] is None

    # Whoever sends them after all has them scored, and a new gap sought.
    fetch.send(contours)
    assert fetch.study()["state"] == "queued"
    fetch.sweep()
    assert fetch.sought("contours")["state"] == "wanted"


def test_an_archive_that_is_down_is_tried_again_for_ever(
    fetching: Begin, caplog: pytest.LogCaptureFixture
) -> None:
    pet, contours = small_study()

    fetch = fetching(*pet, contours)
    up = fetch.peer
    fetch.peer = destination(free_port(), timeout_s=1.0)
    fetch.restart()
    fetch.send(contours)
    fetch.sweep()
    fetch.sweep(timedelta(days=40))
    assert fetch.sought("images")["state"] == "wanted"
    assert "refused" in fetch.sought("images")["status"]
    assert "it is tried again" in caplog.text

    fetch.peer = up
    fetch.restart()
    fetch.sweep(timedelta(hours=1))
    assert fetch.study()["state"] == "queued"


def test_an_archive_that_is_down_costs_two_attempts_a_sweep(fetching: Begin) -> None:
    fetch = fetching()
    fetch.peer = destination(free_port(), timeout_s=1.0)
    fetch.restart()
    _, contours = small_study()
    for number in range(4):
        fetch.send(*as_study(number, [contours]))
    fetch.sweep()

    for number in range(4):
        images = fetch.sought("images", uid_in(number, STUDY_UID))
        assert images["attempts"] == 1


def test_an_archive_that_does_not_send_what_it_claims_is_told_on(
    fetching: Begin,
) -> None:
    pet, contours = small_study()

    fetch = fetching(*pet, contours)
    fetch.archive.withheld = {str(pet[0].SOPInstanceUID)}
    fetch.send(contours)
    fetch.sweep()
    assert "11 of 12 objects came" in fetch.sought("images")["status"]
    assert "11 of 12 PET slices" in fetch.study()["detail"]

    fetch.archive.withheld = set()
    fetch.sweep(timedelta(minutes=2))
    assert fetch.study()["state"] == "queued"
    assert sorted(fetch.archive.fetched) == uids(pet)


def test_contours_in_a_study_of_their_own_are_found_by_patient_id(
    fetching: Begin,
) -> None:
    pet, contours = small_study()
    contours.StudyInstanceUID = "1.2.3"

    fetch = fetching(*pet, contours)
    fetch.send(*pet)
    fetch.sweep()

    assert fetch.study()["state"] == "queued"


def test_contours_fetched_in_vain_do_not_bring_other_studies(fetching: Begin) -> None:
    pet, contours = small_study()
    other_pet, other_contours = as_study(1, [*pet])[:], as_study(1, [contours])[0]
    other_contours.StudyInstanceUID = "1.2.3"

    fetch = fetching(*pet, *other_pet, other_contours)
    fetch.send(*pet)
    fetch.sweep()
    fetch.sweep(timedelta(hours=1))
    fetch.sweep(timedelta(hours=1))

    assert fetch.archive.fetched == [other_contours.SOPInstanceUID]
    assert "1.2.3" not in [each["what"] for each in fetch.study()["sought"]]


def test_contours_of_another_study_with_pet_are_left_there(fetching: Begin) -> None:
    pet, contours = small_study()
    other = as_study(1, [*pet, contours])

    fetch = fetching(*pet, *other)
    fetch.send(*pet)
    fetch.sweep()

    assert fetch.archive.fetched == []


def test_earlier_studies_are_fetched_where_the_site_wants_them(fetching: Begin) -> None:
    pet, contours = small_study()
    earlier = as_study(1, [*pet, contours])
    later = as_study(2, [*pet, contours])
    for each in earlier:
        each.StudyDate = "20260101"
    for each in later:
        each.StudyDate = "20261231"

    held = [*pet, contours, *earlier, *later]
    fetch = fetching(*held, earlier_studies=True)
    fetch.send(*pet, contours)
    fetch.sweep()
    found = fetch.study(uid_in(1, STUDY_UID))

    assert sorted(fetch.archive.fetched) == uids(earlier)
    assert found["state"] == "queued"
    assert fetch.sought("earlier")["state"] == "came"


def test_an_archive_moves_what_is_missing_to_the_listener(fetching: Begin) -> None:
    pet, contours = small_study()

    fetch = fetching(*pet, contours, method="move")
    listener = Listener(listener_options(), fetch.sink)
    listener.start()
    fetch.archive.move_to = listener.port
    try:
        fetch.send(contours)
        fetch.sweep()
    finally:
        listener.stop()

    assert fetch.study()["state"] == "queued"


def test_a_restart_seeks_on_and_doubles_nothing(fetching: Begin) -> None:
    pet, contours = small_study()

    fetch = fetching(*pet)
    fetch.send(*pet)
    fetch.sweep()
    since = fetch.sought("contours")["since"]
    fetch.restart()
    fetch.archive.held.append(contours)
    fetch.sweep(timedelta(minutes=2))

    assert fetch.study()["state"] == "queued"
    assert fetch.sought("contours")["since"] == since


def test_a_patient_id_with_a_wildcard_is_not_followed(fetching: Begin) -> None:
    pet, _ = small_study(PatientID="m*")

    fetch = fetching(*pet)
    fetch.send(*pet)
    fetch.sweep()

    assert fetch.archive.questions("STUDY") == 0
    assert fetch.archive.questions("SERIES") == 1


def test_the_acquisition_context_comes_with_the_pet_and_other_reports_do_not(
    fetching: Begin,
) -> None:
    pet, contours = small_study()
    context = acquisition_context(StudyInstanceUID=STUDY_UID, PatientID="m07_pet")
    report = deepcopy(context)
    report.SOPClassUID = EnhancedSRStorage
    report.SOPInstanceUID = "1.2.3.5"
    report.file_meta.MediaStorageSOPInstanceUID = UID("1.2.3.5")

    fetch = fetching(*pet, context, report)
    fetch.send(contours)
    fetch.sweep()

    assert sorted(fetch.archive.fetched) == uids([*pet, context])


def test_a_registration_is_found_as_contours_are(fetching: Begin) -> None:
    pet, _ = small_study()
    frame = str(pet[0].FrameOfReferenceUID)
    joining = registration_dataset(frame, source("1.2.3.9", turned_z(0.0)))
    joining.PatientID = pet[0].PatientID

    fetch = fetching(*pet, joining)
    fetch.send(*pet)
    fetch.sweep()

    assert fetch.archive.fetched == [joining.SOPInstanceUID]


@pytest.mark.parametrize("told", [True, False], ids=["told", "not-told"])
def test_contours_that_name_a_frame_of_reference_alone_have_images_fetched(
    fetching: Begin, *, told: bool
) -> None:
    pet, contours = small_study()
    item = Dataset()
    item.FrameOfReferenceUID = pet[0].FrameOfReferenceUID
    contours.ReferencedFrameOfReferenceSequence = [item]
    for region in contours.ROIContourSequence:
        for contour in region.ContourSequence:
            contour.pop("ContourImageSequence", None)

    fetch = fetching(*pet)
    fetch.archive.hidden = set() if told else {"FrameOfReferenceUID"}
    fetch.send(contours)
    fetch.sweep()

    assert sorted(fetch.archive.fetched) == uids(pet)


def test_an_archive_that_does_not_tell_modalities_has_its_series_looked_at(
    fetching: Begin,
) -> None:
    pet, contours = small_study()
    contours.StudyInstanceUID = "1.2.3"

    fetch = fetching(*pet, contours)
    fetch.archive.hidden = {"ModalitiesInStudy"}
    fetch.send(*pet)
    fetch.sweep()

    assert fetch.archive.fetched == [contours.SOPInstanceUID]


def test_a_sweep_that_is_stopped_leaves_what_is_due(fetching: Begin) -> None:
    pet, contours = small_study()

    fetch = fetching(*pet)
    fetch.send(contours)
    fetch.stop()
    fetch.sweep()
    assert fetch.archive.asked == []

    fetch.restart()
    fetch.sweep()
    assert sorted(fetch.archive.fetched) == uids(pet)
