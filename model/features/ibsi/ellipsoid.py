"""The surface of an ellipsoid, for the approximate enclosing ellipsoid of IBSI (RDD2).

With semi-axes a >= b >= c, alpha^2 = 1 - b^2/a^2 and beta^2 = 1 - c^2/a^2, the standard
takes as area

    4 pi a b sum over n of (alpha beta)^n / (1 - 4 n^2) P_n((alpha^2 + beta^2)
                                                           / (2 alpha beta))

with Legendre's polynomials P_n, n up to 20.

Design choice: that is computed, as its consensus values are made of it. The area of an
ellipsoid is this series with 1 - c^2/a^2 and 1 - c^2/b^2 as the squares; on the digital
phantom the density would be 1.30, not the published 1.36.

Design choice: Q_n = (alpha beta)^n P_n is what the sum needs, and its recurrence
divides by nothing: with x = (alpha^2 + beta^2)/2 and y = (alpha beta)^2,

    (n + 1) Q_(n+1) = (2n + 1) x Q_n - n y Q_(n-1).

So spheres and spheroids, where the argument of P_n is infinite or 0/0, are no
exceptions.

References
----------
* Maas L. On the surface area of an ellipsoid and related integrals of elliptic
  integrals. Journal of Computational and Applied Mathematics 51:237, 1994.
"""

import math

HIGHEST_DEGREE = 20


def ellipsoid_area(major: float, minor: float, least: float) -> float:
    """Return what the standard takes as the area of an ellipsoid.

    Parameters
    ----------
    major, minor, least : float
        Semi-axes in this order of size; the first two are positive.
    """
    alpha_squared = 1.0 - (minor / major) ** 2
    beta_squared = 1.0 - (least / major) ** 2
    mean = (alpha_squared + beta_squared) / 2.0
    product = alpha_squared * beta_squared
    before, term = 0.0, 1.0
    total = 0.0
    for degree in range(HIGHEST_DEGREE + 1):
        total += term / (1 - 4 * degree**2)
        following = (2 * degree + 1) * mean * term - degree * product * before
        before, term = term, following / (degree + 1)
    return 4.0 * math.pi * major * minor * total
