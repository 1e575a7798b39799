"""One running service and its archive, for many promises, each of studies of its own.

A service takes seconds to start, most of them imports in it and its worker. A promise
about what a study comes to needs a service that runs, not one that was just started.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import pydicom
from pydicom.dataset import Dataset
from pydicom.uid import Comprehensive3DSRStorage

from node.association.archive import Archive, Arrival
from tests.support.pet import STUDY_UID, write_all
from tests.support.report_alone import ALL_OBJECTS
from tests.support.service import (
    free_port,
    running,
    store,
    wait_for_state,
    write_config,
)
from tests.support.studies import as_study, small_study, uid_in
from tests.support.written_log import WrittenLog

WAIT_S = 60.0


@dataclass(frozen=True)
class SharedService:
    """A service that runs, and the archive that it delivers to.

    Attributes
    ----------
    folder : Path
        For what is sent.
    config : Path
    port : int
    archive : Archive
    log : WrittenLog or None
        Its injection log, in which rows of other animals may be written.
    """

    folder: Path
    config: Path
    port: int
    archive: Archive
    log: WrittenLog | None
    _numbers: Iterator[int]

    def new_study(self) -> "ServedStudy":
        """Return a study that the service has not met, nothing of it sent yet."""
        return ServedStudy(self, next(self._numbers))


@dataclass(frozen=True)
class ServedStudy:
    """One study at the service, and what the archive has of it.

    Attributes
    ----------
    service : SharedService
    number : int
        Of the study among those of the service.
    """

    service: SharedService
    number: int

    @property
    def uid(self) -> str:
        """What the builders' *Study Instance UID* is in this study."""
        return self.uid_of(STUDY_UID)

    def uid_of(self, uid: str) -> str:
        """Return what a builder's UID is in this study."""
        return uid_in(self.number, uid)

    def write(self, *datasets: Dataset) -> list[Path]:
        """Write objects as of this study, without sending them; files in order."""
        folder = self.service.folder / str(self.number)
        return write_all(as_study(self.number, datasets), folder)

    def write_small(self, **overrides: object) -> list[Path]:
        """Write `small_study` as this one; the structure set last."""
        pet, contours = small_study(**overrides)  # type: ignore[arg-type]
        return self.write(*pet, contours)

    def store(self, paths: Sequence[Path]) -> None:
        """Send files over an association of their own."""
        store(self.service.port, list(paths))

    def wait_for(self, *states: str) -> Any:
        """Wait until the study is in one of the states; `study UID --json`."""
        return wait_for_state(self.service.config, self.uid, *states)

    def arrivals(self) -> list[Arrival]:
        """Return what the archive has of the study, in order."""
        return [
            arrival for arrival in self.service.archive.arrivals if self._owns(arrival)
        ]

    def reports(self, number: int = 1) -> list[Dataset]:
        """Return the reports once there are as many; there must not be more."""
        assert self.service.archive.wait_for(
            lambda found: len(self._reports(found)) >= number, WAIT_S
        )
        found = self._reports(self.service.archive.arrivals)
        assert len(found) == number
        return [pydicom.dcmread(arrival.path) for arrival in found]

    def _reports(self, arrivals: Sequence[Arrival]) -> list[Arrival]:
        return [
            arrival
            for arrival in arrivals
            if arrival.sop_class_uid == Comprehensive3DSRStorage and self._owns(arrival)
        ]

    def _owns(self, arrival: Arrival) -> bool:
        return _study_of(arrival.path) == self.uid


@cache
def _study_of(path: Path) -> str:
    """Return whose an object is; whoever waits asks that of all, at each arrival."""
    read = pydicom.dcmread(path, specific_tags=["StudyInstanceUID"])
    return str(read.StudyInstanceUID)


@contextmanager
def shared_service(folder: Path) -> Iterator[SharedService]:
    """Run a service and its archive until the context ends."""
    port = free_port()
    log = WrittenLog(folder)
    with Archive(folder / "archive", "ARCHIVE") as archive:
        config = write_config(
            folder, port, archive_port=archive.port, extra=log.settings + ALL_OBJECTS
        )
        with running(config, port):
            yield SharedService(folder / "sent", config, port, archive, log, count())
