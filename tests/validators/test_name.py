import pytest
from hypothesis import given
from hypothesis import strategies as st

from validators.name import (
    first_inner_consonant,
    first_inner_vowel,
    fold,
    given_word,
    initial,
    letters_agree,
    mrz_spellings,
    significant,
    similarity,
    surname_word,
    told_initial,
)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("  José   Ángel ", "JOSE ANGEL"),
        ("Núñez Güemes", "NUÑEZ GUEMES"),
        ("nun\u0303ez", "NUÑEZ"),
        ("MA.GUADALUPE", "MA GUADALUPE"),
        ("Ma. del Carmen", "MA DEL CARMEN"),
        ("JUAN<CARLOS<<<", "JUAN CARLOS"),
        ("D'Amico-Peña", "D'AMICO-PEÑA"),
        ("", ""),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "spellings"),
    [
        ("JUAN CARLOS", ("JUAN<CARLOS",)),
        ("De la Peña", ("DE<LA<PENA", "DE<LA<PEXA", "DE<LA<PENXXA")),
        ("García-López", ("GARCIA<LOPEZ", "GARCIALOPEZ")),
        ("D'Amico", ("D<AMICO", "DAMICO")),
        ("'A - B'", ("A<B",)),
        ("", ("",)),
    ],
)
def test_mrz_spellings(text: str, spellings: tuple[str, ...]) -> None:
    assert mrz_spellings(text) == spellings


@given(st.text())
def test_a_spelling_holds_letters_parted_by_one_filler(text: str) -> None:
    for spelling in mrz_spellings(text):
        assert set(spelling) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ<")
        assert "<<" not in spelling
        assert spelling == spelling.strip("<")


@pytest.mark.parametrize(
    ("front", "back", "cut_at"),
    [
        ("MUÑOZ", "MUNOZ", None),
        ("MUÑOZ", "MUXOZ", None),
        ("MUÑOZ", "MUNXXOZ", None),
        ("JOSÉ ÁNGEL", "JOSE ANGEL", None),
        ("JOSÉ ÁNGEL", "JOSE<ANGEL", None),
        ("MARÍA FICTICIA", "MARIA<FICT", 10),
        ("MARÍA FICTICIA", "MARIA", 6),
    ],
)
def test_the_same_name_is_alike(front: str, back: str, cut_at: int | None) -> None:
    assert similarity(front, back, cut_at=cut_at) == 1.0


def test_a_cut_is_forgiven_only_where_there_is_one() -> None:
    assert similarity("MARIA FICTICIA", "MARIA FICT", cut_at=None) < 0.8


def test_one_misread_letter_costs_one_letter() -> None:
    assert similarity("HERNANDEZ", "HERMANDEZ", cut_at=None) == pytest.approx(8 / 9)


def test_another_name_is_not_alike() -> None:
    assert similarity("EJEMPLO PRUEBA", "GARCIA LOPEZ", cut_at=None) < 0.4


@pytest.mark.parametrize(("front", "back"), [("", ""), ("", "JUAN"), ("JUAN", ""), ("JUAN", "<<<"), ("--", "JUAN")])
def test_no_name_is_like_nothing(front: str, back: str) -> None:
    assert similarity(front, back, cut_at=None) == 0.0


@given(st.text(), st.text(), st.none() | st.integers(0, 30))
def test_similarity_is_a_fraction(front: str, back: str, cut_at: int | None) -> None:
    assert 0.0 <= similarity(front, back, cut_at=cut_at) <= 1.0


@pytest.mark.parametrize(
    ("tokens", "left"),
    [
        (("DE", "LA", "CRUZ", "DE"), ("CRUZ", "DE")),
        (("RIVA", "PALACIO"), ("RIVA", "PALACIO")),
        (("LE",), ("LE",)),
        ((), ()),
    ],
)
def test_significant(tokens: tuple[str, ...], left: tuple[str, ...]) -> None:
    assert significant(tokens) == left


@pytest.mark.parametrize(
    ("surname", "word"),
    [("De la Cruz", "CRUZ"), ("Mc Gregor", "GREGOR"), ("Ortega y Gasset", "ORTEGA"), ("", ""), ("Le", "LE")],
)
def test_surname_word(surname: str, word: str) -> None:
    assert surname_word(surname) == word


@pytest.mark.parametrize(
    ("given_names", "word"),
    [
        ("Juan Carlos", "JUAN"),
        ("María Luisa", "LUISA"),
        ("Ma. Luisa", "LUISA"),
        ("José", "JOSE"),
        ("María", "MARIA"),
        ("José María", "MARIA"),
        ("María José", "JOSE"),
        ("J Jesús", "JESUS"),
        ("Ma. de los Ángeles", "ANGELES"),
        ("De Jesús", "JESUS"),
        ("María de", "MARIA"),
        ("Luis José", "LUIS"),
        ("", ""),
    ],
)
def test_given_word(given_names: str, word: str) -> None:
    assert given_word(given_names) == word


@pytest.mark.parametrize(
    ("word", "letters"),
    [
        ("SALGADO", "SAL"),
        ("BRISEÑO", "BIR"),
        ("ICH", "IXC"),
        ("ÑANDO", "XAN"),
        ("PEÑA", "PEX"),
        ("D/AMICO", "DXX"),
        ("GARCIA-LOPEZ", "GAR"),
        ("P", "PXX"),
        ("AEA", "AEX"),
        ("", "XXX"),
        ("7", "XXX"),
    ],
)
def test_letters_of_a_word(word: str, letters: str) -> None:
    assert initial(word) + first_inner_vowel(word) + first_inner_consonant(word) == letters


@pytest.mark.parametrize(("expected", "printed"), [("RLN", "RLN"), ("RNN", "RXN"), ("", "")])
def test_letters_that_agree(expected: str, printed: str) -> None:
    assert letters_agree(expected, printed)


@pytest.mark.parametrize(("expected", "printed"), [("RLN", "RLM"), ("RXN", "RNN"), ("RL", "RLN"), ("RLN", "RL")])
def test_letters_that_do_not(expected: str, printed: str) -> None:
    assert not letters_agree(expected, printed)


@pytest.mark.parametrize(
    ("given", "whole", "cut"),
    [
        ("MARIA DE L", "L", ""),  # LOURDES, or LOS ANGELES
        ("MARIA D", "D", ""),
        ("MARIA", "M", ""),
        ("MARI", "M", ""),
        ("JOSE LU", "L", "L"),
        ("MARIA DE LO", "L", ""),
        ("MARIA DE LOU", "L", "L"),
        ("JUAN D", "J", "J"),
        ("JUA", "J", "J"),
        ("L", "L", ""),
        ("", "X", "X"),
    ],
)
def test_an_mrz_that_was_cut_does_not_tell_every_initial(given: str, whole: str, cut: str) -> None:
    assert told_initial(given, cut=False) == whole
    assert told_initial(given, cut=True) == cut
