"""The data folder: there, ours, local, with room, and as quick as its promises need."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile

from node.doctor.finding import Finding, doubtful, ill, well

_SUBJECT = "data folder"
_LITTLE_BYTES = 10 * 2**30
"""Room for some ten studies with a CT of 512 by 512 by 1000."""
_SLOW_S = 0.05
_TRIES = 5
_PROBE_BYTES = 32_768
_NETWORK_FILE_SYSTEMS = frozenset({"nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs"})
"""SQLite's locks, and a promise that a file is on a disk, do not hold on these."""
_MOUNTS = Path("/proc/self/mounts")


def examine_disk(folder: Path) -> Iterator[Finding]:
    """Yield what there is to say of the data folder."""
    if not folder.is_dir():
        remedy = f"Make it: mkdir -p {folder}, owned by the user of the node."
        yield ill(_SUBJECT, f"{folder} is not there", remedy)
        return
    try:
        longest_s = _longest_write_s(folder)
    except OSError as failure:
        owner = folder.stat().st_uid
        yield ill(
            _SUBJECT,
            f"{folder} cannot be written: {failure.strerror} (owned by user id "
            f"{owner}, this is {os.getuid()})",
            "Give it to the user of the node; in a container, match the user ids.",
        )
        return
    yield from _space(folder)
    yield _speed(folder, longest_s)
    yield from _kind(folder)


def _space(folder: Path) -> Iterator[Finding]:
    volume = os.statvfs(folder)
    free = volume.f_bavail * volume.f_frsize
    fact = f"{folder} has {free / 2**30:.1f} GiB free"
    remedy = "Free space, or set retention.delete_after_days."
    if free < _LITTLE_BYTES:
        yield doubtful(_SUBJECT, fact, remedy)
    else:
        yield well(_SUBJECT, fact)
    if volume.f_files and volume.f_favail < volume.f_files // 50:
        yield doubtful(_SUBJECT, "less than 2 % of its inodes are free", remedy)


def _speed(folder: Path, longest_s: float) -> Finding:
    fact = f"a write is safe on {folder} after at most {1e3 * longest_s:.1f} ms"
    if longest_s < _SLOW_S:
        return well(_SUBJECT, fact)
    remedy = "Scanners wait for that with each slice: use a local SSD."
    return doubtful(_SUBJECT, fact, remedy)


def _kind(folder: Path) -> Iterator[Finding]:
    kind = _file_system(folder)
    if kind in _NETWORK_FILE_SYSTEMS:
        fact = f"{folder} lies on {kind}, on which locks and fsync do not hold"
        remedy = "Use a local file system such as ext4 or XFS."
        yield ill(_SUBJECT, fact, remedy)
    elif kind in ("tmpfs", "ramfs"):
        fact = f"{folder} lies in memory ({kind}) and is gone after a restart"
        yield ill(_SUBJECT, fact, "Use a local file system such as ext4 or XFS.")


def _longest_write_s(folder: Path) -> float:
    """Return how long a small file took to be safe, at most, over some tries."""
    longest_s = 0.0
    for _ in range(_TRIES):
        began_s = time.perf_counter()
        with NamedTemporaryFile(dir=folder, prefix=".doctor-") as probe:
            probe.write(bytes(_PROBE_BYTES))
            probe.flush()
            os.fsync(probe.fileno())
            longest_s = max(longest_s, time.perf_counter() - began_s)
    return longest_s


def _file_system(folder: Path) -> str:
    """Return the kind of file system that a folder lies on; empty where unknown."""
    if not _MOUNTS.is_file():
        return ""
    place = folder.resolve()
    best, kind = Path(), ""
    for line in _MOUNTS.read_text().splitlines():
        # Spaces in a mount point stand as octal escapes.
        _, mounted, name, *_ = line.split(" ")
        at = Path(mounted.encode().decode("unicode_escape"))
        if place.is_relative_to(at) and len(at.parts) >= len(best.parts):
            best, kind = at, name
    return kind
