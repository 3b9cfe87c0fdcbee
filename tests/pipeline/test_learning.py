"""Learning from corrections: what decisions teach, what a new model must show before it is adopted, and what stays as it was."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

import cli
import pipeline.learning.learn
from classifiers.cells import ANYWHERE, NARROW, SPECIFIC
from classifiers.model import FIRST, MODELS, Model, ModelError, load
from classifiers.teachers import Lesson
from corpus.gold import gold_matrix
from corpus.notation import FORCES, read_force
from pipeline.adopted import models_of
from pipeline.learning.decided import taught, without_contradictions
from pipeline.learning.learn import LearningError, Learnt, learn
from pipeline.learning.lessons import Decided, Quote, lessons_of, there_in
from pipeline.record.audit import audit
from pipeline.record.record import Record
from pipeline.record.types import Decision, EvidenceMarks
from pipeline.store import Busy, alone
from pipeline.summary import show_outcome
from rules.loader import load_pack
from tests.conftest import EXAMPLES, ROOT, review_here

PACK = load_pack()
AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
NAMES = {"Greyholm Constabulary": "greyholm", "Saltmere Police": "saltmere"}
FEW = ("langmoor", "stannerby")
"""The corpus of these tests: two voices, so that training takes seconds."""


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    for voice in FEW:
        shutil.copytree(FORCES / voice, folder / voice)
    return folder


def decide_as_labelled(out: Path, forces: tuple[str, ...] = tuple(NAMES)) -> None:
    """Gives every cell the grade that follows from its labels, and marks as wrong the quotes that bear nothing of it."""
    with Record.open(out) as record:
        for name in forces:
            gold = gold_matrix(read_force(ROOT / "corpus" / "examples" / "notation" / NAMES[name]), PACK)
            for area, row in record.entry(record.latest(name))["cells"].items():
                for criterion, cell in row.items():
                    true = gold[area][criterion]
                    right = cell["grade"] == true.grade
                    borne = [set(quote["elements"]) for quote in cell["evidence"]]
                    kept = tuple(n for n, elements in enumerate(borne, 1) if right and elements <= true.elements)
                    wrong = tuple(n for n, elements in enumerate(borne, 1) if elements and not elements & true.elements)
                    record.decide(
                        name, area, criterion, grade=true.grade, reviewer="Ann Reed", at=AT, reason="" if right else "As I read it.",
                        evidence=EvidenceMarks(kept, wrong),
                    )  # fmt: skip


def quiet(stage: str, done: int, total: int) -> None: ...


@pytest.fixture(scope="session")
def decided(examples_out: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The two example forces, reviewed, and every cell decided on."""
    out = tmp_path_factory.mktemp("decided") / "out"
    shutil.copytree(examples_out, out)
    decide_as_labelled(out)
    return out


@pytest.fixture(scope="session")
def trained(decided: Path, corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Learnt]:
    """The same, after training: OUT and what came of it."""
    out = tmp_path_factory.mktemp("trained") / "out"
    shutil.copytree(decided, out)
    return out, learn(out, quiet, corpus=corpus)


@pytest.fixture
def out(examples_out: Path, tmp_path: Path) -> Path:
    """The two example forces, reviewed; nobody has decided yet."""
    return Path(shutil.copytree(examples_out, tmp_path / "out"))


def test_a_model_that_is_no_worse_is_adopted_and_says_by_how_much(trained: tuple[Path, Learnt]) -> None:
    out, learnt = trained
    assert learnt.worse == () and learnt.adopted is not None
    voices, decisions = learnt.trials
    assert (len(voices.before), len(decisions.before)) == (140, 140)
    for trial in learnt.trials:
        before, after = (sum(cell.grade == cell.gold for cell in side) for side in (trial.before, trial.after))
        assert after >= before
        gained, lost = (sum(line.startswith(word) for line in trial.changes()) for word in ("gained", "lost"))
        assert gained - lost == after - before
    assert decisions.changes(), "decisions are learnt from: some cell is judged otherwise"
    told = (out / "models" / "report.md").read_text(encoding="utf-8")
    assert all(" ".join(line.split()) in told for trial in learnt.trials for line in trial.changes())
    assert "Protective marking: RESTRICTED" in told and "140 decisions on 2 forces" in told


def test_the_model_says_what_it_learnt_from_and_quotes_nobody(trained: tuple[Path, Learnt]) -> None:
    out, learnt = trained
    assert learnt.adopted is not None
    told = json.loads((learnt.adopted / "learnt-from.json").read_text(encoding="utf-8"))
    with Record.open(out) as record:
        made = {one.number: one for one in record.decisions()}
        assert told["round"] == record.round() and told["marking"] == "RESTRICTED"
        quotes = {
            quote["quote"] for name in NAMES for row in record.entry(record.latest(name))["cells"].values() for cell in row.values()
            for quote in cell["evidence"]
        }  # fmt: skip
    assert [line["decision"] for line in told["decisions"]] == sorted(made)
    for line in told["decisions"]:
        one = made[line["decision"]]
        assert (line["force"], line["version"], line["reviewer"], line["at"]) == (one.force, one.version, one.reviewer, one.at)
        assert len(line["passages"]) >= len(one.evidence.accepted) + len(one.evidence.rejected)
        for passage in line["passages"]:
            assert passage["said"] in ("accepted", "rejected") and passage["file"] and ("page" in passage or "cell" in passage)
            assert passage["marking"] in ("RESTRICTED", "NOT PROTECTIVELY MARKED", "PROTECT", "")
    for file in ("learnt-from.json", "report.md"):
        content = (learnt.adopted / file).read_text(encoding="utf-8")
        assert not [quote for quote in quotes if len(quote) > 30 and quote in content]


def test_no_word_of_a_force_s_paper_gets_into_a_model(trained: tuple[Path, Learnt]) -> None:
    _, learnt = trained
    assert learnt.adopted is not None
    new, shipped = load(learnt.adopted / FIRST), load()
    assert new.words.vocabulary == shipped.words.vocabulary
    assert (new.words.weights != shipped.words.weights).any() and (new.cells.first != shipped.cells.first).any()
    assert all((a == b).all() for a, b in zip(new.encoded.arrays(), shipped.encoded.arrays(), strict=True))


def test_training_changes_nothing_that_people_decided(trained: tuple[Path, Learnt], decided: Path) -> None:
    out, _ = trained
    with Record.open(out) as after, Record.open(decided) as before:
        assert audit(after).wrong == () and audit(after).head == audit(before).head
        assert after.standings() == before.standings()


def test_later_reviews_use_the_adopted_model_and_validated_cells_keep_their_grade(
    trained: tuple[Path, Learnt], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, learnt = trained
    out = Path(shutil.copytree(first, tmp_path / "out"))
    assert learnt.adopted is not None
    outcome = review_here(EXAMPLES, out)
    assert outcome.learnt == models_of(out) == out / "models" / learnt.adopted.name
    assert outcome.matrix["model"]["id"] == learnt.adopted.name
    show_outcome(outcome, out)
    assert f"Models Judged by {models_of(out)}, which learnt from decisions" in capsys.readouterr().out
    moved = 0
    with Record.open(first) as before, Record.open(out) as after:
        for force, cells in before.standings().items():
            for key, now in after.standing(force).items():
                assert (now.status, now.grade) == ("carried_forward", cells[key].grade)
                assert now.signed is not None and now.signed.reviewer == "Ann Reed"
                moved += now.provisional != cells[key].provisional
        assert audit(after).wrong == ()
    assert moved, "what the new model would now say stands beside the decisions"


def test_a_folder_that_is_named_goes_before_the_adopted_one(trained: tuple[Path, Learnt], tmp_path: Path) -> None:
    out = Path(shutil.copytree(trained[0], tmp_path / "out"))
    outcome = review_here(EXAMPLES / "Saltmere Police", out, models=MODELS)
    assert outcome.matrix["model"]["sha256"] == load().sha256 and outcome.learnt is None


def test_an_adopted_model_that_is_gone_is_told_with_the_remedy(out: Path) -> None:
    (out / "models").mkdir()
    (out / "models" / "adopted").write_text("seed-123456789abc")
    with pytest.raises(ModelError, match=r"seed-123456789abc.*remove this file"):
        review_here(EXAMPLES, out)
    (out / "models" / "adopted").write_text("../elsewhere")
    with pytest.raises(ModelError, match="is not there"):
        models_of(out)


def test_the_next_training_begins_from_what_is_in_use(trained: tuple[Path, Learnt], corpus: Path, tmp_path: Path) -> None:
    out = Path(shutil.copytree(trained[0], tmp_path / "out"))
    with pytest.raises(LearningError, match="learnt from every decision already"):
        learn(out, quiet, corpus=corpus)
    with Record.open(out) as record:
        stands = record.standing("Saltmere Police")["roads_policing", "collaboration"]
        record.decide(
            "Saltmere Police", "roads_policing", "collaboration", grade=3 if stands.grade != 3 else 2, reviewer="Bo Lane", at=AT,
            reason="On reflection.", seen=stands.seen,
        )  # fmt: skip
    then, now = trained[1].trials[0], learn(out, quiet, corpus=corpus).trials[0]
    assert [(c.grade, c.probabilities) for c in now.before] == [(c.grade, c.probabilities) for c in then.after]


def test_a_force_is_judged_by_models_that_did_not_see_its_decisions(
    trained: tuple[Path, Learnt], examples_out: Path, corpus: Path, tmp_path: Path
) -> None:
    out = Path(shutil.copytree(examples_out, tmp_path / "out"))
    shutil.copytree(trained[0] / "store" / "left-out", out / "store" / "left-out")
    decide_as_labelled(out, ("Greyholm Constabulary",))
    with Record.open(out) as record:
        for (area, criterion), stands in record.standing("Saltmere Police").items():
            grade = 3 - stands.provisional
            record.decide("Saltmere Police", area, criterion, grade=grade, reviewer="Contrary", at=AT, reason="So I say.")
    learnt = learn(out, quiet, corpus=corpus)
    judged = [
        {(c.area, c.criterion): c.probabilities for c in one.trials[1].after if c.voice == "Saltmere Police"}
        for one in (learnt, trained[1])
    ]
    assert len(judged[0]) == 70 and judged[0] == judged[1]
    assert learnt.adopted is None and learnt.worse, "what was learnt from the contrary reviewer does worse on the others"
    assert not (out / "models" / "adopted").exists() and models_of(out) == MODELS
    assert "Not adopted" in (out / "models" / "report.md").read_text(encoding="utf-8")
    assert {p.name for p in (out / "models").iterdir()} == {"lock", "report.md"}


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(cli.app, [str(one) for one in arguments])
    return result.exit_code, " ".join(result.output.split())


def test_the_command_adopts_the_same_bytes_and_says_what_reviews_use(
    trained: tuple[Path, Learnt], decided: Path, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline.learning.learn, "FORCES", corpus)
    out = Path(shutil.copytree(decided, tmp_path / "out"))
    code, told = run("train", "--with-decisions", out)
    assert code == 0, told
    assert "Adopted: no worse" in told and f"Reviews with --out {out} use {models_of(out)}" in told
    adopted = trained[1].adopted
    assert adopted is not None and models_of(out).name == adopted.name
    assert {path.name for path in adopted.iterdir()} == {"seed.npz", "encoder.onnx", "vocab.txt", "learnt-from.json", "report.md"}
    for path in adopted.iterdir():
        assert (models_of(out) / path.name).read_bytes() == path.read_bytes(), path.name
    code, told = run("train", "--with-decisions", out)
    assert code == 4 and told.startswith("Nothing was trained.") and "every decision already" in told


def nothing(out: Path) -> str:
    return "nobody has decided on a cell yet"


def too_few(out: Path) -> str:
    with Record.open(out) as record:
        record.decide("Saltmere Police", "roads_policing", "collaboration", grade=1, reviewer="Ann Reed", at=AT, reason="So.")
    return "Decided cells that can teach: 1, forces: 1"


def one_force(out: Path) -> str:
    decide_as_labelled(out, ("Saltmere Police",))
    return "Decided cells that can teach: 70, forces: 1"


def no_record(out: Path) -> str:
    (out / "record.sqlite").unlink()
    return "there is no record of a review"


@pytest.mark.parametrize("spoil", [nothing, too_few, one_force, no_record])
def test_what_cannot_teach_is_said_and_nothing_is_written(out: Path, spoil: Callable[[Path], str]) -> None:
    said = spoil(out)
    before = sorted(out.rglob("*"))
    code, told = run("train", "--with-decisions", out)
    assert code == 4 and told.startswith("Nothing was trained.") and said in told
    assert [p for p in sorted(out.rglob("*")) if "sqlite" not in p.name] == [p for p in before if "sqlite" not in p.name]


def test_without_the_corpus_the_source_tree_is_asked_for(out: Path, tmp_path: Path) -> None:
    with pytest.raises(LearningError, match="Run this in the source tree"):
        learn(out, quiet, corpus=tmp_path / "nowhere")


def test_two_trainings_at_once_do_not_spoil_each_other(decided: Path, corpus: Path, tmp_path: Path) -> None:
    out = Path(shutil.copytree(decided, tmp_path / "out"))
    (out / "models").mkdir()
    with alone(out / "models", who="training"), pytest.raises(Busy, match="Another training is at work"):
        learn(out, quiet, corpus=corpus)


def test_on_a_full_disk_nothing_is_there_by_half(decided: Path, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(model: Model, path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device", str(path))

    out = Path(shutil.copytree(decided, tmp_path / "out"))
    monkeypatch.setattr(pipeline.learning.learn, "FORCES", corpus)
    monkeypatch.setattr(pipeline.learning.learn, "save", full)
    code, told = run("train", "--with-decisions", out)
    assert code == 4 and "Nothing was adopted." in told and "No space left on device" in told
    assert {path.name for path in (out / "models").iterdir()} == {"lock"} and models_of(out) == MODELS
    assert not list((out / "store" / "left-out").iterdir())


def test_decisions_about_another_pack_teach_nothing(decided: Path) -> None:
    with Record.open(decided) as record:
        found, notes = taught(record, PACK.model_copy(update={"id": "street-lighting"}))
    assert found == []
    assert (
        "Saltmere Police, version 1: 70 decisions on it follow the pack home-office-2008, not street-lighting, and teach nothing." in notes
    )


def test_a_submission_whose_text_was_not_kept_teaches_nothing(examples_out: Path, tmp_path: Path) -> None:
    whole = json.loads((examples_out / "matrix.json").read_text(encoding="utf-8"))
    with Record.open(tmp_path, new=True) as record:
        record.add_review(whole, AT, tmp_path / "store", {})
    decide_as_labelled(tmp_path, ("Saltmere Police",))
    with Record.open(tmp_path) as record:
        found, (note,) = taught(record, PACK)
    assert found == [] and "the text of Improving Protection PSIP 2008.docx" in note and "Review the force again" in note


CELL = ("Saltmere Police", "roads_policing", "prioritisation")


def quote_of(record: Record, element: str) -> dict[str, object]:
    cell = record.cell(record.latest(CELL[0]), *CELL[1:])
    return next(quote for quote in cell["evidence"] if element in quote["elements"])


def test_a_quote_that_stands_nowhere_is_named_and_the_rest_is_learnt_from(out: Path) -> None:
    with Record.open(out) as record:
        real = {
            key: value for key, value in quote_of(record, "action").items() if key in ("file", "page", "sheet", "cell", "quote", "range")
        }
        lost = {**real, "quote": "Words that stand nowhere at all.", "elements": ["owner"]}
        grade = record.standing(CELL[0])[CELL[1:]].provisional
        marks = EvidenceMarks(added=({**real, "elements": ["owner"]}, lost))
        record.decide(*CELL, grade=grade, reviewer="Ann Reed", at=AT, evidence=marks)
        (one,), (note,) = taught(record, PACK)
    assert "Decision 4, Saltmere Police, roads_policing / prioritisation: a quote from" in note and "stands there no longer" in note
    assert {(lesson.target, lesson.borne) for lesson in one.lessons} >= {("prioritisation.owner", True), ("prioritisation.", True)}


def test_no_evidence_with_evidence_added_is_a_contradiction(out: Path) -> None:
    with Record.open(out) as record:
        marks = EvidenceMarks(added=({**quote_of(record, "action"), "elements": ["action"]},))
        record.decide(*CELL, grade=0, reviewer="Ann Reed", at=AT, reason="Nothing there.", evidence=marks)
        (one,), (note,) = taught(record, PACK)
    assert one.decided == () and one.lessons == () and "it gives 0 (no evidence) and adds evidence" in note


def test_words_of_which_reviewers_said_both_teach_nothing(decided: Path) -> None:
    with Record.open(decided) as record:
        found, _ = taught(record, PACK)
    one = next(some for some in found if some.lessons)
    lesson = one.lessons[0]
    other = replace(one, version=replace(one.version, version=2), lessons=(replace(lesson, borne=not lesson.borne),))
    notes: list[str] = []
    left = without_contradictions([one, other], notes)
    assert left[1].lessons == () and lesson not in left[0].lessons and left[0].lessons
    assert len(notes) == 1 and notes[0].startswith(one.version.force) and lesson.target in notes[0]
    elsewhere = replace(other, version=replace(other.version, force="Elsewhere Police"))
    assert without_contradictions([one, elsewhere], notes) == [one, elsewhere]


def test_the_last_word_on_a_cell_counts_and_a_reopened_one_does_not(out: Path) -> None:
    with Record.open(out) as record:
        machine = record.standing(CELL[0])[CELL[1:]].provisional
        first = record.decide(*CELL, grade=machine, reviewer="Ann Reed", at=AT)
        second = record.decide(*CELL, grade=3 - machine, reviewer="Bo Lane", at=AT, reason="No.", seen=first.number)
        (one,), _ = taught(record, PACK)
        assert [d.decision.number for d in one.decided] == [second.number]
        (one,), _ = taught(record, PACK, until=first.number)
        assert [d.decision.number for d in one.decided] == [first.number]
        record.decide(
            "Saltmere Police", "roads_policing", "collaboration", grade=0, reviewer="Ann Reed", at=AT, reason="Blind.", blind=True
        )
        record.reopen(*CELL, reviewer="Mona", at=AT, reason="Look again.", seen=second.number)
        assert taught(record, PACK) == ([], [])


ACTION, OWNER, WHOLE = "prioritisation.action", "prioritisation.owner", "prioritisation."
ROADS, MISSING = "roads_policing", "missing_persons"


def ruled(area: str, grade: int, *quotes: Quote, kind: str = "accepted") -> Decided:
    decision = Decision(1, "Saltmere Police", 1, area, "prioritisation", kind, grade, "Ann Reed", "", "", None)  # type: ignore[arg-type]
    return Decided(decision, quotes, {})


def quoted(said: str, *elements: str, scope: str = "specific") -> Quote:
    return Quote(said, 0, 7, 3, 40, elements, scope, {"file": "plan.docx"})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("decisions", "learnt"),
    [
        ([ruled(ROADS, 1, quoted("accepted", "action"))], {(ACTION, True), (WHOLE, True), (f"about {ROADS}", True)}),
        ([ruled(ROADS, 1, quoted("added", "owner", scope=""))], {(OWNER, True), (WHOLE, True)}),
        ([ruled(ROADS, 1, quoted("accepted", "action", scope="umbrella"))], None),
        (
            [ruled(MISSING, 1, quoted("accepted", "action", scope="force_wide"))],
            {(ACTION, True), (WHOLE, True), ("about force_wide", True)},
        ),
        ([ruled(ROADS, 1, quoted("rejected", "action"))], set()),
        ([ruled(ROADS, 0, quoted("accepted"))], set()),
        ([ruled(ROADS, 1, quoted("accepted"))], set()),
        (
            [ruled(ROADS, 1, quoted("accepted", "action")), ruled(ROADS, 1, quoted("rejected", "owner"))],
            {(ACTION, True), (WHOLE, True), (f"about {ROADS}", True), (OWNER, False)},
        ),
        (
            [ruled(ROADS, 1, quoted("accepted", "action")), ruled(MISSING, 1, quoted("rejected", "action"))],
            {(ACTION, True), (WHOLE, True), (f"about {ROADS}", True), (f"about {MISSING}", False)},
        ),
        (
            [ruled(ROADS, 1, quoted("rejected", "action"), quoted("added", "action"))],
            {(ACTION, True), (WHOLE, True), (f"about {ROADS}", True)},
        ),
    ],
    ids=[
        "confirmed", "added", "of no group", "force-wide", "wrong, but of what?", "nearest to nothing", "shown without an element",
        "wrong of its element", "wrong of its area", "tagged again",
    ],
)  # fmt: skip
def test_a_rejected_quote_teaches_only_where_it_is_plain_what_was_wrong(
    decisions: list[Decided], learnt: set[tuple[str, bool]] | None
) -> None:
    wanted = {(ACTION, True), (WHOLE, True)} if learnt is None else learnt
    found = set(lessons_of(PACK, decisions))
    assert found == {Lesson(0, 7, 3, 40, target, borne) for target, borne in wanted}


CRITERION = next(criterion for criterion in PACK.criteria if criterion.id == "prioritisation")
MACHINE = {"elements": {"action": 0.9, "priority": 0.2, "timescale": 0.8, "owner": 0.3, "sequencing": 0.7, "need_link": 0.1}}


def there(grade: int, *quotes: Quote, kind: str = "accepted") -> dict[tuple[int, str], bool]:
    return there_in(CRITERION, ruled(ROADS, grade, kind=kind).decision, MACHINE, quotes)


def test_an_accepted_grade_confirms_what_it_rests_on() -> None:
    found = there(1, quoted("accepted", "action"))
    assert found[ANYWHERE, "action"] and found[SPECIFIC, "action"] and found[NARROW, "action"] and found[ANYWHERE, "timescale"]
    assert found[ANYWHERE, "priority"] is False and found[SPECIFIC, "owner"] is False
    assert found[SPECIFIC, "sequencing"] and found[SPECIFIC, "need_link"] is False and (ANYWHERE, "need_link") not in found
    assert (SPECIFIC, "timescale") not in found, "the quote that says where it stands was not marked"


def test_an_overridden_grade_tells_only_what_its_rule_and_its_quotes_tell() -> None:
    up = there(2, kind="overridden")
    assert {element for (kind, element), yes in up.items() if kind == ANYWHERE and yes} == {"action", "priority", "timescale", "owner", ""}
    down = there(1, quoted("rejected", "timescale"), kind="overridden")
    assert down == {(kind, "timescale"): False for kind in (ANYWHERE, SPECIFIC, NARROW)} | {(ANYWHERE, ""): True}
    none = there(0, quoted("rejected", "action"), kind="overridden")
    assert set(none.values()) == {False} and len(none) == 3 * 7
