"""Rigid registration of a CT to a PET of the same animal, by mutual information.

What it can do: PET shows the animal's outline, faintly, and its hot organs; CT shows
the outline, lungs and bones. The outline fixes the shifts, and the turns about the two
short axes of the body, to a fraction of a PET voxel. The turn about the long axis is
the weakest: a mouse is almost round, and what fixes it are paws, spine, kidneys and a
tumour on one side.

What it cannot do: it moves the animal as one stiff body. A leg or a fold of skin with a
tumour that shifted by itself, breathing, and a bladder that filled between the scans
stay where they were. It begins at the coordinates as they are, and finds its way from a
few millimetres, not from anywhere.

Design choice: one thread, a fixed seed and sums in one order. The same images give the
same bytes.

Design choice: Powell's line searches. Shift and turn are bound together in a slim
animal, and gradient descent with a falling step stopped half-way along that valley.

Design choice: that the optimiser has stopped proves nothing. The optimum is accepted
only where the images share less two voxels away from it, along and about every axis: a
ridge is refused, and so are images that share next to nothing.

References
----------
* Mattes et al., PET-CT image registration in the chest using free-form deformations.
  IEEE Trans Med Imaging 22:120, 2003; as ITK implements it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import SimpleITK

from model.affine import Affine, affine
from model.errors import ModelError
from model.grid import Volume
from model.registration_input import (
    Body,
    NothingToRegisterError,
    find_body,
    prepare_ct,
    prepare_pet,
    voxel_mm,
)

__all__ = [
    "NothingToRegisterError",
    "RegistrationFailedError",
    "RigidRegistration",
    "register_rigid",
]

sitk: Any = SimpleITK
"""Published without type information."""

Image = Any
Transform = Any

BINS = 32
"""Of each image's intensities in the joint histogram."""

LEAST_INFORMATION = 0.05
"""Mutual information, in nats, under which images count as unrelated. An animal shares
0.3 to 1 with its own CT, and 0.001 with a CT of noise."""

LEAST_DROP = 0.01
"""Part of the mutual information that must be lost away from the optimum."""

WORSE = 0.02
"""Part of the mutual information that may be lost on the way: an optimiser that begins
at the optimum steps away before it comes back."""

_SEED = 20230454
_ITERATIONS = 50
_LINE_ITERATIONS = 30
_LEAST_STEP_VOXELS = 0.01
_LEAST_GAIN = 1e-5
_AWAY_VOXELS = 2.0
_PARAMETERS = ("turn about x", "turn about y", "turn about z", "x", "y", "z")


class _Level(NamedTuple):
    """How one resolution is run; lengths in voxels of the PET."""

    shrink: int
    smoothing: float
    first_step: float
    sampled: float


_COARSE = _Level(shrink=2, smoothing=2.0, first_step=1.0, sampled=1.0)
_FINE = _Level(shrink=1, smoothing=0.8, first_step=0.3, sampled=0.15)


@dataclass(frozen=True)
class RigidRegistration:
    """How a CT lies to a PET, as far as the images tell.

    Attributes
    ----------
    ct_to_pet : Affine
        Takes points of the CT's coordinates to the PET's.
    information_before, information : float
        Mutual information of the images as they were, and as they lie now, in nats.
    iterations : int
        Over both resolutions.
    stop_condition : str
        The optimiser's own words on the finer resolution.
    """

    ct_to_pet: Affine
    information_before: float
    information: float
    iterations: int
    stop_condition: str


def register_rigid(pet: Volume, ct: Volume) -> RigidRegistration:
    """Return how a CT must be moved to fit a PET.

    Parameters
    ----------
    pet : Volume
        Activity or SUV; the scale does not matter.
    ct : Volume

    Raises
    ------
    NothingToRegisterError
        When one of the images is plain, or the CT does not show the animal.
    RegistrationFailedError
        When the images do not tell how they lie to each other.
    """
    body = find_body(pet)
    task = _Task(pet, ct, body)
    transform = sitk.Euler3DTransform()
    transform.SetCenter(body.centre_mm.tolist())
    try:
        before = task.information(transform, _FINE)
        coarse, _ = task.improve(transform, _COARSE)
        fine, stopped = task.improve(transform, _FINE)
        after = task.information(transform, _FINE)
        _require_optimum(fine, before, after)
        _require_peak(task, transform)
    except RuntimeError as error:
        fact = "the images do not overlap"
        # ITK's word for images that no longer overlap on the way.
        raise RegistrationFailedError(fact) from error
    moved = _back(transform)
    _require_within_reach(moved, body)
    return RigidRegistration(moved, before, after, coarse + fine, stopped)


class _Task:
    """A PET and a CT that are compared."""

    def __init__(self, pet: Volume, ct: Volume, body: Body) -> None:
        self.voxel_mm = voxel_mm(pet.grid)
        self.radius_mm = body.girth_mm / 2.0
        self._pet = prepare_pet(pet, body)
        self._ct = prepare_ct(ct, pet.grid, body)
        self._images = {level: self._smoothed(level) for level in (_COARSE, _FINE)}

    def improve(self, transform: Transform, level: _Level) -> tuple[int, str]:
        """Move a transform to an optimum; return iterations and why they ended."""
        method = _method()
        if level.sampled < 1.0:
            method.SetMetricSamplingStrategy(method.RANDOM)
            method.SetMetricSamplingPercentage(level.sampled, _SEED)
        method.SetOptimizerAsPowell(
            numberOfIterations=_ITERATIONS,
            maximumLineIterations=_LINE_ITERATIONS,
            stepLength=level.first_step * self.voxel_mm,
            stepTolerance=_LEAST_STEP_VOXELS * self.voxel_mm,
            valueTolerance=_LEAST_GAIN,
        )
        # A turn by an angle moves the animal's surface by so many millimetres.
        method.SetOptimizerScales([self.radius_mm**2] * 3 + [1.0] * 3)
        method.SetInitialTransform(transform, inPlace=True)
        method.Execute(*self._images[level])
        condition = str(method.GetOptimizerStopConditionDescription())
        return int(method.GetOptimizerIteration()), condition.partition(": ")[2]

    def information(self, transform: Transform, level: _Level) -> float:
        """Return the mutual information of all voxels of a resolution, in nats."""
        method = _method()
        method.SetInitialTransform(transform)
        return -float(method.MetricEvaluate(*self._images[level]))

    def _smoothed(self, level: _Level) -> tuple[Image, Image]:
        smooth = sitk.SmoothingRecursiveGaussianImageFilter()
        smooth.SetNumberOfThreads(1)
        smooth.SetSigma(level.smoothing * self.voxel_mm)
        shrink = sitk.BinShrinkImageFilter()
        shrink.SetNumberOfThreads(1)
        shrink.SetShrinkFactors([level.shrink] * 3)
        return shrink.Execute(smooth.Execute(self._pet)), smooth.Execute(self._ct)


def _method() -> Any:
    method = sitk.ImageRegistrationMethod()
    # Threads would add up the histogram in an order of their own.
    method.SetNumberOfThreads(1)
    method.SetMetricAsMattesMutualInformation(BINS)
    method.SetInterpolator(sitk.sitkLinear)
    return method


def _require_optimum(iterations: int, before: float, after: float) -> None:
    if iterations >= _ITERATIONS:
        fact = f"no optimum was found in {_ITERATIONS} rounds"
        raise RegistrationFailedError(fact)
    if after < LEAST_INFORMATION:
        fact = (
            f"the images share next to nothing: {after:.4f} nats of mutual "
            f"information, where {LEAST_INFORMATION} are needed"
        )
        raise RegistrationFailedError(fact)
    if after < before * (1.0 - WORSE):
        fact = f"mutual information fell from {before:.4f} to {after:.4f} nats"
        raise RegistrationFailedError(fact)


def _require_peak(task: _Task, transform: Transform) -> None:
    """Refuse an optimum from which the images could be moved at no loss."""
    information = task.information(transform, _COARSE)
    away_mm = _AWAY_VOXELS * task.voxel_mm
    units = (1.0 / task.radius_mm,) * 3 + (1.0,) * 3
    for number, unit in enumerate(units):
        for direction in (-1.0, 1.0):
            moved = list(transform.GetParameters())
            moved[number] += direction * away_mm * unit
            there = task.information(_at(transform, moved), _COARSE)
            if there > information * (1.0 - LEAST_DROP):
                fact = (
                    f"the images fit as well {away_mm:.1f} mm away "
                    f"({_PARAMETERS[number]}): {there:.4f} of {information:.4f} nats"
                )
                raise RegistrationFailedError(fact)


def _require_within_reach(moved: Affine, body: Body) -> None:
    """Refuse a motion from which the optimiser could not have found its way."""
    farthest_mm = float(moved.displacements_mm(body.corners_mm).max())
    if farthest_mm > body.girth_mm / 2.0:
        fact = (
            f"it moved the animal by {farthest_mm:.1f} mm, more than half its girth "
            f"of {body.girth_mm:.1f} mm"
        )
        raise RegistrationFailedError(fact)


def _at(transform: Transform, parameters: Sequence[float]) -> Transform:
    moved = sitk.Euler3DTransform(transform)
    moved.SetParameters(parameters)
    return moved


def _back(transform: Transform) -> Affine:
    """Return the way from the CT to the PET; ITK's leads from the PET to the CT."""
    linear = np.array(transform.GetMatrix(), np.float64).reshape(3, 3)
    shift = np.array(transform.TransformPoint((0.0, 0.0, 0.0)), np.float64)
    return affine(linear, shift).inverse()


class RegistrationFailedError(ModelError):
    """The images do not tell how they lie to each other."""

    reason = "registration_failed"
    remedy = (
        "Look at PET and CT side by side, and draw the contours on the PET, or send a "
        "Spatial Registration."
    )

    def __init__(self, fact: str) -> None:
        super().__init__(f"the CT cannot be registered to the PET: {fact}")
