"""What an independent verifier of DICOM objects has against one."""

import subprocess
from pathlib import Path

from tests.support.tools import require_tool


def complaints(path: Path, information_object: str) -> list[str]:
    """Return errors and warnings of dciodvfy, those on our private codes apart.

    Parameters
    ----------
    path : Path
    information_object : str
        What it must recognise the object as, for example ``ParametricMap``.
    """
    finding = subprocess.run(
        [require_tool("dciodvfy"), path], capture_output=True, text=True, check=False
    )
    said = (finding.stdout + finding.stderr).splitlines()
    assert information_object in said
    return [
        line
        for line in said
        if line.startswith(("Error", "Warning")) and "<99EXNODE>" not in line
    ]
