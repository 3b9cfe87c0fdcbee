"""Need against provision, collaboration, notable practice, the ladder: on rounds of any size, with ties and with gaps."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.publish.charts import Chart
from pipeline.publish.drawing import draw
from pipeline.publish.need import UNRANKED_FEW, UNRANKED_LEVELS, UNRANKED_PLANS, agreement
from pipeline.publish.picture import Picture, draw_up
from pipeline.publish.tables import Figure
from pipeline.round import RoundError
from tests.publish.rounds import OPEN, PACK, SECRET, round_of

AREAS = [a.id for a in PACK.areas]
GAPS = PACK.criteria[0].id


def drawn(whole: dict[str, Any], **more: Any) -> Picture:
    return draw_up(PACK, whole, **{"strict": False, **more})


def named(whole: dict[str, Any], *links: tuple[int, str, str]) -> dict[str, Any]:
    """The round with these partners alone: (force's place, area, partner)."""
    for entry in whole["submissions"]:
        entry["partners"] = {a: [] for a in AREAS}
        for row in entry["cells"].values():
            for cell in row.values():
                cell["evidence"] = []
    for place, area, partner in links:
        whole["submissions"][place]["partners"][area].append(partner)
    return whole


@pytest.mark.parametrize(("count", "out_of", "percent"), [(1, 8, 13), (1, 200, 1), (1, 201, 0), (3, 8, 38), (43, 43, 100), (0, 0, None)])
def test_per_cents_are_rounded_half_up(count: int, out_of: int, percent: int | None) -> None:
    assert Figure(count, out_of).percent == percent


@pytest.mark.parametrize("size", [1, 2, 44, 200])
def test_rounds_of_any_size_add_up(size: int) -> None:
    found = drawn(round_of(size))
    for table in found.tables[:4]:
        steps = [n for n, row in enumerate(table.rows) if row != "compliant"]
        for column in range(len(table.columns)):
            assert sum(table.figures[n][column].count for n in steps) == size
    assert sum(t.count for t in found.tables[4].totals) == sum(g < 2 for f in found.forces for _, _, g in f.cells())
    assert len(found.needs) == size


def test_the_strict_roll_up_takes_the_lowest_cell() -> None:
    whole = round_of(1)
    for row in whole["submissions"][0]["cells"].values():
        for cell in row.values():
            cell["grade"] = 3
    whole["submissions"][0]["cells"][AREAS[0]][GAPS]["grade"] = 0
    assert drawn(whole).headlines[0].figure.count == 1
    strict = drawn(whole, strict=True)
    assert [h.figure.count for h in strict.headlines] == [0, 1, 0, 0]


def test_figures_say_what_they_rest_on() -> None:
    assert drawn(round_of(1)).basis == "provisional"
    assert drawn(round_of(2)).basis == "mixed" and set(drawn(round_of(2)).tables[2].basis) == {"mixed"}
    whole = round_of(2)
    for entry in whole["submissions"]:
        for row in entry["cells"].values():
            for cell in row.values():
                cell["status"] = "overridden"
    whole["submissions"][0]["cells"][AREAS[0]][GAPS]["status"] = "stale"
    assert drawn(whole).basis == "mixed"
    assert drawn(whole).tables[2].basis == ("mixed", *["validated"] * (len(AREAS) - 1))


def test_a_force_without_a_graded_cell_is_named_and_counted_nowhere() -> None:
    whole = round_of(3)
    whole["submissions"][1]["cells"] = {}
    found = drawn(whole)
    assert found.left_out == (f"{whole['submissions'][1]['force']}: nothing is graded, so it is counted nowhere.",)
    assert [f.number for f in found.forces] == [1, 3] and found.headlines[0].figure.out_of == 2
    for entry in whole["submissions"]:
        entry["cells"] = {}
    with pytest.raises(RoundError, match=r"no force that can be counted.*nothing is graded"):
        drawn(whole)


def test_a_force_counts_once() -> None:
    whole = round_of(5)
    one, two = whole["submissions"][1:3]
    one["force"], two["force"] = (f"Tamar Police ({entry['folder']})" for entry in (one, two))
    found = drawn(whole)
    assert [f.number for f in found.forces] == [1, 4, 5] and found.tables[2].figures[0][0].out_of == 3
    assert f"Tamar Police ({one['folder']}) and Tamar Police ({two['folder']}) are one force." in found.left_out[0]
    one["force"], two["force"] = "Kent Police", "Kent County Constabulary"
    assert "Kent Police and Kent County Constabulary are one force." in drawn(whole).left_out[0]
    one["force"], two["force"] = "Tamar Police", "North Tamar Police"
    assert len(drawn(whole).forces) == 5


def test_an_area_without_any_known_need_is_set_beside_nothing() -> None:
    whole = round_of(4)
    for entry in whole["submissions"]:
        del entry["need"][AREAS[1]]
    found = drawn(whole)
    assert (found.proportions[1].need, found.proportions[1].ratio, found.proportions[1].finding) == (None, None, "")
    assert all(p.ratio is not None for p in found.proportions if p.area != AREAS[1] and p.need)


def test_candidates_for_a_visit_are_named_with_the_areas_that_ask_for_it() -> None:
    whole = round_of(4)
    for area in AREAS[:3]:
        for cell in whole["submissions"][2]["cells"][area].values():
            cell["grade"] = 0
    visits = {v.force: v for v in drawn(whole).visits}
    assert [area for area, why in visits[3].reasons if why == "the area grade is 0"] == AREAS[:3]
    for entry in whole["submissions"]:
        for row in entry["cells"].values():
            for cell in row.values():
                cell |= {"grade": 2}
                cell.pop("evidence")
    assert drawn(whole).visits == ()


def test_a_short_name_is_the_force_that_another_submission_names_in_full() -> None:
    whole = named(round_of(3), (0, AREAS[0], "Lenhurst Constabulary"))
    whole["submissions"][1]["partners_in_short"] = {AREAS[0]: ["Lenhurst"], AREAS[1]: ["Holderby"]}
    links = {(x.source, x.area): x.target for x in drawn(whole).collaboration.links}
    second = whole["submissions"][1]["force"]
    assert links == {
        (whole["submissions"][0]["force"], AREAS[0]): "Lenhurst Constabulary",
        (second, AREAS[0]): "Lenhurst Constabulary",
        (second, AREAS[1]): "Holderby",
    }


def test_the_marking_is_that_of_the_earlier_rounds_too() -> None:
    now, before = round_of(2), round_of(2)
    for entry in now["submissions"]:
        entry["documents"] = entry["documents"][:1]
    before["submissions"][0]["documents"][1]["marking"] = "CONFIDENTIAL"
    assert drawn(now).marking == "NOT PROTECTIVELY MARKED"
    assert drawn(now, before=[("2007", before)]).marking == "CONFIDENTIAL"


def test_an_area_that_nobody_plans_for_is_planned_for_too_little() -> None:
    whole = round_of(4)
    for entry in whole["submissions"]:
        entry["need"][AREAS[2]] = 3
        for cell in entry["cells"][AREAS[2]].values():
            cell["grade"] = 0
    found = drawn(whole)
    assert found.tables[2].figures[0][2].percent == 100
    assert found.proportions[2].finding == "under" and found.proportions[2].ratio == 0
    assert all(any(a.area == AREAS[2] for a in n.alerts) for n in found.needs)


def test_rank_agreement_counts_ties_and_names_the_areas_that_break_it() -> None:
    levels = {"a": 3, "b": 2, "c": 1, "d": 0}
    assert agreement(levels, {"a": 20, "b": 14, "c": 9, "d": 0}, 0.2).tau == pytest.approx(1)
    assert agreement(levels, {"a": 0, "b": 9, "c": 14, "d": 20}, 0.2).tau == pytest.approx(-1)
    broken = agreement(levels, {"a": 1, "b": 14, "c": 9, "d": 2}, 0.2)
    assert broken.tau == pytest.approx(0) and not broken.follows
    assert [(b.area, b.richer, b.poorer, b.thin) for b in broken.breaks] == [("a", 3, 0, True)]
    assert agreement({"a": 1, "b": 1, "c": 2}, {"a": 5, "b": 6, "c": 7}, 0.2).tau == pytest.approx(0.8165, abs=1e-4)  # tau-b, one tie


def test_ties_everywhere_are_said_not_computed() -> None:
    flat, rising = {"a": 2, "b": 2, "c": 2}, {"a": 1, "b": 2, "c": 3}
    assert agreement(flat, rising, 0.2).why == UNRANKED_LEVELS
    assert agreement(rising, flat, 0.2).why == UNRANKED_PLANS
    assert agreement(rising, {"a": 1}, 0.2).why == UNRANKED_FEW
    assert not agreement(flat, flat, 0.2).follows


def test_resources_at_low_need_are_a_finding_only_where_high_need_goes_without() -> None:
    whole = round_of(1)
    entry, resources = whole["submissions"][0], PACK.national.resources.split(".")[0]
    entry["need"] = dict(zip(AREAS, [3, 1, 0, 2, 2, 2, 2, 2, 2, 2], strict=True))
    for area in AREAS:
        entry["cells"][area][resources]["grade"] = 2
    assert drawn(whole).needs[0].resourced == ()
    entry["cells"][AREAS[0]][resources]["grade"] = 1
    needs = drawn(whole).needs[0]
    assert needs.resourced == (AREAS[1], AREAS[2]) and needs.starved == (AREAS[0],)


def test_links_are_reciprocated_area_by_area() -> None:
    whole = round_of(4)
    names = [e["force"] for e in whole["submissions"]]
    whole = named(whole, (0, AREAS[0], names[1]), (1, AREAS[0], names[0]), (0, AREAS[1], names[1]), (2, AREAS[0], "Nowhere Police"))
    found = drawn(whole).collaboration
    states = {(x.source, x.target, x.area): x.state for x in found.links}
    assert states[names[0], names[1], AREAS[0]] == states[names[1], names[0], AREAS[0]] == "reciprocated"
    assert states[names[0], names[1], AREAS[1]] == "one side only"
    assert states[names[2], "Nowhere Police", AREAS[0]] == "partner's plans not in this round"
    assert found.unnamed == (names[2], names[3]) and found.silent == (names[3],)


def test_an_alias_a_unit_and_an_agreement_are_read() -> None:
    whole = named(round_of(43))
    kent = next(e for e in whole["submissions"] if e["force"] == "Kent Police")
    kent["partners"][AREAS[0]] = ["Essex", "South Yorkshire"]
    criterion, _, element = PACK.national.agreement.partition(".")
    quote = "Under the section 23 agreement with Essex; the South East Regional Intelligence Unit assists."
    kent["cells"][AREAS[0]][criterion]["evidence"] = [{"file": "plan.pdf", "page": 1, "quote": quote, "elements": [element]}]
    links = {x.target: x for x in drawn(whole).collaboration.links}
    assert links["Essex Police"].agreed and not links["South Yorkshire Police"].agreed
    assert links["South East Regional Intelligence Unit"].state == "regional unit"
    regions = {r.id: r for r in drawn(whole).collaboration.regions}
    assert AREAS[0] not in regions["south_east"].gaps and AREAS[1] in regions["south_east"].gaps
    assert len(regions["wales"].gaps) == len(AREAS) and regions["wales"].outside == ()


def test_forces_that_many_rely_on_and_groups_without_a_region_are_found() -> None:
    whole = round_of(48)
    made_up = [e["force"] for e in whole["submissions"][43:]]
    links = [(n, AREAS[0], "Kent Police") for n in range(8)] + [(43 + n, AREAS[1], made_up[(n + 1) % 5]) for n in range(5)]
    found = drawn(named(whole, *links)).collaboration
    assert found.relied_on == (("Kent Police", tuple(sorted(e["force"] for e in whole["submissions"][:8]))),)
    group = next(r for r in found.regions if "not known" in r.name)
    assert set(group.forces) == set(made_up) and AREAS[1] not in group.gaps and AREAS[0] in group.gaps


def test_notable_practice_is_never_quoted_from_a_document_that_is_not_open() -> None:
    found = drawn(round_of(12)).practice
    assert found.quotes and {q.quote for q in found.quotes} == {OPEN}
    assert found.unquoted.count > 0 and len(found.quotes) + found.unquoted.count == found.cells.count
    whole = round_of(12)
    for entry in whole["submissions"]:
        for document in entry["documents"]:
            document["marking"] = ""
    assert drawn(whole).practice.quotes == ()


def test_the_ladder_shows_who_stays_below_standard_and_what_was_tried() -> None:
    now, last, first = round_of(6), round_of(6, 3), round_of(6, 5)
    last["submissions"][5]["cells"][AREAS[0]][GAPS]["decision"] = {"reviewer": "A", "at": "2008", "reason": "Agreed after the visit."}
    ladder = drawn(now, before=[("2006", first), ("2007", last)]).ladder
    assert ladder.rounds == ("2006", "2007", "this round")
    rung = next(r for r in ladder.rungs if r.force == 6)
    stuck = next(s for s in rung.areas if s.area == AREAS[0])
    assert len(stuck.grades) == 3 and stuck.rounds == 3 and max(g or 0 for g in stuck.grades) < 2
    words = {t.words for t in stuck.tried}
    assert words & {OPEN, SECRET} and "Agreed after the visit." in words
    assert all(m in now["submissions"][5]["cells"][AREAS[0]][c]["missing"] for c, m in stuck.missing)


def test_a_force_new_to_the_round_is_on_no_rung() -> None:
    ladder = drawn(round_of(6), before=[("2007", round_of(5))]).ladder
    assert ladder.absent == (6,) and all(r.force != 6 for r in ladder.rungs)


def test_the_planning_model_counts_each_element_once() -> None:
    found = drawn(round_of(3))
    elements = sum(len(c.elements) for c in PACK.criteria)
    assert sum(v.national.out_of for v in found.planning) == elements * len(AREAS) * 3
    assert all(
        v.national.count == sum(f.count for f in v.by_area.values()) == sum(f.count for f in v.by_force.values()) for v in found.planning
    )


@pytest.mark.filterwarnings("error")
def test_a_sign_that_the_charts_font_lacks_is_drawn_without_a_word_on_the_terminal() -> None:
    named = Chart("chart-1", "Forces", "One force.", (3, 2), lambda axes: axes.set_title("\N{POLICE CAR} Police"))
    drawing = draw(named)
    assert "\N{POLICE CAR} Police" in drawing.svg and drawing.png.startswith(b"\x89PNG")
