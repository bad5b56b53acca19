"""What becomes of the tags that wikitext allows; any other tag is text."""

from __future__ import annotations


def _names(names: str) -> frozenset[str]:
    return frozenset(names.split())


# Dropped with their contents, and nobody misses them in the line they stood in.
NOTES = _names(
    """
    ref references templatestyles templatedata indicator section labeledsectiontransclusion
    style script maplink phonos includeonly rp rt rtc languages s strike del
    """
)

# Dropped with their contents, which are read as part of the sentence around them.
FORMULAS = _names("math chem ce hiero score")

# Dropped with their contents, which stand between paragraphs.
BLOCKS = _names(
    """
    gallery timeline syntaxhighlight source pre imagemap graph mapframe inputbox table infobox
    youtube embedvideo quiz dynamicpagelist categorytree
    """
)

DROPPED_TAGS = NOTES | FORMULAS | BLOCKS

# Elements that may hold elements of their own name. All others end at the first closing tag.
NESTING = _names("ref references table includeonly s strike del")

STRUCK = _names("s strike del")  # text that its author took back

# Their text is meant to be read as it stands, though wikitext is parsed in it.
CODE = _names("code tt kbd samp")

# The line ends here, as it does on the screen.
BLOCK_TAGS = _names(
    """
    br p div li ul ol dl dt dd h1 h2 h3 h4 h5 h6 hr blockquote center caption thead tbody tfoot
    tr td th col colgroup poem
    """
)

# Taken away around text that stays.
INLINE_TAGS = _names(
    """
    abbr b bdi bdo big cite code data dfn em font i ins kbd langconvert mark noinclude nowiki
    onlyinclude q rb ruby samp small span strong time translate tt tvar u var wbr
    """
)

# A pattern of what stands between a tag's name and its end: `>` may stand in quotes.
ATTRIBUTES = r'(?=[\s/>])(?:[^<>"]++|"[^"<\n]*+"|")*+'
