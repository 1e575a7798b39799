"""What goes wrong with numbers.

::

    ModelError                 the numbers are at fault; carries a reason code
    ├── GridMismatchError      two arrays on different grids (model.grid)
    └── ...                    each concept's own, beside the concept

Who must act on an error is decided in `node.failure` alone, by its reason code.
"""

from typing import ClassVar


class ModelError(Exception):
    """The numbers are at fault, not the file and not the machine.

    Attributes
    ----------
    reason : str
        The code under which a case is held, documented in `docs/reasons.md`.
    remedy : str
        What a person can do about it.
    """

    reason: ClassVar[str] = "unreadable_object"
    remedy: ClassVar[str] = "Report this as a defect."
