"""The cleaning steps: what each repairs, what it must leave alone, and that every character keeps its address."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.clean import build_vocabulary, clean

ODD = st.text(alphabet="abfi lO-\n\t \u00ad\ufffe\u200b\u202eﬁﬃ\x07.,1", max_size=80)


@given(ODD)
def test_every_character_keeps_its_address(source: str) -> None:
    cleaned = clean(source, build_vocabulary(source))
    assert len(cleaned.offsets) == len(cleaned.text) + 1
    offsets = list(cleaned.offsets)
    assert offsets == sorted(offsets)
    for index, char in enumerate(cleaned.text):
        start, end = cleaned.source_range(index, index + 1)
        assert 0 <= start < end <= len(source)
        if char.isalnum() and source[start].isascii():
            assert source[start] == char


@given(ODD)
def test_cleaned_text_is_clean_and_stays_so(source: str) -> None:
    text = clean(source).text
    assert "  " not in text and text == text.strip()
    assert not set(text) & set("\n\t\u00ad\ufffe\u200b\u202eﬁﬃ\x07")


@given(st.text(max_size=60))
def test_any_text_is_cleaned_without_error(source: str) -> None:
    cleaned = clean(source, build_vocabulary(source))
    assert cleaned.source_range(0, len(cleaned.text))[1] <= len(source)


@pytest.mark.parametrize(
    ("source", "known", "want"),
    [
        ("ﬁre and eﬃciency", "", "fire and efficiency"),
        ("an effi cient force", "", "an efficient force"),
        ("Of ficers were f illed", "", "Officers were filled"),
        ("the confl uence", "confluence", "the confluence"),
        ("staff first, of first aid", "", "staff first, of first aid"),
        ("chief officers of forces", "", "chief officers of forces"),
        ("capa\ufffebility", "capability", "capability"),
        ("capa-\nbility", "", "capability"),
        ("multi\ufffeagency", "multi-agency", "multi-agency"),
        ("multi-\nagency", "multi agency", "multi-agency"),
        ("co\u00adordinate", "", "coordinate"),
        ("2008\ufffe2009", "", "2008-2009"),
        ("one  two\n three\u00a0four", "", "one two three four"),
        ("zero\u200bwidth \u202eback\x07", "", "zerowidth back"),
    ],
)
def test_repairs(source: str, known: str, want: str) -> None:
    assert clean(source, build_vocabulary(known)).text == want


def test_a_range_leads_back_to_the_damaged_words() -> None:
    source = "The effi cient\nforce"
    cleaned = clean(source)
    start = cleaned.text.index("efficient")
    assert source[slice(*cleaned.source_range(start, start + 9))] == "effi cient"
    assert cleaned.cleaned_range(15, 20) == (14, 19)
