"""The one owner of the injection log's file: reads it, and keeps the last good reading.

Design choice: a log that was read once stays in use while its file cannot be read; the
people who fill it lock it, move it and cut it off every day. A log that could never be
read holds the studies: a header alone may be what the site wrote the log to correct.

Design choice: a file that changed is read when two looks in a row see the same file, so
that one that is still being written is left alone.
"""

import logging
import threading
from collections.abc import Callable
from datetime import tzinfo
from pathlib import Path
from typing import NamedTuple

from node.injection_log.log import InjectionLog, UnreadableLogError, read_injection_log

_log = logging.getLogger(__name__)

_SHOWN_MISTAKES = 3


class _Stamp(NamedTuple):
    """What changes when a file does."""

    modified_ns: int
    size: int
    inode: int


class LogKeeper:
    """Keeps the injection log of a site.

    Any thread may ask for what was read; one of them looks.

    Parameters
    ----------
    path : Path or None
        None where the site has no log: it then says nothing of any study.
    zone : tzinfo
        Of dates and times without an offset.
    tell : callable
        Told in words, for people, what became of a reading.
    """

    def __init__(
        self, path: Path | None, zone: tzinfo, tell: Callable[[str], None]
    ) -> None:
        self._path = path
        self._zone = zone
        self._tell = tell
        self._told = ""
        self._turn = threading.RLock()
        self._read: _Stamp | None = None
        self._seen: _Stamp | None = None
        self._current: InjectionLog | UnreadableLogError | None = (
            InjectionLog() if path is None else None
        )
        self.readings = 0
        """How often a log was read; another number, another content."""

    @property
    def current(self) -> InjectionLog:
        """The log as it was last read; read now if it never was.

        Raises
        ------
        UnreadableLogError
            When it never could be read.
        """
        with self._turn:
            if self._current is None:
                self.read()
        current = self._current
        if isinstance(current, InjectionLog):
            return current
        trouble = current or UnreadableLogError("it was not read yet")
        raise trouble.with_traceback(None)

    def look(self) -> None:
        """Read the log if its file is another one than was read, and at rest."""
        if self._path is None:
            return
        stamp = _stamp(self._path)
        if stamp is not None and stamp == self._read:
            return
        at_rest, self._seen = stamp == self._seen, stamp
        if at_rest or not isinstance(self._current, InjectionLog):
            self.read()

    def read(self) -> None:
        """Read the log now; what was read before stays where that cannot be."""
        if self._path is not None:
            with self._turn:
                self._read_now(self._path)

    def _read_now(self, path: Path) -> None:
        # Taken before: a change while it is read is seen by the next look.
        stamp = _stamp(path)
        try:
            current = read_injection_log(path, self._zone)
        except UnreadableLogError as trouble:
            if isinstance(self._current, InjectionLog):
                then = "what was read before stays in use"
            else:
                then = "studies are held until it can be"
                self._current = trouble
            self._say(logging.ERROR, f"{trouble} ({path}); {then}")
            return
        self._current, self._read = current, stamp
        self.readings += 1
        self._say(*_words(current))

    def _say(self, level: int, words: str) -> None:
        if words != self._told:
            self._told = words
            _log.log(level, words)
            self._tell(words)


def _stamp(path: Path) -> _Stamp | None:
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return _Stamp(found.st_mtime_ns, found.st_size, found.st_ino)


def _words(log: InjectionLog) -> tuple[int, str]:
    mistakes = [
        *log.mistakes,
        *(mistake for row in log.rows for mistake in row.mistakes),
    ]
    said = [f"the injection log was read: {len(log.rows)} rows", *log.statements]
    if not mistakes:
        return logging.INFO, ". ".join(said)
    shown = [str(mistake) for mistake in mistakes[:_SHOWN_MISTAKES]]
    said[0] += f", {len(mistakes)} mistakes"
    more = ["..."] if len(mistakes) > len(shown) else []
    return logging.WARNING, ". ".join([*said, *shown, *more])
