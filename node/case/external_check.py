"""What dciodvfy, an independent verifier of DICOM objects, says of one.

Design choice: an object is handed over by its bytes, in a nameless file in memory. The
program needs no path, nothing of it can be mistaken for an option, and an object is
judged before it is written anywhere.

Design choice: a verifier that hangs, crashes, talks without end or says nothing of an
object has not been heard. Who asked is told so, and says it of the result; no result
waits for it longer than once.
"""

import os
import re
import select
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from pydicom.datadict import keyword_for_tag

_TIMEOUT_S = 10.0
"""A thousand times what it takes."""
_ENDING_S = 1.0
"""From its last word to its end, at most."""
_MOST_OUTPUT = 256 << 10
_CHUNK = 64 << 10

_ENDS = frozenset({0, 1})
"""Its exit codes: nothing is wrong, or something is. A shell has others where it could
not start it, or one of its libraries is gone."""
_JUDGED = re.compile(r"^([A-Z]\w*$|Error - )", re.MULTILINE)
"""What is in every answer: the name of the object's definition, or why it has none."""
_COUNTS = ("Error", "Warning", "Abort")
_SUMMARY = re.compile(r"(Error|Warning) - Dicom dataset contains ")
"""What only repeats, without an attribute, that lines beside it have said something."""
_PRIVATE_CODE = re.compile(r"<99[^>]+>.* <Coding Scheme Designator>")
"""A private coding scheme, as PS3.16 section 8 names them."""
_COUNTED_IN_BYTES = re.compile(r"\] = <.*[^ -~].*> - Length invalid for this VR")
"""Of texts of other alphabets it counts bytes, where PS3.5 section 6.2 has characters;
that those are not too many is a rule of our own."""
_VALUE = re.compile(r"\] = <.*>")
"""The value of a text, which may be a name."""
_TAG = re.compile(r"\(0x([0-9a-f]{4}),0x([0-9a-f]{4})\)", re.IGNORECASE)
_NAMED = re.compile(r"(?:Element=|attribute )<([^>]*)>")
_LEADING_KEYWORD = re.compile(r"\w+ - ([A-Z][a-z]+[A-Z]\w+) ")
_NOT_ALPHANUMERIC = re.compile(r"[^A-Za-z0-9]")
_OF_CODES = frozenset({"CodeValue", "CodingSchemeDesignator", "CodeMeaning"})
"""Attributes that stand in an object many times: one of them says nothing of others."""


class ExternalCheck:
    """Asks dciodvfy.

    Parameters
    ----------
    program : Path
        Absolute.
    timeout_s : float
    """

    def __init__(self, program: Path, timeout_s: float = _TIMEOUT_S) -> None:
        self._program = program
        self._timeout_s = timeout_s

    def complaints(self, content: bytes) -> tuple[str, ...]:
        """Return the errors and warnings on a file that count, each once.

        What it says of codes of private schemes does not count: they are allowed. The
        lines that sum up others do not either, nor the length of texts that it counts
        in bytes. Values of texts are left out.

        Parameters
        ----------
        content : bytes
            The file.

        Raises
        ------
        UnheardError
            Nothing is known of the file then.
        """
        with self.asked(content) as answer:
            return answer.complaints()

    @contextmanager
    def asked(self, content: bytes) -> Iterator["Answer"]:
        """Have the program judge a file while the context lasts.

        Parameters
        ----------
        content : bytes
            The file.

        Raises
        ------
        UnheardError
        """
        with ExitStack() as stack:
            try:
                with _in_memory(content) as file:
                    process = stack.enter_context(self._started(file))
            except OSError as failure:
                raise _not_run(self._program, failure) from failure
            # Nothing happens to one that has ended.
            stack.callback(process.kill)
            yield Answer(self._program, process, self._timeout_s)

    def _started(self, file: int) -> subprocess.Popen[bytes]:
        # Without `close_fds`, since no file that may be passed on is left open: Python
        # can then start it without a copy of a process that holds a whole study.
        return subprocess.Popen(  # noqa: S603 - a fixed program, without arguments
            [self._program],
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            close_fds=False,
            env={},
        )


class Answer:
    """What the program says of a file, as soon as it has said it.

    Parameters
    ----------
    program : Path
    process : Popen
        That judges the file, since now.
    timeout_s : float
    """

    def __init__(
        self, program: Path, process: subprocess.Popen[bytes], timeout_s: float
    ) -> None:
        self._program = program
        self._process = process
        self._ends_at = time.monotonic() + timeout_s

    def complaints(self) -> tuple[str, ...]:
        """Return what `ExternalCheck.complaints` does; wait for it.

        Raises
        ------
        UnheardError
        """
        return tuple(
            dict.fromkeys(
                _VALUE.sub("]", line).strip()
                for line in self._words().splitlines()
                if line.startswith(_COUNTS)
                and not _SUMMARY.match(line)
                and not _PRIVATE_CODE.search(line)
                and not _COUNTED_IN_BYTES.search(line)
            )
        )

    def _words(self) -> str:
        name = self._program.name
        try:
            said = self._read()
            left_s = max(self._ends_at - time.monotonic(), _ENDING_S)
            status = self._process.wait(left_s)
        except OSError as failure:
            raise _not_run(self._program, failure) from failure
        except (_UnendingError, subprocess.TimeoutExpired):
            raise UnheardError(name, "does not end") from None
        if status < 0:
            raise UnheardError(name, f"was ended by signal {-status}")
        words = said.decode("utf-8", "replace")
        if status not in _ENDS or not _JUDGED.search(words):
            why = f"says nothing of an object, and ends with code {status}"
            raise UnheardError(name, why)
        return words

    def _read(self) -> bytes:
        """Return all that it says.

        Raises
        ------
        _UnendingError
        """
        said = bytearray()
        pipe = self._process.stdout
        if pipe is None:
            return b""
        poll = select.poll()
        poll.register(pipe, select.POLLIN)
        while len(said) <= _MOST_OUTPUT:
            # What it has said is heard also by who comes late.
            left_ms = max(self._ends_at - time.monotonic(), 0.0) * 1000
            if not poll.poll(left_ms):
                break
            chunk = os.read(pipe.fileno(), _CHUNK)
            if not chunk:
                return bytes(said)
            said += chunk
        raise _UnendingError


def _not_run(program: Path, failure: OSError) -> "UnheardError":
    why = failure.strerror or type(failure).__name__
    return UnheardError(program.name, f"cannot be run: {why}")


class UnheardError(Exception):
    """The program has said nothing that could be believed of an object."""

    def __init__(self, program: str, why: str) -> None:
        super().__init__(f"{program} {why}")


class _UnendingError(Exception):
    """The program did not end in time, or says more than anybody reads."""


@contextmanager
def _in_memory(content: bytes) -> Iterator[int]:
    """Give a file descriptor from which bytes are read."""
    file = os.memfd_create("object", os.MFD_CLOEXEC)
    try:
        left = memoryview(content)
        while left:
            left = left[os.write(file, left) :]
        os.lseek(file, 0, os.SEEK_SET)
        yield file
    finally:
        os.close(file)


def attribute_of(complaint: str) -> str:
    """Return the keyword of the attribute that a complaint is about, or nothing."""
    named = _NAMED.search(complaint)
    if named:
        return _NOT_ALPHANUMERIC.sub("", named[1])
    tag = _TAG.search(complaint)
    if tag:
        return keyword_for_tag(int(tag[1] + tag[2], 16)) or tag[0]
    leading = _LEADING_KEYWORD.match(complaint)
    return leading[1] if leading else ""


def beyond(complaints: tuple[str, ...], of_source: tuple[str, ...]) -> tuple[str, ...]:
    """Return the complaints that are not raised of the same attribute of the source.

    Parameters
    ----------
    complaints, of_source : tuple of str
        On an object, and on one that it was made from.
    """
    attributes = {attribute_of(each) for each in of_source} - _OF_CODES - {""}
    return tuple(
        each
        for each in complaints
        if each not in of_source and attribute_of(each) not in attributes
    )
