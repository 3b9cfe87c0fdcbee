"""Whose documents these are and of what kind: found in the documents themselves."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

from extractors.document import Document
from pipeline.gazetteer import Gazetteer
from rules.cues import CueTable
from rules.pack import ForceNames, Pack

FRONT_WEIGHT: Final = 5
"""How many mentions in running text one mention in a title, heading, running head or opening line is worth."""
FOLDER_WEIGHT: Final = 4
"""Likewise for a name that the folder's name repeats."""
OPENING: Final = 8
"""Passages at the head of a document among which a form states whose it is."""
_STATED: Final = re.compile(r"(?:name of (?:the )?)?(?:police )?force\s*[:|][\s:|]*", re.IGNORECASE)
_LINK: Final = frozenset({"and", "of", "the", "&", "upon", "on", "in"})
_NOT_NAMES: Final = frozenset(
    [
        "the",
        "a",
        "an",
        "our",
        "this",
        "that",
        "these",
        "each",
        "every",
        "all",
        "any",
        "no",
        "local",
        "british",
        "national",
        "county",
        "military",
        "royal",
        "state",
        "chief",
        "constable",
        "constables",
        "neighbourhood",
        "community",
        "roads",
        "transport",
        "force",
        "authority",
        "regional",
        "new",
        "modern",
        "secret",
        "united",
        "for",
        "with",
        "by",
        "from",
        "to",
        "and",
        "of",
        "at",
        "in",
        "on",
        "as",
        "its",
        "their",
        "your",
        "how",
        "we",
        "what",
        "who",
        "why",
        "is",
        "are",
        "will",
    ]
)


def force_pattern(names: ForceNames) -> re.Pattern[str]:
    """One to six capitalised words (with "and", "of" between them) before one of the pack's suffixes, as written or in capitals."""
    forms = {form for suffix in names.suffixes for form in (suffix, suffix.upper())}
    suffixes = "|".join(sorted(map(re.escape, forms), key=lambda form: (-len(form), form)))
    word = r"[A-Z][\w'’-]*"
    link = r"(?:\s+(?:and|of|the|upon|on|in|&))*"
    return re.compile(rf"\b({word}(?:{link}\s+{word}){{0,5}}?)\s+({suffixes})\b(?!\s+(?i:authority|authorities|act|federation|national)\b)")


def names_in(text: str, names: ForceNames) -> Iterator[str]:
    """Every force-like name in a text, with each shorter form of it that might be the name."""
    excluded = {n.lower() for n in names.exclude}
    for match in _pattern(names).finditer(text):
        words = match.group(1).split()
        suffix = match.group(2)
        for start in range(len(words)):
            first = words[start]
            if first.lower() in _LINK | _NOT_NAMES or not first[0].isupper() or _is_abbreviation(words[start:], suffix):
                continue
            if suffix == suffix.upper() and _is_talk(words[start:]):
                continue
            name = " ".join([*words[start:], suffix])
            name = _title_case(name)
            if name.lower() not in excluded:
                yield name


def _is_abbreviation(words: Sequence[str], suffix: str) -> bool:
    """ "PCSO Police" is no force; "TAMARSHIRE POLICE" is."""
    return suffix != suffix.upper() and all(word == word.upper() for word in words)


def _is_talk(words: Sequence[str]) -> bool:
    """ "HOW WE POLICE" and "Our aims POLICE" are no forces: in capitals every word must be one of a name."""
    return any(word != word.upper() or word.lower() in _NOT_NAMES - _LINK for word in words)


@cache
def _pattern(names: ForceNames) -> re.Pattern[str]:
    return force_pattern(names)


def _title_case(name: str) -> str:
    if name.upper() != name:
        return re.sub(r"\s+", " ", name)
    return " ".join(w.lower() if w.lower() in _LINK else "-".join(part.capitalize() for part in w.split("-")) for w in name.split())


def count_names(documents: Sequence[Document], names: ForceNames) -> Counter[str]:
    """How often each force-like name stands in the documents; front matter counts FRONT_WEIGHT times."""
    counts: Counter[str] = Counter()
    for document in documents:
        front = [document.title, *document.running]
        for number, passage in enumerate(document.passages):
            if number < 6 or passage.kind == "heading":
                front.append(passage.text)
            else:
                counts.update(names_in(passage.text, names))
        for text in front:
            for name in names_in(text, names):
                counts[name] += FRONT_WEIGHT
    return counts


def settle(counts: Counter[str]) -> dict[str, int]:
    """Keeps of each name and its shorter forms the one that is meant: the longest that is nearly as frequent as the shortest."""
    settled: dict[str, int] = {}
    for name, count in sorted(counts.items(), key=lambda item: len(item[0])):
        shorter = [s for s in settled if name.endswith(" " + s)]
        for short in shorter:
            if count >= 0.6 * settled[short]:
                del settled[short]
        if not shorter or all(s not in settled for s in shorter):
            settled[name] = count
    return settled


def force_name(folder: str, documents: Sequence[Document], names: ForceNames) -> str:
    """The name of the force that sent the documents: as a form states it ("Force: Saltmere Police"), else as it stands in them; the
    folder's name where the documents name none, or none but in passing and the folder is called like a force."""
    for passage in (p for document in documents for p in document.passages[:OPENING]):
        stated = _STATED.match(passage.text)
        if stated and (name := next(names_in(passage.text[stated.end() :], names), "")):
            return name
    settled = settle(count_names(documents, names))
    slug = re.sub(r"[^a-z]", "", folder.lower())

    def weight(name: str) -> tuple[int, str]:
        stem = re.sub(r"[^a-z]", "", name.lower().rsplit(" ", 1)[0])
        return (settled[name] * (FOLDER_WEIGHT if (stem and stem in slug) or (slug and slug in stem) else 1), name)

    best = max(settled, key=weight, default=folder)
    in_passing = weight(best)[0] < FRONT_WEIGHT if settled else True
    return folder if in_passing and any(names_in(folder, names)) else best


def strange_name(document: Document, force: str, names: ForceNames) -> str:
    """The other force whose document this seems to be: at its front stands that name, and the force itself it names nowhere; else ""."""
    other = max(settle(count_names([document], names)).items(), key=lambda item: item[1], default=("", 0))
    if other[1] < FRONT_WEIGHT or other[0].endswith(" " + force) or force.endswith(" " + other[0]):
        return ""
    gazetteer = Gazetteer(names, [force, other[0]])
    texts = (document.title, *document.running, *(p.text for p in document.passages))
    named = {name for text in texts for name in gazetteer.find(text)}
    return other[0] if gazetteer.resolve(force) not in named and gazetteer.resolve(other[0]) in named else ""


def document_kind(document: Document, pack: Pack) -> str:
    """The kind whose cues stand in the file name, the title or the first headings; earlier places weigh more."""
    table = CueTable(((kind.id, cue) for kind in pack.kinds for cue in kind.cues), pack.slots)
    stem = re.sub(r"[_\W]+", " ", document.file.rsplit("/", 1)[-1].rsplit(".", 1)[0])
    first = [p.text for p in document.passages[:12] if p.kind == "heading" or len(p.text.split()) <= 14]
    weights: Counter[str] = Counter()
    for weight, texts in ((4, [document.title]), (3, [stem]), (2, first[:3]), (1, first[3:])):
        for text in texts:
            for kind in table.find(text):
                weights[kind] += weight
    if not weights:
        return pack.kinds[-1].id
    order = [kind.id for kind in pack.kinds]
    return max(weights, key=lambda kind: (weights[kind], -order.index(kind)))
