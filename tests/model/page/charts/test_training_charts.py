"""Promises of the charts of a training."""

import numpy as np

from model.page.charts.training import (
    Contender,
    Path,
    comparison_picture,
    frequency_picture,
    path_picture,
    permutation_picture,
)
from model.page.document import Picture


def is_drawn(picture: Picture) -> bool:
    return picture.svg.startswith("<svg") and picture.png.startswith(b"\x89PNG")


def path(names: list[str], chosen: int) -> Path:
    generator = np.random.default_rng(1)
    penalties = np.geomspace(1, 1e-3, 30)
    coefficients = np.cumsum(generator.normal(size=(30, len(names))), axis=0)
    coefficients[0] = 0
    errors = np.linspace(2, 1, 30)
    return Path("LASSO", names, penalties, coefficients, errors, errors / 9,
                float(penalties[chosen]))  # fmt: skip


def test_contenders_are_drawn_with_and_without_an_interval() -> None:
    contenders = [
        Contender("texture", 0.8, 0.6, 1.0),
        Contender("day", 0.5, None, None),
    ]
    with_both = comparison_picture(contenders)

    assert is_drawn(with_both)
    assert with_both.height_mm > comparison_picture(contenders[:1]).height_mm
    assert with_both == comparison_picture(contenders)


def test_a_path_is_drawn_with_many_features_and_where_none_is_chosen() -> None:
    many = [f"glcm_{number}" for number in range(61)]

    assert is_drawn(path_picture(path(many, 20)))
    assert path_picture(path(many, 20)) != path_picture(path(many, 0))


def test_frequencies_that_are_not_known_are_left_out() -> None:
    known = {"early": [0.5, 0.2], "model": [0.9, 0.1]}
    unknown = {"early": [float("nan")] * 2, "model": [0.9, 0.1]}

    assert is_drawn(frequency_picture(["a", "b"], unknown))
    assert frequency_picture(["a", "b"], unknown) != frequency_picture(
        ["a", "b"], known
    )


def test_the_observed_value_stands_among_the_permuted_ones() -> None:
    drawn = [0.4, 0.5, 0.6, float("-inf")]

    assert is_drawn(permutation_picture(drawn, 0.9))
    assert permutation_picture(drawn, 0.9) != permutation_picture(drawn, 0.1)
