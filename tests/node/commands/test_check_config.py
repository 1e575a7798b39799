"""Promises of ``check-config``."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from config.score_models import load_score_model
from model.score.score_model import ScoreModel
from node.commands.check_config import check_config_command
from node.learning.made_model import write_made_model
from tests.model.score.models import trained

NODE_TOML = Path(__file__).resolve().parents[3] / "config" / "node.toml"


def check(*arguments: str | Path) -> Result:
    return CliRunner().invoke(check_config_command, [str(each) for each in arguments])


def test_the_shipped_reference_has_no_mistakes() -> None:
    result = check(NODE_TOML)

    assert result.exit_code == 0
    assert "listens as EXHAUSTION on 0.0.0.0:11112, for anyone" in result.stdout
    assert "sends results nowhere" in result.stdout
    assert result.stdout.rstrip().endswith("no mistakes")


def test_a_configuration_is_told_in_words(tmp_path: Path) -> None:
    path = tmp_path / "node.toml"
    path.write_text(
        """
[node]
allowed_calling_ae_titles = ["INVEON", "MIM"]
[suv]
species = "rat"
units_in_doubt = "convert"
[rois]
include = ["tumor*"]
exclude = ["body"]
[[matching.co_registered]]
model_name = "Inveon MM Platform"
[[destinations]]
name = "pacs"
ae_title = "PACS"
host = "10.0.0.2"
port = 104
objects = ["sr"]
"""
    )

    told = check(path).stdout

    assert "for INVEON, MIM" in told
    assert "sends sr to pacs: PACS at 10.0.0.2:104" in told
    assert "a rat of 50 to 1000 g with 1 to 150 MBq, and converts" in told
    assert "scores regions named tumor* but not body" in told
    assert "takes PET and CT of 'Inveon MM Platform' as co-registered" in told


def test_mistakes_are_told_all_at_once_on_stderr(tmp_path: Path) -> None:
    path = tmp_path / "node.toml"
    path.write_text('[node]\nport = "x"\n[suv]\nspecies = "unicorn"\n')

    result = check(path)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert "2 mistakes:" in result.stderr
    assert "node.port" in result.stderr
    assert "suv.species" in result.stderr


def test_an_unknown_score_model_is_a_mistake_beside_the_others(tmp_path: Path) -> None:
    path = tmp_path / "node.toml"
    path.write_text(
        '[logging]\nlevel = "loud"\n'
        '[score]\nmodel = "mine"\nreadings = ["zhang2023-64", "yours"]\n'
    )

    result = check(path, "--json")

    assert result.exit_code == 2
    found = json.loads(result.stdout)
    assert found["valid"] is False
    assert [mistake["key"] for mistake in found["mistakes"]] == [
        "logging.level",
        "score.model",
        "score.readings[1]",
    ]
    assert all(
        set(mistake) == {"source", "key", "fact", "remedy"} and all(mistake.values())
        for mistake in found["mistakes"]
    )


def test_an_unknown_profile_is_a_mistake_and_a_known_one_is_none(
    tmp_path: Path,
) -> None:
    path = tmp_path / "node.toml"

    for profile in ("ibsi-c", "zhang2023-64", "ibex-ct"):
        path.write_text(f'[features]\nprofile = "{profile}"\n')
        assert check(path).exit_code == 0
    path.write_text('[features]\nprofile = "ibsi-z"\n[score]\nmodel = "mine"\n')
    result = check(path)

    assert result.exit_code == 2
    assert "features.profile" in result.stderr
    assert "ibsi-a" in result.stderr
    assert "score.model" in result.stderr


def test_a_faulty_table_of_features_hides_no_unknown_score_model(
    tmp_path: Path,
) -> None:
    path = tmp_path / "node.toml"
    path.write_text('[features]\nct_grid = "x"\n[score]\nmodel = "mine"\n')

    found = json.loads(check(path, "--json").stdout)

    assert [mistake["key"] for mistake in found["mistakes"]] == [
        "features.ct_grid",
        "score.model",
    ]


def test_json_holds_the_settings_as_they_are_in_force(tmp_path: Path) -> None:
    path = tmp_path / "node.toml"
    path.write_text("[node]\nport = 104\n")

    result = check(path, "--json")

    found = json.loads(result.stdout)
    assert found["valid"] is True
    assert found["mistakes"] == []
    assert found["settings"]["node"]["port"] == 104
    assert found["settings"]["species"]["mouse"]["weight_g"] == [10, 60]


def test_a_secret_is_not_printed(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql+psycopg://node:hunter2@db/ledger")
    path = tmp_path / "node.toml"
    path.write_text('[ledger]\nurl_file = "url"\n')

    for arguments in ([path], [path, "--json"]):
        result = check(*arguments)
        assert result.exit_code == 0
        assert "hunter2" not in result.output


def test_a_file_that_is_not_there_is_a_mistake_and_no_traceback(tmp_path: Path) -> None:
    result = check(tmp_path / "no.toml")

    assert result.exit_code == 2
    assert "cannot be read" in result.stderr


def with_log(tmp_path: Path, log: str | None, more: str = "") -> Path:
    """Return a configuration with an injection log of this content."""
    if log is not None:
        (tmp_path / "log.csv").write_text(log)
    path = tmp_path / "node.toml"
    path.write_text(f'[injection_log]\npath = "log.csv"\n{more}')
    return path


def test_what_is_wrong_in_the_injection_log_is_told_cell_by_cell(
    tmp_path: Path,
) -> None:
    path = with_log(
        tmp_path,
        "animal,study_date,weight_g,dose\nM1,03/02/2026,24,1\nM2,2026-03-02,x,1\n",
    )

    result = check(path)

    assert result.exit_code == 0
    assert f"reads {tmp_path / 'log.csv'}: 2 rows" in result.stdout
    for column in ("row 1, column dose", "row 2, column study_date", "row 3, column w"):
        assert column in result.stdout
    assert (
        len(json.loads(check(path, "--json").stdout)["injection_log"]["mistakes"]) == 3
    )


def test_a_log_that_is_not_there_is_told_with_what_follows(tmp_path: Path) -> None:
    path = with_log(tmp_path, None)

    result = check(path)

    assert result.exit_code == 0
    assert f"({tmp_path / 'log.csv'}); studies are held until it can" in result.stdout
    assert json.loads(check(path, "--json").stdout)["injection_log"]["rows"] is None


def test_a_log_that_no_precedence_asks_is_told(tmp_path: Path) -> None:
    path = with_log(tmp_path, "", '[sources]\nprecedence = ["header"]\n')

    told = check(path).stdout

    assert "sources.precedence leaves the log out" in told
    assert "what is released, then the PET's header\n" in told


def test_registering_and_subtracting_are_told(tmp_path: Path) -> None:
    path = tmp_path / "node.toml"
    path.write_text(
        '[rois]\nsubtract = ["bone*"]\n'
        '[[matching.co_registered]]\nmodel_name = "X"\nregister = "rigid"\n'
    )

    told = check(path).stdout

    assert "registers the CT of 'X' to its PET" in told
    assert "more than 2 mm" in told
    assert "without the voxels of bone*" in told
    [gantry] = json.loads(check(path, "--json").stdout)["settings"]["matching"][
        "co_registered"
    ]
    assert gantry["register"] == "rigid"


def test_a_source_that_is_named_twice_is_a_mistake(tmp_path: Path) -> None:
    path = tmp_path / "node.toml"
    path.write_text('[sources]\nprecedence = ["log", "log"]\n')

    result = check(path)

    assert result.exit_code == 2
    assert "sources.precedence is not right: an entry stands there twice" in (
        result.stderr
    )


def with_model(folder: Path, model: ScoreModel) -> Path:
    """Put a model into the data folder of a configuration that names it."""
    written = write_made_model(model, folder / "data" / "score_models")
    path = folder / "node.toml"
    path.write_text(
        f'[node]\ndata_folder = "{folder / "data"}"\n'
        f'[score]\nmodel = "{written.name}"\n'
    )
    return path


def test_a_model_of_the_site_is_told_with_what_it_claims(tmp_path: Path) -> None:
    path = with_model(tmp_path, trained())

    told = check(path).stdout

    assert "reports the score of own 1.0.0, trained on 30 scans of 12 animals" in told
    assert "states a class within its domain, for exhausted" in told
    found = json.loads(check(path, "--json").stdout)["score_model"]
    assert found["calibration"] == "trained"
    assert found["sha256"] == load_score_model(*path.parent.rglob("own*.toml")).sha256


def test_an_uncalibrated_model_is_told_as_one(tmp_path: Path) -> None:
    path = tmp_path / "node.toml"
    path.write_text("")
    assert "uncalibrated model does not state a class" in check(path).stdout

    path.write_text("[score]\nclass_when_uncalibrated = true\n")
    assert "uncalibrated model states a class" in check(path).stdout


def test_a_site_model_that_was_altered_is_a_mistake_of_the_configuration(
    tmp_path: Path,
) -> None:
    path = with_model(tmp_path, trained())
    [file] = path.parent.rglob("own*.toml")
    file.write_text(file.read_text().replace("animals = 12", "animals = 13"))

    result = check(path)

    assert result.exit_code == 2
    assert "score.model = 'own' cannot be used: checksum:" in result.stderr


def test_who_may_call_and_how_archives_are_asked_is_said(tmp_path: Path) -> None:
    file = tmp_path / "node.toml"
    file.write_text(
        """
[[peers]]
name = "inveon"
ae_title = "INVEON"
addresses = ["192.168.10.5"]
objects = ["pet", "ct"]
[[destinations]]
name = "pacs"
protocol = "dicomweb"
url = "https://pacs.example.org/dicom-web"
confirm = "query"
"""
    )
    result = check(file)

    assert result.exit_code == 0
    assert "lets INVEON in from 192.168.10.5, with pet, ct" in result.stdout
    assert (
        "sends sr, segmentation, parametric_map, suv_series, score_series, summary "
        "and pdf to pacs: https://pacs.example.org/dicom-web, and asks whether it "
        "keeps them"
    ) in result.stdout


PACS = """
[[destinations]]
name = "pacs"
ae_title = "PACS"
host = "pacs.example.org"
port = 104
"""


def test_a_destination_gets_by_default_what_is_made(tmp_path: Path) -> None:
    file = tmp_path / "node.toml"
    file.write_text(f'[results]\nobjects = ["sr", "pdf"]\n{PACS}')
    result = check(file)

    assert result.exit_code == 0
    assert "sends sr and pdf to pacs" in result.stdout
    assert "does not make segment_sr, segmentation, parametric_map" in result.stdout
    assert "sends them nowhere" not in result.stdout


def test_what_is_made_and_sent_nowhere_is_told(tmp_path: Path) -> None:
    file = tmp_path / "node.toml"
    file.write_text(PACS)
    result = check(file)

    assert "does not make blending (results.objects)" in result.stdout
    assert "makes segment_sr and key_objects, and sends them nowhere" in result.stdout


def test_what_points_to_objects_that_are_not_made_is_a_mistake(tmp_path: Path) -> None:
    file = tmp_path / "node.toml"
    file.write_text('[results]\nobjects = ["sr", "segment_sr"]\n')
    result = check(file)

    assert result.exit_code == 2
    assert (
        "results.objects asks for segment_sr and leaves out segmentation, which it "
        "points to. Add that"
    ) in result.stderr


def test_what_a_destination_asks_for_has_to_be_made(tmp_path: Path) -> None:
    file = tmp_path / "node.toml"
    asked = 'objects = ["sr", "blending"]\n'
    file.write_text(f'[results]\nobjects = ["sr"]\n{PACS}{asked}')
    result = check(file)

    assert result.exit_code == 2
    assert (
        "results.objects 'pacs' is to get blending, which results.objects leaves out. "
        "Add that"
    ) in result.stderr


def test_by_default_nothing_keeps_a_study_that_its_archive_keeps(
    tmp_path: Path,
) -> None:
    file = tmp_path / "node.toml"
    file.write_text(f'[retention]\ndelete_after_days = 30\n{PACS}confirm = "query"\n')
    result = check(file)

    assert "deletes files 30 days" in result.stdout
    assert "but no study" not in result.stdout


@pytest.mark.parametrize("review", [True, False])
def test_that_results_wait_for_a_person_is_told(
    tmp_path: Path, *, review: bool
) -> None:
    file = tmp_path / "node.toml"
    file.write_text(f"[results]\nreview = {str(review).lower()}\n")
    result = check(file)

    assert result.exit_code == 0
    assert ("awaiting_review" in result.stdout) is review


def test_tls_without_a_certificate_is_a_mistake(tmp_path: Path) -> None:
    file = tmp_path / "node.toml"
    file.write_text("[tls]\nlisten = true\n")
    result = check(file)

    assert result.exit_code == 2
    assert "certificate_file is needed" in result.stderr


@pytest.mark.parametrize(
    ("confirm", "objects", "told"),
    [
        ("no", "", "deletes nothing, though retention.delete_after_days is 30"),
        ("query", "", "deletes files 30 days after their study's last change, once"),
        ("query", 'objects = ["sr"]', "but no study with a segmentation, which pacs"),
    ],
)
def test_what_is_ever_deleted_is_told(
    tmp_path: Path, confirm: str, objects: str, told: str
) -> None:
    file = tmp_path / "node.toml"
    file.write_text(
        f"""
[retention]
delete_after_days = 30

[[destinations]]
name = "pacs"
ae_title = "PACS"
host = "pacs.example.org"
port = 104
confirm = "{confirm}"
{objects}
"""
    )
    result = check(file)

    assert result.exit_code == 0
    assert told in result.stdout
