"""A feature profile: which features are computed, and how the image is prepared."""

from dataclasses import dataclass

from model.features.ibsi.configuration import IbsiConfiguration
from model.features.preparation import Preparation


@dataclass(frozen=True)
class FeatureProfile:
    """A named way of computing features.

    Attributes
    ----------
    name, title : str
    preparation : Preparation or IbsiConfiguration
        The one makes the catalogue's features by IBEX's definitions, the other the
        families of IBSI under its tags.
    features : tuple of str or None
        Names of the catalogue; None for those of the image's modality. Of no use with
        an `IbsiConfiguration`, which names families.
    sha256 : str
        Checksum of the content, for the result.
    """

    name: str
    title: str
    preparation: Preparation | IbsiConfiguration
    features: tuple[str, ...] | None
    sha256: str
