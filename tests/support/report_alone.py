"""Results of a report alone, for promises that look at no other object.

Design choice: by default a result has objects of nine kinds, and dciodvfy hears each
series where it is installed. That takes four times as long as the report with all that
is computed for it. The promises of the other objects, of the whole result and of the
check ask for what they look at; the rest has the report alone.
"""

from functools import cache
from pathlib import Path
from tempfile import mkdtemp

REPORT_ALONE = '[results]\nobjects = ["sr"]\nexternal_check = false\n'
ALL_OBJECTS = "[results]\nexternal_check = false\n"
"""What is made by default, held to the node's own rules."""


def report_alone(config: str) -> str:
    """Return a configuration whose results are reports, unless it says of what."""
    return config if "[results]" in config else f"{config}\n{REPORT_ALONE}"


def configured(*words: object, config: str = REPORT_ALONE) -> list[str]:
    """Return a command's words, with a configuration if they name none."""
    said = [str(word) for word in words]
    return said if "--config" in said else [*said, "--config", str(_file(config))]


@cache
def _file(config: str) -> Path:
    """Return a file of this process; what is in it says nothing of folders."""
    path = Path(mkdtemp(prefix="configured-")) / "node.toml"
    path.write_text(config)
    return path
