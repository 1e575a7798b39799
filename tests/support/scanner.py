"""DCMTK's storescu as a scanner: it keeps what is not acknowledged, and sends it again.

Design choice: the files are put into DCMTK's own encoding first (`as_sent`), so that
what arrives can be compared byte for byte: a sender may write lengths in another way.
"""

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from pynetdicom.dsutils import split_dataset

from tests.support.peers import storescp
from tests.support.service import NODE_AE
from tests.support.tools import require_tool

_LINE = re.compile(r"I: (Sending file|Received Store Response)[: ]+(.*)")
_PATIENCE_S = "60"


class Scanner:
    """A sender with objects of its own.

    Parameters
    ----------
    port : int
        Of the node.
    files : sequence of Path
    """

    def __init__(self, port: int, files: Sequence[Path]) -> None:
        self._port = port
        self.unacknowledged = list(files)
        self.acknowledged: list[Path] = []

    @property
    def is_done(self) -> bool:
        """Whether every object was answered Success."""
        return not self.unacknowledged

    def send(self, at_most: int | None = None) -> None:
        """Send over one association what is left, and note what was acknowledged."""
        batch = self.unacknowledged[:at_most]
        if not batch:
            return
        taken = set(acknowledged_by(self._port, batch))
        self.acknowledged += [path for path in batch if path in taken]
        self.unacknowledged = [
            path for path in self.unacknowledged if path not in taken
        ]


def acknowledged_by(
    port: int, files: Sequence[Path], *, called: str = NODE_AE
) -> list[Path]:
    """Return the files that a peer answered Success, sent in one association."""
    program = require_tool("storescu")
    words = [program, "-v", "--no-halt", "-R", "-to", _PATIENCE_S, "-td", _PATIENCE_S]
    run = subprocess.run(
        [*words, "-aec", called, "127.0.0.1", str(port), *map(str, files)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TCP_NODELAY": "1"},
    )
    taken: list[Path] = []
    sending = Path()
    for line in (run.stdout + run.stderr).splitlines():
        if found := _LINE.match(line):
            if found[1] == "Sending file":
                sending = Path(found[2])
            elif found[2] == "(Success)":
                taken.append(sending)
    return taken


def as_sent(folder: Path, files: Sequence[Path]) -> list[Path]:
    """Return files with the same objects, in the same order, as DCMTK encodes them."""
    with storescp(folder, "+B") as taker:
        taken = acknowledged_by(taker.port, files, called="PACS")
        assert taken == list(files)
        # storescp names a file by its modality and its SOP Instance UID.
        by_uid = {path.name.partition(".")[2]: path for path in taker.files()}
    return [by_uid[instance_uid(path)] for path in files]


def instance_uid(path: Path) -> str:
    """Return the *SOP Instance UID* of a file, from its file meta information."""
    meta, _ = split_dataset(path)
    return str(meta.MediaStorageSOPInstanceUID)
