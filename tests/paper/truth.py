"""The generative model: what is true of each tumour, drawn from stated numbers.

``docs/paper.md`` states the same numbers for people. A tumour has one latent quantity,
the proportion of terminally exhausted cells. The heterogeneity of its uptake follows
from it, and so do the readouts of flow cytometry. Size, uptake and infiltration follow
tumour model and day, and know nothing of the tumour's own exhaustion: a command that
finds it in them has found the day.

Design choice: animals are drawn one after another from a generator of their own, so
that a study of fewer animals has the first animals of a larger one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

SEED = 20231101

DAYS_ICI = (0, 7, 22)
DAYS_RT = (0, 3, 7, 14, 21)
IRRADIATED = "20 Gy"
INHIBITED = "ICI"
RETESTED = "test-retest"

# Proportion of terminally exhausted cells, median by day. After 20 Gy: flat to day 3,
# 69 to 76 % on days 7 to 14, lower again (Zhang et al. 2023). The other courses are
# invented: the publication's own numbers are not at hand.
TERMINAL: Mapping[tuple[str, str], Mapping[int, float]] = {
    ("LLC", INHIBITED): {0: 0.42, 7: 0.56, 22: 0.62},
    ("B16", INHIBITED): {0: 0.38, 7: 0.60, 22: 0.50},
    ("LLC", IRRADIATED): {0: 0.42, 3: 0.41, 7: 0.70, 14: 0.75, 21: 0.50},
    ("LLC", RETESTED): {0: 0.50},
}
# CD8+ T cells of all leucocytes. After 20 Gy: up on days 3 to 14, below baseline on
# day 21 (Zhang et al. 2023); the sizes are invented.
INFILTRATION: Mapping[tuple[str, str], Mapping[int, float]] = {
    ("LLC", INHIBITED): {0: 0.06, 7: 0.10, 22: 0.08},
    ("B16", INHIBITED): {0: 0.07, 7: 0.13, 22: 0.09},
    ("LLC", IRRADIATED): {0: 0.06, 3: 0.12, 7: 0.14, 14: 0.12, 21: 0.03},
    ("LLC", RETESTED): {0: 0.06},
}

SPREAD_OF_ANIMALS = {INHIBITED: 0.9, IRRADIATED: 0.3, RETESTED: 0.9}
"""Standard deviation of an animal's exhaustion around its group's, on the logit."""
SPREAD_OF_DAYS = 0.1
"""The same, of one day of an animal around its own."""

LEAST_HETEROGENEITY = 0.02
HETEROGENEITY_PER_TERMINAL = 0.62
OFFSET_OF_HETEROGENEITY = -0.06
NOISE_OF_HETEROGENEITY = 0.06
MOST_HETEROGENEITY = 0.55
CORRELATION_LENGTH_MM = 0.85


@dataclass(frozen=True)
class Tumour:
    """One tumour on one day, as it truly is.

    Attributes
    ----------
    animal : str
    day : int
    tumour_model, group : str
    terminal, infiltration : float
        Proportion of terminally exhausted cells, of CD8+ T cells among leucocytes.
    heterogeneity : float
        Standard deviation of the uptake over its mean.
    correlation_length_mm, diameter_mm, suv, weight_g : float
    seed : int
        Of the texture and the scanner's noise.
    killed : bool
        Whether flow cytometry and sequencing were made of it.
    """

    animal: str
    day: int
    tumour_model: str
    group: str
    terminal: float
    infiltration: float
    heterogeneity: float
    correlation_length_mm: float
    diameter_mm: float
    suv: float
    weight_g: float
    seed: int
    killed: bool = True

    @property
    def sample(self) -> str:
        """Name of the tumour's sample in flow cytometry and sequencing."""
        return f"{self.animal}_D{self.day}"

    @property
    def irradiation_day(self) -> int | None:
        """Day of the irradiation; None without."""
        return 0 if self.group == IRRADIATED else None


@dataclass(frozen=True)
class Size:
    """How many animals a study has.

    Attributes
    ----------
    inhibited : int
        Killed per tumour model and day, of the ICI group.
    irradiated : int
        Killed per day, of the RT group.
    followed : int
        Of the RT group, scanned on all of its days.
    retested : int
        Scanned twice on one day.
    """

    inhibited: int = 8
    irradiated: int = 8
    followed: int = 4
    retested: int = 12


def inhibited(size: Size) -> Iterator[Tumour]:
    """Give the ICI group, on which models are trained: one scan an animal."""
    for number, model in enumerate(("LLC", "B16")):
        for day in DAYS_ICI:
            for k in range(size.inhibited):
                name = f"{model}-{day:02d}-{k + 1:02d}"
                yield from _animal(name, model, INHIBITED, (day,), (1, number, day, k))


def irradiated(size: Size) -> Iterator[Tumour]:
    """Give the RT group, on which they are validated, and those that are followed."""
    for day in DAYS_RT:
        for k in range(size.irradiated):
            name = f"RT-{day:02d}-{k + 1:02d}"
            yield from _animal(name, "LLC", IRRADIATED, (day,), (2, day, k))
    for k in range(size.followed):
        yield from _animal(f"RT-F-{k + 1:02d}", "LLC", IRRADIATED, DAYS_RT, (3, k))


def retested(size: Size) -> Iterator[Tumour]:
    """Give animals of which each is scanned twice."""
    for k in range(size.retested):
        yield from _animal(f"TR-{k + 1:02d}", "LLC", RETESTED, (0,), (4, k))


def _animal(
    name: str, model: str, group: str, days: tuple[int, ...], place: tuple[int, ...]
) -> Iterator[Tumour]:
    """Give the tumour of an animal on its days; it is killed on its only day."""
    draw = np.random.default_rng([SEED, *place])
    own = SPREAD_OF_ANIMALS[group] * draw.standard_normal()
    weight_g = float(np.clip(draw.normal(22.0, 0.8), 20.0, 24.0))
    size_mm, suv = draw.normal(8.3, 0.4), draw.normal(2.4, 0.3)
    for day in days:
        terminal = _from_logit(
            _logit(TERMINAL[model, group][day])
            + own
            + SPREAD_OF_DAYS * draw.standard_normal()
        )
        heterogeneity = (
            OFFSET_OF_HETEROGENEITY
            + HETEROGENEITY_PER_TERMINAL * terminal
            + NOISE_OF_HETEROGENEITY * draw.standard_normal()
        )
        infiltration = INFILTRATION[model, group][day]
        yield Tumour(
            animal=name,
            day=day,
            tumour_model=model,
            group=group,
            terminal=terminal,
            infiltration=infiltration * float(np.exp(0.15 * draw.standard_normal())),
            heterogeneity=float(
                np.clip(heterogeneity, LEAST_HETEROGENEITY, MOST_HETEROGENEITY)
            ),
            correlation_length_mm=float(
                CORRELATION_LENGTH_MM * np.exp(0.05 * draw.standard_normal())
            ),
            diameter_mm=float(np.clip(size_mm + 0.05 * day, 7.0, 10.0)),
            suv=float(np.clip(suv + (0.4 if model == "B16" else 0.0), 1.2, 4.0)),
            weight_g=weight_g,
            seed=int(draw.integers(2**31)),
            killed=len(days) == 1 and group != RETESTED,
        )


def _logit(proportion: float) -> float:
    return float(np.log(proportion / (1.0 - proportion)))


def _from_logit(value: float) -> float:
    return float(1.0 / (1.0 + np.exp(-value)))
