"""Where a trained or calibrated model comes from, as its file says it."""

from dataclasses import dataclass

EARLIER = "earlier_"
"""Before the role of a table that a model was made from, which then was calibrated."""


@dataclass(frozen=True)
class DataFile:
    """A table that the model was made from.

    Attributes
    ----------
    role : str
        ``features``, ``flow``, ``fractions``, ``design`` or ``ledger``; of a calibrated
        model also ``earlier_features`` and ``earlier_ledger``, from which the model
        was made that is calibrated.
    name : str
        Without its folder.
    sha256 : str
    """

    role: str
    name: str
    sha256: str


@dataclass(frozen=True)
class Performance:
    """A number that says how well the model does, and in which setting.

    Attributes
    ----------
    quantity : str
        For example ``C-index``.
    setting : str
        For example ``repeated grouped cross-validation, selection nested``.
    value, low, high : float or None
        None where it is not assessable; `note` says why.
    note : str
    """

    quantity: str
    setting: str
    value: float | None
    low: float | None
    high: float | None
    note: str = ""


@dataclass(frozen=True)
class Recalibration:
    """What was done to another model's score: ``intercept + slope x score``.

    Attributes
    ----------
    model, version, sha256 : str
        The model whose score it was.
    intercept, slope : float
        The slope is 1 where only the intercept was fitted.
    """

    model: str
    version: str
    sha256: str
    intercept: float
    slope: float


@dataclass(frozen=True)
class Provenance:
    """How a model was made.

    Attributes
    ----------
    made_by : str
        Software and version.
    method : str
        For example ``Firth's penalised likelihood with intercept correction``.
    seed : int or None
        Of everything that was drawn at random; None if nothing was.
    animals, observations, events : int
        What the fit used; events are observations above the cut of the label.
    label_readout : str
        Which readout was cut, as `model.learning.readout.Readout` names it.
    label_cut_off : float
        The training median, in the readout's unit; above it a label is 1.
    data : tuple of DataFile
    performance : tuple of Performance
    recalibration : Recalibration or None
    remarks : tuple of str
        What a user of the model should know.
    """

    made_by: str
    method: str
    seed: int | None
    animals: int
    observations: int
    events: int
    label_readout: str
    label_cut_off: float
    data: tuple[DataFile, ...]
    performance: tuple[Performance, ...] = ()
    recalibration: Recalibration | None = None
    remarks: tuple[str, ...] = ()
