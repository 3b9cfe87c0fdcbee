"""Loads framework packs: a pack is a folder of YAML files whose top-level keys together make one Pack.

Files whose name begins with `texts` are the cues' twins (texts that must and must not match), read only by `check_texts`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import ValidationError

from rules.cues import CueError, CueMatcher, translate
from rules.pack import Cues, Pack

PACKS: Final = Path(__file__).parent / "packs"
DEFAULT: Final = "home-office-2008"


class PackError(ValueError):
    """A pack that cannot be used; each line of the message names file, key and remedy."""


_SAFE: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The same loader in C, where PyYAML has it: a pack is then read in a tenth of the time."""


class _UniqueKeys(_SAFE):  # type: ignore[misc, valid-type]
    """A safe loader that refuses a key written twice (YAML would silently keep the last)."""


def _mapping(loader: _UniqueKeys, node: yaml.MappingNode) -> dict[Any, Any]:
    seen = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node)
        if key in seen:
            line = key_node.start_mark.line + 1
            raise yaml.constructor.ConstructorError(None, None, f"the key {key!r} is written twice (line {line})", None)
        seen.add(key)
    content: dict[Any, Any] = loader.construct_mapping(node, deep=True)
    return content


_UniqueKeys.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def bundled() -> list[Path]:
    """The folders of the packs that come with the program."""
    return sorted(path.parent for path in PACKS.glob("*/pack.yaml"))


def find_pack(name: str) -> Path:
    """The folder of a pack given by id, folder or file. Raises PackError."""
    for path in (PACKS / name, Path(name), Path(name).parent):
        if (path / "pack.yaml").is_file() and (path.name == name or path == Path(name) or Path(name).is_file()):
            return path
    ids = ", ".join(path.name for path in bundled())
    raise PackError(f"{name}: no such pack. Give a bundled pack ({ids}) or a folder that holds a pack.yaml.")


@cache
def load_pack(name: str = DEFAULT) -> Pack:
    """Loads and validates a pack. Raises PackError."""
    folder = find_pack(name)
    content: dict[str, Any] = {}
    came_from: dict[str, str] = {}
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.yaml")):
        if path.name.startswith("texts"):
            continue
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
        for key, value in _read(path).items():
            if key in came_from:
                raise PackError(f"{path}: key {key!r} stands in {came_from[key]} too. Keep it in one file.")
            came_from[key] = path.name
            content[key] = value
    content["sha256"] = digest.hexdigest()
    try:
        pack = Pack.model_validate(content)
    except ValidationError as error:
        raise PackError("\n".join(_explain(folder, came_from, dict(e)) for e in error.errors())) from None
    wrong = list(_references(pack))
    if wrong:
        raise PackError("\n".join(f"{folder / came_from.get(key, 'pack.yaml')}: {text}" for key, text in wrong))
    return pack


def _read(path: Path) -> dict[str, Any]:
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeys)  # noqa: S506  (a SafeLoader that also refuses double keys)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise PackError(f"{path}: not readable as YAML: {error}. Mend the line or quote the text.") from None
    if not isinstance(content, dict):
        raise PackError(f"{path}: must hold keys and values at its top level. See the bundled packs.")
    return content


def _explain(folder: Path, came_from: dict[str, str], error: dict[str, Any]) -> str:
    location = [str(part) for part in error["loc"]]
    file = folder / came_from.get(location[0] if location else "", "pack.yaml")
    remedy = {
        "missing": "Add the key.",
        "extra_forbidden": "Remove the key or mend its spelling.",
    }.get(error["type"], "Mend the value.")
    return f"{file}: key {'.'.join(location)}: {str(error['msg']).lower()}. {remedy}"


def _references(pack: Pack) -> Iterator[tuple[str, str]]:
    """(top-level key, what is wrong and the remedy)."""
    areas = [a.id for a in pack.areas]
    named: list[tuple[str, list[str]]] = [
        ("areas", areas + [g.id for g in pack.groups]),
        ("criteria", [c.id for c in pack.criteria]),
        ("kinds", [k.id for k in pack.kinds]),
        ("governance", [f.id for f in pack.governance]),
        ("templates", [t.id for t in pack.templates]),
        ("judgements", [j.id for j in pack.judgements]),
        *(("criteria", [e.id for e in c.elements]) for c in pack.criteria),
    ]
    for key, ids in named:
        for one in sorted({i for i in ids if ids.count(i) > 1}):
            yield key, f"the id {one!r} is used twice. Rename one."
    for group in pack.groups:
        if group.areas != "all":
            for area in group.areas:
                if area not in areas:
                    yield "groups", f"key groups.{group.id}.areas: unknown area {area!r}. Areas: {', '.join(areas)}."
    for criterion in pack.criteria:
        if not criterion.required:
            yield "criteria", f"key criteria.{criterion.id}: no element is required. Mark at least one `required: true`."
    elements = [f"{criterion.id}.{element.id}" for criterion in pack.criteria for element in criterion.elements]
    for kind in (pack.levels.need, pack.levels.threat) if pack.levels else ():
        for unknown in sorted(set(kind.shown_by) - set(elements)):
            yield "levels", f"key levels.*.shown_by: unknown element {unknown!r}. Write criterion.element as in the pack's criteria."
    never = {*pack.levels.level_is_no, *pack.levels.key_is_no} if pack.levels else set()
    for unknown in sorted(never - set(elements)):
        yield "levels", f"key levels.*_is_no: unknown element {unknown!r}. Write criterion.element as in the pack's criteria."
    national = pack.national
    referring: list[tuple[str, str, Collection[str]]] = [
        ("guidance", "guidance", pack.guidance),
        ("national", "national", [e for e in (national.resources, national.partner, national.agreement, *national.tried) if e]),
        *(("judgements", f"judgements.{one.id}.elements", one.elements) for one in pack.judgements),
        *(("planning_model", f"planning_model.{one.id}.elements", one.elements) for one in pack.planning_model),
    ]
    for key, where, names in referring:
        for unknown in sorted(set(names) - set(elements)):
            yield key, f"key {where}: unknown element {unknown!r}. Write criterion.element as in the pack's criteria."
    for template in pack.templates:
        for unknown in sorted(set(template.criteria) - {c.id for c in pack.criteria}):
            yield "templates", f"key templates.{template.id}.criteria: unknown criterion {unknown!r}. Write an id of the pack's criteria."
    regions = {region.id for region in pack.force_names.regions}
    for force in pack.force_names.known:
        if force.region and force.region not in regions:
            known = ", ".join(sorted(regions))
            yield "force_names", f"key force_names.known: {force.name}: unknown region {force.region!r}. Regions: {known}."
    for unknown in sorted(pack.need_matrix.unknown()) if pack.need_matrix else ():
        yield "need_matrix", f"key need_matrix.columns: a formula names {{{unknown}}}. Write a column's id, or key. and a figure's id."
    for word in sorted(set(pack.levels.plain) - set(pack.levels.words)) if pack.levels else ():
        yield "levels", f"key levels.plain: {word!r} is no level word. Write it under levels.words too."
    for name, source in pack.slots.items():
        try:
            re.compile(source)
        except re.error as error:
            yield "slots", f"key slots.{name}: is not a regular expression ({error}). Mend the pattern."
    steps = [g.grade for g in pack.grades]
    if steps != [0, 1, 2, 3]:
        yield "grades", f"key grades: the scale is {steps}. Handbook section 4 has the steps 0, 1, 2, 3, in this order."
    for key, where, cue in _cues(pack):
        try:
            translate(cue, pack.slots)
        except CueError as error:
            yield key, f"key {where}: {error}"


def _cues(pack: Pack) -> Iterator[tuple[str, str, str]]:
    for area in pack.areas:
        for field in ("cues", "weak", "exclude", "headings"):
            yield from (("areas", f"areas.{area.id}.{field}", cue) for cue in getattr(area, field))
    for group in pack.groups:
        for field in ("cues", "weak", "exclude", "headings"):
            yield from (("groups", f"groups.{group.id}.{field}", cue) for cue in getattr(group, field))
    for criterion in pack.criteria:
        yield from (("criteria", f"criteria.{criterion.id}.cues", cue) for cue in criterion.cues)
        for element in criterion.elements:
            for field in ("cues", "weak", "columns"):
                where = f"criteria.{criterion.id}.elements.{element.id}.{field}"
                yield from (("criteria", where, cue) for cue in getattr(element, field))
    for name in type(pack.vetoes).model_fields:
        yield from (("vetoes", f"vetoes.{name}", cue) for cue in getattr(pack.vetoes, name))
    yield from (("exclusions", "exclusions", cue) for cue in pack.exclusions)
    for kind in pack.kinds:
        yield from (("kinds", f"kinds.{kind.id}", cue) for cue in kind.cues)
    for finding in pack.governance:
        yield from (("governance", f"governance.{finding.id}", cue) for cue in (*finding.cues, *finding.exclude))
    if pack.levels:
        for level_name in ("need", "threat"):
            level = getattr(pack.levels, level_name)
            yield from (("levels", f"levels.{level_name}", cue) for cue in (*level.columns, *level.cues))
        for field in ("other", "bands", "counts"):
            yield from (("levels", f"levels.{field}", cue) for cue in getattr(pack.levels, field))


def check_texts(name: str = DEFAULT) -> list[str]:
    """Tries the cues on their twins: what must match and does not, what must not and does. One line each. Raises PackError."""
    folder = find_pack(name)
    pack = load_pack(name)
    strong = _strong_cues(pack)
    wrong: list[str] = []
    for path in sorted(folder.glob("texts*.yaml")):
        for entry in _read(path).get("texts", []):
            target = next((f"{k}:{entry[k]}" for k in ("area", "group", "element", "veto", "governance") if k in entry), "")
            if target not in strong:
                wrong.append(f"{path}: key {target or entry!r}: the pack has nothing of that name. Mend the name.")
                continue
            cues, also, masks = strong[target]
            sure, any_ = CueMatcher(cues, pack.slots), CueMatcher([*cues, *also], pack.slots)
            mask = CueMatcher(masks, pack.slots)
            wrong += [f"{path}: {target}: no cue matches {t!r}. Add a cue." for t in entry.get("match", ()) if not any_.find(t)]
            for text in entry.get("no_match", ()):
                masked = mask.find(text)
                if masked and target.startswith("governance:"):  # a finding's `not` takes the whole sentence away
                    continue
                hits = [h for h in sure.find(text) if not any(m.start < h.end and h.start < m.end for m in masked)]
                if hits:
                    wrong.append(f"{path}: {target}: the cue {cues[hits[0].cue]!r} matches {text!r}. Make it narrower.")
    return wrong


def _strong_cues(pack: Pack) -> dict[str, tuple[Cues, Cues, Cues]]:
    table: dict[str, tuple[Cues, Cues, Cues]] = {}
    for area in pack.areas:
        table[f"area:{area.id}"] = (area.cues, (*area.weak, *area.headings), area.exclude)
    for group in pack.groups:
        table[f"group:{group.id}"] = (group.cues, (*group.weak, *group.headings), group.exclude)
    for criterion in pack.criteria:
        for element in criterion.elements:
            table[f"element:{criterion.id}.{element.id}"] = (element.cues, (*element.weak, *element.columns), ())
    for veto in type(pack.vetoes).model_fields:
        table[f"veto:{veto}"] = (getattr(pack.vetoes, veto), (), ())
    for finding in pack.governance:
        table[f"governance:{finding.id}"] = (finding.cues, (), finding.exclude)
    return table
