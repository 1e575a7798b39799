"""From a file and the environment to settings, or to every mistake at once.

Design choice: a mistake never hides another. Someone who installs a node corrects a
file once, not once per mistake.

Design choice: an environment variable replaces one scalar of a named table,
``EXHAUSTION_NODE__<TABLE>__<KEY>``. Lists and tables of tables are in the file, where
they can be read. One that names no key is a mistake, like a misspelt key.
"""

import os
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from config.mistake import ConfigError, Mistake, mistakes_of
from config.schema import Settings
from config.table import keys_of

__all__ = ["ConfigError", "Mistake", "default_settings", "load_settings"]

PREFIX = "EXHAUSTION_NODE__"
"""Of the environment variables that replace a setting."""

_MAXIMUM_BYTES = 1_000_000
_SCALARS: dict[type, TypeAdapter[Any]] = {
    kind: TypeAdapter(kind) for kind in (bool, int, float)
}


def default_settings() -> Settings:
    """Return the settings of an empty configuration; the environment is not read."""
    return Settings()


def load_settings(path: Path | None) -> Settings:
    """Return the settings of a file, with the environment on top.

    Parameters
    ----------
    path : Path or None
        TOML; None for all defaults.

    Raises
    ------
    ConfigError
        With every mistake that was found.
    """
    draft = read_draft(path)
    settings, mistakes = check_draft(draft)
    if settings is None or mistakes:
        raise ConfigError(mistakes)
    return settings


@dataclass
class Draft:
    """A configuration that nobody has checked.

    Attributes
    ----------
    source : str
        What messages call the file.
    folder : Path
        Where relative paths start.
    document : dict
        Tables by name, the environment's values in place.
    variables : dict
        Environment variable by (table, key) that it set.
    mistakes : list of Mistake
        Found while reading.
    """

    source: str
    folder: Path
    document: dict[str, Any]
    variables: dict[tuple[str, ...], str] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)


def read_draft(path: Path | None) -> Draft:
    """Return what stands in a file and in the environment.

    Raises
    ------
    ConfigError
        When the file cannot be read as TOML.
    """
    if path is None:
        draft = Draft("the built-in defaults", Path.cwd(), {})
    else:
        draft = Draft(str(path), path.absolute().parent, _read_toml(path))
    for name, text in sorted(os.environ.items()):
        if name.startswith(PREFIX):
            _replace(draft, name, text)
    _read_ledger_url(draft)
    return draft


def check_draft(draft: Draft) -> tuple[Settings | None, list[Mistake]]:
    """Return the settings of a draft, or None and every mistake in it."""
    settings = None
    found = list(draft.mistakes)
    try:
        settings = Settings.model_validate(
            draft.document, context={"folder": draft.folder}
        )
    except ValidationError as error:
        found += mistakes_of(error, draft.source, draft.variables)
    return (None if found else settings), found


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            data = file.read(_MAXIMUM_BYTES + 1)
    except OSError as error:
        fact = f"cannot be read: {error.strerror}"
        raise _unreadable(path, fact, "Check the path and its permissions.") from None
    if len(data) > _MAXIMUM_BYTES:
        fact = f"is larger than {_MAXIMUM_BYTES} bytes"
        raise _unreadable(path, fact, "This is not a configuration; check the path.")
    try:
        # Editors on Windows put a byte order mark first.
        return tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        fact = f"is not UTF-8 text (at line {line})"
        raise _unreadable(path, fact, "Save the file as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        fact = f"is not TOML: {error}"
        remedy = "Correct that line; text stands in quotes, tables in [brackets]."
        raise _unreadable(path, fact, remedy) from None


def _unreadable(path: Path, fact: str, remedy: str) -> ConfigError:
    return ConfigError([Mistake(str(path), "", fact, remedy)])


def _replace(draft: Draft, name: str, text: str) -> None:
    """Put the value of an environment variable where it belongs, or note a mistake."""
    keys = tuple(name.removeprefix(PREFIX).lower().split("__"))
    kind = _kind_of(keys)
    if kind is None:
        fact = "names no setting that a variable can replace"
        remedy = f"Write {PREFIX}<TABLE>__<KEY>, for example {PREFIX}NODE__PORT."
        draft.mistakes.append(Mistake(f"environment variable {name}", "", fact, remedy))
        return
    table = draft.document.setdefault(keys[0], {})
    if not isinstance(table, dict):
        return  # a mistake of the file, found when the document is checked
    table[keys[1]] = _scalar(text, kind)
    draft.variables[keys] = name


def _kind_of(keys: tuple[str, ...]) -> Any:
    """Return the type of the scalar that two keys name, None when there is none."""
    if len(keys) != 2:  # noqa: PLR2004 - table and key
        return None
    table_field = keys_of(Settings).get(keys[0])
    table = None if table_field is None else table_field.annotation
    if not (isinstance(table, type) and issubclass(table, BaseModel)):
        return None
    key_field = keys_of(table).get(keys[1])
    kind = None if key_field is None else key_field.annotation
    return None if getattr(kind, "__origin__", None) is tuple else kind


def _scalar(text: str, kind: Any) -> Any:
    """Return a variable's text as its setting's type, or as it is when that fails."""
    adapter = _SCALARS.get(kind)
    if adapter is None:
        return text
    try:
        return adapter.validate_strings(text)
    except ValidationError:
        return text


def _read_ledger_url(draft: Draft) -> None:
    """Take the ledger's URL from where it may stand, and note where it may not."""
    table = draft.document.get("ledger")
    if not isinstance(table, dict):
        return
    url, file = table.get("url"), table.get("url_file")
    if url and file:
        fact = "stands beside ledger.url"
        draft.mistakes.append(_ledger_mistake(draft, "url_file", fact, "Keep one."))
    elif isinstance(file, str) and file:
        _read_secret(draft, table, draft.folder / file)
    elif isinstance(url, str) and ("ledger", "url") not in draft.variables:
        _refuse_password(draft, url)


def _read_secret(draft: Draft, table: dict[str, Any], file: Path) -> None:
    try:
        with file.open(encoding="utf-8") as stream:
            table["url"] = stream.read(_MAXIMUM_BYTES).strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        fact = f"names {file}, which cannot be read: {why}"
        remedy = "Correct the path, or let the node's user read the file."
        draft.mistakes.append(_ledger_mistake(draft, "url_file", fact, remedy))


def _refuse_password(draft: Draft, url: str) -> None:
    authority = url.partition("://")[2].partition("/")[0]
    credentials, at, _host = authority.rpartition("@")
    if (at and ":" in credentials) or "password=" in url.lower():
        fact = "holds a password, which many can read here"
        remedy = f"Put the URL in {PREFIX}LEDGER__URL, or in a file (ledger.url_file)."
        draft.mistakes.append(_ledger_mistake(draft, "url", fact, remedy))


def _ledger_mistake(draft: Draft, key: str, fact: str, remedy: str) -> Mistake:
    name = draft.variables.get(("ledger", key))
    source = draft.source if name is None else f"environment variable {name}"
    return Mistake(source, f"ledger.{key}", fact, remedy)
