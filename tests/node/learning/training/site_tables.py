"""Tables of a small site, with a truth that was put in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from config.feature_profiles import find_profile

PLANTED = ("glcm_InverseVariance", "glcm_Homogeneity2")
OTHERS = ("glcm_Entropy", "glcm_Contrast", "shape_Sphericity", "direct_GlobalStd")
PROFILE = "zhang2023-fine"


@dataclass
class SiteTables:
    """The columns of a site's tables, to be changed before they are written.

    Attributes
    ----------
    features, flow, design : pandas.DataFrame
    """

    features: pd.DataFrame
    flow: pd.DataFrame
    design: pd.DataFrame
    names: Sequence[str] = field(default_factory=tuple)

    def write(self, folder: Path) -> list[str]:
        """Write the tables; return the options that name them."""
        words: list[str] = []
        tables: Mapping[str, pd.DataFrame] = {
            "features": self.features,
            "flow": self.flow,
            "design": self.design,
        }
        for name, table in tables.items():
            path = folder / f"{name}.csv"
            table.to_csv(path, index=False)
            words += [f"--{name}", str(path)]
        return words


def site_tables(
    animals: int = 16, *, signal: float = 1.0, noise: float = 0.4, seed: int = 3
) -> SiteTables:
    """Return the tables of animals whose exhaustion follows `PLANTED`.

    Parameters
    ----------
    animals : int
        One scan of each.
    signal, noise : float
        Of what the readouts follow, and beside it.
    seed : int
    """
    generator = np.random.default_rng(seed)
    names = [f"M{number:02d}" for number in range(1, animals + 1)]
    texture = generator.normal(size=(animals, len(PLANTED) + len(OTHERS)))
    truth = signal * (texture[:, 0] - texture[:, 1])
    days = np.arange(animals) % 3 * 7
    profile = find_profile(PROFILE)
    features = pd.DataFrame(
        {
            "animal": names,
            "day": days,
            "roi": "Tumor",
            "modality": "PET",
            "profile": profile.name,
            "profile_sha256": profile.sha256,
            "voxels": 300,
            "volume_ml": np.exp(generator.normal(-1.5, 0.4, animals)),
            "suv_mean": generator.normal(2, 0.3, animals),
        }
    )
    for at, name in enumerate((*PLANTED, *OTHERS)):
        features[name] = 0.1 + 0.01 * texture[:, at]

    def readout(middle: float, scale: float) -> np.ndarray:
        return middle + scale * (truth + noise * generator.normal(size=animals))

    flow = pd.DataFrame(
        {
            "animal": names,
            "day": days,
            "early": readout(0.4, -0.02),
            "terminal": readout(0.5, 0.04),
            "mfi": readout(4000, 300),
        }
    )
    design = pd.DataFrame(
        {
            "animal": names,
            "tumour_model": np.where(np.arange(animals) % 2, "LLC", "B16"),
            "group": "ICI",
            "cage": [f"C{number // 2}" for number in range(animals)],
            "batch": np.where(np.arange(animals) < animals // 2, "A", "B"),
        }
    )
    return SiteTables(features, flow, design)
