"""What a process asked of the kernel, in order, as strace saw it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CALLS = (
    "write", "writev", "pwrite64", "fsync", "fdatasync", "rename", "renameat",
    "renameat2", "sendto", "sendmsg", "connect",
)  # fmt: skip
_FLUSHES = ("fsync", "fdatasync")
_LINE = re.compile(r"(\d+) +(?:<\.\.\. )?(\w+)(?: resumed>|\()(.*)")
_FILE = re.compile(r"\d+<([^>]*)>")
_NAMES = re.compile(r'"([^"]*)"')


@dataclass(frozen=True)
class SystemCall:
    """One call; a flush where it returned, any other where it began.

    Attributes
    ----------
    thread : int
    name : str
    on : str
        Path or socket that it works on; for renames, what the file is called then.
    words : str
        All of its arguments.
    """

    thread: int
    name: str
    on: str
    words: str


def options(out: Path) -> list[str]:
    """Return the options with which strace writes what `traced` reads."""
    calls = ",".join(CALLS)
    words = ["-f", "--seccomp-bpf", "-y", "-qq", "-s", "0", "-e", f"trace={calls}"]
    return [*words, "-o", str(out)]


def traced(out: Path) -> list[SystemCall]:
    """Return the calls in the order in which they took effect."""
    return list(_calls(out))


def _calls(out: Path) -> Iterator[SystemCall]:
    begun: dict[int, str] = {}
    for line in out.read_text().splitlines():
        found = _LINE.match(line)
        if found is None:
            continue
        thread, name, words = int(found[1]), found[2], found[3]
        resumed = "resumed>" in line
        if words.endswith("<unfinished ...>"):
            begun[thread] = words
            if name in _FLUSHES:
                continue
        elif resumed:
            words = begun.pop(thread, "") + words
            if name not in _FLUSHES:
                continue
        yield SystemCall(thread, name, _on(name, words), words)


def _on(name: str, words: str) -> str:
    if name.startswith("rename"):
        return _NAMES.findall(words)[-1]
    found = _FILE.search(words)
    return found[1] if found else ""
