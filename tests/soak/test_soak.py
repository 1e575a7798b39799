"""The promise of ``make soak``, in small."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.tools import require_tool

pytestmark = [pytest.mark.system, pytest.mark.long, pytest.mark.timeout(300)]

_LONGEST_S = 280


def test_what_parallel_senders_were_told_is_kept_though_the_node_is_killed(
    tmp_path: Path,
) -> None:
    if os.environ.get("REQUIRE_TOOLS") != "1":
        pytest.skip("make soak runs it, and REQUIRE_TOOLS=1 does here")
    require_tool("storescu")
    require_tool("storescp")
    out = tmp_path / "soak.json"
    small = ["--instances", "400", "--study", "40", "--kills", "3", "--seconds", "180"]

    command = [sys.executable, "-m", "tests.soak", *small, "--out", str(out)]
    subprocess.run(command, check=False, timeout=_LONGEST_S)

    found = json.loads(out.read_text())
    assert not any(found["faults"].values())
    assert (found["acknowledged"], found["kills"], found["delivered"]) == (400, 3, 10)
