"""The written reference says what the schema says, all of it."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from config.anatomy import mark_of, mark_of_entries, table_of
from config.load import default_settings, load_settings
from config.reference import reference_markdown, reference_toml
from config.schema import Settings
from config.table import keys_of
from config.values import Unit, Wanted

ROOT = Path(__file__).resolve().parents[2]
NODE_TOML = ROOT / "config" / "node.toml"
PAGE = ROOT / "docs" / "configuration.md"


def all_keys(table: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    for name, field in keys_of(table).items():
        inner = table_of(field)
        if inner is None:
            yield name, field
        else:
            yield from all_keys(inner)


KEYS = list(all_keys(Settings))


def test_the_reference_is_up_to_date() -> None:
    assert NODE_TOML.read_text() == reference_toml(), "python -m config.reference"
    assert PAGE.read_text() == reference_markdown(), "python -m config.reference"


def test_the_reference_is_exactly_the_defaults() -> None:
    assert load_settings(NODE_TOML) == default_settings()


def test_the_reference_states_no_value_only_in_a_comment() -> None:
    """Every key that has a default is written out, and no other."""
    written = tomllib.loads(NODE_TOML.read_text())
    defaults = default_settings().model_dump(mode="json", exclude_none=True)
    del defaults["destinations"], defaults["peers"]
    del defaults["matching"]["co_registered"]

    assert written == defaults


def test_what_the_reference_comments_out_is_valid_once_uncommented(
    tmp_path: Path,
) -> None:
    secret = tmp_path / "ledger-url"
    secret.write_text("sqlite:////data/ledger.sqlite")
    text = NODE_TOML.read_text().replace('\nurl = ""\n', "\n")
    text = re.sub(r"^# (\[\[.*\]\]|\w+ = .*)$", r"\1", text, flags=re.MULTILINE)
    path = tmp_path / "node.toml"
    path.write_text(text.replace("/run/secrets/ledger-url", str(secret)))

    settings = load_settings(path)

    assert [destination.name for destination in settings.destinations] == ["pacs"]
    assert settings.matching.co_registered[0].model_name == "Inveon MM Platform"
    assert settings.ledger.url == "sqlite:////data/ledger.sqlite"


@pytest.mark.parametrize(("name", "field"), KEYS, ids=[name for name, _ in KEYS])
def test_every_key_has_a_unit_a_remedy_and_a_reason(
    name: str, field: FieldInfo
) -> None:
    assert mark_of(field, Unit) or mark_of_entries(field, Unit), name
    assert mark_of(field, Wanted) or mark_of_entries(field, Wanted), name
    assert len((field.description or "").split()) > 3, name


@pytest.mark.parametrize("name", sorted({name for name, _ in KEYS}))
def test_every_key_is_written_down_twice(name: str) -> None:
    assert f"{name} = " in NODE_TOML.read_text()
    assert f"| `{name}` |" in PAGE.read_text()
