"""Real peers that tests start or call."""

import os
import shutil

import pytest


def require_tool(name: str) -> str:
    """Return where a program is; skip without it, or fail where it must be there."""
    path = shutil.which(name)
    if path is None and os.environ.get("REQUIRE_TOOLS") == "1":
        pytest.fail(f"{name} is not installed, and REQUIRE_TOOLS=1 says it must be")
    if path is None:
        pytest.skip(f"{name} is not installed")
    return str(path)
