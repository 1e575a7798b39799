"""What a command writes: complete, safe to open, and readable by programs."""

import csv
import io
import json
from enum import StrEnum
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from config.refusal import RefusalError
from model.learning.estimate import Estimate, NotAssessable
from model.page.document import Notice, Paragraph, Section, Table, Weight
from node.learning.report.csv_table import as_csv
from node.learning.report.writing import (
    data_section,
    findings_table,
    json_ready,
    settings_section,
    write_report,
)
from node.learning.tables.joined import Finding, FindingKind, JoinedTable, SourceFile
from tests.support.documents_of_pages import document_of

FINDINGS = (
    *(
        Finding(FindingKind.EXCLUDED, "fractions.csv", row, "P-value", f"P of 0.{row}")
        for row in range(2, 9)
    ),
    Finding(FindingKind.DOUBTED, "flow.csv", None, "early", "looks like percent"),
)


class Rule(StrEnum):
    MINIMUM = "minimum"


def joined(findings: tuple[Finding, ...] = FINDINGS) -> JoinedTable:
    return JoinedTable(
        frame=pd.DataFrame({"animal": ["a", "a", "b"]}),
        features=("glcm_Contrast", "glcm_Energy"),
        findings=findings,
        sources=(SourceFile("features.csv", "features", "ab" * 32, 40, 38),),
        profiles={"zhang2023-fine": "cd" * 32},
    )


def words_of(section: Section) -> str:
    """Return all that a section says, a line a cell."""
    lines: list[str] = []
    for block in section.blocks:
        if isinstance(block, Table):
            lines += [cell for row in block.rows for cell in row]
        if isinstance(block, Paragraph | Notice):
            lines.append(block.text)
    return "\n".join(lines)


def test_a_report_is_four_kinds_of_files(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    table = pd.DataFrame({"n": [1]})

    names = write_report(document_of(), folder, {"all_rows": table}, {"n": 1})

    assert names == ("report.html", "report.pdf", "summary.json", "all_rows.csv")
    assert {each.name for each in folder.iterdir()} == set(names)
    assert (folder / "report.pdf").read_bytes().startswith(b"%PDF-")
    assert json.loads((folder / "summary.json").read_text()) == {"n": 1}


def test_the_same_report_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_report(document_of(), tmp_path / name, {}, {})

    for name in ("report.html", "report.pdf", "summary.json"):
        assert (tmp_path / "a" / name).read_bytes() == (
            tmp_path / "b" / name
        ).read_bytes()


def test_a_table_cannot_leave_the_folder(tmp_path: Path) -> None:
    for name in ("../out", "a/b", "", "A"):
        with pytest.raises(ValueError, match="no names of files"):
            write_report(document_of(), tmp_path, {name: pd.DataFrame()}, {})
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "report.html").mkdir()

    (tmp_path / "file").write_text("")

    for folder in (tmp_path, tmp_path / "file"):
        with pytest.raises(RefusalError, match="cannot be written"):
            write_report(document_of(), folder, {}, {})


def test_numbers_that_do_not_exist_are_null() -> None:
    ready = json_ready(
        {
            "nan": float("nan"),
            "infinite": np.inf,
            "numpy": np.float32(0.5),
            "array": np.array([[1.0, np.nan]]),
            "absent": pd.NA,
            "never": pd.NaT,
            Rule.MINIMUM: Rule.MINIMUM,
            "where": Path("a/b"),
            "yes": np.bool_(True),  # noqa: FBT003 (a value)
            "estimate": Estimate(0.7, None, 0.8, "logit"),
            "why": NotAssessable("not assessable at n = 6"),
        }
    )

    assert ready == {
        "nan": None,
        "infinite": None,
        "numpy": 0.5,
        "array": [[1.0, None]],
        "absent": None,
        "never": None,
        "minimum": "minimum",
        "where": "a/b",
        "yes": True,
        "estimate": {
            "value": 0.7,
            "low": None,
            "high": 0.8,
            "method": "logit",
            "level": 0.95,
        },
        "why": {"why": "not assessable at n = 6"},
    }


def test_what_json_cannot_hold_is_an_error_and_not_a_text() -> None:
    for strange in (b"bytes", object(), Rule):
        with pytest.raises(TypeError):
            json_ready(strange)


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+cmd",
        "-cmd",
        "@sum",
        "\t=1",
        "\r=1",
        " =1",
        "\uff1d1",
        '=HYPERLINK("x")',
    ],
)
def test_no_text_is_a_formula(cell: str) -> None:
    written = as_csv(pd.DataFrame({cell: [cell]}))
    rows = list(csv.reader(io.StringIO(written, newline="")))

    assert rows == [[f"'{cell}"], [f"'{cell}"]]


def test_numbers_keep_every_digit_and_sign() -> None:
    numbers = [-0.1, 1 / 3, 1e-300, np.nan]
    written = as_csv(pd.DataFrame({"x": numbers, "t": ["-5", "+1e3", "-", None]}))
    rows = list(csv.reader(io.StringIO(written, newline="")))

    assert [float(row[0]) for row in rows[1:4]] == numbers[:3]
    assert [row[0] for row in rows[4:]] == [""]
    assert [row[1] for row in rows[1:]] == ["-5", "+1e3", "'-", ""]


def test_csv_follows_rfc_4180() -> None:
    written = as_csv(pd.DataFrame({"a": ['say "x", y', "two\nlines"]}))

    assert written == 'a\r\n"say ""x"", y"\r\n"two\nlines"\r\n'


def test_every_option_is_told_with_the_seed_and_the_version() -> None:
    options = {
        "--features": [Path("/home/somebody/features.csv")],
        "--kept": None,
        "--rule": Rule.MINIMUM,
        "--thresholds": {"CT": 0.75, "PET": 0.65},
        "--mixed": True,
    }
    section = settings_section(options, 20231101)
    table = next(each for each in section.blocks if isinstance(each, Table))
    told = {row[0]: row[1] for row in table.rows}

    assert told.pop("software").startswith("exhaustion-node ")
    assert told == {
        "--features": "features.csv",
        "--kept": "not given",
        "--rule": "minimum",
        "--thresholds": "CT = 0.75, PET = 0.65",
        "--mixed": "yes",
        "seed": "20231101",
    }
    assert "nothing was drawn" in words_of(settings_section({}, None))


def test_data_tell_files_hashes_and_what_became_of_the_rows() -> None:
    words = words_of(data_section(joined()))

    for said in (
        "3 rows of 2 animals after the join, with 2 features.",
        "features.csv",
        "ab" * 32,
        "cd" * 32,
        "7 rows left out or counted once, 1 row used but to be looked at",
        "row 2: P of 0.2\nrow 3: P of 0.3\nrow 4: P of 0.4",
        "looks like percent",
    ):
        assert said in words
    assert "row 5" not in words


def test_lost_rows_are_a_warning_and_none_is_said_too() -> None:
    lost = [each for each in data_section(joined()).blocks if isinstance(each, Notice)]
    doubted = data_section(joined(FINDINGS[-1:]))
    notes = [each for each in doubted.blocks if isinstance(each, Notice)]

    assert [each.weight for each in lost] == [Weight.WARNING]
    assert [each.weight for each in notes] == [Weight.NOTE]
    assert "Every row was used" in words_of(data_section(joined(())))


def test_every_finding_is_a_row_of_its_table() -> None:
    table = findings_table(FINDINGS)

    assert list(table.columns) == ["kind", "file", "row", "column", "fact"]
    assert len(table) == len(FINDINGS)
    assert as_csv(table).splitlines()[1] == "excluded,fractions.csv,2,P-value,P of 0.2"
    assert (
        as_csv(table).splitlines()[-1] == "doubted,flow.csv,,early,looks like percent"
    )
    assert len(findings_table(())) == 0
