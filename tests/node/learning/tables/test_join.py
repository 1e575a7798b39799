"""One join, on animal and day; whatever is left over is told."""

import json
from dataclasses import replace
from typing import Any

import pytest

from config.load import default_settings
from node.learning.tables.join import read_joined
from node.learning.tables.joined import FindingKind
from node.learning.tables.mistake import TableError
from node.learning.tables.profile import profile_of
from tests.support.tables import EXAMPLE, FEATURES, Tables, facts

SCANS = """\
study_instance_uid,patient_id,animal_id,roi,scanned_on,glcm_Contrast
1.2.1,m1_a.pet,M1,Tumor,2026-03-02,1
1.2.2,m1_b.pet,M1,Tumor,2026-03-09,2
"""


def days(tables: Tables, design: str, scans: str = SCANS) -> dict[float, float]:
    """Return the contrast of each day."""
    frame = tables.joined(scans, design=design).frame
    return dict(zip(frame["day"], frame["glcm_Contrast"], strict=True))


def test_the_example_of_the_documentation_joins_whole() -> None:
    table = read_joined(EXAMPLE, default_settings())

    assert len(table.frame) == 48
    assert table.frame["animal"].nunique() == 24
    assert sorted(set(table.frame["day"])) == [0.0, 7.0, 22.0]
    assert table.frame["tumour_model"].value_counts().to_dict() == {
        "LLC": 24,
        "B16": 24,
    }
    assert table.frame["terminal"].count() == 24
    assert {each.role: each.used for each in table.sources} == {
        "features": 48,
        "flow": 24,
        "fractions": 22,
        "design": 24,
    }
    assert "glcm_InverseVariance" in table.features
    assert profile_of(table, ()).name.startswith("zhang2023-fine")


def test_a_scan_s_own_day_comes_first_and_another_one_is_doubted(
    tables: Tables,
) -> None:
    table = tables.joined(
        "study_instance_uid,animal,day,glcm_Contrast\n1.2.1,M1,3,1\n",
        design="animal,day,study_instance_uid\nM1,7,1.2.1\n",
    )

    assert table.frame["day"].tolist() == [3.0]
    [(_, _, fact)] = facts(table, FindingKind.DOUBTED)
    assert fact == "its row says day 3, and design.csv says day 7 of this scan"


@pytest.mark.parametrize(
    "design",
    [
        "animal,day,study_instance_uid\nM1,0,1.2.1\nM1,7,1.2.2\n",
        "animal,day,patient_id\nM1,0,m1_a.pet\nM1,7,m1_b.pet\n",
        "animal,day,scan_date\nm1,0,02.03.2026\nm1,7,2026-03-09\n",
        "animal,day_0\nM1,2026-03-02\n",
        "animal,day,scan_date,day_0\nM1,0,2026-03-02,2026-03-02\nM1,7,,\n",
    ],
)
def test_a_scan_finds_its_day(tables: Tables, design: str) -> None:
    assert days(tables, design) == {0.0: 1.0, 7.0: 2.0}


def test_the_date_of_the_design_s_row_comes_before_day_0(tables: Tables) -> None:
    design = (
        "animal,day,scan_date,day_0\nM1,0,2026-03-02,2026-03-01\nM1,7,2026-03-09,\n"
    )

    assert days(tables, design) == {0.0: 1.0, 7.0: 2.0}


def test_the_only_row_of_an_animal_holds_for_its_only_scan(tables: Tables) -> None:
    one = "".join(SCANS.splitlines(keepends=True)[:2])

    assert days(tables, "animal,day\nM1,7\n", one) == {7.0: 1.0}


def test_a_row_that_names_a_scan_names_its_animal_too(tables: Tables) -> None:
    design = "animal,day,patient_id,group\nA7,0,m1_a.pet,ICI\nA7,7,m1_b.pet,\n"

    frame = tables.joined(SCANS, design=design).frame

    assert frame["animal"].tolist() == ["A7", "A7"]
    assert frame["group"].tolist() == ["ICI", "ICI"]


@pytest.mark.parametrize(
    ("design", "why"),
    [
        ("animal,day\nM1,0\nM1,7\n", "none of rows 2, 3 of design.csv"),
        ("animal,day\nM1,7\n", "none of row 2 of design.csv"),
        ("animal,day\nM2,7\n", "design.csv has no animal M1"),
        (None, "there is no design"),
    ],
)
def test_a_day_that_stays_open_is_told_and_not_guessed(
    tables: Tables, design: str | None, why: str
) -> None:
    known = FEATURES.replace("animal,day", "animal_id,day")
    rest: dict[str, Any] = {} if design is None else {"design": design + "M9,7\n"}

    table = tables.joined(SCANS, known, **rest)

    told = facts(table, FindingKind.UNMATCHED)
    assert [row for file, row, _ in told if file == "features.csv"] == [2, 3]
    assert why in told[0][2]
    assert len(table.frame) == 3


def test_tables_of_which_no_row_can_be_used_are_refused_with_all_that_was_found(
    tables: Tables,
) -> None:
    told = tables.refused(SCANS).splitlines()

    assert told[0].startswith("no row of the tables can be used")
    assert [line[:20] for line in told[1:]] == [
        "features.csv, row 2:",
        "features.csv, row 3:",
    ]


def test_readouts_stand_beside_the_scan_of_their_animal_and_day(
    tables: Tables,
) -> None:
    table = tables.joined(
        FEATURES, flow="mouse id,Day,terminal\nm1,7,0.5\nM2,9,0.6\nM3,7,0.7\n"
    )

    assert table.frame["terminal"].fillna(-1).tolist() == [-1, 0.5, -1]
    assert facts(table, FindingKind.UNMATCHED) == [
        ("flow.csv", 3, "nothing else is of animal M2 on day 9"),
        ("flow.csv", 4, "nothing else is of animal M3 on day 7"),
        (
            "features.csv",
            2,
            "no row of flow.csv is of its animal and day; it has no values from there",
        ),
        (
            "features.csv",
            4,
            "no row of flow.csv is of its animal and day; it has no values from there",
        ),
    ]


@pytest.mark.parametrize("name", ["M2", "M2_D7", "m2 day 7", "M2-d07", "S9"])
def test_a_sample_is_tied_by_the_design_or_by_its_name(
    tables: Tables, name: str
) -> None:
    table = tables.joined(
        FEATURES,
        fractions=f"Mixture,B cells,P-value\n{name},0.5,0\n",
        design="animal,day,sample\nM1,0,\nM2,7,S9\n",
    )

    frame = table.frame.set_index("animal")["B cells"]
    assert frame["M2"] == 0.5
    assert frame["M1"].isna().all()


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("M1", "animal M1 is of no single one: it has days 0, 7"),
        ("X7_D7", "is neither a sample of the design nor an animal"),
        ("M27", "is neither a sample of the design nor an animal"),
    ],
)
def test_a_sample_that_is_not_tied_is_told(tables: Tables, name: str, why: str) -> None:
    table = tables.joined(
        FEATURES, fractions=f"Mixture,B cells,P-value\n{name},0.5,0\n"
    )

    [fact] = [
        fact
        for file, _, fact in facts(table, FindingKind.UNMATCHED)
        if file == "fractions.csv"
    ]
    assert why in fact


def test_the_same_scan_in_two_files_counts_once(tables: Tables) -> None:
    table = tables.joined(FEATURES, FEATURES.replace("voxels", "glcm_Energy"))

    assert table.frame["glcm_Energy"].tolist() == [100.0, 200.0, 300.0]
    assert table.frame["voxels"].tolist() == [100.0, 200.0, 300.0]
    assert facts(table, FindingKind.DUPLICATE)[0] == (
        "features1.csv",
        2,
        "it says the same as features.csv, row 2",
    )


def test_rows_that_contradict_each_other_are_refused_naming_both(
    tables: Tables,
) -> None:
    told = tables.refused(FEATURES + "M1,7,tumor,2.6,200\n")

    assert told.startswith("features.csv, row 5, column 'glcm_Contrast': ")
    assert "as features.csv, row 3 is, and differs in glcm_Contrast" in told


def test_of_several_regions_one_must_be_chosen(tables: Tables) -> None:
    several = FEATURES + "M1,7,Muscle,9,50\n"

    told = tables.refused(several)
    table = tables.joined(several, roi="tumor")

    assert "there are 'Muscle', 'Tumor'" in told
    assert "--roi" in told
    assert set(table.frame["roi"]) == {"Tumor"}
    assert facts(table, FindingKind.EXCLUDED) == [
        ("features.csv", 5, "region 'Muscle' was not chosen")
    ]
    assert "no row is of the region 'Liver'" in tables.refused(several, roi="Liver")


def test_scans_whose_only_regions_have_two_names_need_no_choice(
    tables: Tables,
) -> None:
    table = tables.joined(FEATURES.replace("M2,7,Tumor", "M2,7,Tumour"))

    assert set(table.frame["roi"]) == {"Tumor", "Tumour"}


def test_ct_stands_beside_the_pet_of_the_same_scan(tables: Tables) -> None:
    table = tables.joined(
        "animal,day,roi,modality,shape_Volume,voxels\n"
        "M1,7,Tumor,PET,1,100\nM1,7,Tumor,CT,1.1,9000\nM2,7,Tumor,CT,1.2,9000\n"
        "M1,7,Tumor,MR,1.3,8000\n"
    )

    assert table.features == ("CT_shape_Volume", "shape_Volume")
    assert table.frame["CT_shape_Volume"].tolist() == [1.1]
    assert table.frame["voxels"].tolist() == [100.0]
    assert [row for _, row, _ in facts(table, FindingKind.UNMATCHED)] == [4]
    assert [row for _, row, _ in facts(table, FindingKind.EXCLUDED)] == [5]


def test_ct_alone_is_a_table_of_ct(tables: Tables) -> None:
    table = tables.joined("animal,day,modality,shape_Volume\nM1,7,CT,1\n")

    assert table.features == ("CT_shape_Volume",)
    assert table.profiles == {}


PROFILED = "animal,day,modality,profile,profile_sha256,glcm_Contrast\n"


def test_features_of_two_profiles_are_refused(tables: Tables) -> None:
    told = tables.refused(PROFILED + "M1,0,PET,fine,aa,1\nM1,7,PET,fine,bb,1\n")

    assert told.startswith("features.csv, row 3, column 'profile_sha256': its PET")
    by_name = PROFILED + "M1,0,PET,fine,,1\nM1,7,PET,coarse,,1\n"
    assert "another name" in tables.refused(by_name)
    of_ct = PROFILED + "M1,0,PET,fine,aa,1\nM1,0,CT,ibex,bb,1\n"
    assert tables.joined(of_ct).profiles == {"fine": "aa"}


def test_a_profile_that_has_changed_is_refused() -> None:
    table = read_joined(EXAMPLE, default_settings())
    (name,) = table.profiles

    with pytest.raises(TableError, match="checksum"):
        profile_of(replace(table, profiles={name: "00" * 32}), ())
    with pytest.raises(TableError, match="does not say by which profile"):
        profile_of(replace(table, profiles={}), ())


def test_what_is_an_animal_s_own_holds_for_all_its_days(tables: Tables) -> None:
    frame = tables.joined(
        FEATURES,
        design="animal,day,tumour model,group,irradiation day,batch\n"
        "M1,0,LLC,RT,0,A\nM1,7,,,,B\nM2,,B16,ICI,,A\n",
    ).frame

    assert frame["tumour_model"].tolist() == ["LLC", "LLC", "B16"]
    assert frame["irradiation_day"].fillna(-1).tolist() == [0, 0, -1]
    assert frame["batch"].tolist() == ["A", "B", "A"]


def test_a_design_that_contradicts_itself_is_refused(tables: Tables) -> None:
    told = tables.refused(
        FEATURES,
        design="animal,day,group,sample\nM1,0,RT,S1\nm1,7,ICI,S1\nM2,7,RT,\nM2,7,,S3\n",
    )

    assert "column 'group': animal m1 has another group in rows 2 and 3" in told
    assert "column 'sample': an earlier row has the same" in told
    assert "column 'animal': rows 4 and 5 are both of animal M2 on day 7" in told


def test_the_image_s_own_route_holds_against_the_design_s(tables: Tables) -> None:
    table = tables.joined(
        "animal,day,route,glcm_Contrast\nM1,7,intravenous,1\nM2,7,,1\n",
        design="animal,route\nM1,ip\nM2,ip\n",
    )

    assert table.frame["route"].tolist() == ["intravenous", "intraperitoneal"]
    [(_, row, _)] = facts(table, FindingKind.DOUBTED)
    assert row == 2


def test_rows_of_the_design_that_nothing_is_of_are_told(tables: Tables) -> None:
    table = tables.joined(FEATURES, design="animal,day\nM1,0\nM1,22\nM3,0\n")

    assert [
        fact
        for file, _, fact in facts(table, FindingKind.UNMATCHED)
        if file == "design.csv"
    ] == ["nothing is of animal M1 on day 22", "nothing is of animal M3"]


def test_without_features_the_rows_are_those_of_flow_cytometry(
    tables: Tables,
) -> None:
    table = tables.joined(
        flow="animal,day,terminal\nM1,7,0.5\nM2,7,0.6\n",
        fractions="Mixture,B cells,P-value\nM1_D7,0.5,0\n",
    )

    assert table.frame["terminal"].tolist() == [0.5, 0.6]
    assert table.frame["B cells"].count() == 1
    assert table.features == ()


def result(**fields: Any) -> dict[str, Any]:
    """Return a result as `score --json` writes it."""
    written: dict[str, Any] = {
        "study_instance_uid": "1.2.1",
        "patient_id": "m1_a.pet",
        "animal_id": "M1",
        "roi": "Tumor",
        "voxels": 100,
        "suv": {"min": 0.5, "mean": 1.5, "max": 2.5, "sd": 0.5, "volume_ml": 0.1},
        "circumstances": {"tracer": "FDG", "route": None, "uptake_min": 60.0},
        "acquisition": {"series": "1.2.1.1", "scanned_on": "2026-03-02"},
        "features": {"glcm_Contrast": 1.0, "glcm_Energy": None},
        "score": 0.5,
        "score_model": "fine",
        "score_model_version": "1.0.0",
        "score_model_sha256": "aa",
        "readings": {"fine": 0.5, "zhang2023-64": -0.5},
    }
    return {**written, **fields}


def test_documents_of_score_are_read(tables: Tables) -> None:
    document = json.dumps({"results": [result()], "held": []})

    table = tables.joined(document, design="animal,day_0\nM1,2026-02-28\n")

    [row] = table.frame.to_dict("records")
    assert (row["animal"], row["day"], row["score"]) == ("M1", 2.0, 0.5)
    assert (row["suv_max"], row["volume_ml"], row["tracer"]) == (2.5, 0.1, "FDG")
    assert row["zhang2023-64"] == -0.5
    assert table.readings == ("fine", "zhang2023-64")
    assert table.features == ("glcm_Contrast",)
    assert table.profiles == {"fine-1.0.0": "aa"}


@pytest.mark.parametrize(
    "document",
    [
        "{",
        "[1]",
        '{"results": []}',
        '{"results": [1]}',
        json.dumps({"results": [result(score="high")]}),
        json.dumps({"results": [result(features={"glcm_Contrast": "1"})]}),
        json.dumps({"results": [result(acquisition={"scanned_on": "today"})]}),
        json.dumps({"results": [result(voxels=float("inf"))]}),
    ],
)
def test_documents_that_score_did_not_write_are_refused(
    tables: Tables, document: str
) -> None:
    assert tables.refused(document).startswith("features.csv")


@pytest.mark.parametrize("name", ["7", "07", "7.0"])
def test_an_animal_that_is_written_otherwise_is_pointed_at_and_not_joined(
    tables: Tables, name: str
) -> None:
    table = tables.joined(
        "animal,day,glcm_Contrast\n007,3,1\n",
        flow=f"animal,day,terminal\n{name},3,0.4\n",
        design=f"animal,group\n{name},RT\n",
    )
    told = [fact for *_, fact in facts(table, FindingKind.UNMATCHED)]

    assert table.frame["terminal"].isna().all()
    assert any(
        "if it is '007', write it the same in all tables" in fact for fact in told
    )
    assert any(f"if it is {name!r}, write it" in fact for fact in told)


def test_a_group_that_is_called_none_is_a_group(tables: Tables) -> None:
    table = tables.joined(FEATURES, design="animal,group\nM1,none\nM2,NA\n")

    assert table.frame["group"].tolist() == ["none", "none", ""]
