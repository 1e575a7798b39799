"""Whether the node takes a hostile file as it should: a result, or a typed error.

Each file goes the whole way: header, readiness, the readers of its kind, and, where the
study is still ready, the case pipeline with its result objects.
"""

import faulthandler
import signal
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from types import FrameType

from config.load import load_settings
from dicom_io.any_image import read_any_image
from dicom_io.context.acquisition_context import read_acquisition_context
from dicom_io.errors import DicomContentError
from dicom_io.header import read_header_bytes, read_header_file
from dicom_io.regions.contour_source import read_contour_source
from dicom_io.regions.registration import read_registration
from model.errors import ModelError
from node.failure import REASONS
from node.folder import FolderContents, read_folder
from node.logs import hush_pydicom
from node.options.case import case_options, matching_rules
from node.scoring import score_folder
from tests.fuzz.file_mutations import mutated
from tests.fuzz.scenes import NAME, Scene, scenes

AT = datetime(2026, 3, 3, tzinfo=UTC)
SECONDS_EACH = 20.0
"""Far above what any of these small files needs, on a machine that does much else."""
_LONGEST_MESSAGE = 2000
_READERS: tuple[Callable[[Path], object], ...] = (
    read_contour_source,
    read_registration,
    lambda path: read_acquisition_context(path, UTC),
    lambda path: read_any_image([path]),
)


@dataclass(frozen=True)
class Fault:
    """What must not happen.

    Attributes
    ----------
    words : str
        What was wrong, the same for the same fault.
    detail : str
    scene : str
    place : int
        Of the mutated file among the files of its scene.
    content : bytes
        Of the mutated file.
    """

    words: str
    detail: str
    scene: str
    place: int
    content: bytes


class TooSlowError(BaseException):
    """A file takes longer than it may; no reader must take this for its own error."""


class Examiner:
    """Makes files hostile, one for each number, and lets the node read them.

    Parameters
    ----------
    seed : int
    score_every : int
        Of how many files one goes through the pipeline to its end; the others stop
        where the study is found ready, which is where most are refused.
    """

    def __init__(self, seed: int, *, score_every: int = 1) -> None:
        hush_pydicom()
        settings = load_settings(None)
        self._seed = seed
        self._score_every = score_every
        self._options = case_options(settings)
        self._rules = matching_rules(settings)
        self._folder = tempfile.TemporaryDirectory(prefix="fuzz-")
        self.studies = [(scene, self._written(scene)) for scene in scenes()]
        self.outcomes: dict[str, int] = {}
        self.slowest_s = 0.0

    def close(self) -> None:
        self._folder.cleanup()

    def examine(self, number: int) -> Fault | None:
        """Return what went wrong with the file of a number, or None."""
        random = Random(f"{self._seed}/{number}")  # noqa: S311 (repeatable on purpose)
        scene, paths = random.choice(self.studies)
        place, tree = random.choice(scene.trees)
        content = mutated(tree, random)
        path = paths[place].with_name("mutated")
        path.write_bytes(content)
        files = [*paths[:place], path, *paths[place + 1 :]]
        started = time.monotonic()
        try:
            with time_limit(SECONDS_EACH):
                self._read(path, files, score=number % self._score_every == 0)
        # Whatever it is, it is what is looked for.
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            return Fault(_words(error), _trace(error), scene.name, place, content)
        finally:
            self.slowest_s = max(self.slowest_s, time.monotonic() - started)
        return None

    def _read(self, path: Path, files: list[Path], *, score: bool) -> None:
        try:
            header = read_header_file(path)
        except DicomContentError as error:
            self._refused(error)
            with suppress(DicomContentError):
                read_header_bytes(path.read_bytes())
            return
        assert len(repr(header)) < 200_000
        for reader in _READERS:
            try:
                reader(path)
            except (DicomContentError, ModelError) as error:
                self._refused(error)
        if score:
            self.score(files)

    def score(self, files: list[Path]) -> None:
        contents: FolderContents = read_folder(files, AT)
        with tempfile.TemporaryDirectory(dir=self._folder.name) as out:
            found = score_folder(contents, self._rules, self._options, Path(out), AT)
        for held in found.held:
            assert held.reason in REASONS, held.reason
            _require_discreet(held.detail)
            self._count(held.reason)
        self._count("scored" if found.results else "held")

    def _refused(self, error: DicomContentError | ModelError) -> None:
        assert error.reason in REASONS, error.reason
        _require_discreet(str(error))
        assert "MemoryError" not in str(error), str(error)
        assert "RecursionError" not in str(error), str(error)
        self._count(error.reason)

    def _count(self, outcome: str) -> None:
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1

    def _written(self, scene: Scene) -> list[Path]:
        folder = Path(self._folder.name) / scene.name
        folder.mkdir()
        paths = [folder / f"{number}.dcm" for number in range(len(scene.files))]
        for path, content in zip(paths, scene.files, strict=True):
            path.write_bytes(content)
        return paths


def _require_discreet(message: str) -> None:
    assert NAME not in message, "a message names the patient"
    assert len(message) < _LONGEST_MESSAGE, f"a message of {len(message)} characters"


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise in code that takes longer; end the process where not even that helps."""

    def too_slow(_signal: int, _frame: FrameType | None) -> None:
        raise TooSlowError

    before = signal.signal(signal.SIGALRM, too_slow)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    faulthandler.dump_traceback_later(3 * seconds, exit=True)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        faulthandler.cancel_dump_traceback_later()
        signal.signal(signal.SIGALRM, before)


def _words(error: BaseException) -> str:
    """Return the kind of an error and the place in our code that it came through."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [each for each in frames if "/site-packages/" not in each.filename]
    where = [f"{Path(each.filename).name}:{each.lineno}" for each in ours[-2:]]
    return f"{type(error).__name__} {' '.join(where)}"


def _trace(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))[-4000:]
