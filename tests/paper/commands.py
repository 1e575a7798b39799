"""The commands, by their command line, as a site types them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from node.commands.exits import EXIT_HELD
from tests.support.service import command


class CommandFailedError(Exception):
    """A command ended otherwise than done or refused."""


@dataclass(frozen=True)
class Done:
    """What a command came to.

    Attributes
    ----------
    words : tuple of str
        What was typed.
    code : int
        Exit code, 0 or 3.
    summary : Any
        What ``--json`` printed.
    out : Path
        Folder of its report.
    notes : str
        What it said on standard error.
    """

    words: tuple[str, ...]
    code: int
    summary: Any
    out: Path
    notes: str

    @property
    def refused(self) -> bool:
        """Whether something of it was refused."""
        return self.code == EXIT_HELD


def run(out: Path, *words: str | Path) -> Done:
    """Run a command with a report in a folder.

    Parameters
    ----------
    out : Path
    words : str or Path
        The command and its options, but for ``--out`` and ``--json``.

    Raises
    ------
    CommandFailedError
        When it ended with another exit code than 0 and 3.
    """
    typed = tuple(map(str, words))
    code, printed, notes = command(*typed, "--out", str(out), "--json")
    if code not in (0, EXIT_HELD):
        message = f"{' '.join(typed)}: exit code {code}\n{notes}"
        raise CommandFailedError(message)
    return Done(typed, code, json.loads(printed), out, notes)
