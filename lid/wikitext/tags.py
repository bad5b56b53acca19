"""What becomes of the tags that wikitext allows; any other tag is text."""

from __future__ import annotations


def _names(names: str) -> frozenset[str]:
    return frozenset(names.split())


# Dropped with their contents: no prose of the article.
DROPPED_TAGS = _names(
    """
    ref references gallery math chem ce timeline syntaxhighlight source pre score imagemap hiero
    graph mapframe maplink templatestyles templatedata inputbox categorytree indicator includeonly
    section labeledsectiontransclusion style script phonos table
    """
)

# The line ends here, as it does on the screen.
BLOCK_TAGS = _names(
    """
    br p div li ul ol dl dt dd h1 h2 h3 h4 h5 h6 hr blockquote center caption thead tbody tfoot
    tr td th col colgroup poem noinclude onlyinclude
    """
)

# Taken away around text that stays.
INLINE_TAGS = _names(
    """
    abbr b bdi bdo big cite code data del dfn em font i ins kbd langconvert mark nowiki q rb rp rt
    rtc ruby s samp small span strike strong sub sup time tt u var wbr
    """
)
