"""Tables in files, and what they say together."""

from pathlib import Path
from typing import Any

from config.load import default_settings
from node.learning.tables.choice import TableChoice
from node.learning.tables.join import read_joined
from node.learning.tables.joined import FindingKind, JoinedTable
from node.learning.tables.mistake import TableError
from tests.support.documents import ROOT

EXAMPLES = ROOT / "docs" / "examples"
EXAMPLE = TableChoice(
    features=(EXAMPLES / "features.csv",),
    flow=EXAMPLES / "flow.csv",
    fractions=EXAMPLES / "fractions.csv",
    design=EXAMPLES / "design.csv",
)
"""The tables of the documentation."""

FEATURES = """\
animal,day,roi,glcm_Contrast,voxels
M1,0,Tumor,1.5,100
M1,7,Tumor,2.5,200
M2,7,Tumor,3.5,300
"""


class Tables:
    """A folder of tables.

    Parameters
    ----------
    folder : Path
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file, and return where it lies."""
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def joined(self, *features: str | bytes, **rest: Any) -> JoinedTable:
        """Return what tables of features, and others by role, say together.

        Parameters
        ----------
        features : str or bytes
            Content of each table of features.
        rest
            Content of `flow`, `fractions` and `design`; fields of the choice besides.
        """
        paths = [
            self.write(f"features{number or ''}.csv", content)
            for number, content in enumerate(features)
        ]
        for role in ("flow", "fractions", "design"):
            if role in rest:
                rest[role] = self.write(f"{role}.csv", rest[role])
        choice = TableChoice(features=tuple(paths), **rest)
        return read_joined(choice, default_settings())

    def refused(self, *features: str | bytes, **rest: Any) -> str:
        """Return why tables are refused."""
        try:
            self.joined(*features, **rest)
        except TableError as error:
            return str(error)
        message = "the tables are not refused"
        raise AssertionError(message)


def facts(table: JoinedTable, kind: FindingKind) -> list[tuple[str, int | None, str]]:
    """Return file, row and fact of the findings of a kind."""
    return [
        (each.file, each.row, each.fact) for each in table.findings if each.kind is kind
    ]
