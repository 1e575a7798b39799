"""Seeds of parts: one for each purpose and number, from the seed of the whole."""

from enum import IntEnum

import numpy as np


class Purpose(IntEnum):
    """What a seed is for; numbers stay, as models were made with them."""

    FINAL = 1
    FOLDS = 2
    INNER = 3
    PERMUTATION = 4
    BOOTSTRAP = 5
    LEFT_OUT = 6
    FREQUENCY = 7


def seed_of(seed: int, purpose: Purpose, *numbers: int) -> int:
    """Return the seed of a part, 0 to 2**32 - 1.

    Parameters
    ----------
    seed : int
        Of the whole; not negative.
    purpose : Purpose
    *numbers : int
        Which of those parts.
    """
    path = (int(purpose), *numbers)
    sequence = np.random.SeedSequence(seed, spawn_key=path)
    return int(sequence.generate_state(1)[0])
