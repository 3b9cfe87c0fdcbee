"""Words that a font split behind its f: "effi cient", "Of ficers". Which of them are one word, the document's own words or a list say."""

from __future__ import annotations

import re
from typing import Final

Vocabulary = dict[str, int]
"""Words of the document in lower case, and how often each stands whole, away from a line's end."""

STEMS: Final = (
    "affect", "afford", "benefi", "briefi", "certifi", "chief", "classifi", "confiden", "confirm", "conflict", "conflicting", "configur",
    "define", "defin", "deficien", "differ", "difficult", "effect", "effici", "effort", "fiel", "fight", "figure", "file", "fill",
    "final", "finance", "financ", "find", "finding", "fine", "finish", "fire", "firearm", "firm", "first", "fiscal", "fit", "five", "fix",
    "flag", "fleet", "flexib", "float", "flood", "floor", "flow", "fluctuat", "gratif", "identif", "inflict", "influen", "insuffici",
    "justif", "modif", "notif", "offen", "offer", "offic", "offset", "profession", "profil", "profit", "prolific", "proficien", "qualif",
    "quantif", "ratif", "reflect", "refin", "scientif", "signif", "simplif", "specif", "staff", "stuff", "suffer", "suffic", "suffici",
    "traffic", "traffick", "uniform", "unifi", "verif", "workflow",
)  # fmt: skip
"""Beginnings of words in f-ligatures that police plans use, for documents too short to hold the word whole."""

_REAL_PARTS: Final = frozenset((
    "field", "fields", "fight", "figure", "figures", "file", "files", "fill", "final", "find", "finding", "findings", "fine", "fines",
    "fire", "firm", "first", "fit", "five", "fix", "flag", "flat", "fleet", "flood", "floor", "flow", "fence", "fences", "feel", "feels",
    "fed",
))  # fmt: skip
"""Words that stand by themselves: "of first", "staff figures" are not split words."""

_FIRST_PARTS: Final = frozenset((
    "f", "of", "ef", "dif", "af", "suf", "traf", "pro", "off", "eff", "diff", "aff", "staf", "suff",
))  # fmt: skip
"""What the first parts of split words usually are."""

SPLIT: Final = re.compile(r"[fF][fil]{0,2} ([a-z]+)\b")


def is_split(before: str, after: str, vocabulary: Vocabulary) -> bool:
    """Whether two parts in lower case that stand with a space between them are one word."""
    joined = before + after
    if after in _REAL_PARTS:
        return False
    known = joined in vocabulary
    if before.endswith(("fi", "fl")):
        return before not in vocabulary and (known or joined.startswith(STEMS))
    if before not in _FIRST_PARTS:
        return known and before not in vocabulary and after not in vocabulary
    if not after.startswith(("f", "i", "l", "e", "o")) and before in ("of", "off"):
        return False
    if before in ("of", "off") and not after.startswith(("f", "i")):
        return False
    return after not in vocabulary and (known or joined.startswith(STEMS))
