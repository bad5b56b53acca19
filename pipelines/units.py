"""Times and sizes as a person would say them."""

from __future__ import annotations


def readable_time(seconds: float) -> str:
    """Return a time in the unit a person would choose, to a few per cent."""
    if seconds < 600:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:,.0f} min" if seconds < 36_000 else f"{seconds / 3600:,.0f} h"


def readable_size(count: int) -> str:
    """Return a number of bytes in the unit a person would choose."""
    if count < 10**3:
        return f"{count} bytes"
    if count < 10**6:
        return f"{count // 10**3} KB"
    return f"{count // 10**6:,} MB" if count < 10**10 else f"{count / 10**9:,.1f} GB"
