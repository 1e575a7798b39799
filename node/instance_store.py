"""Files that survive: what has been written is on the disk, whole, or not there.

A file is written under a temporary name, fsynced, renamed into place, and the folder is
fsynced. Only then does a call return, so that a caller may promise a peer that the
object is safe.

Design choice: an object's name is the hash of its own data set
(``objects/ab/abcd….dcm``). Nothing that came over the network becomes part of a path,
an identical resend changes nothing, and other content under the same SOP Instance UID
never overwrites the first.

Design choice: one level of 256 folders. A million objects make 4 000 entries in each,
which is nothing to ext4 or XFS. All 256 are made, and fsynced once, when the store is
opened, so that receiving an object costs two fsyncs, of the file and of its folder.

Design choice: the disk begins to write before the hash is computed, and before it is
known whether the object is new. The two take about as long as each other, and a resend
is rare; nothing of it is waited for then.

Design choice: temporary files lie in one folder, ``incoming``, on the same volume. What
a crash left there is found without walking through the objects. A writer keeps a lock
on its temporary file, so that opening the store from a second process (`studies` beside
a running node) removes only what nobody writes.
"""

import fcntl
import hashlib
import itertools
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from node.disk import (
    Piece,
    Pieces,
    begin_write_back,
    ends_with,
    fsync_folder,
    write_all,
)
from node.fault_points import FaultPoint, Passing, pass_by
from node.full_volume import StorageFullError, space_watched
from node.store_paths import UnsafePathError, refuse_unsafe, result_path

__all__ = [
    "InstanceStore",
    "StorageFullError",
    "StoredFile",
    "UnsafePathError",
    "incoming_folder",
]

_OBJECTS = Path("objects")
_INCOMING = Path("incoming")
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
_OWN = 0o600
_WRITERS = 4


@dataclass
class _Temporary:
    """A file that is written, and has no lasting name yet."""

    path: Path
    descriptor: int
    size: int
    is_named: bool = False


@dataclass(frozen=True)
class StoredFile:
    """A file that is safely on disk.

    Attributes
    ----------
    path : Path
        Relative to the store's root.
    sha256 : str
        Hex digest: of the data set without preamble and file meta information for a
        received object, of the whole content for any other file.
    size : int
        Bytes of the file.
    """

    path: Path
    sha256: str
    size: int


class InstanceStore:
    """The folder of received objects and results. Safe for many threads.

    Parameters
    ----------
    root : Path
        Made when it does not exist. Remains of interrupted writes are removed.

    Attributes
    ----------
    root : Path
        Absolute.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self._lasting: set[Path] = set()
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        with space_watched(self.root):
            self._make_root()
            self._make_lasting(_INCOMING)
            self._make_object_folders()
        self._remove_remains()

    def write(
        self,
        file_meta: bytes,
        dataset: Piece,
        passing: Passing = pass_by,
    ) -> StoredFile:
        """Store a received object.

        Parameters
        ----------
        file_meta : bytes
            Preamble, prefix and file meta information (PS3.10 section 7.1).
        dataset : bytes, memoryview or mmap
            The data set, encoded, as received.
        passing : callable
            Is told of the RECEIVE points that are passed.

        Returns
        -------
        StoredFile
            Also when the same data set was there before; the file then stays as it is.

        Raises
        ------
        StorageFullError
        OSError
            The volume fails in another way.
        """
        pieces = (file_meta, dataset)
        with space_watched(self.root), self._written(pieces) as temporary:
            passing(FaultPoint.RECEIVE_WRITTEN)
            sha256 = hashlib.sha256(dataset).hexdigest()
            relative = _OBJECTS / sha256[:2] / f"{sha256}.dcm"
            size = self._size_if_held(relative, dataset)
            if size is None:
                size = temporary.size
                self._name(temporary, relative, passing)
            # Of one that is held, too: the thread that renamed it may not have come to
            # its fsync yet.
            fsync_folder((self.root / relative).parent)
        return StoredFile(relative, sha256, size)

    def write_result(self, job_key: str, name: str, content: bytes) -> StoredFile:
        """Store a file of a result as ``results/<job key>/<name>``.

        Raises
        ------
        UnsafePathError
            The key or the name is not one plain component.
        StorageFullError
        """
        return self.write_file(result_path(job_key, name), content)

    def write_results(
        self, job_key: str, files: Sequence[tuple[str, bytes]]
    ) -> tuple[Path, ...]:
        """Store files of a result, and return their paths once all of them are safe.

        What `write_result` does for one, in a few threads: the disk makes several
        fsyncs of one moment into one, and the folder is fsynced once, for all.

        Parameters
        ----------
        job_key : str
        files : sequence of tuple of str and bytes
            Name and content.

        Returns
        -------
        tuple of Path
            Relative to the store's root.

        Raises
        ------
        UnsafePathError
        StorageFullError
            Some of the files may be there.
        """
        paths = [result_path(job_key, name) for name, _ in files]

        def place(path: Path, content: bytes) -> None:
            with self._written((content,)) as temporary:
                self._name(temporary, path)

        contents = [content for _, content in files]
        with space_watched(self.root):
            for folder in {path.parent for path in paths}:
                self._make_lasting(folder)
            with ThreadPoolExecutor(_WRITERS) as writers:
                list(writers.map(place, paths, contents))
            for folder in {path.parent for path in paths}:
                fsync_folder(self.root / folder)
        return tuple(paths)

    def write_file(self, relative: Path, content: bytes) -> StoredFile:
        """Store a file under a name of our own; an earlier one is replaced, whole.

        Raises
        ------
        UnsafePathError
            The path is absolute, climbs, or has a component that starts with a dot.
        StorageFullError
        """
        refuse_unsafe(relative)
        with space_watched(self.root), self._written((content,)) as temporary:
            self._make_lasting(relative.parent)
            self._name(temporary, relative)
            fsync_folder((self.root / relative).parent)
        return StoredFile(relative, hashlib.sha256(content).hexdigest(), len(content))

    def absolute(self, relative: Path) -> Path:
        """Return where a stored file lies.

        Raises
        ------
        UnsafePathError
        """
        refuse_unsafe(relative)
        return self.root / relative

    @contextmanager
    def _written(self, pieces: Pieces) -> Iterator[_Temporary]:
        """Give a temporary file with a content; it goes unless it got a name."""
        path, descriptor = self._temporary()
        temporary = _Temporary(path, descriptor, sum(map(len, pieces)))
        try:
            write_all(descriptor, pieces)
            begin_write_back(descriptor)
            yield temporary
        finally:
            if not temporary.is_named:
                with suppress(OSError):
                    path.unlink(missing_ok=True)
            os.close(descriptor)

    def _name(
        self, temporary: _Temporary, relative: Path, passing: Passing = pass_by
    ) -> None:
        """Fsync and rename, into a folder that lasts; it is to be fsynced after."""
        os.fsync(temporary.descriptor)
        passing(FaultPoint.RECEIVE_SYNCED)
        temporary.path.replace(self.root / relative)
        temporary.is_named = True
        passing(FaultPoint.RECEIVE_NAMED)

    def _temporary(self) -> tuple[Path, int]:
        """Return a new temporary file and its descriptor, locked until it is closed."""
        while True:
            name = f"{os.getpid()}-{next(self._numbers)}.part"
            path = self.root / _INCOMING / name
            try:
                descriptor = os.open(path, _NEW_FILE, _OWN)
            except FileExistsError:
                continue  # from a process before us that had our number
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            # Another process that opened the store may have come between the two
            # calls and taken the file for a remain.
            if os.fstat(descriptor).st_nlink:
                return path, descriptor
            os.close(descriptor)

    def _size_if_held(self, relative: Path, dataset: Piece) -> int | None:
        """Return the size of the file if it ends with this data set, else None.

        A name is given only to whole files; this finds one that was damaged later.
        """
        try:
            with (self.root / relative).open("rb", buffering=0) as file:
                size = os.fstat(file.fileno()).st_size
                return size if ends_with(file, size, dataset) else None
        except FileNotFoundError:
            return None

    def _make_lasting(self, relative: Path) -> None:
        """Make a folder and its parents, and fsync each folder that lists a new one.

        Once per process, even for a folder that exists: whoever made it may have
        crashed before its own fsync.
        """
        with self._lock:
            if relative in self._lasting:
                return
            folder = self.root
            for component in relative.parts:
                child = folder / component
                child.mkdir(exist_ok=True)
                fsync_folder(folder)
                folder = child
            self._lasting.add(relative)

    def _make_root(self) -> None:
        # The parent of a root that exists is left alone: it may be closed to us.
        new = [path for path in (self.root, *self.root.parents) if not path.exists()]
        self.root.mkdir(parents=True, exist_ok=True)
        for path in new:
            fsync_folder(path.parent)

    def _make_object_folders(self) -> None:
        self._make_lasting(_OBJECTS)
        folders = [_OBJECTS / f"{number:02x}" for number in range(256)]
        there = {each.name for each in (self.root / _OBJECTS).iterdir()}
        for folder in folders:
            # A worker opens the store for each job, and finds nearly always all.
            if folder.name not in there:
                (self.root / folder).mkdir(exist_ok=True)
        fsync_folder(self.root / _OBJECTS)
        self._lasting.update(folders)

    def _remove_remains(self) -> None:
        for remains in (self.root / _INCOMING).glob("*.part"):
            with suppress(OSError), remains.open("rb") as file:
                # A writer that lives holds the lock, and we must not wait for it.
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                remains.unlink(missing_ok=True)


def incoming_folder(root: Path) -> Path:
    """Return where files without a lasting name lie, in the store at a folder."""
    return root / _INCOMING
