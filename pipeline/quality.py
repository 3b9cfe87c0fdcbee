"""`readacross evaluate`: the figures of judgement on voices that the models never saw, as lines and as a page with pictures."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from threadpoolctl import threadpool_limits

from classifiers import encoder
from classifiers.classify import Classifier
from classifiers.left_out import LeftOut
from classifiers.model import FIRST, MODELS, load
from classifiers.train import FOLDS, Trainer, Voice, voices
from classifiers.units import cues_of
from corpus.notation import FORCES
from pipeline.evaluate import CAUSES, Judgement, average_precision, by, changes, intervals, judge, majority, prior, read_voice
from pipeline.findings import Findings
from pipeline.scores import GRADES, Judged, figures
from pipeline.twice import twice
from rules.loader import load_pack
from rules.pack import Pack

HELD_OUT: Final = FORCES.parent / "held-out"
BARS: Final = {
    "exact": 0.72,
    "qwk": 0.72,
    "inadequate_f1": 0.78,
    "no_evidence_precision": 0.80,
    "no_evidence_recall": 0.70,
    "evidence_recall_at_5": 0.85,
    "levels_exact": 0.95,
    "governance_exact": 0.90,
    "orientation_exact": 0.75,
    "partners_f1": 0.85,
    "exact_in_surest_50": 0.88,
    "expected_calibration_error": 0.06,
}
"""What the project asks of itself."""
UPPER: Final = ("expected_calibration_error",)
"""Those of them that are upper bounds."""


TESTED: Final = 10
POINTS: Final = (5, 10, 20, 40)
"""Voices that the learning curve is tested on, and numbers of others that it learns from (the last point: all the others)."""

Curve = list[tuple[int, float, float]]
"""(voices learnt from, exact, quadratic-weighted kappa)."""


class EvaluationError(ValueError):
    """The evaluation cannot be made; the message says what is missing."""


def run(held_out: bool, against: Path | None, page: Path | None) -> Iterator[str]:
    """The lines to print; writes the page when one is wanted. Raises EvaluationError, ModelError or CorpusError."""
    threadpool_limits(1)  # as the model that ships was trained
    pack = load_pack()
    folder = HELD_OUT if held_out else FORCES
    if not folder.is_dir():
        raise EvaluationError(f"{folder}: the corpus is not here. Run this in the source tree.")
    if against and not held_out:
        raise EvaluationError("--against needs --held-out: both models have seen the other voices.")
    if page is None or held_out:
        yield from _evaluate(pack, folder, held_out, against, page, None)
    else:  # the curve takes as long as all the rest
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as beside:
            yield from _evaluate(pack, folder, held_out, against, page, beside.submit(learning_curve))


def _evaluate(
    pack: Pack, folder: Path, held_out: bool, against: Path | None, page: Path | None, curving: Future[Curve] | None
) -> Iterator[str]:
    yield f"Reading the corpus in {folder.name} ..."
    data = voices(pack, folder)
    if held_out:
        judgements = judge_with(pack, MODELS, data)
    else:
        yield f"Training on {len(data)} voices, leaving some out in turn; this takes some minutes ..."
        trainer = Trainer(pack, data, LeftOut())
        models = trainer.left_out_models()
        readings = [trainer.readings(i, model) for i, model in enumerate(models)]
        findings = _findings(pack)
        judgements = [judge(pack, findings, m, v, r) for m, v, r in zip(models, data, readings, strict=True)]
    lines = list(report(pack, judgements))
    if not held_out:
        lines += ["", *twice(pack, data, readings)]
    yield from lines
    if against:
        old = judge_with(pack, against, data)
        yield from ["", f"Against {against}:", *changes(_cells(old), _cells(judgements))]
    if page:
        from pipeline.charts import draw

        curve: Curve = []
        if curving:
            yield "Waiting for the learning curve, from training on fewer voices ..."
            curve = curving.result()
            lines += ["", *curve_lines(curve), "", *reach_lines(figures(_cells(judgements), [j.facts for j in judgements]), curve)]
        pictures = draw(_cells(judgements), curve, page.parent)
        page.write_text(markdown(lines, pictures), encoding="utf-8")
        yield f"{page} written."


def learning_curve() -> Curve:
    """The curve on TESTED voices, by the first classifier alone.

    The encoder is left out of it: training it at each point would take hours.
    """
    threadpool_limits(1)
    pack = load_pack()
    order = voices(pack)
    random.Random(2009).shuffle(order)  # noqa: S311  (reproducible, not secret)
    test, rest = order[:TESTED], order[TESTED:]
    findings, points = _findings(pack), []
    for count in (*POINTS, len(rest)):
        trainer = Trainer(pack, rest[:count], LeftOut(), min(FOLDS, count), listens=False)
        model = trainer.final()
        cells = _cells([judge(pack, findings, model, voice, trainer.read(voice, model)) for voice in test])
        got = figures([replace(c, gold_quotes=(), quotes=()) for c in cells], [])
        points.append((count, got["exact"], got["qwk"]))
    return points


def judge_with(pack: Pack, models: Path, data: Sequence[Voice]) -> list[Judgement]:
    """Voices judged by the models in a folder, which never saw them."""
    model = load(models / FIRST)
    classifier = Classifier(pack, model, encoder.load(models))
    findings = _findings(pack)
    return [judge(pack, findings, model, voice, read_voice(classifier, voice)) for voice in data]


def _findings(pack: Pack) -> Findings:
    return Findings(pack, cues_of(pack))


def _cells(judgements: Sequence[Judgement]) -> list[Judged]:
    return [cell for one in judgements for cell in one.cells]


def report(pack: Pack, judgements: Sequence[Judgement]) -> Iterator[str]:
    """Every table, as lines of Markdown."""
    cells, facts = _cells(judgements), [one.facts for one in judgements]
    mine, reach = figures(cells, facts), intervals(judgements)
    nothing, commonest = figures(prior(pack, cells), []), figures(majority(cells), [])
    yield f"{len(judgements)} voices, {len(cells)} cells."
    yield ""
    yield "| figure | value | 95 % interval over voices | goal | prior that reads nothing | majority grade |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for name, value in mine.items():
        span = "{:.3f} to {:.3f}".format(*reach[name]) if name in reach else ""
        others = " | ".join(f"{some[name]:.3f}" if name in some else "" for some in (nothing, commonest))
        yield f"| {name} | {value:.3f} | {span} | {BARS.get(name, '')} | {others} |"
    yield from ["", "Grades (rows gold, columns given):", "", "| | 0 | 1 | 2 | 3 |", "| --- | --- | --- | --- | --- |"]
    confusion = Counter((c.gold, c.grade) for c in cells)
    for gold in range(GRADES):
        yield f"| {gold} | " + " | ".join(str(confusion[gold, got]) for got in range(GRADES)) + " |"
    for title, groups in (
        ("area", by(cells, lambda c: c.area)),
        ("criterion", by(cells, lambda c: c.criterion)),
        ("voice", by(cells, lambda c: c.voice)),
    ):
        yield from ["", f"| {title} | exact | qwk | inadequate F1 | element F1 |", "| --- | --- | --- | --- | --- |"]
        for name, some in groups.items():
            row = " | ".join(f"{some[f]:.3f}" if f in some else "" for f in ("exact", "qwk", "inadequate_f1", "element_f1"))
            yield f"| {name} | {row} |"
    yield from ["", *_passage_lines(judgements), "", *_cause_lines(judgements)]


def _passage_lines(judgements: Sequence[Judgement]) -> Iterator[str]:
    bearing = sum(one.passages.bearing for one in judgements)
    lost, strayed = (sum(getattr(one.passages, name) for one in judgements) for name in ("lost", "strayed"))
    yield "A passage is taken to be about all areas that are likelier than not, else about the likeliest."
    yield f"Of {bearing} bearing passages {lost} ({lost / bearing:.1%}) lose their areas,"
    yield f"{strayed} ({strayed / bearing:.1%}) get a wrong one."
    yield ""
    yield "| what a passage bears | average precision | passages |"
    yield "| --- | --- | --- |"
    precise = average_precision(judgements)
    elements = [ap for (_, element), (ap, _) in precise.items() if element]
    yield f"| mean over elements | {sum(elements) / len(elements):.3f} | |"
    for (criterion, element), (ap, count) in precise.items():
        yield f"| {criterion}{'.' + element if element else ', anything'} | {ap:.3f} | {count} |"


def _cause_lines(judgements: Sequence[Judgement]) -> Iterator[str]:
    causes = Counter[str]()
    for one in judgements:
        causes.update(one.causes)
    yield f"Causes of the {causes.total()} wrong grades (the first that applies; extraction plays no part, gold is taken as right):"
    yield ""
    yield "| cause | cells |"
    yield "| --- | --- |"
    for name in CAUSES:
        yield f"| {name} | {causes[name]} |"


def curve_lines(curve: Curve) -> Iterator[str]:
    yield f"Learning curve: the first classifier alone, judged on {TESTED} voices."
    yield from ["", "| voices learnt from | exact | qwk |", "| --- | --- | --- |"]
    for count, exact, qwk in curve:
        yield f"| {count} | {exact:.3f} | {qwk:.3f} |"


def reach_lines(mine: Mapping[str, float], curve: Curve) -> Iterator[str]:
    """How far each bar that is not reached is away, and what the learning curve says would get there.

    The curve gives a gain for each doubling of the voices, from its first point to its last; only grades are on it.
    """
    yield "Bars not reached:"
    yield ""
    yield "| figure | value | goal | short by |"
    yield "| --- | --- | --- | --- |"
    for name, bar in BARS.items():
        short = mine[name] - bar if name in UPPER else bar - mine[name]
        if short > 0:
            yield f"| {name} | {mine[name]:.3f} | {bar} | {short:.3f} |"
    yield ""
    doublings = math.log2(curve[-1][0] / curve[0][0])
    for place, name in ((1, "exact"), (2, "qwk")):
        gain = (curve[-1][place] - curve[0][place]) / doublings
        last = curve[-1][place] - curve[-2][place]
        line = (
            f"Each doubling of the voices brought {gain:.3f} of {name} on the whole curve; its last step, {curve[-2][0]} to "
            f"{curve[-1][0]} voices, {last:.3f}."
        )
        if (short := BARS[name] - mine[name]) > 0 and gain > 0:
            times = 2 ** (short / gain)
            line += f" At that pace {name} reaches its bar with {times:.1f} times the voices, if new ones teach as much as old ones."
        yield line


def markdown(lines: Sequence[str], pictures: Sequence[Path]) -> str:
    """The page: what `readacross evaluate` printed, and its pictures."""
    head = [
        "# How good the judgement is",
        "",
        f"Written by `readacross evaluate --page`, never by hand. Model {load(MODELS / FIRST).id}, encoder {encoder.digest()[:12]}.",
        "",
        "Each voice of the corpus is judged by models of other voices: the first classifier leaves out six groups in turn, the encoder",
        "three. Passages are read from the corpus' notation, so extraction plays no part.",
        "",
    ]
    shown = [f"\n![{picture.stem.replace('-', ' ')}]({picture.name})" for picture in pictures]
    return "\n".join([*head, *lines, *shown]) + "\n"
