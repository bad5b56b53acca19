"""The constants of the hash functions that compiled code uses: published ones, never to change.

Models and stored signatures hang on them, and numba's cache keeps the values it was compiled with.
"""

from __future__ import annotations

import numpy as np

# FNV-1a, 64 bits: http://www.isthe.com/chongo/tech/comp/fnv/
FNV_OFFSET = np.uint64(0xCBF29CE484222325)
FNV_PRIME = np.uint64(0x100000001B3)
# The first multiplier of MurmurHash3's 64-bit finaliser.
MURMUR_MIX = np.uint64(0xFF51AFD7ED558CCD)
