"""Promises of ``exhaustion-node refusals``."""

import json
from datetime import UTC, datetime
from pathlib import Path

from config.load import load_settings
from node.data_folder import open_ledger
from node.records.refused import Refusal
from tests.support.service import command, free_port, write_config

_AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def test_refusals_are_listed_with_who_when_and_why(tmp_path: Path) -> None:
    config = write_config(tmp_path, free_port(), archive_port=1)
    with open_ledger(load_settings(config), make=True) as ledger:
        assert command("refusals", "--config", str(config)) == (
            0,
            "nothing was refused\n",
            "",
        )
        stranger = Refusal("\x1bX", "203.0.113.9", "RJ 1/1/3", "no [[peers]] names it")
        large = Refusal("PACS", "10.0.0.1", "C002", "too large", "1.2", "1.2.3")
        for each in (stranger, large):
            ledger.record_refusal(each, _AT, keep=10)

    code, shown, _ = command("refusals", "--config", str(config))
    _, document, _ = command("refusals", "--config", str(config), "--json")
    _, one, _ = command("refusals", "--config", str(config), "--json", "--limit", "1")

    assert code == 0
    assert "2026-03-04 05:06:07" in shown
    assert "203.0.113.9" in shown
    assert "no [[peers]] names it" in shown
    assert "\x1b" not in shown
    found = json.loads(document)
    assert [each["sop_instance_uid"] for each in found] == ["1.2.3", None]
    assert found[1]["status"] == "RJ 1/1/3"
    assert json.loads(one) == found[:1]
