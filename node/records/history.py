"""An animal's earlier time points, as a result shows them."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class TimePoint:
    """What an earlier scan of the same animal has given for one region.

    Attributes
    ----------
    scanned_at : datetime
    study_instance_uid, roi : str
    score, low, high : float or None
        The score and its sensitivity range.
    suv_mean : float or None
        g/ml.
    volume_ml : float or None
    score_model, score_model_sha256 : str
        Scores of another model are not on the same scale.
    """

    scanned_at: datetime
    study_instance_uid: str
    roi: str
    score: float | None
    low: float | None
    high: float | None
    suv_mean: float | None
    volume_ml: float | None
    score_model: str
    score_model_sha256: str
