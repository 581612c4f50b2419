"""The tables of a document type must fit what reads them: alphabets that a recogniser knows, spellings as folded."""

import pytest

from ocr.pipeline.documents import BY_PARAMETER
from ocr.pipeline.documents.ine import INE
from ocr.pipeline.documents.types import DocumentType, Label
from ocr.pipeline.layout import folded
from ocr.pipeline.spelling import masks
from tests.ocr.pipeline.cards import GRAMMARS, VALUES

LABELS = [pytest.param(label, id=label.name) for label in INE.labels]


def test_both_spellings_of_the_parameter_mean_the_voter_card() -> None:
    assert {"id_mexico": INE, "mexican_id": INE} == BY_PARAMETER


@pytest.mark.parametrize("parameter", ["", "ID_MEXICO", "passport"])
def test_no_other_parameter_is_known(parameter: str) -> None:
    assert parameter not in BY_PARAMETER


@pytest.mark.parametrize("document", {id(each): each for each in BY_PARAMETER.values()}.values())
def test_a_label_is_named_once(document: DocumentType) -> None:
    names = [label.name for label in document.labels]
    assert len(names) == len(set(names))


def test_no_two_labels_share_a_spelling() -> None:
    spellings = [spelling for label in INE.labels for spelling in label.spellings]
    assert len(spellings) == len(set(spellings))


@pytest.mark.parametrize("label", LABELS)
def test_a_spelling_is_as_lines_are_folded(label: Label) -> None:
    assert all(spelling and spelling == folded(spelling).upper() for spelling in label.spellings)


@pytest.mark.parametrize("words", [*INE.headers.values(), INE.titles, INE.abroad])
def test_other_words_are_as_lines_are_folded(words: tuple[str, ...]) -> None:
    assert all(word and word == folded(word).upper() for word in words)


@pytest.mark.parametrize("label", LABELS)
def test_a_grammar_allows_something_at_every_place(label: Label) -> None:
    assert all(masks(grammar).any(axis=1).all() for grammar in label.grammars)


@pytest.mark.parametrize("label", LABELS)
def test_blocks_are_free_text_and_everything_else_has_a_grammar(label: Label) -> None:
    assert bool(label.grammars) == (label.name not in ("name", "address"))


@pytest.mark.parametrize("row", INE.rows, ids="-".join)
def test_a_row_is_of_several_numbers_that_have_labels(row: tuple[str, ...]) -> None:
    numbers = {label.name for label in INE.labels if label.grammars}
    assert len(row) > 1
    assert len(set(row)) == len(row)
    assert set(row) <= numbers


def test_no_two_rows_are_the_same() -> None:
    assert len(set(INE.rows)) == len(INE.rows)


def test_what_stands_above_the_rows_is_known_by_itself_and_in_none_of_them() -> None:
    telling = {label.name for label in INE.labels if label.telling}
    assert set(INE.above_rows) <= telling
    assert not {name for row in INE.rows for name in row} & set(INE.above_rows)


@pytest.mark.parametrize("label", LABELS)
def test_a_lone_value_is_a_letter_that_stands_above_values_that_are_known_by_themselves(label: Label) -> None:
    telling = {other.name for other in INE.labels if other.telling}
    assert bool(label.above) == label.lone
    assert set(label.above) <= telling
    assert not label.lone or all(len(grammar) <= 2 for grammar in label.grammars)


def test_ends_of_addresses_are_folded_and_without_dots() -> None:
    assert all(end and end == folded(end).upper().replace(".", "") for end in INE.address_ends)


@pytest.mark.parametrize("name", VALUES)
def test_a_value_of_a_card_fits_its_labels_grammar(name: str) -> None:
    label = next(label for label in INE.labels if label.name == name)
    assert tuple(GRAMMARS[name]) in label.grammars
