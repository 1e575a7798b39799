"""Promises of reading a configuration: nothing is guessed, nothing is hidden."""

from collections.abc import Callable
from pathlib import Path

import pytest

from config.load import ConfigError, Mistake, default_settings, load_settings

PACS = """
[[destinations]]
name = "pacs"
ae_title = "PACS"
host = "pacs.example.org"
port = 104
"""


Write = Callable[[str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def _write(text: str | bytes) -> Path:
        path = tmp_path / "node.toml"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return _write


def refused(path: Path | None) -> tuple[Mistake, ...]:
    with pytest.raises(ConfigError) as refusal:
        load_settings(path)
    return refusal.value.mistakes


def test_no_file_means_all_defaults() -> None:
    assert load_settings(None) == default_settings()


def test_an_empty_file_means_all_defaults(write: Write) -> None:
    assert load_settings(write("")) == default_settings()


def test_a_file_says_only_what_differs(write: Write) -> None:
    settings = load_settings(write(PACS))

    assert settings.destinations[0].host == "pacs.example.org"
    assert settings.node == default_settings().node


def test_a_relative_path_starts_at_the_configuration(
    write: Write, tmp_path: Path
) -> None:
    text = '[node]\ndata_folder = "data"\n[score]\nmodel_folders = ["m", "/abs"]'

    settings = load_settings(write(text))

    assert settings.node.data_folder == tmp_path / "data"
    assert settings.score.model_folders == (tmp_path / "m", Path("/abs"))


def test_a_byte_order_mark_does_no_harm(write: Write) -> None:
    assert load_settings(write(b"\xef\xbb\xbf[node]\nport = 104")).node.port == 104


def test_every_mistake_is_told_at_once(write: Write) -> None:
    text = """
[node]
port = "104"
prot = 104
timezone = "Mars/Olympus"
[[destinations]]
name = "pacs"
port = 70000
[suv]
species = "unicorn"
[logging]
level = "loud"
[nodes]
"""
    keys = {mistake.key for mistake in refused(write(text))}

    assert keys == {
        "node.port",
        "node.prot",
        "node.timezone",
        "destinations[0].ae_title",
        "destinations[0].host",
        "destinations[0].port",
        "suv.species",
        "logging.level",
        "nodes",
    }


def test_a_mistake_names_file_key_fact_and_remedy(write: Write) -> None:
    path = write("[node]\nport = 0.5")

    (mistake,) = refused(path)

    assert mistake.source == str(path)
    assert mistake.key == "node.port"
    assert "0.5" in mistake.fact
    assert mistake.remedy == (
        "Write a whole number from 1 to 65535, for example 11112."
    )


def test_a_misspelt_key_is_told_its_neighbour(write: Write) -> None:
    (mistake,) = refused(write("[node]\nae_titel = 'X'"))

    assert mistake.remedy == "Did you mean node.ae_title?"


def test_a_key_in_the_wrong_place_is_told_what_belongs_there(write: Write) -> None:
    (mistake,) = refused(write("[suv]\nzzz = 1"))

    assert mistake.remedy == (
        "Remove it; known here are activity_balance, "
        "allow_without_attenuation_correction, metabolic_volume_percent, species, "
        "units_in_doubt, uptake_min, uptake_window_min."
    )


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[node]\nport = true", "node.port"),
        ("[node]\nrequire_called_ae_title = 1", "node.require_called_ae_title"),
        ("[node]\nae_title = 5", "node.ae_title"),
        ("[node]\ntimezone = '../../etc/passwd'", "node.timezone"),
        ("[node]\nuid_root = '1.02'", "node.uid_root"),
        ("[node]\nallowed_calling_ae_titles = 'A'", "node.allowed_calling_ae_titles"),
        ("[node]\ndata_folder = ''", "node.data_folder"),
        ("[matching]\nsettle_seconds = -1", "matching.settle_seconds"),
        ("[matching]\nsettle_seconds = nan", "matching.settle_seconds"),
        ("[retry]\nfactor = inf", "retry.factor"),
        ("[compute]\nworkers = 0", "compute.workers"),
        ("[rois]\ninclude = []", "rois.include"),
        ("[retry]\nfirst_delay_s = 9\nmaximum_delay_s = 5", "retry.maximum_delay_s"),
        ("node = 3", "node"),
        ("[species]\ncat = 3", "species.cat"),
        (PACS + PACS, "destinations"),
        (PACS + "objects = ['seg']", "destinations[0].objects[0]"),
        (PACS + "objects = []", "destinations[0].objects"),
    ],
)
def test_a_wrong_value_is_one_mistake_at_its_key(
    write: Write, text: str, key: str
) -> None:
    assert [mistake.key for mistake in refused(write(text))] == [key]


def test_a_syntax_error_is_told_with_its_line(write: Write) -> None:
    (mistake,) = refused(write("[node]\nport = 104\nae_title = NODE\n"))

    assert "line 3" in mistake.fact


def test_text_in_another_encoding_is_told_with_its_line(write: Write) -> None:
    (mistake,) = refused(write("[node]\ninstitution_name = 'Zürich'".encode("cp1252")))

    assert "UTF-8" in mistake.fact
    assert "line 2" in mistake.fact


def test_a_missing_file_is_a_mistake_of_its_own(tmp_path: Path) -> None:
    (mistake,) = refused(tmp_path / "no.toml")

    assert "cannot be read" in mistake.fact


def test_a_folder_is_no_configuration(tmp_path: Path) -> None:
    (mistake,) = refused(tmp_path)

    assert "cannot be read" in mistake.fact


def test_a_file_that_can_be_no_configuration_is_not_parsed(write: Write) -> None:
    (mistake,) = refused(write("#" * 1_000_001))

    assert "larger" in mistake.fact


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("NODE__PORT", "104", 104),
        ("NODE__AE_TITLE", "104", "104"),
        ("NODE__DATA_FOLDER", "/data", Path("/data")),
        ("MATCHING__SETTLE_SECONDS", "1.5", 1.5),
        ("SCORE__CLASS_WHEN_UNCALIBRATED", "true", True),
        ("LOGGING__LEVEL", "DEBUG", "debug"),
    ],
)
def test_a_variable_replaces_a_value_of_the_file(
    write: Write, monkeypatch: pytest.MonkeyPatch, name: str, text: str, value: object
) -> None:
    monkeypatch.setenv(f"EXHAUSTION_NODE__{name}", text)

    settings = load_settings(write("[node]\nport = 4242"))

    table, key = name.lower().split("__")
    assert getattr(getattr(settings, table), key) == value


def test_a_wrong_variable_is_named_as_the_source(
    monkeypatch: pytest.MonkeyPatch, write: Write
) -> None:
    monkeypatch.setenv("EXHAUSTION_NODE__NODE__PORT", "often")

    (mistake,) = refused(write("[node]\nport = 4242"))

    assert mistake.source == "environment variable EXHAUSTION_NODE__NODE__PORT"
    assert mistake.key == "node.port"


@pytest.mark.parametrize(
    "name", ["NODE__PROT", "PORT", "NODE", "ROIS__INCLUDE", "SPECIES__MOUSE", "A__B__C"]
)
def test_a_variable_that_replaces_nothing_is_a_mistake(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(f"EXHAUSTION_NODE__{name}", "1")

    (mistake,) = refused(None)

    assert mistake.source == f"environment variable EXHAUSTION_NODE__{name}"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://node:secret@db/ledger",
        "postgresql+psycopg://db/ledger?user=node&password=secret",
    ],
)
def test_a_password_in_the_file_is_refused_and_not_repeated(
    write: Write, url: str
) -> None:
    (mistake,) = refused(write(f"[ledger]\nurl = '{url}'"))

    assert mistake.key == "ledger.url"
    assert "secret" not in str(mistake)


def test_a_password_may_come_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, write: Write
) -> None:
    url = "postgresql+psycopg://node:secret@db/ledger"
    monkeypatch.setenv("EXHAUSTION_NODE__LEDGER__URL", url)

    assert load_settings(write("")).ledger.url == url


def test_a_password_may_come_from_a_file(write: Write, tmp_path: Path) -> None:
    url = "postgresql+psycopg://node:secret@db/ledger"
    (tmp_path / "secret").write_text(f"{url}\n")

    assert load_settings(write("[ledger]\nurl_file = 'secret'")).ledger.url == url


def test_a_secret_that_is_not_there_is_a_mistake(write: Write) -> None:
    (mistake,) = refused(write("[ledger]\nurl_file = 'secret'"))

    assert mistake.key == "ledger.url_file"


def test_two_sources_of_one_secret_are_a_mistake(write: Write, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("sqlite:///b.sqlite")
    text = "[ledger]\nurl = 'sqlite:////a.sqlite'\nurl_file = 'secret'"

    assert [m.key for m in refused(write(text))] == ["ledger.url_file"]
