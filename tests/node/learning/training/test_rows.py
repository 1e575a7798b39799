"""Promises of what is learnt from: which features, which rows, which baseline."""

from pathlib import Path

import numpy as np
import pytest

from config.feature_profiles import find_profile
from config.load import load_settings
from model.features.preparation import KurtosisKind, Preparation
from model.learning.readout import Readout
from node.learning.made_model import preparation_of
from node.learning.tables.choice import TableChoice
from node.learning.tables.join import read_joined
from node.learning.training.candidates import stated_candidates
from node.learning.training.crew import crew_of
from node.learning.training.options import TrainOptions
from node.learning.training.rows import TrainingRows, training_rows_of
from tests.node.learning.training.site_tables import (
    OTHERS,
    PLANTED,
    PROFILE,
    SiteTables,
    site_tables,
)


@pytest.fixture(scope="module")
def preparation() -> Preparation:
    return preparation_of(find_profile(PROFILE))


def rows_of(
    folder: Path,
    tables: SiteTables,
    preparation: Preparation,
    kept: set[str] | None = None,
    **options: object,
) -> TrainingRows:
    tables.write(folder)
    paths = {name: folder / f"{name}.csv" for name in ("flow", "design")}
    choice = TableChoice(features=(folder / "features.csv",), **paths)
    table = read_joined(choice, load_settings(None))
    return training_rows_of(table, TrainOptions(**options), preparation, kept)  # type: ignore[arg-type]


def why_not(rows: TrainingRows) -> dict[str, str]:
    return {each.name: each.why_not for each in rows.candidates if each.why_not}


def test_only_what_repeatability_keeps_takes_part(
    tmp_path: Path, preparation: Preparation
) -> None:
    rows = rows_of(tmp_path, site_tables(), preparation, {PLANTED[0], OTHERS[0]})

    assert set(rows.names) == {PLANTED[0], OTHERS[0]}
    assert "--kept" in why_not(rows)[PLANTED[1]]


def test_features_that_the_node_cannot_score_take_no_part(
    preparation: Preparation,
) -> None:
    names = ("glcm_Mystery", "histogram_KurtosisOfBinProbabilities", "CT_glcm_Mystery")
    found = stated_candidates(names, preparation, None, with_ct=True)

    assert preparation.kurtosis is KurtosisKind.MASKED_VALUES
    assert "catalogue" in found[0].why_not
    assert "kurtosis" in found[1].why_not
    assert found[2].why_not == ""
    without = stated_candidates(names, preparation, None, with_ct=False)
    assert "--no-ct" in without[2].why_not


def test_a_feature_that_is_often_undefined_is_left_out(
    tmp_path: Path, preparation: Preparation
) -> None:
    tables = site_tables(20)
    tables.features.loc[:1, OTHERS[0]] = None
    rows = rows_of(tmp_path, tables, preparation)

    assert "2 of 20" in why_not(rows)[OTHERS[0]]
    assert rows.data.count == 20


def test_a_row_that_lacks_a_feature_once_is_left_out_and_told(
    tmp_path: Path, preparation: Preparation
) -> None:
    tables = site_tables(20)
    tables.features.loc[3, OTHERS[0]] = None
    rows = rows_of(tmp_path, tables, preparation)

    assert OTHERS[0] in rows.names
    assert rows.data.count == 19
    (told,) = rows.left_out
    assert "M04" in told.fact
    assert told.column == OTHERS[0]


def test_of_features_that_say_the_same_the_papers_stays(
    tmp_path: Path, preparation: Preparation
) -> None:
    tables = site_tables()
    tables.features["direct_Kurtosis"] = 3 - tables.features[OTHERS[0]]
    tables.features["histogram_Kurtosis"] = tables.features["direct_Kurtosis"] * 2
    tables.features["shape_Volume"] = tables.features["direct_Kurtosis"] + 7
    rows = rows_of(tmp_path, tables, preparation)

    assert "histogram_Kurtosis" in rows.names
    told = why_not(rows)
    assert set(told) == {OTHERS[0], "direct_Kurtosis", "shape_Volume"}
    assert all("histogram_Kurtosis" in each for each in told.values())


def test_readouts_that_few_animals_have_are_not_used(
    tmp_path: Path, preparation: Preparation
) -> None:
    tables = site_tables()
    tables.flow.loc[5:, "mfi"] = None
    rows = rows_of(tmp_path, tables, preparation)

    assert Readout.MFI not in rows.data.readouts
    assert rows.unused_readouts == ("mfi: 5 animals",)


def test_cages_are_groups(tmp_path: Path, preparation: Preparation) -> None:
    rows = rows_of(tmp_path, site_tables(24), preparation, grouping="cage")

    assert rows.data.group_count == 12
    assert rows.animals == 24


def test_the_baseline_is_what_every_row_states(
    tmp_path: Path, preparation: Preparation
) -> None:
    tables = site_tables()
    tables.features.loc[2, "suv_mean"] = None
    tables.design["tumour_model"] = "LLC"
    rows = rows_of(tmp_path, tables, preparation)

    assert list(rows.baseline.parts) == ["volume", "day"]
    assert rows.baseline.missing["suv_mean"] == "1 of 16 rows state none"
    assert rows.baseline.missing["tumour_model"] == "all rows are LLC"
    volumes = np.log(tables.features["volume_ml"])
    assert np.allclose(np.sort(rows.data.baseline[:, 0]), np.sort(volumes))


def test_a_crew_answers_in_order_and_counts() -> None:
    ticks: list[int] = []
    with crew_of(1) as crew:
        answers = crew.do(_added, 10, 12, lambda: ticks.append(1))

    assert answers == list(range(10, 22))
    assert len(ticks) == 12


def _added(shared: int, number: int) -> int:
    return shared + number
