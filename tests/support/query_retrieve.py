"""An archive for tests that answers C-FIND and hands over by C-GET and C-MOVE.

It knows Study Root and no more; what an archive does wrong is switched on by a test.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from pydicom.dataset import Dataset
from pynetdicom import AE, StoragePresentationContexts, evt
from pynetdicom.events import Event

from node.association.query import STUDY_ROOT_FIND
from node.association.requestor import Destination
from node.association.retrieve import STUDY_ROOT_GET, STUDY_ROOT_MOVE
from tests.support.peers import HOST, destination

_LEVELS = {
    "STUDY": "StudyInstanceUID",
    "SERIES": "SeriesInstanceUID",
    "IMAGE": "SOPInstanceUID",
}


class QueryRetrieveArchive:
    """A Query/Retrieve SCP that holds data sets.

    Attributes
    ----------
    held : list of Dataset
    asked : list of Dataset
        Identifiers of C-FIND, in order.
    fetched : list of str
        SOP Instance UIDs that were handed over.
    withheld : set of str
        SOP Instance UIDs that are said to be held and not handed over.
    hidden : set of str
        Keywords that it does not know.
    peer : Destination
        How it is called, once it runs.
    move_to : int
        Port of whoever is sent objects by C-MOVE.
    """

    peer: Destination

    def __init__(self, held: Iterable[Dataset] = ()) -> None:
        self.begin(held)

    def begin(self, held: Iterable[Dataset]) -> None:
        """Hold these data sets alone, as if it had never been asked."""
        self.held = list(held)
        self.asked: list[Dataset] = []
        self.fetched: list[str] = []
        self.withheld: set[str] = set()
        self.hidden: set[str] = set()
        self.move_to = 0

    def questions(self, level: str) -> int:
        """Return how many questions were asked at a level."""
        return sum(each.QueryRetrieveLevel == level for each in self.asked)

    @contextmanager
    def running(self, timeout_s: float = 10.0) -> Iterator["QueryRetrieveArchive"]:
        """Serve until the context ends."""
        entity = AE("PACS")
        for model in (STUDY_ROOT_FIND, STUDY_ROOT_GET, STUDY_ROOT_MOVE):
            entity.add_supported_context(model)
        for context in StoragePresentationContexts:
            uid = str(context.abstract_syntax)
            entity.add_supported_context(uid, scu_role=False, scp_role=True)
        entity.requested_contexts = StoragePresentationContexts[:100]
        server = entity.start_server(
            (HOST, 0),
            block=False,
            evt_handlers=[
                (evt.EVT_C_FIND, self._find),
                (evt.EVT_C_GET, self._get),
                (evt.EVT_C_MOVE, self._move),
            ],
        )
        assert server is not None
        self.peer = destination(server.server_address[1], timeout_s=timeout_s)
        try:
            yield self
        finally:
            entity.shutdown()

    def _find(self, event: Event) -> Iterator[Any]:
        asked = event.identifier
        self.asked.append(asked)
        level = str(asked.QueryRetrieveLevel)
        told: set[str] = set()
        for each in self._matching(asked):
            uid = str(each[_LEVELS[level]].value)
            if uid not in told:
                told.add(uid)
                yield 0xFF00, self._answer(each, asked, level)

    def _answer(self, dataset: Dataset, asked: Dataset, level: str) -> Dataset:
        answer = Dataset()
        answer.QueryRetrieveLevel = level
        for element in asked:
            if element.keyword in dataset:
                answer[element.keyword] = dataset[element.keyword]
        if "ModalitiesInStudy" in asked:
            study = dataset.StudyInstanceUID
            answer.ModalitiesInStudy = sorted(
                {
                    str(each.Modality)
                    for each in self.held
                    if each.StudyInstanceUID == study
                }
            )
        for keyword in self.hidden:
            answer.pop(keyword, None)
        return answer

    def _get(self, event: Event) -> Iterator[Any]:
        found = list(self._matching(event.identifier))
        yield len(found)
        for each in found:
            if each.SOPInstanceUID in self.withheld:
                continue
            self.fetched.append(str(each.SOPInstanceUID))
            yield 0xFF00, each

    def _move(self, event: Event) -> Iterator[Any]:
        yield HOST, self.move_to
        yield from self._get(event)

    def _matching(self, asked: Dataset) -> Iterator[Dataset]:
        keys = [*_LEVELS.values(), "PatientID"]
        for each in self.held:
            if all(_fits(each, asked, key) for key in keys):
                yield each


def _fits(dataset: Dataset, asked: Dataset, key: str) -> bool:
    wanted = asked.get(key) or ""
    values = [wanted] if isinstance(wanted, str) else [str(uid) for uid in wanted]
    return not wanted or str(dataset.get(key, "")) in values
