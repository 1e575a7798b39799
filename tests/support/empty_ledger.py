"""Ledgers with all tables and no rows, copied.

Making the tables takes longer than most of the promises that need them.
"""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from node.ledger import Ledger

_NAME = "ledger.sqlite"


def lay_empty_ledger(folder: Path) -> None:
    """Put an empty ledger into a folder that has none, under the node's own name."""
    file = folder / _NAME
    if not file.exists():
        file.write_bytes(_empty_ledger())


def ledger_in(folder: Path) -> Ledger:
    """Return the ledger of a folder, open; an empty one where there is none."""
    lay_empty_ledger(folder)
    return Ledger.open(f"sqlite:///{folder / _NAME}", folder)


@cache
def _empty_ledger() -> bytes:
    with TemporaryDirectory() as folder:
        file = Path(folder) / _NAME
        Ledger.open(f"sqlite:///{file}", Path(folder)).close()
        return file.read_bytes()
