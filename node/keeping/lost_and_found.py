"""Where files go that nobody knows: beside everything else, deleted by nobody."""

import os
from pathlib import Path

LOST_AND_FOUND = "lost+found"


def set_apart(root: Path, path: Path) -> str:
    """Move a file or folder of the data folder to where only people look.

    Parameters
    ----------
    root : Path
        Data folder.
    path : Path
        Inside it.

    Returns
    -------
    str
        What was done, in words.
    """
    inside = path.relative_to(root)
    target = root / LOST_AND_FOUND / inside
    number = 0
    while os.path.lexists(target):
        number += 1
        target = root / LOST_AND_FOUND / inside.with_name(f"{inside.name}.{number}")
    target.parent.mkdir(parents=True, exist_ok=True)
    path.rename(target)
    return f"It is moved to {target.relative_to(root)}."
