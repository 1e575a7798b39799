"""Tables are read as people's programs write them, and numbers strictly."""

import pytest

from node.learning.tables.joined import FindingKind
from node.learning.tables.text_file import LARGEST_BYTES
from tests.support.tables import FEATURES, Tables, facts

ROWS = [["Animal ID", "Day", "Roi", "glcm_Contrast"], ["M1", "7", "Tumor", "1.5"]]


def lines(separator: str, rows: list[list[str]] = ROWS) -> str:
    return "\n".join(separator.join(row) for row in rows) + "\n"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_separators_and_encodings_are_found(
    tables: Tables, separator: str, encoding: str
) -> None:
    frame = tables.joined(lines(separator).encode(encoding)).frame

    assert frame[["animal", "day", "glcm_Contrast"]].to_numpy().tolist() == [
        ["M1", 7.0, 1.5]
    ]


def test_blank_rows_quotes_and_a_named_separator_are_understood(
    tables: Tables,
) -> None:
    text = 'sep=;\n\n"animal";day;glcm_Contrast;\n;;;\n"M;1";7;1.5;\n\n'

    assert tables.joined(text).frame["animal"].tolist() == ["M;1"]


def test_windows_text_is_read_and_said(tables: Tables) -> None:
    table = tables.joined("animal,day,roi,glcm_Contrast\nMä1,7,T,1\n".encode("cp1252"))

    assert table.frame["animal"].tolist() == ["Mä1"]
    assert table.statements == (
        "features.csv is not UTF-8 and was read as Windows-1252",
    )


def test_a_decimal_comma_is_read_where_it_parts_no_columns(tables: Tables) -> None:
    text = "animal;day;glcm_Contrast;voxels\nM1;7;0,5;1,234\nM2;7;1,25;12\n"

    frame = tables.joined(text).frame

    assert frame["glcm_Contrast"].tolist() == [0.5, 1.25]
    assert frame["voxels"].tolist() == [1.234, 12.0]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("animal;day;voxels;glcm_Contrast\nM1;7;12,345;3\n", "may part thousands"),
        ("animal;day;voxels;glcm_Contrast\nM1;7;12,345;3.5\n", "have a decimal point"),
        ('animal,day,voxels,glcm_Contrast\nM1,7,"12,345",3\n', "parts the columns"),
        ("animal;day;voxels;glcm_Contrast\nM1;7;1.234,5;3\n", "have a decimal point"),
        ("animal;day;voxels;glcm_Contrast\nM1;7;1 234;3\n", "it is no number"),
    ],
)
def test_thousands_are_never_guessed(tables: Tables, text: str, why: str) -> None:
    told = tables.refused(text)

    assert told.startswith("features.csv, row 2, column 'voxels': ")
    assert why in told


@pytest.mark.parametrize("cell", ["inf", "-Infinity", "1e999", "∞"])
def test_infinite_numbers_are_refused(tables: Tables, cell: str) -> None:
    told = tables.refused(f"animal,day,glcm_Contrast\nM1,7,{cell}\n")

    assert "row 2, column 'glcm_Contrast': it is no finite number" in told


@pytest.mark.parametrize("cell", ["", "NA", "n/a", "NaN", "#N/A", "-"])
def test_what_people_write_for_nothing_is_nothing(tables: Tables, cell: str) -> None:
    frame = tables.joined(
        f"animal,day,glcm_Contrast,glcm_Energy\nM1,7,{cell},1\n"
    ).frame

    assert frame["glcm_Energy"].tolist() == [1.0]
    assert "glcm_Contrast" not in frame or frame["glcm_Contrast"].isna().all()


@pytest.mark.parametrize(("cell", "day"), [("D7", 7), ("day 7", 7), ("-3", -3)])
def test_days_are_read_as_they_are_spoken(
    tables: Tables, cell: str, day: float
) -> None:
    frame = tables.joined(f"animal,day,glcm_Contrast\nM1,{cell},1\n").frame

    assert frame["day"].tolist() == [day]


def test_several_mistakes_are_told_at_once_with_their_places(tables: Tables) -> None:
    told = tables.refused(
        "animal,day,glcm_Contrast\nM1,seven,1\nM2,7,high\nM3,7,#DIV/0!\n",
        flow="animal,day,terminal\nM1,7,a lot\n",
        design="animal,group\n,ICI\n",
    ).splitlines()

    assert [line.partition(": ")[0] for line in told] == [
        "features.csv, row 2, column 'day'",
        "features.csv, row 3, column 'glcm_Contrast'",
        "features.csv, row 4, column 'glcm_Contrast'",
        "flow.csv, row 2, column 'terminal'",
        "design.csv, row 2, column 'animal'",
    ]
    assert "formula has failed" in told[2]


def test_a_slip_of_columns_is_told_by_its_first_rows_and_a_count(
    tables: Tables,
) -> None:
    rows = "".join(f"M{n},7,text\n" for n in range(40))

    told = tables.refused("animal,day,glcm_Contrast\n" + rows).splitlines()

    assert len(told) == 13
    assert told[-1] == "and 28 more"


def test_a_row_that_is_longer_than_the_header_is_a_mistake(tables: Tables) -> None:
    told = tables.refused("animal,day,glcm_Contrast\nM1,7,1,5\n")

    assert "features.csv, row 2: it has more cells than the header" in told


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it is empty"),
        (b"\xef\xbb\xbf \n", "it is empty"),
        (b"animal,day,glcm_Contrast\n", "a header and no row below"),
        (b"PK\x03\x04\x14\0", "spreadsheet program's own file"),
        (b"\x7fELF\x02\x01\x01\0\0\0", "it is binary"),
        (b"\xff\xfea", "it is no text"),
        (b'animal,day,glcm_Contrast\n"M1,7,1\n', "a quotation mark"),
        (b"day,glcm_Contrast\n7,1\n", "no column animal or study_instance_uid"),
        (b"animal,day,weight\nM1,7,1\n", "no column of a feature"),
        (b"animal,mouse,day,glcm_Contrast\nM1,M1,7,1\n", "several columns mean animal"),
        (b"animal,day,glcm_Contrast,GLCM_contrast\nM1,7,1,1\n", "a second column"),
    ],
)
def test_a_file_that_is_no_table_of_features_is_refused_in_words(
    tables: Tables, content: bytes, why: str
) -> None:
    told = tables.refused(content)

    assert told.startswith("features.csv")
    assert why in told


def test_a_file_that_is_too_large_is_refused_by_its_size(tables: Tables) -> None:
    path = tables.write("features.csv", b"")
    with path.open("r+b") as file:
        file.truncate(50 << 20)
    content = path.read_bytes()

    assert len(content) > LARGEST_BYTES
    assert "larger than 32 MB" in tables.refused(content)


def test_a_column_under_any_header_is_read_when_it_is_named(tables: Tables) -> None:
    header = "Lymphocytes/CD8+/PD-1+ | Freq. of Parent (%)"
    other = "Lymphocytes/CD8+/PD-1- | Freq. of Parent (%)"

    table = tables.joined(
        "animal,day,roi,Kontrast\nM1,7,T,1.5\n",
        flow=f"animal,day,{other},{header}\nM1,7,60,40\n",
        columns={
            "terminal": "lymphocytes/CD8+/PD-1+|freq. of parent (%)",
            "glcm_Contrast": "Kontrast",
        },
    )

    assert table.frame["terminal"].tolist() == [0.4]
    assert table.frame["glcm_Contrast"].tolist() == [1.5]
    assert f"flow.csv: not read: '{other}'" in table.statements


def test_a_named_column_that_no_file_has_is_refused(tables: Tables) -> None:
    told = tables.refused(FEATURES, columns={"terminal": "PD-1hi", "weight": "w"})
    assert "--column weight=...: no column is called so" in told

    told = tables.refused(FEATURES, columns={"terminal": "PD-1hi"})
    assert "--column terminal: no table has the header 'PD-1hi'" in told


def test_columns_that_are_nothing_known_are_not_read_and_said(tables: Tables) -> None:
    table = tables.joined("animal,day,glcm_Contrast,weight\nM1,7,1,25\n")

    assert table.features == ("glcm_Contrast",)
    assert table.statements == ("features.csv: not read: 'weight'",)
    assert not facts(table, FindingKind.DOUBTED)


def test_nothing_named_is_refused(tables: Tables) -> None:
    assert "no table is named" in tables.refused()


def test_points_that_may_part_thousands_are_not_guessed(tables: Tables) -> None:
    flow = "animal;day;terminal;mfi\nM1;0;12;4.195\nM1;7;50;5.609\n"

    assert "flow.csv, row 2, column 'mfi': its point may part thousands" in (
        tables.refused(flow=flow)
    )
    assert tables.joined(flow=flow.replace("12", "12.5")).frame["mfi"].tolist() == [
        4.195,
        5.609,
    ]


@pytest.mark.parametrize("cell", ["\N{EN DASH}", "\N{EM DASH}", "\N{ZERO WIDTH SPACE}"])
def test_what_cannot_be_seen_and_dashes_are_nothing(tables: Tables, cell: str) -> None:
    flow = f"animal,day,terminal\nM1,0,{cell}\nM1,7,0.4\n"

    frame = tables.joined(flow=flow).frame

    assert frame["terminal"].isna().tolist() == [True, False]


@pytest.mark.parametrize("first", ["Experiment 5,,", "a|b|c"])
def test_a_header_without_the_columns_is_shown(tables: Tables, first: str) -> None:
    told = tables.refused(flow=f"{first}\nanimal,day,terminal\nM1,0,0.4\n")

    assert f"its header reads {first.rstrip(',')!r}" in told
    assert "is the first row" in told


def test_a_named_header_that_the_file_lacks_is_told_beside_those_it_has(
    tables: Tables,
) -> None:
    told = tables.refused(
        flow="animal,day,PD-1hi (%)\nM1,0,40\n", columns={"terminal": "PD-1 hi"}
    )

    assert "it has no column 'PD-1 hi', which --column names" in told
    assert "'animal', 'day', 'PD-1hi (%)'" in told


def test_names_of_rows_without_a_header_are_refused_in_one_sentence(
    tables: Tables,
) -> None:
    told = tables.refused(flow="animal\tterminal\n1\tM1\t0.4\n2\tM2\t0.5\n")

    assert told.startswith("flow.csv, row 2: each row has one cell more")
    assert "\n" not in told


def test_columns_of_a_single_value_are_told(tables: Tables) -> None:
    table = tables.joined(
        "animal,day,glcm_Contrast,glcm_Energy\nM1,0,2,1\nM1,7,2,3\n",
        flow="animal,day,terminal\nM1,0,0.4\nM1,7,0.4\n",
    )

    assert table.statements == (
        "features.csv: the same value in all rows: 'glcm_Contrast'",
        "flow.csv: the same value in all rows: 'terminal'",
    )
