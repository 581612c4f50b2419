"""What two readers say of the same row: surer where they agree, doubtful where they do not."""

import pytest

from ocr.pipeline.agreement import (
    DISPUTED,
    SURE_ACCENT,
    TILDE_SCORES,
    agree,
    fullest,
    lacks_tilde,
    seconded,
    settled,
    with_abbreviations,
    with_accents,
    with_last_stop,
    with_marks,
    with_marks_of_name,
)
from ocr.pipeline.types import Text


def text(said: str, score: float = 0.9) -> Text:
    return Text(said, (score,) * len(said), None, "reader")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("CALLE 5", "CALLE5", True),
        ("MEXICO, D.F.", "MÉXICO D F", True),
        ("PEÑA", "PENA", False),
        ("SOTO", "S0TO", False),
        ("", "", True),
    ],
)
def test_spaces_accents_and_small_marks_do_not_count(one: str, other: str, *, same: bool) -> None:
    assert agree(text(one), text(other)) is same


def test_agreement_makes_every_letter_surer() -> None:
    assert seconded(text("AV 5", 0.6), text("AV5", 0.7)).scores == pytest.approx((0.88, 0.88, 0.6, 0.88))


@pytest.mark.parametrize(
    ("other", "doubtful"),
    [("CALIE", "L"), ("CALE", "L"), ("CALLLE", "LE"), ("CALLES", "E"), ("XCALLE", "C")],
)
def test_what_another_saw_otherwise_is_in_doubt(other: str, doubtful: str) -> None:
    row = seconded(text("CALLE"), text(other))
    in_doubt = "".join(letter for letter, score in zip(row.text, row.scores, strict=True) if score <= DISPUTED)
    assert set(in_doubt) <= set(doubtful)
    assert in_doubt


def test_an_accent_that_one_of_them_saw_is_no_surer_and_never_quite_sure() -> None:
    assert seconded(text("SANTÁ", 0.6), text("SANTA", 0.9)).scores == pytest.approx((0.96,) * 4 + (0.6,))
    assert seconded(text("SANTÁ", 0.99), text("SANTA", 0.9)).scores[-1] == SURE_ACCENT


@pytest.mark.parametrize(("one", "other"), [("PENA", "PEÑA"), ("PEÑA", "PENA")])
def test_whether_an_n_has_a_tilde_is_in_more_doubt_than_another_letter(one: str, other: str) -> None:
    """Nothing else on the card tells."""
    row = seconded(text(one), text(other))
    assert row.scores[2] == TILDE_SCORES[one[2]] < DISPUTED
    assert min(row.scores[:2]) > 0.9


@pytest.mark.parametrize(
    ("one", "other", "lacks"),
    [
        ("ORDONEZ", "ORDOÑEZ", True),
        ("ORDOÑEZ", "ORDONEZ", False),
        ("ORDONEZ", "ORDONEZ", False),
        ("ORDOÑEZ", "ORDOÑEZ", False),
        ("ORDONES", "ORDOÑEZ", False),
    ],
)
def test_a_row_lacks_the_tilde_that_another_alone_has(one: str, other: str, *, lacks: bool) -> None:
    assert lacks_tilde(text(one), text(other)) is lacks


def test_what_another_hardly_saw_disputes_nothing() -> None:
    assert min(seconded(text("CALLE"), text("CALIE", 0.3)).scores) == pytest.approx(0.9)


def test_of_two_that_agree_the_surer_tells_spaces_and_marks() -> None:
    assert settled(text("QRO", 0.6), text("QRO.", 0.9)).text == "QRO."
    assert settled(text("QRO", 0.9), text("QRO.", 0.6)).text == "QRO"
    assert settled(text("QRD", 0.6), text("QRO.", 0.9)).text == "QRD"


def test_marks_and_spaces_are_those_of_the_reader_that_looks_better_where_it_is_sure() -> None:
    assert settled(text("KM 7.2", 0.85), text("KM 72", 0.99)).text == "KM 7.2"
    assert settled(text("WILL.OW", 0.7), text("WILLOW", 0.99)).text == "WILLOW"


def test_a_number_and_a_word_that_one_of_them_parts_are_two() -> None:
    assert settled(text("MZ 19LT 2", 0.99), text("MZ 19 LT 2", 0.9)).text == "MZ 19 LT 2"
    assert settled(text("25-A 8", 0.9), text("25-A8", 0.99)).text == "25-A 8"


def test_an_apostrophe_that_one_of_them_saw_stays() -> None:
    assert settled(text("O'FARRILL", 0.6), text("OFARRILL", 0.9)).text == "O'FARRILL"


@pytest.mark.parametrize(
    ("one", "other", "told", "score"),
    [
        ("MARIA", "MARÍA", "MARÍA", 0.7),
        ("MARÍA", "MARIA", "MARÍA", 0.99),
        ("MARIA", "LUCÍA", "MARIA", 0.99),
        ("MUNOZ", "MUÑOZ", "MUNOZ", 0.99),
    ],
)
def test_an_accent_that_another_saw_is_as_sure_as_that_was(one: str, other: str, told: str, score: float) -> None:
    row = with_accents(text(one, 0.99), text(other, 0.7))
    assert (row.text, min(row.scores)) == (told, score)


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        ("TIJUANA, BC", "TIJUANA, BC.", "TIJUANA, BC."),
        ("TIJUANA, BC.", "TIJUANA, BC", "TIJUANA, BC."),
        ("TIJUANA, BC", "TIJUANA, BC", "TIJUANA, BC"),
        ("TIJUANA, BC", "TECATE, BC.", "TIJUANA, BC"),
        ("AV SOL SN INT 4", "AV SOL S/N INT 4", "AV SOL S/N INT 4"),
        ("AV SOL S/N", "AV SOL SN", "AV SOL S/N"),
        ("AV SNAP", "AV SNAP", "AV SNAP"),
    ],
)
def test_marks_that_another_saw_are_ones(one: str, other: str, told: str) -> None:
    row = with_last_stop(with_marks(text(one), text(other, 0.7)), text(other, 0.7))
    assert (row.text, len(row.scores)) == (told, len(told))


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        ("J CRUZ", "J. CRUZ", "J. CRUZ"),
        ("JOSE MA", "JOSE MA.", "JOSE MA."),
        ("MA DE JESUS J", "MA. DE. JESUS J.", "MA. DE JESUS J."),
        ("MA. DE JESUS", "MA DE JESUS", "MA. DE JESUS"),
        ("MA DE JESUS", "MA. DE LA LUZ", "MA DE JESUS"),
        ("ALMA", "ALMA.", "ALMA"),
    ],
)
def test_full_stops_of_abbreviated_names_are_taken_from_whoever_saw_them(one: str, other: str, told: str) -> None:
    row = with_abbreviations(text(one), text(other, 0.7))
    assert (row.text, len(row.scores)) == (told, len(told))


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        ("CAM ATIERRA BLANCA", "CAM A TIERRA BLANCA", "CAM A TIERRA BLANCA"),
        ("CAM A TIERRA", "CAM ATIERRA", "CAM A TIERRA"),
        ("COL DR GALVEZ", "COL DR. GALVEZ", "COL DR. GALVEZ"),
        ("COL DRGALVEZ", "COL DR. GALVEZ", "COL DR. GALVEZ"),
        ("U HLOMAS", "UH LOMAS", "U H LOMAS"),
        ("COL LA JOYA 42179", "COL LAJOYA 421 79", "COL LA JOYA 42179"),
        ("COL HEROES II", "COL HEROES I I", "COL HEROES II"),
        ("AV NORTE 25-A", "AV NORTE 25 -A", "AV NORTE 25-A"),
        ("CAM ATIERRA", "CAM A SIERRA", "CAM ATIERRA"),
    ],
)
def test_what_parts_words_is_taken_from_whoever_saw_it(one: str, other: str, told: str) -> None:
    row = with_marks(text(one, 0.99), text(other, 0.7))
    assert (row.text, len(row.scores)) == (told, len(told))
    assert min(row.scores) == (0.99 if told == one else 0.7)


def test_what_was_read_stays() -> None:
    assert seconded(text("REFORMA"), text("REFORMAS")).text == "REFORMA"


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        ("C CARLOS II 9", "C CARLOS III 9", "C CARLOS III 9"),
        ("C CARLOS III 9", "C CARLOS II 9", "C CARLOS III 9"),
        ("AV 1 290", "AV 111 290", "AV 111 290"),
        ("EJ DORADO", "EJ DORADOO", "EJ DORADO"),
        ("CJON SUR", "C CJON SUR", "CJON SUR"),
        ("AV 12", "AV 123", "AV 12"),
        ("AV 12", "AV 112 B", "AV 12"),
    ],
)
def test_of_thin_letters_beside_their_like_more_are_printed(one: str, other: str, told: str) -> None:
    assert fullest(text(one), [text(other)]).text == told


@pytest.mark.parametrize(("less", "more"), [("C CARLOS II 9", "C CARLOS III 9"), ("AV 1 290", "AV 111 290")])
def test_whoever_saw_fewer_thin_letters_casts_doubt(less: str, more: str) -> None:
    for one, other in ((less, more), (more, less)):
        row = settled(text(one), text(other))
        assert (row.text, min(row.scores)) == (more, DISPUTED)


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        ("DANGELO", "D'ANGELO", "D'ANGELO"),
        ("D'ANGELO", "DANGELO", "D'ANGELO"),
        ("SOTELO", "SO'TELO", "SOTELO"),
        ("MARTIN", "MA'RTIN", "MARTIN"),
        ("MA DE LOS ANGELES", "MA, DE LOS ANGELES", "MA. DE LOS ANGELES"),
        ("OMEARA", "O'MEARAS", "OMEARA"),
    ],
)
def test_apostrophes_and_stops_of_names_are_taken_from_whoever_saw_them(one: str, other: str, told: str) -> None:
    row = with_marks_of_name(text(one), text(other, 0.7))
    assert (row.text, len(row.scores)) == (told, len(told))


def test_a_mark_that_another_hardly_saw_is_none() -> None:
    assert with_marks(text("28012 MADRID"), text("28012. MADRID", 0.4)).text == "28012 MADRID"
    assert with_marks(text("28012 MADRID"), text("28012. MADRID", 0.6)).text == "28012. MADRID"
