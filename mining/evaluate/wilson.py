"""The interval of a share that was counted (Wilson 1927)."""

from __future__ import annotations

from statistics import NormalDist

from bitseam.mining.evaluate.bootstrap import LEVEL, Interval


def wilson_interval(right: int, of: int, *, level: float = LEVEL) -> Interval:
    """Return where the share lies of which `right` out of `of` were seen; of none: anywhere."""
    if of == 0:
        return Interval(0.0, 1.0)
    z = NormalDist().inv_cdf((1 + level) / 2)
    share, spread = right / of, z * z / of
    centre = share + spread / 2
    reach = z * ((share * (1 - share) + spread / 4) / of) ** 0.5
    low, high = (centre - reach) / (1 + spread), (centre + reach) / (1 + spread)
    # The share itself, where rounding would leave it out: at 0 and 1.
    return Interval(min(share, max(0.0, low)), max(share, min(1.0, high)))
