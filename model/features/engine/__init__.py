"""PyRadiomics as the engine of the texture features, and its only import.

Knows the matrices of `model.features.glcm` and `model.features.glrlm`, and PyRadiomics'
formulas; names are PyRadiomics' own. Never knows how values became grey levels, nor
what IBEX or the Image Biomarker Standardisation Initiative call a feature. Has no side
effects.

Design choice: PyRadiomics gives the formulas; the pairs and the runs are counted here.
Its own counting is the same where both exist (the tests hold them against each other),
but it knows neither a matrix for each slice nor IBEX's distances beyond one, it leaves
out the directions in which no line holds two voxels although their runs are defined,
and it keeps the matrices of all directions at once: here one is in memory at a time.
Its discretisation never takes part.

Design choice: the feature methods are called directly. PyRadiomics' own ``execute``
turns any exception into NaN and a line on stderr; here a defect stays a defect.

Design choice: what is 0/0 by its definition is NaN, also where PyRadiomics returns an
arbitrary 1 or 0. Where features of several matrices are averaged, the mean is over the
matrices that define the feature.

Importing this package takes about a second (SimpleITK); workers do it when they start.
"""

from model.features.engine.cooccurrence import cooccurrence_features
from model.features.engine.run_lengths import run_length_features

__all__ = ["cooccurrence_features", "run_length_features"]
