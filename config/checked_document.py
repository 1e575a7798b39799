"""TOML files that carry numbers of a result: how they are read and told apart.

Score models and feature profiles are such files. The checksum of one is the SHA-256, in
hexadecimal, of its content in canonical form: the parsed document without the key
`checksum`, as JSON with sorted keys, no white space, UTF-8. Comments and layout may
change; a number may not.
"""

import hashlib
import json
import tomllib
from collections.abc import Iterable, Mapping
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from config.refusal import RefusalError

MAXIMUM_BYTES = 1_000_000


class RefusedDocumentError(RefusalError):
    """A document cannot be used as it is written.

    Attributes
    ----------
    source : str
        The file, or the name that was looked for.
    mistakes : tuple of str
        Every one that was found, each with its key.
    remedy : str
    """

    def __init__(self, source: str, mistakes: Iterable[str], remedy: str) -> None:
        self.source = source
        self.mistakes = tuple(mistakes)
        self.remedy = remedy
        super().__init__(f"{source}: {'; '.join(self.mistakes)}. {remedy}")


class DocumentError(Exception):
    """A file cannot be read as a document.

    Attributes
    ----------
    fact : str
        What is wrong, completing the sentence that the file's name begins.
    remedy : str
        What to do, as a sentence.
    """

    def __init__(self, fact: str, remedy: str) -> None:
        super().__init__(f"{fact}. {remedy}")
        self.fact = fact
        self.remedy = remedy


def text_of(file: Path | Traversable) -> str:
    """Return the text of a file.

    Raises
    ------
    DocumentError
        When it cannot be read, is larger than `MAXIMUM_BYTES` or is no text.
    """
    try:
        with file.open("rb") as stream:
            data = stream.read(MAXIMUM_BYTES + 1)
    except OSError as error:
        fact = f"cannot be read: {error.strerror}"
        raise DocumentError(fact, "Check the path.") from error
    if len(data) > MAXIMUM_BYTES:
        fact = f"is larger than {MAXIMUM_BYTES} bytes"
        raise DocumentError(fact, "This is not the file that it should be.")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        fact = "is not UTF-8 text"
        raise DocumentError(fact, "Restore the file.") from error


def parsed(text: str) -> dict[str, Any]:
    """Return the content of a text, of whatever layout.

    Raises
    ------
    DocumentError
        When the text is not TOML.
    """
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        fact = f"is not TOML: {error}"
        raise DocumentError(fact, "Restore the file.") from error


def content_of(text: str, newest_schema: int) -> dict[str, Any]:
    """Return the content of a document of a layout that is understood.

    Parameters
    ----------
    text : str
    newest_schema : int
        The newest layout, as the key `schema` counts them.

    Raises
    ------
    DocumentError
        When the text is not TOML, or of a newer layout.
    """
    content = parsed(text)
    schema = content.get("schema")
    if isinstance(schema, int) and schema > newest_schema:
        fact = f"schema: {schema} is newer than {newest_schema}"
        raise DocumentError(fact, "Update exhaustion-node.")
    return content


def checksum_of(content: Mapping[str, Any]) -> str:
    """Return the checksum of a document, whether or not it states one."""
    stated = {key: value for key, value in content.items() if key != "checksum"}
    return hashlib.sha256(json_of(stated, sort_keys=True)).hexdigest()


def json_of(content: Mapping[str, Any], *, sort_keys: bool) -> bytes:
    """Return a document as JSON."""
    # A date or time has no place in these files; as a list it fits no key of one.
    text = json.dumps(
        content,
        sort_keys=sort_keys,
        separators=(",", ":"),
        ensure_ascii=False,
        default=lambda value: [str(value)],
    )
    return text.encode("utf-8")


def mistake_of(detail: Any) -> str:
    """Return a finding of a validation with its key, for a person.

    Parameters
    ----------
    detail : pydantic_core.ErrorDetails
    """
    key = ".".join(str(part) for part in detail["loc"])
    text = str(detail["msg"]).removeprefix("Value error, ")
    return f"{key}: {text}" if key else text
