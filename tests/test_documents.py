"""The documentation is whole: it runs, it links, it leaves nothing out."""

import json
import re
from pathlib import Path

import pytest
from click import Context

from config.load import load_settings
from node.cli import COMMANDS, main
from node.failure import REASONS
from node.records.states import StudyState
from tests.support.documents import (
    DOCUMENTS,
    README,
    ROOT,
    RUN,
    SHOWN,
    Block,
    blocks_of,
    run_block,
)

PAGES = pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: page.name)


@PAGES
def test_every_block_is_run_or_openly_only_shown(page: Path) -> None:
    languages = {block.language for block in blocks_of(page.read_text())}

    assert languages <= RUN | SHOWN


@PAGES
def test_every_toml_block_is_a_configuration_without_mistakes(
    page: Path, tmp_path: Path
) -> None:
    for number, block in enumerate(blocks_of(page.read_text())):
        if block.language == "toml":
            path = tmp_path / f"{number}.toml"
            path.write_text(block.text)
            load_settings(path)


@PAGES
def test_every_link_inside_the_repository_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#\s]+)", page.read_text())
    missing = [link for link in links if not (page.parent / link).exists()]

    assert not missing


@PAGES
def test_every_setting_that_is_named_exists(page: Path) -> None:
    named = re.findall(
        r"`(node|suv|rois|score|matching|compute|retry|ledger|results|logging)"
        r"\.(\w+)( = [^`]*)?`",
        page.read_text(),
    )
    settings = load_settings(None)

    for table, key, _ in named:
        if (table, key) not in {
            ("node", "toml"),
            ("node", "healthcheck"),
            ("ledger", "sqlite"),
        }:
            assert hasattr(getattr(settings, table), key), f"{table}.{key}"


@pytest.mark.system
def test_shell_blocks_of_the_pages_run(tmp_path: Path) -> None:
    """Those of the README run in `test_readme`, together with what they talk to."""
    (tmp_path / "config").mkdir()
    reference = (ROOT / "config" / "node.toml").read_text()
    (tmp_path / "config" / "node.toml").write_text(reference)
    told = {
        page.name: [
            run_block(block, tmp_path)
            for block in blocks_of(page.read_text())
            if block.language == "sh"
        ]
        for page in DOCUMENTS
        if page != README
    }

    assert "no mistakes" in told["configuration.md"][0]
    scored, shown = told["results.md"]
    assert_documents_every_key(scored[scored.index("{") :])
    assert "texture index (published equation, uncalibrated)" in shown


def assert_documents_every_key(printed: str) -> None:
    page = (ROOT / "docs" / "results.md").read_text()
    document = json.loads(printed)
    (result,) = document["results"]
    keys = {*document, *result, *document["objects"][0], *result["suv"]}

    assert not [key for key in keys if f"`{key}`" not in page]
    assert set(result["readings"]) <= set(re.findall(r"`([\w-]+)`", page))


@pytest.mark.parametrize("code", REASONS)
def test_every_reason_is_documented_as_it_is(code: str) -> None:
    reason = REASONS[code]
    row = f"| `{code}` | {reason.actor} | {reason.meaning} | {reason.remedy} |"

    assert row in (ROOT / "docs" / "reasons.md").read_text()


def test_no_reason_is_documented_that_does_not_exist() -> None:
    page = (ROOT / "docs" / "reasons.md").read_text()

    assert set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == set(REASONS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_documented_and_explains_itself(name: str) -> None:
    assert f"`exhaustion-node {name}`" in (ROOT / "docs" / "index.md").read_text()
    command = main.get_command(Context(main), name)
    assert command is not None
    assert command.help
    for parameter in command.params:
        if parameter.param_type_name == "option":
            assert getattr(parameter, "help", None), parameter.name


def test_no_command_is_documented_that_does_not_exist() -> None:
    page = (ROOT / "docs" / "index.md").read_text()

    assert set(
        re.findall(r"^\| `exhaustion-node ([\w-]+)`", page, re.MULTILINE)
    ) == set(COMMANDS)


@pytest.mark.parametrize("state", StudyState)
def test_every_state_of_a_study_is_documented(state: StudyState) -> None:
    assert f"| `{state}` |" in (ROOT / "docs" / "operations.md").read_text()


def test_every_target_of_make_is_explained() -> None:
    text = (ROOT / "Makefile").read_text()
    (phony,) = re.findall(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    told = run_block(Block("sh", f"make --no-print-directory -C {ROOT} help"), ROOT)

    for target in phony.split():
        assert re.search(rf"^  {target} +\S", told, re.MULTILINE), target
