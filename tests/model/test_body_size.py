"""Promises of `model.body_size`, by arithmetic done by hand.

A man or woman of 70 kg and 1.75 m: (70/175)^2 = 0.16, body mass index 22.857.
"""

import pytest

from model.body_size import NormalisationError, SuvType, to_body_weight


@pytest.mark.parametrize(
    ("suv_type", "sex", "size_kg"),
    [
        (SuvType.LBMJAMES128, "M", 77.0 - 20.48),
        (SuvType.LBMJAMES128, "F", 74.9 - 23.68),
        (SuvType.LBMJAMES128, "O", (56.52 + 51.22) / 2),
        (SuvType.LBM, "F", 51.22),
        (SuvType.IBW, "M", 48.0 + 24.38),
        (SuvType.IBW, "F", 45.5 + 20.93),
        (SuvType.IBW, "O", 69.405),
        (SuvType.LBMJANMA, "M", 648_900.0 / (6680.0 + 4937.142857)),
        (SuvType.LBMJANMA, "F", 648_900.0 / (8780.0 + 5577.142857)),
    ],
)
def test_a_body_size_in_kilograms_is_undone(
    suv_type: SuvType, sex: str, size_kg: float
) -> None:
    factor = to_body_weight(suv_type, weight_kg=70.0, height_m=1.75, sex=sex)

    assert factor == pytest.approx(70.0 / size_kg, rel=1e-9)


@pytest.mark.parametrize("sex", ["M", "F", "O", ""])
def test_a_body_surface_is_undone_for_any_sex(sex: str) -> None:
    """DuBois 1916: 1.848 m2, or 18481 cm2."""
    factor = to_body_weight(SuvType.BSA, weight_kg=70.0, height_m=1.75, sex=sex)

    assert factor == pytest.approx(70_000.0 / 18_481.0, rel=1e-4)


@pytest.mark.parametrize(
    ("suv_type", "height_m", "sex"),
    [
        (SuvType.LBM, 1.75, "M"),
        (SuvType.LBM, 1.75, "O"),
        (SuvType.IBW, 1.75, ""),
        (SuvType.IBW, 1.75, "U"),
        (SuvType.IBW, 175.0, "F"),
        (SuvType.IBW, 0.0, "F"),
        (SuvType.IBW, 0.9, "F"),
        (SuvType.LBMJAMES128, 0.8, "M"),
    ],
)
def test_what_has_no_one_formula_is_refused(
    suv_type: SuvType, height_m: float, sex: str
) -> None:
    with pytest.raises(NormalisationError) as refusal:
        to_body_weight(suv_type, weight_kg=80.0, height_m=height_m, sex=sex)

    assert refusal.value.reason == "unsupported_units"
