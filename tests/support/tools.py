"""Real peers that tests start or call."""

import os
import shutil
import sys
from pathlib import Path
from typing import NoReturn

import pytest


def require_tool(name: str) -> str:
    """Return where a program is; skip without it, or fail where it must be there."""
    # pynetdicom puts scripts of DCMTK's names beside the interpreter; they are no peer.
    own = Path(sys.executable).parent
    folders = os.get_exec_path()
    elsewhere = os.pathsep.join(each for each in folders if Path(each) != own)
    path = shutil.which(name, path=elsewhere)
    if path is None:
        missing_tool(name)
    return str(path)


def missing_tool(name: str, remedy: str = "") -> NoReturn:
    """Skip for want of a tool, or fail where it must be there."""
    said = f"{name} is not installed" + (f"; {remedy}" if remedy else "")
    if os.environ.get("REQUIRE_TOOLS") == "1":
        pytest.fail(f"{said}, and REQUIRE_TOOLS=1 says it must be")
    pytest.skip(said)
