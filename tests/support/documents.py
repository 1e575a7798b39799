"""Code blocks of the documentation, and running them."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
DOCUMENTS = [README, ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]

RUN = {"sh", "toml"}
"""Languages of blocks that a test runs or reads."""
SHOWN = {"text", "console", "shell", "ini"}
"""Languages of blocks that are only shown: pictures, and what changes a machine or
needs a container engine."""

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Attributes
    ----------
    language : str
    text : str
    """

    language: str
    text: str

    @property
    def file_name(self) -> str | None:
        """Name of the file that the block is, from a comment in its first line."""
        named = re.match(r"# (\S+\.toml)\n", self.text)
        return named[1] if named else None


def blocks_of(text: str) -> Iterator[Block]:
    """Return the fenced blocks of a page, in order."""
    for language, content in _FENCE.findall(text):
        yield Block(language, content)


def run_block(
    block: Block, folder: Path, variables: Mapping[str, str] | None = None
) -> str:
    """Run a block of shell commands as a reader would; return its standard output."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block.text],
        cwd=folder,
        env=environment() | dict(variables or {}),
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, f"{block.text}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def environment() -> dict[str, str]:
    """Return an environment whose commands are this checkout's."""
    # Behind the rest: pynetdicom brings programs of the same names as DCMTK's.
    path = f"{os.environ['PATH']}{os.pathsep}{Path(sys.executable).parent}"
    return {**os.environ, "PATH": path}
