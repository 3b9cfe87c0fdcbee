"""`readacross train --with-decisions OUT`: learns from a round's decisions, tries the new model, and adopts it when it is no worse.

What reviewers decided is only read. A model is adopted whole or not at all.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from threadpoolctl import threadpool_limits

from classifiers import encoder, relearn
from classifiers.classify import Classifier
from classifiers.left_out import LEFT_OUT, LeftOut
from classifiers.model import FIRST, MODELS, Model, load, save
from classifiers.teachers import Paper, Teacher, of_decisions, of_voice
from classifiers.train import FOLDS, Voice, voices
from corpus.notation import FORCES
from extractors.document import full_title
from extractors.read import sha256_of
from pipeline.adopted import ADOPTED, FOLDER, LEARNT_FROM, learnt_from, models_of
from pipeline.learning.decided import Submission, forces_decided, taught
from pipeline.learning.told import provenance, report
from pipeline.learning.trial import DECISIONS, VOICES, Trial, judged_decisions, judged_voice
from pipeline.record.record import Record
from pipeline.review import STORE
from pipeline.scores import Judged
from pipeline.store import alone, key, write_whole
from pipeline.telling import Progress
from rules.code import code_version
from rules.loader import load_pack
from rules.pack import Pack

FEWEST_FORCES: Final = 2
"""Each force is judged by models that did not see its decisions: with one alone, nothing would be tried."""
FEWEST_CELLS: Final = 40
"""Fewer decided cells say nothing of whether a model got better: each would be more than 2.5 % of them."""


REPORT: Final = "report.md"


class LearningError(Exception):
    """There is nothing to learn from, or not enough; the message says what is missing. Nothing was written."""


@dataclass(frozen=True)
class Learnt:
    """What a training came to. `adopted` is the folder of the new models, None where they are not adopted, for the reasons in `worse`."""

    adopted: Path | None
    worse: tuple[str, ...]
    trials: tuple[Trial, ...]
    left_out: tuple[str, ...]
    """Decisions and quotes that teach nothing, each with the reason."""
    report: Path


@dataclass(frozen=True)
class _Round:
    """What a round's decisions teach now, and what the models in use have learnt from already."""

    id: str
    now: list[Submission]
    before: list[Submission]
    order: list[str]
    """The forces in the order in which they were first decided on: it says in which fold each is."""
    notes: list[str]
    until: int
    """The record's last decision."""


def learn(out: Path, progress: Progress, models: Path = MODELS, corpus: Path | None = None) -> Learnt:
    """Trains with the decisions of OUT, beginning from a folder of models, and adopts what is no worse than the models in use.

    Raises LearningError, ModelError, CorpusError, RecordError or OSError; nothing is adopted then.
    """
    corpus = corpus or FORCES
    if not corpus.is_dir():
        raise LearningError(f"{corpus}: the corpus is not here, and training needs it. Run this in the source tree.")
    pack, base = load_pack(), load(models / FIRST)
    told = _round(out, pack, base)
    (out / FOLDER).mkdir(parents=True, exist_ok=True)
    with alone(out / FOLDER, who="training"), threadpool_limits(1):  # sums come out alike on any number of cores
        trials, final = _train(out, pack, base, models, corpus, told, progress)
        worse = tuple(reason for trial in trials for reason in trial.worse())
        text = report(told.now, trials, worse, told.notes)
        adopted = None if worse else _adopt(out, models, final, provenance(told.id, base, told.now, told.until), text)
        write_whole(out / FOLDER / REPORT, text.encode())
    return Learnt(adopted, worse, trials, tuple(told.notes), out / FOLDER / REPORT)


def _round(out: Path, pack: Pack, base: Model) -> _Round:
    known = learnt_from(models_of(out))
    with Record.open(out) as record:
        now, notes = taught(record, pack)
        before = taught(record, pack, known["until"])[0] if known else []
        until = max((one.number for one in record.decisions()), default=0)
        found = _Round(record.round(), now, before, forces_decided(record), notes, until)
    if known and known["round"] != found.id:
        raise LearningError(f"{models_of(out)}: learnt from another round's decisions. Remove {out / FOLDER / ADOPTED}, then train.")
    cells, forces = sum(len(one.decided) for one in now), {one.version.force for one in now}
    if not found.order:
        raise LearningError(f"{out}: nobody has decided on a cell yet, so there is nothing to learn from. Decide first, then train.")
    if cells < FEWEST_CELLS or len(forces) < FEWEST_FORCES:
        listed = "".join(f"\n- {note}" for note in notes)
        raise LearningError(
            f"{out}: too little to learn from. Decided cells that can teach: {cells}, forces: {len(forces)}; to tell a better model from a "
            f"worse one it takes {FEWEST_CELLS} cells of {FEWEST_FORCES} forces. Decide on more, then train.{listed}"
        )
    if known and known["decisions"] == provenance(found.id, base, now, until)["decisions"] and known["base"] == base.sha256:
        raise LearningError(f"{out}: the models in use have learnt from every decision already. Decide on more cells, then train.")
    return found


def _train(
    out: Path, pack: Pack, base: Model, models: Path, corpus: Path, told: _Round, progress: Progress
) -> tuple[tuple[Trial, ...], Model]:
    """The trials, and the model of everything."""
    progress("Reading the corpus", 0, 1)
    data, left_out = voices(pack, corpus), LeftOut(models)
    progress("Reading the corpus", 1, 1)
    reader, second = Classifier(pack, base), encoder.load(models)
    progress("Reading what was decided", 0, len(told.now) + len(told.before))
    teachers = [of_voice(pack, voice, left_out) for voice in data]
    for done, one in enumerate((*told.now, *told.before), 1):
        teachers.append(_teacher(reader, second, one))
        progress("Reading what was decided", done, len(told.now) + len(told.before))
    count = min(FOLDS, len(data))
    folds = [i % count for i in range(len(data))]
    folds += [told.order.index(one.version.force) % count for one in (*told.now, *told.before)]
    lessons = relearn.Lessons(base.words, teachers)
    kept = key(base.sha256, sha256_of(models / LEFT_OUT), _digest(corpus), pack.sha256, *_code())
    fold_models = _left_out_models(out / STORE / "left-out" / kept, pack, base, lessons, data, left_out, progress)
    voices_end, now_end = len(data), len(data) + len(told.now)

    def tick(stage: str) -> relearn.Tick:
        return lambda done, of: progress(stage, done, of)

    course = relearn.Course(pack, base, fold_models, teachers, voices_end, folds, lessons, tick("Reading all of them"))
    old = course.learn(range(now_end, len(teachers)), range(now_end), tick("Judging as it is"))
    new = course.learn(range(voices_end, now_end), range(now_end), tick("Judging anew"))

    def cells(what: str, judge: Callable[[relearn.Relearnt, int], Iterable[Judged]], some: range) -> Trial:
        return Trial(what, *(tuple(cell for i in some for cell in judge(side, i)) for side in (old, new)))

    def voice(side: relearn.Relearnt, i: int) -> Iterable[Judged]:
        return judged_voice(pack, side.folds[folds[i]], data[i], side.readings[i])

    def decisions(side: relearn.Relearnt, i: int) -> Iterable[Judged]:
        return judged_decisions(pack, side.folds[folds[i]], told.now[i - voices_end], side.readings[i])

    trials = cells(VOICES, voice, range(voices_end)), cells(DECISIONS, decisions, range(voices_end, now_end))
    return trials, new.final


def _teacher(reader: Classifier, second: encoder.Encoder | None, one: Submission) -> Teacher:
    papers = [Paper(document.passages, full_title(document.title, document.file)) for document in one.documents]
    cells = {
        (kind, decided.decision.area, f"{decided.decision.criterion}.{element}"): there
        for decided in one.decided
        for (kind, element), there in decided.cells.items()
    }
    return of_decisions(reader, second, one.version.force, papers, one.lessons, cells)


def _left_out_models(
    folder: Path, pack: Pack, base: Model, lessons: relearn.Lessons, data: Sequence[Voice], left_out: LeftOut, progress: Progress
) -> list[Model]:
    """For each fold of the corpus a model without it. Kept in the store: only another corpus, program or base changes them."""
    if not folder.is_dir():
        stage = "Leaving forces out"
        own = relearn.LeftOutModels(pack, base, lessons, data, left_out, lambda done, of: progress(stage, done, of)).models()
        with _scratch(folder.parent) as scratch:
            for number, model in enumerate(own):
                save(model, scratch / f"{number}.npz")
            scratch.replace(folder)
    return [load(path) for path in sorted(folder.glob("*.npz"))]


def _adopt(out: Path, models: Path, final: Model, learnt: dict[str, Any], text: str) -> Path:
    """Puts the new models beside the round, whole, and names them as those in use. Raises OSError."""
    with _scratch(out / FOLDER) as new:
        save(final, new / FIRST)
        for name in (encoder.ENCODER, encoder.VOCABULARY):
            if (models / name).exists():
                shutil.copyfile(models / name, new / name)
        (new / LEARNT_FROM).write_text(json.dumps(learnt, ensure_ascii=False, indent=1), encoding="utf-8")
        (new / REPORT).write_text(text, encoding="utf-8")
        folder = out / FOLDER / load(new / FIRST).id
        if folder.exists():  # the same model, from an earlier training
            shutil.rmtree(folder)
        new.replace(folder)
    write_whole(out / FOLDER / ADOPTED, folder.name.encode())
    return folder


@contextmanager
def _scratch(beside: Path) -> Iterator[Path]:
    """A folder to fill and then to rename, so that what it holds is there whole or not at all; what a killed training left is removed."""
    for left in beside.glob(".new-*"):
        shutil.rmtree(left)
    beside.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=beside, prefix=".new-") as scratch:
        (Path(scratch) / "whole").mkdir()
        yield Path(scratch) / "whole"


def _digest(corpus: Path) -> str:
    files = sorted(path for path in corpus.glob("*/*") if path.suffix in (".plan", ".yaml"))
    return key(*(f"{path.relative_to(corpus)} {sha256_of(path)}" for path in files))


def _code() -> tuple[str, ...]:
    return code_version("classifiers", "numpy", "scikit-learn"), code_version("corpus"), code_version("rules")
