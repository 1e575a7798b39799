"""A command's report as files: HTML, PDF, a summary for programs, tables as CSV."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from config.refusal import RefusalError
from model.page.document import Document
from model.page.html import as_html
from model.page.pdf import as_pdf
from node.learning.report.csv_table import as_csv
from node.learning.report.json_values import json_ready
from node.learning.report.sections import (
    data_section,
    findings_table,
    settings_section,
    software,
)

__all__ = [
    "ReportError",
    "data_section",
    "findings_table",
    "json_ready",
    "settings_section",
    "software",
    "write_report",
]

HTML, PDF, SUMMARY = "report.html", "report.pdf", "summary.json"
_FILE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")


class ReportError(RefusalError):
    """A report's folder or file cannot be written."""

    def __init__(self, path: Path, why: OSError) -> None:
        super().__init__(f"{path} cannot be written: {why.strerror}")
        self.path = path


def write_report(
    document: Document,
    folder: Path,
    tables: Mapping[str, pd.DataFrame],
    summary: Mapping[str, Any],
) -> tuple[str, ...]:
    """Write a report and what belongs to it.

    Parameters
    ----------
    document : Document
    folder : Path
        Made when needed; files of the same names are replaced.
    tables : mapping of str to pandas.DataFrame
        By name of the file without ``.csv``: small letters, digits, ``-`` and ``_``.
    summary : mapping
        For programs; as `json_ready` takes it.

    Returns
    -------
    tuple of str
        Names of the files, relative to the folder.

    Raises
    ------
    ReportError
        When the folder or a file cannot be written.
    ValueError
        When a table's name is no name of a file.
    """
    strange = [name for name in tables if not _FILE_NAME.fullmatch(name)]
    if strange:
        fact = f"no names of files: {', '.join(strange)}"
        raise ValueError(fact)
    files = {
        HTML: as_html(document).encode("utf-8"),
        PDF: as_pdf(document),
        SUMMARY: _json(summary),
        **{f"{name}.csv": as_csv(table).encode() for name, table in tables.items()},
    }
    _make(folder)
    for name, content in files.items():
        try:
            (folder / name).write_bytes(content)
        except OSError as error:
            raise ReportError(folder / name, error) from None
    return tuple(files)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ReportError(folder, error) from None


def _json(summary: Mapping[str, Any]) -> bytes:
    text = json.dumps(json_ready(summary), indent=2, allow_nan=False)
    return f"{text}\n".encode()
