"""Printed names and a CURP → the names with the tildes of which the CURP tells."""

import pytest

from ocr.pipeline.agreement import TILDE_SCORES
from ocr.pipeline.tildes import TOLD, doubted, with_tildes
from ocr.pipeline.types import Text


def text(value: str, score: float = 0.99) -> Text:
    return Text(value, (score,) * len(value), None, "hand")


def told(surname: str, name: str, curp: str, score: float = 0.99) -> tuple[str, str]:
    one, other = with_tildes(text(surname, score), text(name, score), curp)
    assert one is not None
    assert other is not None
    return one.text, other.text


@pytest.mark.parametrize(
    ("surname", "name", "curp", "expected"),
    [
        pytest.param("YANEZ PECO", "ANA", "YAPA000101MDFXCN00", ("YAÑEZ PECO", "ANA"), id="inside_the_first_surname"),
        pytest.param("PEREZ NECO", "ANA", "PEXA000101MDFRCN00", ("PEREZ ÑECO", "ANA"), id="begins_the_second"),
        pytest.param("PEREZ SOSA", "INIGO", "PESI000101HDFRSX00", ("PEREZ SOSA", "IÑIGO"), id="in_the_given_name"),
        pytest.param("DE LA PENA", "ANA", "PEXA000101MDFXXN00", ("DE LA PEÑA", "ANA"), id="behind_particles"),
        pytest.param("NUNEZ SOSA", "ANA", "NUSA000101MDFXSN00", ("NUÑEZ SOSA", "ANA"), id="one_n_of_two"),
        pytest.param("PEREZ SOSA", "JOSE INIGO", "PESI000101HDFRSX00", ("PEREZ SOSA", "JOSE IÑIGO"), id="passed_over"),
        pytest.param("YANEZ SOSA", "ANA", "YASA000101MDFNSN00", ("YANEZ SOSA", "ANA"), id="the_curp_has_an_n"),
        pytest.param("PEREZ X", "ANA", "PEXA000101MDFRXN00", ("PEREZ X", "ANA"), id="nothing_to_tell"),
        pytest.param("PONCE DE LEON", "ANA", "POXA000101MDFNXN00", ("PONCE DE LEON", "ANA"), id="a_lone_surname"),
        pytest.param(
            "DEL RIO YANEZ GOMEZ", "ANA", "RIYA000101MDFXXN00", ("DEL RIO YANEZ GOMEZ", "ANA"), id="which_word"
        ),
    ],
)
def test_an_n_is_the_letter_that_the_curp_tells(surname: str, name: str, curp: str, expected: tuple[str, str]) -> None:
    assert told(surname, name, curp) == expected


def test_a_tilde_that_was_put_there_with_doubt_is_taken_back() -> None:
    assert told("YAÑEZ SOSA", "ANA", "YASA000101MDFNSN00", score=0.6)[0] == "YANEZ SOSA"
    assert told("YAÑEZ SOSA", "ANA", "YASA000101MDFNSN00", score=0.99)[0] == "YAÑEZ SOSA"


def test_the_letter_that_the_curp_repeats_is_sure_and_no_other() -> None:
    surname, _ = with_tildes(text("YANEZ PECO", 0.5), None, "YAPA000101MDFXCN00")
    assert surname is not None
    assert surname.scores == (0.5, 0.5, TOLD, *(0.5,) * 7)


def test_names_that_were_not_read_stay_so() -> None:
    assert with_tildes(None, None, "YAPA000101MDFXCN00") == (None, None)


@pytest.mark.parametrize(
    ("name", "score", "least"),
    [
        pytest.param("IBANEZ SOTO", 0.8, TILDE_SCORES["N"], id="hardly_any_is_without_a_tilde"),
        pytest.param("IBANEZ SOTO", TOLD, TOLD, id="surely_read"),
        pytest.param("IBAÑEZ SOTO", 0.8, 0.8, id="with_its_tilde"),
        pytest.param("HERNANDEZ SOTO", 0.8, 0.8, id="any_other"),
    ],
)
def test_an_n_that_its_word_hardly_ever_has_is_in_doubt(name: str, score: float, least: float) -> None:
    found = doubted(text(name, score))
    assert found is not None
    assert (found.text, min(found.scores)) == (name, least)
    assert doubted(None) is None
