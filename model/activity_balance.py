"""Whether the image can hold what was injected: activity in view over dose.

The sum of activity concentration times voxel volume over the field of view, divided by
the injected activity at the same instant, is about 1 for a whole animal: 1.00 on an
Inveon study that was measured. It does not know the weight. What it finds are doses and
images in a wrong unit, a dose that belongs to another animal, and several animals under
one dose.

Design choice: a low value is normal and never refused. The view may hold a part of the
body, urine has left it, some of the tracer stayed in the syringe or beside the vein.

Design choice: more than 1.3 is refused. Calibrations of scanner and dose calibrator
agree to some ten per cent, and the positive bias of noise in the empty part of the view
adds as much; nothing lawful adds 30 per cent. An image of few counts may have more of
that bias, over fifty times as much air as animal. So what the emptiest border of the
view holds is taken for background, and without it more than the dose must be left.

Design choice: a low value is refused only where it is 0.6 to 1.3 times a unit factor,
with or without background, *and* the whole object is in view. Urine and leakage take
two fifths at most there, and nothing but a unit takes a factor of 20. A part of a body
can lawfully hold any fraction, 1/37 too (a mouse's brain holds 2 per cent of FDG), so
that nothing below 1 means anything there. These factors count:

=========  ===========================================================================
1/37       image in nCi/ml, or a dose in MBq that was entered as mCi
1/1000     image in kBq/ml (or Bq/mm3), or a dose in Bq that was entered as kBq
1/37000    image in µCi/ml
1e-6       image in MBq/ml
1/3.7e7    image in mCi/ml
=========  ===========================================================================

Factors above 1 need no list to be refused, since all of them are excess; the same list
the other way round (dose in mCi read as MBq, in kBq, µCi, MBq, mCi read as Bq) only
names the suspect. Factors between 1/20 and 20 are left out: tenfold slips of a decimal
point and minutes for hours are no units, and a lawful loss may look like them. An image
in SUV under the name of Bq/ml gives weight over dose, another number in every study,
which cannot be told from a low value; the SUV that come of it are said to be nought.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from model.errors import ModelError
from model.grid import Volume

HIGHEST_BALANCE = 1.3
"""Beyond it, the image holds more than was injected."""
_NEAR = (0.6, HIGHEST_BALANCE)
_BACKGROUND = 1 / 3
"""Of the mean concentration where the activity is. More is an object, not air."""
_PLANE_DEPTH = 16
_SUSPECTED = 0.5
"""Losses that leave a unit the likeliest explanation of an excess."""
_LOW = 0.05
"""What a whole animal does not lose lawfully, as far as we know; said, not refused."""


@dataclass(frozen=True)
class _Slip:
    """A wrong unit and what it does to the balance."""

    factor: float
    named: str


_TOO_HIGH = (
    _Slip(37.0, "an activity in mCi that was entered as MBq"),
    _Slip(1e3, "an activity in kBq that was entered as Bq, or in MBq as kBq"),
    _Slip(3.7e4, "an activity in µCi that was entered as Bq"),
    _Slip(1e6, "an activity in MBq that was entered as Bq"),
    _Slip(3.7e7, "an activity in mCi that was entered as Bq"),
)
_TOO_LOW = (
    _Slip(1 / 37.0, "an image in nCi/ml, or an activity in MBq entered as mCi"),
    _Slip(1e-3, "an image in kBq/ml, or an activity in Bq entered as kBq"),
    _Slip(1 / 3.7e4, "an image in µCi/ml"),
    _Slip(1e-6, "an image in MBq/ml"),
    _Slip(1 / 3.7e7, "an image in mCi/ml"),
)


@dataclass(frozen=True)
class _Balance:
    """Activity in view over the injected one; NaN where there is no number.

    Attributes
    ----------
    whole : float
    net : float
        Without background.
    """

    whole: float
    net: float

    @property
    def is_excess(self) -> bool:
        """Whether it is more than was injected, or no amount at all."""
        if not self.whole >= -HIGHEST_BALANCE:
            return True
        return self.whole > HIGHEST_BALANCE and self.net > 1

    def is_near(self, factor: float) -> bool:
        """Whether a whole animal would give it with that unit's factor."""
        least, most = _NEAR
        return any(least <= found / factor <= most for found in (self.whole, self.net))


@dataclass(frozen=True)
class Filling:
    """What an image is filled with, of which one pass over it tells all that is asked.

    Attributes
    ----------
    total : float
        Sum of the values; it may have overflowed.
    background : float
        Mean value of the empty part; 0 where none is empty. It is the mean over the
        emptiest of six planes, one near each face, never negative; 0 where that plane
        holds a third or more of what the image holds where its activity is. They lie a
        sixteenth of the image inside, since the outermost planes of a reconstruction
        are noisier than all others.
    """

    total: float
    background: float


def filling_of(image: Volume) -> Filling:
    """Return what an image is filled with, in its own unit."""
    values = image.values.astype(np.float64, copy=False)
    with np.errstate(all="ignore"):
        total = float(values.sum())
        squares = float(np.einsum("kji,kji", values, values))
        where_it_is = squares / total if total > 0 else 0.0
        emptiest = min(float(plane.mean()) for plane in _planes_near_faces(values))
    is_empty = emptiest < _BACKGROUND * where_it_is
    return Filling(total, max(emptiest, 0.0) if is_empty else 0.0)


def activity_balance(
    activity: Volume, activity_bq: float, filling: Filling | None = None
) -> float:
    """Return the activity in view over the injected one; NaN where there is no number.

    Parameters
    ----------
    activity : Volume
        Bq/ml.
    activity_bq : float
        Injected, decayed to the instant for which the image holds.
    filling : Filling or None
        Of the image, where it is known.
    """
    return _balance(activity, activity_bq, filling).whole


def _balance(activity: Volume, activity_bq: float, filling: Filling | None) -> _Balance:
    found = filling or filling_of(activity)
    # A sum may overflow, and a dose may be nothing: either way, no number.
    with np.errstate(all="ignore"):
        scale = activity.grid.voxel_volume_ml / np.float64(activity_bq)
        total = np.float64(found.total)
        whole = float(total * scale)
        net = float((total - activity.values.size * found.background) * scale)
    if math.isfinite(whole) and math.isfinite(net):
        return _Balance(whole, net)
    return _Balance(math.nan, math.nan)


def _planes_near_faces(
    values: NDArray[np.floating],
) -> Iterator[NDArray[np.floating]]:
    for axis, length in enumerate(values.shape):
        inside = length // _PLANE_DEPTH
        for position in (inside, length - 1 - inside):
            yield values.take(position, axis=axis)


def require_balance(
    activity: Volume,
    activity_bq: float,
    filling: Filling | None = None,
    *,
    cropped: bool,
) -> tuple[str, ...]:
    """Refuse an image that holds more than was injected, or a unit's factor of it.

    Parameters
    ----------
    activity : Volume
        Bq/ml, all of it for one instant.
    activity_bq : float
        Injected, decayed to the same instant; of several animals in view, the sum.
    filling : Filling or None
        Of the image, where it is known.
    cropped : bool
        Whether the view may hold a part of the object only. Then the sum is a lower
        bound, and only an excess means something.

    Returns
    -------
    tuple of str
        What a reader of the result must know; empty where nothing is unusual.

    Raises
    ------
    ActivityBalanceError
    """
    found = _balance(activity, activity_bq, filling)
    if found.is_excess:
        raise ActivityBalanceError(found.whole, activity_bq, _excess(found.whole))
    if cropped:
        return ()
    for slip in _TOO_LOW:
        if found.is_near(slip.factor):
            raise ActivityBalanceError(found.whole, activity_bq, slip.named)
    return () if found.whole >= _LOW else (_said_of_low(found.whole),)


def _said_of_low(balance: float) -> str:
    return (
        f"The field of view holds {100.0 * balance:.2g} % of the injected activity,"
        " although nothing seems to be cut off. Check the dose and the calibration of"
        " the scanner."
    )


def _excess(balance: float) -> str:
    """Return what may explain an excess."""
    if not balance > 0:
        return "values that are no activities"
    for slip in _TOO_HIGH:
        if _SUSPECTED <= balance / slip.factor <= HIGHEST_BALANCE:
            return slip.named
    if balance < _TOO_HIGH[0].factor:
        return (
            "several animals under one dose, a dose or an injection time of another"
            " animal, or an image that was corrected for decay to the injection"
        )
    return "values that are no activities, or a dose of another animal"


class ActivityBalanceError(ModelError):
    """The image holds an amount of activity that the dose cannot explain."""

    reason: ClassVar[str] = "activity_balance"
    remedy: ClassVar[str] = (
        "Correct the activity or its time at its source, or split a scan of several"
        " animals; where the balance cannot hold, set activity_balance to false."
    )

    def __init__(self, balance: float, activity_bq: float, suspect: str) -> None:
        amount = f"{balance:.3g} times" if math.isfinite(balance) else "no number of"
        super().__init__(
            f"the field of view holds {amount} the injected activity, which at its"
            f" instant is {activity_bq:.4g} Bq (at most {HIGHEST_BALANCE:g} times is"
            f" plausible, and no unit's factor below 1): suspected is {suspect}"
        )
        self.balance = balance
        self.activity_bq = activity_bq
        self.suspect = suspect
