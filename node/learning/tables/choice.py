"""Which tables are to be read, as the options name them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class TableChoice:
    """The tables of one analysis.

    Attributes
    ----------
    features : tuple of Path
        Tables of ``features --table``, documents of ``score --json``, or tables of
        one's own.
    ledger : bool
        Whether the results of the node's own ledger are read too.
    flow, fractions, design : Path or None
    roi : str or None
        The region that is meant where scans have several.
    columns : mapping of str to str
        Name of a column that is known: header under which it stands.
    """

    features: tuple[Path, ...] = ()
    ledger: bool = False
    flow: Path | None = None
    fractions: Path | None = None
    design: Path | None = None
    roi: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
