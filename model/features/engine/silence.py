"""What PyRadiomics' classes are given to log into: nothing is kept.

They would repeat, for every region, that a sum average is twice a joint average.
"""


class Silence:
    """A logger of which PyRadiomics' formulas use one method."""

    def warning(self, message: str, *values: object) -> None:
        """Keep nothing."""
