"""Promises of `model.score.perturbation.region_boxes`."""

import numpy as np
import pytest

from model.score.perturbation.region_boxes import separate_boxes, widened


@pytest.mark.parametrize("seed", range(6))
def test_boxes_hold_the_region_and_lie_apart(seed: int) -> None:
    inside = np.random.default_rng(seed).random((14, 12, 13)) < 0.006
    gaps = (1, 2, 3)

    boxes = separate_boxes(inside, gaps)

    held = np.zeros(inside.shape, np.int64)
    for box in boxes:
        held[box] += 1
        region = inside[box]
        for axis in range(3):
            used = np.flatnonzero(region.any(axis=tuple({0, 1, 2} - {axis})))
            assert used[0] == 0
            assert used[-1] == region.shape[axis] - 1
            assert np.diff(used, append=used[-1]).max() <= gaps[axis] + 1
    assert held.max() <= 1
    assert (held[inside] == 1).all()
    for number, first in enumerate(boxes):
        for second in boxes[:number]:
            apart = [
                max(a.start - b.stop, b.start - a.stop)
                for a, b in zip(first, second, strict=True)
            ]
            assert any(there > gap for there, gap in zip(apart, gaps, strict=True))


def test_a_region_in_one_piece_has_its_smallest_box() -> None:
    inside = np.zeros((5, 6, 7), np.bool_)
    inside[1:3, 2, 3:6] = True

    assert separate_boxes(inside, (0, 0, 0)) == [
        (slice(1, 3), slice(2, 3), slice(3, 6))
    ]
    assert separate_boxes(inside & False, (0, 0, 0)) == []


def test_boxes_widen_as_far_as_the_array_goes() -> None:
    box = (slice(0, 2), slice(3, 4), slice(5, 7))

    wider = widened(box, (1, 2, 9), (5, 5, 8))

    assert wider == (slice(0, 3), slice(1, 5), slice(0, 8))
