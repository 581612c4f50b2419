"""A text joined to words of the printed pattern → the text alone."""

import pytest

from ocr.pipeline.documents.ine import INE
from ocr.pipeline.pattern import is_part, resembles, without_pattern_in_address, without_pattern_in_name
from ocr.pipeline.types import Text


def text(value: str) -> Text:
    return Text(value, tuple(0.9 + i / 1000 for i in range(len(value))), None, "hand")


def named(value: str, said: str, *, cut: bool = False) -> str:
    found = without_pattern_in_name(text(value), said.split(), cut=cut)
    assert len(found.scores) == len(found.text)
    return found.text


@pytest.mark.parametrize("letters", ["INE", "IFE", "MEXICO", "XICO", "NE", "COINE", "OINEME", "MEXICOINE"])
def test_any_stretch_of_the_pattern_is_part_of_it(letters: str) -> None:
    assert is_part(letters)


@pytest.mark.parametrize("letters", ["INEMEXICO", "MEXICO", "16EXIC", "OEXICO", "MEXlCO", "INEINE"])
def test_misread_it_is_known_still(letters: str) -> None:
    assert resembles(letters)


@pytest.mark.parametrize("letters", ["", "MEX", "123456", "CJON20", "AVREFORMA", "REFORMA128", "CALLESOL", "X" * 60])
def test_a_street_is_not_like_it(letters: str) -> None:
    assert not resembles(letters)


@pytest.mark.parametrize("letters", ["", "I", "LEON", "INES", "COX"])
def test_nothing_else_is(letters: str) -> None:
    assert not is_part(letters)


@pytest.mark.parametrize(
    ("printed", "said", "expected"),
    [
        pytest.param("VARGAS INE MEXICO NAVARRO", "VARGAS NAVARRO", "VARGAS NAVARRO", id="words_between"),
        pytest.param("XICOTENCATLCO MIRANDA", "XICOTENCATL MIRANDA", "XICOTENCATL MIRANDA", id="joined_behind"),
        pytest.param("UCXICO RUIZ", "UC RUIZ", "UC RUIZ", id="joined_to_a_short_name"),
        pytest.param("LEON IE NE", "LEON", "LEON IE", id="a_part_and_what_is_none"),
        pytest.param("NUÑEZ INE", "NUNEZ", "NUÑEZ", id="the_mrz_prints_no_tilde"),
        pytest.param("INE LEON", "INE LEON", "INE LEON", id="the_mrz_says_it_is_a_name"),
        pytest.param("MEXICANO LEON", "MEXICANO LEON", "MEXICANO LEON", id="a_name_that_begins_like_it"),
        pytest.param("LEONOR DIAZ", "LEON DIAZ", "LEONOR DIAZ", id="another_ending"),
        pytest.param("INE", "LEON", "INE", id="nothing_would_be_left"),
        pytest.param("VARGAS INE", "", "VARGAS INE", id="without_an_mrz"),
    ],
)
def test_a_name_is_what_the_mrz_does_not_deny(printed: str, said: str, expected: str) -> None:
    assert named(printed, said) == expected


def test_where_the_mrz_was_cut_it_denies_whole_words_of_the_pattern_alone() -> None:
    assert named("ESPERANZA INE CO", "ESPERANZA", cut=True) == "ESPERANZA CO"


def test_the_word_that_was_cut_tells_not_where_it_ends() -> None:
    assert named("FUENTES FRANCISCO", "FUENTES FRANCIS", cut=True) == "FUENTES FRANCISCO"
    assert named("FUENTESCO FRANCISCO", "FUENTES FRANCIS", cut=True) == "FUENTES FRANCISCO"


def test_the_scores_are_those_of_the_letters_that_are_left() -> None:
    found = without_pattern_in_name(text("ANA INE BO"), ("ANA", "BO"), cut=False)
    assert found.scores == pytest.approx((0.9, 0.901, 0.902, 1.0, 0.908, 0.909))


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("AND DEL SOL 1902 INT 2 NE INE INE", "AND DEL SOL 1902 INT 2"),
        ("COL OBRERA 68648XICO INE", "COL OBRERA 68648"),
        ("TOLUCA, MEX INE", "TOLUCA, MEX"),
        ("PHOENIX AZ 03872. NE", "PHOENIX AZ 03872"),
        ("COL MEXICO 03872IN", "COL MEXICO 03872"),
        ("AV DEL SOL 23 IN", "AV DEL SOL 23 IN"),
        ("03872 MEX", "03872 MEX"),
        ("75003 PARIS", "75003 PARIS"),
        ("AV MEXICO 68", "AV MEXICO 68"),
        ("COL OBRERA 68648", "COL OBRERA 68648"),
        ("INE", "INE"),
    ],
)
def test_an_address_has_no_ine(printed: str, expected: str) -> None:
    assert without_pattern_in_address(text(printed), INE.states).text == expected
