"""The injection log is read as it is written; what is not plain is said."""

import os
import tempfile
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from model.administration import Administration, Assay, Source
from node.failure import REASONS, held_by
from node.injection_log.columns import COLUMNS
from node.injection_log.file import LARGEST_BYTES
from node.injection_log.log import (
    InjectionLog,
    LoggedStudy,
    UnreadableLogError,
    read_injection_log,
)
from node.records.subject import Subject, subject_content

BERLIN = ZoneInfo("Europe/Berlin")
DAY = date(2026, 3, 2)
STUDY = LoggedStudy("1.2.3", "A1", DAY, "m1_fdg.pet", "M1")
HEADER = "animal,study_date,weight_g"


def logged(tmp_path: Path, text: str | bytes) -> InjectionLog:
    path = tmp_path / "log.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_injection_log(path, BERLIN)


def the_subject(log: InjectionLog, study: LoggedStudy = STUDY) -> Subject:
    (subject,) = log.subjects(study)
    return subject


def said(log: InjectionLog, study: LoggedStudy = STUDY) -> Administration:
    (administration,) = the_subject(log, study).supplied
    return administration


def one(tmp_path: Path, column: str, cell: str, separator: str = ",") -> InjectionLog:
    """Return a log with one row of M1 on the day, and one more cell."""
    lines = [["animal", "study_date", column], ["M1", "2026-03-02", cell]]
    return logged(tmp_path, "\n".join(separator.join(line) for line in lines) + "\n")


def complaint(log: InjectionLog, study: LoggedStudy = STUDY) -> str:
    (mistake,) = log.mistakes_for(study)
    return str(mistake)


def test_a_row_says_all_that_its_columns_hold(tmp_path: Path) -> None:
    log = logged(
        tmp_path,
        "animal,study_date,weight_g,activity_mbq,measured_at,residual_mbq,residual_at,"
        "injected_at,route,glucose_mmol_l,fasting,anaesthesia,"
        "cross_calibration_factor,cross_calibrated_on,diet\n"
        "M1,2026-03-02,24.8,9.2,10:01,0.31,10:09,2026-03-02T10:05,iv,7.9,4 h,"
        "isoflurane 2 %,1.03,2026-02-27,chow\n",
    )

    assert said(log) == Administration(
        source=Source.LOG,
        origin="row 2 of the injection log",
        weight_g=24.8,
        activity=Assay(9.2e6, datetime(2026, 3, 2, 9, 1, tzinfo=UTC)),
        residual=Assay(0.31e6, datetime(2026, 3, 2, 9, 9, tzinfo=UTC)),
        injected_at=datetime(2026, 3, 2, 9, 5, tzinfo=UTC),
        cross_calibration=1.03,
        cross_calibrated_on=date(2026, 2, 27),
        context=(
            ("route", "iv"),
            ("glucose_mmol_l", "7.9"),
            ("fasting", "4 h"),
            ("anaesthesia", "isoflurane 2 %"),
            ("diet", "chow"),
        ),
    )
    assert the_subject(log).animal_id == "M1"
    assert not log.mistakes_for(STUDY)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_found_from_the_header(tmp_path: Path, separator: str) -> None:
    assert said(one(tmp_path, "weight_g", "24.8", separator)).weight_g == 24.8


@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_comma_is_a_decimal_point_where_it_parts_no_columns(
    tmp_path: Path, separator: str
) -> None:
    assert said(one(tmp_path, "weight_g", "24,8", separator)).weight_g == 24.8


def test_a_first_line_may_announce_the_separator(tmp_path: Path) -> None:
    log = logged(
        tmp_path, "sep=;\r\nanimal;study_date;weight_g\r\nM1;2026-03-02;24,8\r\n"
    )

    assert said(log).weight_g == 24.8
    assert said(log).origin == "row 3 of the injection log"


@pytest.mark.parametrize(
    "header",
    [
        "Animal,Study Date,Weight (g)",
        "ANIMAL_ID,date,body weight [g]",
        '"animal id","Scan Date"," weight_g "',
        "\ufeffanimal,StudyDate,weightG",
    ],
)
def test_names_of_columns_are_known_however_they_are_spelt(
    tmp_path: Path, header: str
) -> None:
    assert said(logged(tmp_path, f"{header}\nM1,2026-03-02,24.8\n")).weight_g == 24.8


@pytest.mark.parametrize("name", ["weight", "Weight (kg)", "body weight"])
def test_a_column_without_a_known_unit_is_not_read_and_said(
    tmp_path: Path, name: str
) -> None:
    log = one(tmp_path, name, "24.8")

    assert said(log).weight_g is None
    assert said(log).context == ()
    assert "weight_g" in complaint(log)
    assert "row 1" in complaint(log)


def test_blank_lines_and_empty_columns_of_a_spreadsheet_do_not_count(
    tmp_path: Path,
) -> None:
    log = logged(
        tmp_path, f"{HEADER},,\r\n,,,,\r\n\r\nM1,2026-03-02,24.8,,\r\n,,,,\r\n"
    )

    assert said(log).weight_g == 24.8
    assert said(log).origin == "row 4 of the injection log"
    assert len(log.rows) == 1


@pytest.mark.parametrize("cell", ["24.8", "24.8 g", "24.8g", "2.48e1", " 24.8\u00a0"])
def test_a_weight_is_read(tmp_path: Path, cell: str) -> None:
    assert said(one(tmp_path, "weight_g", cell)).weight_g == pytest.approx(24.8)


@pytest.mark.parametrize(
    "cell",
    ['"24,8"', "24.8 kg", "0", "-3", "nan", "inf", "1e999", "1_0", "=12*2", "x", "٢٤"],
)
def test_a_weight_that_is_none_is_not_used_and_said(tmp_path: Path, cell: str) -> None:
    log = one(tmp_path, "weight_g", cell)

    assert said(log).weight_g is None
    assert complaint(log).startswith("row 2, column weight_g, of the injection log: ")


def test_a_bad_cell_costs_its_own_value_and_no_other(tmp_path: Path) -> None:
    log = logged(tmp_path, f"{HEADER},route\nM1,2026-03-02,x,iv\nM2,2026-03-02,21,iv\n")

    assert said(log).context == (("route", "iv"),)
    assert said(log, replace(STUDY, animal_id="M2")).weight_g == 21
    assert not log.mistakes_for(replace(STUDY, animal_id="M2"))


@pytest.mark.parametrize("cell", ["M. Mustermann", "\x1b[31mred", "a" * 1000])
def test_a_message_never_repeats_what_stood_in_a_cell(
    tmp_path: Path, cell: str
) -> None:
    told = complaint(one(tmp_path, "weight_g", cell))

    assert cell not in told
    assert told.isprintable()


@pytest.mark.parametrize(
    ("cell", "hour_utc", "minute"),
    [
        ("10:05", 9, 5),
        ("2026-03-02T10:05", 9, 5),
        ("2026-03-02 10:05:00", 9, 5),
        ("2026-03-02T10:05:00.000", 9, 5),
        ("2026-03-02T10:05Z", 10, 5),
        ("2026-03-02T10:05:00+05:30", 4, 35),
        ("2026-03-02 10:05 +0200", 8, 5),
        ("9:05", 8, 5),
        ("02.03.2026 10:05", 9, 5),
        ("2.3.2026 9:05:00", 8, 5),
        ("2026/3/2 9:05", 8, 5),
        ("2026/03/02 10:05 +02:00", 8, 5),
    ],
)
def test_an_instant_is_read(
    tmp_path: Path, cell: str, hour_utc: int, minute: int
) -> None:
    instant = datetime(2026, 3, 2, hour_utc, minute, tzinfo=UTC)

    assert said(one(tmp_path, "injected_at", cell)).injected_at == instant


@pytest.mark.parametrize(
    "cell",
    [
        "10:05 AM",
        "25:00",
        "10.05",
        "2026-03-02",
        "02.03.26 10:05",
        "31.2.2026 10:05",
        "02.03-2026 10:05",
        "3/2/2026 10:05",
        "2026/3-2 10:05",
        "2026-02-30T10:05",
        "2026-W10-1T10:05",
        "0001-01-01T00:00+14:00",
    ],
)
def test_what_is_no_instant_is_not_used_and_said(tmp_path: Path, cell: str) -> None:
    log = one(tmp_path, "injected_at", cell)

    assert said(log).injected_at is None
    assert "2026-03-02T10:05" in complaint(log)


@pytest.mark.parametrize("cell", ["2026-10-25T02:30", "2026-03-29T02:30"])
def test_a_time_that_came_twice_or_never_needs_its_offset(
    tmp_path: Path, cell: str
) -> None:
    assert said(one(tmp_path, "injected_at", cell)).injected_at is None
    assert said(one(tmp_path, "injected_at", f"{cell}+01:00")).injected_at is not None


def test_a_time_alone_needs_the_day_of_its_row(tmp_path: Path) -> None:
    log = logged(tmp_path, "accession,injected_at\nA1,10:05\n")

    assert said(log).injected_at is None
    assert "no study_date" in complaint(log)


@pytest.mark.parametrize(
    ("column", "cell", "expected_bq"),
    [
        ("activity_mbq", "9.25", 9.25e6),
        ("activity_mbq", "9.25 MBq", 9.25e6),
        ("activity_mci", "0.25", 9.25e6),
        ("dose (mCi)", "0.25 mCi", 9.25e6),
    ],
)
def test_activities_are_in_the_unit_of_their_column(
    tmp_path: Path, column: str, cell: str, expected_bq: float
) -> None:
    activity = said(one(tmp_path, column, cell)).activity

    assert activity == Assay(pytest.approx(expected_bq), None)


def activity_of(tmp_path: Path, **cells: str) -> tuple[InjectionLog, Administration]:
    columns = {"animal": "M1", "study_date": "2026-03-02", **cells}
    log = logged(tmp_path, f"{','.join(columns)}\n{','.join(columns.values())}\n")
    return log, said(log)


def test_both_units_may_stand_there_when_they_agree(tmp_path: Path) -> None:
    _, good = activity_of(tmp_path, activity_mbq="9.25", activity_mci="0.25")
    log, bad = activity_of(tmp_path, activity_mbq="9.25", activity_mci="0.3")

    assert good.activity is not None
    assert bad.activity is None
    assert "activity_mci" in complaint(log)


@pytest.mark.parametrize(
    "cells",
    [
        {"measured_at": "ten"},
        {"measured_at": "10:01", "residual_mbq": "x"},
        {"measured_at": "10:01", "residual_mbq": "0.3", "residual_at": "x"},
        {"residual_mbq": "0.3"},
    ],
)
def test_an_activity_is_not_used_alone_when_what_belongs_to_it_is_unclear(
    tmp_path: Path, cells: dict[str, str]
) -> None:
    log, found = activity_of(tmp_path, activity_mbq="9.2", **cells)

    assert found.activity is None
    assert found.residual is None
    assert any(
        mistake.column == "activity_mbq" and "not used" in mistake.what
        for mistake in log.mistakes_for(STUDY)
    )


def test_a_rest_without_a_time_holds_for_the_injection(tmp_path: Path) -> None:
    _, found = activity_of(
        tmp_path, activity_mbq="9.2", measured_at="10:01", residual_mbq="0.3"
    )

    assert found.residual == Assay(0.3e6, None)


def test_no_rest_is_a_rest_of_zero(tmp_path: Path) -> None:
    _, found = activity_of(tmp_path, activity_mbq="9.2", residual_mbq="0")

    assert found.activity == Assay(9.2e6, None)
    assert found.residual is None


@pytest.mark.parametrize("cell", ["103 %", "0", "-1", "x"])
def test_a_factor_that_is_none_is_not_used_and_said(tmp_path: Path, cell: str) -> None:
    log = one(tmp_path, "cross_calibration_factor", cell)

    assert said(log).cross_calibration is None
    assert "cross_calibration_factor" in complaint(log)


def test_a_decimal_comma_between_commas_spoils_its_whole_row(tmp_path: Path) -> None:
    log = logged(tmp_path, f"{HEADER},activity_mbq\nM1,2026-03-02,24,8,9.2\n")

    assert said(log) == Administration(Source.LOG, "row 2 of the injection log")
    assert complaint(log).startswith("row 2 of the injection log: it has more cells")


def test_what_is_carried_along_holds_no_control_characters(tmp_path: Path) -> None:
    log = logged(
        tmp_path,
        f'{HEADER},no\x1bte\nM1,2026-03-02,24,"a\x1b[31m\nb\u202e\x00"\n'.replace(
            "\x00", ""
        ),
    )

    assert said(log).context == (("no te", "a [31m b"),)


@pytest.mark.parametrize("cell", ["=HYPERLINK(1)", "@SUM(A1)", "b" * 300])
def test_formulas_and_novels_are_not_carried_along(tmp_path: Path, cell: str) -> None:
    log = one(tmp_path, "note", cell)

    assert said(log).context == ()
    assert "column note" in complaint(log)


def test_windows_1252_is_read_and_said(tmp_path: Path) -> None:
    log = logged(
        tmp_path, "animal,study_date,note\nM1,2026-03-02,gemäß\n".encode("cp1252")
    )

    assert said(log).context == (("note", "gemäß"),)
    assert "Windows-1252" in log.statements[0]
    assert not one(tmp_path, "note", "gemäß").statements


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b" \r\n", "empty"),
        (b"animal,study_date\nM1,\0\0\0\0", "no text"),
        ("animal,study_date\nM1,2026-03-02\n".encode("utf-16"), "no text"),
        (b"animal,study_date\nM1,2026-03-02,\x81\n", "no text"),
        ("animal,note\nM1,ä".encode()[:-1], "inside a character"),
        (b"animal,study_date,weight_g\nM1,2026-03", "half written"),
        (b'animal,study_date,weight_g\nM1,2026-03-02,"24', "cannot be parsed"),
        (b"weight_g,activity_mbq\n24,9\n", "none of the columns"),
        (b"a table\n\nanimal,study_date\n", "none of the columns"),
        (b"animal,Weight g,weight_g\nM1,24,25\n", "mean weight_g"),
        (b"animal" + b",x" * 300 + b"\n", "more than 256 columns"),
        (b"animal\n" + b"M1\n" * (LARGEST_BYTES // 3), "larger than"),
    ],
)
def test_a_file_that_is_no_whole_log_is_refused(
    tmp_path: Path, content: bytes, why: str
) -> None:
    with pytest.raises(UnreadableLogError, match=why) as raised:
        logged(tmp_path, content)

    assert held_by(raised.value, None).reason in REASONS


def test_a_last_row_without_line_end_counts_when_it_is_whole(tmp_path: Path) -> None:
    assert said(logged(tmp_path, f"{HEADER}\nM1,2026-03-02,24.8")).weight_g == 24.8


def test_what_is_no_ordinary_file_is_refused(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)

    for path in (tmp_path / "missing.csv", tmp_path, pipe, tmp_path / "a\0b"):
        with pytest.raises(UnreadableLogError):
            read_injection_log(path, BERLIN)


def test_a_file_that_grows_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "log.csv"
    path.write_text(f"{HEADER}\nM1,2026-03-02,24.8\n")
    real = os.fstat

    def growing(descriptor: int) -> os.stat_result:
        found = real(descriptor)
        with path.open("a") as file:
            file.write("M2,2026-03-02,21\n")
        return found

    monkeypatch.setattr("node.spreadsheets.content.os.fstat", growing)
    with pytest.raises(UnreadableLogError, match="changed while"):
        read_injection_log(path, BERLIN)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    _read_or_refused(content)


@given(
    st.lists(
        st.lists(
            st.text(
                st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12
            ),
            min_size=1,
            max_size=len(COLUMNS) + 2,
        ),
        max_size=4,
    ),
    st.sampled_from(",;\t"),
)
@example(rows=[['""0']], separator="\t")
def test_any_cells_are_read_or_refused(rows: list[list[str]], separator: str) -> None:
    lines = [[column.name for column in COLUMNS], *rows]
    text = "\n".join(separator.join(line) for line in lines)
    _read_or_refused(text.encode())


def _read_or_refused(content: bytes) -> None:
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        file.write(content)
        file.flush()
        told = _told(Path(file.name))
    assert all(text.isprintable() for text in told)


def _told(path: Path) -> list[str]:
    """Return all texts that come out of a log, or of its refusal."""
    try:
        log = read_injection_log(path, BERLIN)
    except UnreadableLogError as error:
        return [str(error)]
    mistakes = [str(each) for row in log.rows for each in row.mistakes]
    carried = [text for row in log.rows for pair in row.said.context for text in pair]
    return [*mistakes, *carried]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2026-02-27", datetime(2026, 2, 27, 11, 0, tzinfo=UTC)),
        ("27.02.2026", datetime(2026, 2, 27, 11, 0, tzinfo=UTC)),
        ("2026-02-27T15:30", datetime(2026, 2, 27, 14, 30, tzinfo=UTC)),
        ("2026-02-27T15:30Z", datetime(2026, 2, 27, 15, 30, tzinfo=UTC)),
    ],
)
def test_the_irradiation_is_read_as_a_day_or_an_instant_in_the_zone_of_the_site(
    tmp_path: Path, cell: str, expected: datetime
) -> None:
    path = tmp_path / "log.csv"
    path.write_text(f"animal,study_date,irradiated_at\nM1,2026-03-02,{cell}\n")

    (row,) = read_injection_log(path, BERLIN).rows

    assert row.irradiated_at == expected
    assert row.mistakes == ()


def test_an_irradiation_that_is_a_time_alone_is_a_mistake(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("animal,study_date,irradiated_at\nM1,2026-03-02,15:30\n")

    (row,) = read_injection_log(path, UTC).rows

    assert row.irradiated_at is None
    assert [mistake.column for mistake in row.mistakes] == ["irradiated_at"]


def test_a_log_that_says_nothing_of_irradiation_keeps_the_keys_of_its_results() -> None:
    silent = Subject("M1", (), "left", ("Tumor 1",))

    assert subject_content(silent) == {
        "animal_id": "M1",
        "bed_position": "left",
        "roi_patterns": ["Tumor 1"],
    }
    told = replace(silent, irradiated_at=datetime(2026, 2, 27, tzinfo=UTC))
    assert subject_content(told) != subject_content(silent)
