"""For which measurements a calibrated model's probabilities hold.

Design choice: where the local labels were. Whatever the local table states replaces
what the model that is calibrated states: a probability that was fitted to
intraperitoneal injections is one of those. What the table does not state is kept, such
as the species, and of the least diameters the larger one, since partial volume is not
repaired by labels.
"""

from model.score.domain import Domain


def calibration_domain(base: Domain, local: Domain) -> Domain:
    """Return the domain of a calibrated model.

    Parameters
    ----------
    base : Domain
        Of the model that is calibrated.
    local : Domain
        Of the rows with labels.
    """
    diameters = (base.minimum_diameter_mm, local.minimum_diameter_mm)
    known = [diameter for diameter in diameters if diameter is not None]
    return Domain(
        tracers=local.tracers or base.tracers,
        species=local.species or base.species,
        routes=local.routes or base.routes,
        uptake_min=local.uptake_min or base.uptake_min,
        units=local.units or base.units,
        voxel_mm=local.voxel_mm or base.voxel_mm,
        minimum_diameter_mm=max(known) if known else None,
        features={**base.features, **local.features},
    )
