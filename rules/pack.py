"""The types of a framework pack: what is reviewed, against what, and how a reader recognises it. All of it is data."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Cues = tuple[str, ...]


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Grade(_Data):
    """One step of the scale (handbook section 4)."""

    grade: int
    id: str
    letter: str = Field(min_length=1, max_length=2)
    name: str
    meaning: str


class Area(_Data):
    """A protective service. `headings` are cues that count only where a passage stands, `exclude` what only looks like it."""

    id: str
    name: str
    short: str
    cues: Cues
    weak: Cues = ()
    exclude: Cues = Field(default=(), alias="not")
    headings: Cues = ()


class Group(_Data):
    """Areas that one statement can cover together; `areas: all` is the whole force."""

    id: str
    name: str
    areas: tuple[str, ...] | Literal["all"]
    cues: Cues
    weak: Cues = ()
    exclude: Cues = Field(default=(), alias="not")
    headings: Cues = ()


class Element(_Data):
    """What a reader looks for. `columns` are headers under which a filled cell bears the element."""

    id: str
    name: str
    short: str
    required: bool
    cues: Cues
    weak: Cues = ()
    columns: Cues = ()


class Criterion(_Data):
    """One of the pack's criteria (handbook section 3)."""

    id: str
    name: str
    short: str
    force_wide_suffices: bool
    cues: Cues = ()
    elements: tuple[Element, ...] = Field(min_length=1)

    @property
    def required(self) -> tuple[Element, ...]:
        return tuple(e for e in self.elements if e.required)

    @property
    def depth(self) -> tuple[Element, ...]:
        return tuple(e for e in self.elements if not e.required)


class RollUp(_Data):
    """Handbook sections 4 to 6 in numbers: grades are those of the scale."""

    rule: Literal["mean_half_up", "lowest"]
    compliant_from: int
    depth_for_highest: int = Field(ge=0)
    alert_need: int
    alert_threat: int
    visit_areas: int = 0
    """So many areas without evidence, or with too little, make a force a candidate for a visit (section 7); 0 for no visits."""


class Kind(_Data):
    """A kind of document (handbook section 1)."""

    id: str
    name: str
    cues: Cues


class Level(_Data):
    """Need or threat: the elements ("criterion.element") that bear it, of which the first states its level; the column headers over
    it; and the nouns that a level is said of."""

    name: str
    shown_by: tuple[str, ...] = Field(min_length=1)
    columns: Cues
    cues: Cues = ()


class Levels(_Data):
    """`level_is_no` are the elements ("criterion.element") that a level by itself never bears, `key_is_no` those that a key never does.

    `other` are nouns of which a level is neither need nor threat; `bands` are headers of a column that repeats the one
    before it as a level; `counts` are headers over amounts and ranks, whose numbers are no scores unless a key says so.

    The rest are words as they stand: `words` state a level in cells and sentences, `cells` only where they fill a cell; a key explains
    its terms by the `plain` ones among them, and no term ends in a `dull` word. A level that is `denied` by the words before it is
    none, nor is one that neither a stop nor a word that `follows` a level comes after ("high street").
    """

    need: Level
    threat: Level
    level_is_no: tuple[str, ...] = ()
    key_is_no: tuple[str, ...] = ()
    other: Cues = ()
    bands: Cues = ()
    counts: Cues = ()
    words: dict[str, int]
    cells: dict[str, int] = {}
    plain: tuple[str, ...] = ()
    dull: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()
    follows: tuple[str, ...] = ()


class Finding(_Data):
    """A yes/no finding per force (handbook section 7)."""

    id: str
    name: str
    cues: Cues
    exclude: Cues = Field(default=(), alias="not")
    shown_by: str = ""
    """"criterion.element": an element that shows the finding by itself."""


class Orientation(_Data):
    """Criteria that tell of shared measures, and the share of them in all that a force tells of measures, below which it is
    internally, above which externally focused."""

    shared: tuple[str, ...]
    internal_below: float
    external_above: float


class ForceName(_Data):
    """A force: `also` are its other names, `places` its ground, which means the force only among words of working together."""

    name: str
    region: str = ""
    also: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


class Region(_Data):
    """Forces that plan together, and the `units` that they keep in common."""

    id: str
    name: str
    units: tuple[str, ...] = ()


class ForceNames(_Data):
    """The gazetteer. `suffixes` end a force's name, `exclude` only look like one, a place is none right before `not_before` or after
    `not_after`."""

    suffixes: tuple[str, ...]
    exclude: tuple[str, ...] = Field(default=(), alias="not")
    not_before: tuple[str, ...] = ()
    not_after: tuple[str, ...] = ()
    regions: tuple[Region, ...] = ()
    known: tuple[ForceName, ...] = ()


class Stage(_Data):
    """A stage of the planning model, and the elements ("criterion.element") that stand in it (handbook section 7)."""

    id: str
    name: str
    elements: tuple[str, ...] = Field(min_length=1)


class National(_Data):
    """What the national picture asks (handbook sections 6 to 8): its cuts, and the elements ("criterion.element") that show where
    resources go, who works with whom, what is agreed formally, and what a force has tried."""

    many: int = 5
    follows_from: float = Field(default=0.2, ge=-1, le=1)
    out_of_proportion: float = Field(default=0.2, ge=0)
    relied_on: float = Field(default=0.1, ge=0, le=1)
    resources: str = ""
    partner: str = ""
    agreement: str = ""
    tried: tuple[str, ...] = ()


class Vetoes(_Data):
    """Cues that take the force out of a statement (handbook section 4)."""

    negated: Cues = ()
    plan_to_plan: Cues = ()
    national: Cues = ()
    definition: Cues = ()
    mention: Cues = ()


class Guidance(_Data):
    """What an element asks of a plan, for those who write one: `says` completes "The plans ..." and stands alone as advice, `column`
    heads it in a fill-in template, `hint` tells what belongs there, `options` are offered to choose from."""

    says: str
    column: str
    hint: str = Field(max_length=255)  # what Excel allows a cell's prompt
    options: tuple[str, ...] = ()


class Template(_Data):
    """A fill-in plan: a table for each of its criteria."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    name: str
    purpose: str
    criteria: tuple[str, ...] = Field(min_length=1)


class Figure(_Data):
    """A number of the need matrix's key, which its users may change."""

    id: str
    name: str
    value: int


class MatrixColumn(_Data):
    """A column of the need matrix: filled in (with a whole number from `least` to `most`, else in words) or worked out by `formula`."""

    id: str
    column: str
    hint: str = Field(default="", max_length=255)
    least: int = 0
    most: int = 0
    must: bool = False
    formula: str = ""


class NeedMatrix(_Data):
    """A points-based matrix, a row for each area; formulas name columns as {id} and figures as {key.id}."""

    name: str
    key: tuple[Figure, ...]
    columns: tuple[MatrixColumn, ...] = Field(min_length=1)

    def unknown(self) -> set[str]:
        """Names in formulas that are neither a column nor a figure."""
        known = {column.id for column in self.columns} | {f"key.{figure.id}" for figure in self.key}
        return {name for column in self.columns for name in re.findall(r"\{([\w.]+)\}", column.formula)} - known


class Judgement(_Data):
    """An overall judgement of a force's plans, by the elements ("criterion.element") that it rests on; by area grades where it has none."""

    id: str
    name: str
    asks: str
    elements: tuple[str, ...] = ()


class Pack(_Data):
    """A framework pack, validated. `sha256` is the hash of its files' content and stands with every grade."""

    id: str
    name: str
    version: str
    source: str
    sha256: str = ""
    grades: tuple[Grade, ...]
    roll_up: RollUp
    areas: tuple[Area, ...] = Field(min_length=1)
    groups: tuple[Group, ...] = ()
    exclusions: Cues = ()
    criteria: tuple[Criterion, ...] = Field(min_length=1)
    slots: dict[str, str] = {}
    vetoes: Vetoes = Vetoes()
    blank: tuple[str, ...] = ("",)
    kinds: tuple[Kind, ...] = Field(min_length=1)
    markings: tuple[str, ...] = ()
    levels: Levels | None = None
    governance: tuple[Finding, ...] = ()
    orientation: Orientation | None = None
    guidance: dict[str, Guidance] = {}
    templates: tuple[Template, ...] = ()
    need_matrix: NeedMatrix | None = None
    judgements: tuple[Judgement, ...] = ()
    force_names: ForceNames = Field(default=ForceNames(suffixes=("Constabulary", "Police")))
    national: National = National()
    planning_model: tuple[Stage, ...] = ()

    def members(self, about: str) -> tuple[str, ...]:
        """The area ids that an area or group id stands for."""
        for group in self.groups:
            if group.id == about:
                return tuple(a.id for a in self.areas) if group.areas == "all" else group.areas
        return (about,)

    def scope(self, about: str) -> str:
        """specific (one area), umbrella (a group) or force_wide (all areas)."""
        for group in self.groups:
            if group.id == about:
                return "force_wide" if group.areas == "all" else "umbrella"
        return "specific"
