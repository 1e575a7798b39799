"""Flow cytometry and fractions: units, ratios, what is left out."""

import pytest

from node.learning.tables.joined import FindingKind
from tests.support.tables import FEATURES, Tables, facts

FRACTIONS = "Mixture,T cells CD8,B cells,P-value,Correlation,RMSE\n"


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("terminal", ("0.4", "0.6")),
        ("terminal", ("40", "60")),
        ("terminal", ("40 %", "60%")),
        ("terminal (%)", ("40", "60")),
        ("terminal_percent", ("40", "60%")),
        ("Terminal Tex", ("0.4", "0.6")),
    ],
)
def test_proportions_are_of_one_unit(
    tables: Tables, header: str, cells: tuple[str, str]
) -> None:
    table = tables.joined(
        flow=f"animal,day,{header}\nM1,7,{cells[0]}\nM2,7,{cells[1]}\n"
    )

    assert table.frame["terminal"].tolist() == [0.4, 0.6]
    in_per_cent = any("is in per cent" in told for told in table.statements)
    assert in_per_cent == (cells[0] != "0.4")


@pytest.mark.parametrize(
    ("header", "cells", "why"),
    [
        ("terminal", ("0.4", "60"), "as if units were mixed"),
        ("terminal", ("40%", "60"), "it has a per cent sign, and other"),
        ("terminal (%)", ("40", "160"), "it is no proportion"),
        ("terminal", ("-0.4", "0.6"), "it is no proportion"),
    ],
)
def test_a_column_that_mixes_units_is_refused(
    tables: Tables, header: str, cells: tuple[str, str], why: str
) -> None:
    told = tables.refused(
        flow=f"animal,day,{header}\nM1,7,{cells[0]}\nM2,7,{cells[1]}\n"
    )

    assert f"column {header!r}: " in told
    assert why in told


def test_half_a_per_cent_is_half_a_per_cent_where_the_header_says_so(
    tables: Tables,
) -> None:
    frame = tables.joined(flow="animal,day,early (%)\nM1,7,0.5\nM2,7,60\n").frame

    assert frame["early"].tolist() == [0.005, 0.6]


def test_per_cent_that_look_like_proportions_are_pointed_at(tables: Tables) -> None:
    table = tables.joined(flow="animal,day,early (%)\nM1,7,0.5\nM2,7,0.6\n")

    assert table.frame["early"].tolist() == pytest.approx([0.005, 0.006])
    assert "look at its unit" in table.statements[0]


def test_the_ratio_is_computed_where_it_is_not_stated(tables: Tables) -> None:
    frame = tables.joined(
        flow="animal,day,early,terminal,E/T\nM1,7,0.2,0.4,\nM2,7,0.3,0,\nM3,7,0.2,0.4,0.5\n"
    ).frame

    assert frame["early_to_terminal"].tolist() == pytest.approx(
        [0.5, float("nan"), 0.5], nan_ok=True
    )


def test_a_stated_ratio_is_doubted_beyond_rounding_only(tables: Tables) -> None:
    table = tables.joined(
        flow="animal,day,early,terminal,E/T\n"
        "M1,7,0.33,0.41,0.80\nM2,7,0.33,0.41,0.85\nM3,7,0.3,0.4,0.8\n"
    )

    [(file, row, fact)] = facts(table, FindingKind.DOUBTED)
    assert (file, row) == ("flow.csv", 3)
    assert fact == "E/T is stated as 0.85, and early over terminal is 0.804878"
    assert table.frame["early_to_terminal"].tolist() == [0.8, 0.85, 0.8]


def test_flowjo_s_summary_rows_are_left_out_and_told(tables: Tables) -> None:
    table = tables.joined(
        FEATURES,
        flow=",terminal | Freq. of Parent (%),MFI of PD-1,\n"
        "M1_D0.fcs,40.1 %,4000,\nM2_D7.fcs,60.2 %,5000,\n"
        "Mean,50.2 %,4500,\nSD,14.2 %,707,\n",
        columns={"terminal": "terminal | Freq. of Parent (%)"},
    )

    assert facts(table, FindingKind.EXCLUDED) == [
        ("flow.csv", 4, "it is no sample but the Mean of those above"),
        ("flow.csv", 5, "it is no sample but the SD of those above"),
    ]
    by_scan = table.frame.set_index(["animal", "day"])["terminal"]
    assert by_scan["M1", 0.0] == pytest.approx(0.401)
    assert by_scan["M2", 7.0] == pytest.approx(0.602)
    [flow] = [each for each in table.sources if each.role == "flow"]
    assert (flow.rows, flow.used) == (4, 2)


def test_an_animal_called_mean_above_others_is_an_animal(tables: Tables) -> None:
    table = tables.joined(flow="animal,day,terminal\nMean,7,0.5\nM2,7,0.6\n")

    assert table.frame["animal"].tolist() == ["M2", "Mean"]


def test_fractions_without_a_significant_p_are_left_out_and_counted(
    tables: Tables,
) -> None:
    table = tables.joined(
        FEATURES,
        fractions=FRACTIONS
        + "M1_D0,0.6,0.4,0.049,0.7,0.8\nM1_D7,0.5,0.5,0.05,0.7,0.8\n"
        + "M2,0.4,0.6,9999,0.7,0.8\n",
    )

    assert table.fractions == ("T cells CD8", "B cells")
    assert [fact for *_, fact in facts(table, FindingKind.EXCLUDED)] == [
        "P is 0.05, not below 0.05",
        "it has no P: CIBERSORTx was run without permutations",
    ]
    assert (
        "fractions.csv: 2 of 3 rows have no P below 0.05 and were left out"
        in table.statements
    )
    assert table.frame["T cells CD8"].count() == 1


def test_impossible_fractions_are_refused(tables: Tables) -> None:
    told = tables.refused(
        fractions=FRACTIONS + "M1_D0,-0.6,0.4,0.01,1,1\nM2_D0,0.6,0.4,1.5,1,1\n"
    )

    assert "row 2, column 'T cells CD8': a fraction is below 0" in told
    assert "row 3, column 'P-value': it is no P" in told


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ("Mixture,T cells CD8", "no column p_value"),
        ("Mixture,P-value", "no column of a type of cell"),
        ("T cells CD8,P-value", "no column sample or animal"),
        ("Mixture,group,P-value", "cannot have this name"),
    ],
)
def test_a_table_that_cibersortx_did_not_write_is_refused(
    tables: Tables, header: str, why: str
) -> None:
    row = ",".join("0.01" for _ in header.split(","))

    assert why in tables.refused(FEATURES, fractions=f"{header}\n{row}\n")


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ("day,terminal", "no column animal or sample"),
        ("animal,day", "no column early or terminal or early_to_terminal or mfi"),
    ],
)
def test_a_table_without_readouts_or_animals_is_refused(
    tables: Tables, header: str, why: str
) -> None:
    assert why in tables.refused(flow=f"{header}\n1,1\n")


def test_the_same_animal_and_day_twice_counts_once_or_is_refused(
    tables: Tables,
) -> None:
    flow = "animal,day,terminal,mfi\nM1,7,0.5,\nm1,7,0.5,4000\n"

    table = tables.joined(flow=flow)
    told = tables.refused(flow=flow + "M1,7,0.6,\n")

    assert facts(table, FindingKind.DUPLICATE) == [
        ("flow.csv", 3, "it says the same as flow.csv, row 2")
    ]
    assert table.frame["mfi"].tolist() == [4000.0]
    assert told.startswith("flow.csv, row 4, column 'terminal': it is of animal M1")
    assert "as flow.csv, row 2 is" in told


def test_names_of_rows_that_r_writes_are_samples(tables: Tables) -> None:
    table = tables.joined(
        FEATURES, fractions='"","B cells","P.value"\n"M1_D0",0.1,0\n"M2_D7",0.2,0\n'
    )

    assert table.frame["B cells"].notna().sum() == 2


def test_numbers_that_count_rows_are_no_animals(tables: Tables) -> None:
    told = tables.refused(
        "animal,day,glcm_Contrast\n0,0,1\n1,0,2\n", flow=",terminal\n0,0.4\n1,0.5\n"
    )

    assert "flow.csv: it has no column animal or sample" in told
