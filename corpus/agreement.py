"""How well two readers agree: a tenth of the corpus was labelled a second time, blind (`second/`). `python -m corpus.agreement`.

Cohen's kappa for "bears on the criterion", F1 for each element, for areas and for whole label sets, all over passages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from corpus.notation import FORCES, CorpusError, LabelledPassage, read_plan
from rules.loader import load_pack

SECOND: Final = Path(__file__).parent / "second"
Pair = tuple[LabelledPassage, LabelledPassage]
"""The first reader's labels and the second's, of one passage."""


def pairs(second: Path = SECOND, first: Path = FORCES) -> list[Pair]:
    """Every passage that both readers labelled. Raises CorpusError when their texts differ."""
    result: list[Pair] = []
    for path in sorted(second.glob("*/*.plan")):
        ours, theirs = read_plan(first / path.relative_to(second)), read_plan(path)
        if [p.text for p in ours.passages] != [p.text for p in theirs.passages]:
            raise CorpusError(f"{path}: its text is not the first reader's. Label the same text again.")
        result += [(a, b) for a, b in zip(ours.passages, theirs.passages, strict=True) if a.kind != "heading"]
    return result


def kappa(pairs: Sequence[tuple[bool, bool]]) -> float:
    """Cohen's kappa of two readers' yes and no; 1 when neither ever says yes."""
    n = len(pairs)
    observed = sum(a == b for a, b in pairs) / n
    first, second = sum(a for a, _ in pairs) / n, sum(b for _, b in pairs) / n
    expected = first * second + (1 - first) * (1 - second)
    return (observed - expected) / (1 - expected) if expected < 1 else 1.0


def f1(pairs: Sequence[tuple[bool, bool]]) -> float:
    """F1 of the second reader against the first; the same the other way round."""
    both, either = sum(a and b for a, b in pairs), sum(a + b for a, b in pairs)
    return 2 * both / either if either else 1.0


def report(both: Sequence[Pair]) -> Iterator[str]:
    """The figures, as lines of Markdown."""
    pack = load_pack()

    def said(has: Callable[[LabelledPassage], bool]) -> list[tuple[bool, bool]]:
        return [(has(a), has(b)) for a, b in both]

    bears = said(lambda p: bool(p.about))
    first, second = (sum(some) for some in zip(*bears, strict=True))
    yield f"{len(both)} passages; {first} bear on something by the first reader, {second} by the second (kappa {kappa(bears):.2f})."
    yield from ["", "| criterion | kappa | F1 of its elements |", "| --- | --- | --- |"]
    everything: list[tuple[bool, bool]] = []
    for criterion in pack.criteria:
        marked = {e.id: said(partial(_marks, target=(criterion.id, e.id))) for e in criterion.elements}
        together = [pair for some in marked.values() for pair in some]
        everything += together
        each = ", ".join(f"{name} {f1(some):.2f} ({sum(a for a, _ in some)})" for name, some in marked.items())
        yield f"| {criterion.short} | {kappa(said(partial(_bears, criterion=criterion.id))):.2f} | {f1(together):.2f}: {each} |"
    abouts = [pair for area in pack.areas for pair in said(partial(_is_about, about=area.id))]
    abouts += [pair for group in pack.groups for pair in said(partial(_is_about, about=group.id))]
    yield from ["", f"All elements: F1 {f1(everything):.2f}. Areas and groups: F1 {f1(abouts):.2f}."]
    yield f"Bears nothing: F1 {f1(said(lambda p: not p.criteria)):.2f}."


def _marks(passage: LabelledPassage, target: tuple[str, str]) -> bool:
    return any((s.criterion, s.element) == target for s in passage.spans)


def _bears(passage: LabelledPassage, criterion: str) -> bool:
    return criterion in passage.criteria


def _is_about(passage: LabelledPassage, about: str) -> bool:
    return about in passage.about


if __name__ == "__main__":
    print(*report(pairs()), sep="\n")
