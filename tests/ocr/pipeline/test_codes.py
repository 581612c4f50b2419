"""Codes of a back against its MRZ: what agrees, what does not, what is none of the document's."""

from dataclasses import dataclass

import pytest

from ocr.pipeline.codes import find_prints, understand
from ocr.pipeline.documents.ine import INE
from ocr.pipeline.types import Card, Code, Field, Photo, Print
from tests.ocr.pipeline.cards import grey, quad

BOX = quad(0, 0, 100, 20)
FIELDS = {"cic": Field("345636022"), "document_number": Field("1234567890123")}
URL = "https://qr.ine.mx/123456789012300345636022/20240131/B/000123"


@dataclass
class FakeCodes:
    """Finds what it is told."""

    prints: tuple[Print, ...]
    asked: tuple[bool, ...] = ()
    shapes: tuple[tuple[int, int], ...] = ()

    def read(self, photo: Photo, *, sideways: bool = False) -> tuple[Print, ...]:
        self.asked += (sideways,)
        self.shapes += (photo.pixels.shape[::-1],)
        return self.prints


def codes(kind: str, text: str, fields: dict[str, Field] = FIELDS) -> tuple[Code, ...]:
    card = Card(Photo(grey(), 1.0, 1000, 640), (), 0)
    return understand(find_prints(card, FakeCodes((Print(kind, text, BOX),)), (), INE), INE, fields)


def test_the_service_qr_says_both_numbers() -> None:
    (code,) = codes("qr", URL)
    assert code == Code("service_qr", {"document_number": "1234567890123", "cic": "345636022"}, True, "", BOX)


def test_bars_say_the_cic() -> None:
    assert codes("code128", "345636022") == (Code("code_128", {"cic": "345636022"}, True, "", BOX),)


@pytest.mark.parametrize(
    ("kind", "text", "differs"),
    [
        ("code128", "345636023", "cic"),
        ("qr", URL.replace("345636022", "345636023"), "cic"),
        ("qr", URL.replace("/12345", "/12354"), "document_number"),
    ],
)
def test_another_number_is_named(kind: str, text: str, differs: str) -> None:
    (code,) = codes(kind, text)
    assert code.agrees is False
    assert code.reason == f"{differs} unlike the MRZ's"


def test_a_number_that_was_not_read_says_nothing() -> None:
    (code,) = codes("code128", "345636022", {"cic": Field(None)})
    assert code.agrees is None


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("qr", "https://example.com/123456789012300345636022/20240131/B/000123"),
        ("qr", f"{URL}0"),
        ("qr", "345636022"),
        ("code128", "34563602"),
        ("code128", URL),
    ],
)
def test_what_is_none_of_the_documents_is_left_out(kind: str, text: str) -> None:
    assert codes(kind, text) == ()


@pytest.mark.parametrize(("turn", "sideways"), [(0, False), (180, False), (90, True), (270, True)])
def test_bars_that_stand_are_looked_for_on_a_card_that_stands(turn: int, sideways: bool) -> None:
    reader = FakeCodes(())
    find_prints(Card(Photo(grey(), 1.0, 1000, 640), (), turn), reader, (), INE)
    assert reader.asked == (sideways,)


def test_codes_are_looked_for_above_the_mrz_and_told_of_in_the_whole_picture() -> None:
    reader = FakeCodes((Print("qr", URL, BOX),))
    photo = Photo(grey(2000, 1600), 1.0, 2000, 1600)
    mrz = [quad(550, 940 + 45 * i, 1450, 970 + 45 * i) for i in range(3)]  # of a card from 500 to 1500, and from 458 on
    (found,) = find_prints(Card(photo, (), 0), reader, mrz, INE)
    ((left, top), (width, height)) = found.box[0], reader.shapes[0]
    assert 300 < left < 400
    assert 200 < top < 400
    assert 1250 < width < 1350
    assert 925 < top + height <= 940


def test_where_the_mrz_lies_outside_the_picture_all_of_it_is_searched() -> None:
    reader = FakeCodes((Print("qr", URL, BOX),))
    mrz = [quad(550, 60 * i - 2000, 1450, 60 * i - 1960) for i in range(3)]
    (found,) = find_prints(Card(Photo(grey(), 1.0, 1000, 640), (), 0), reader, mrz, INE)
    assert (found.box, reader.shapes) == (BOX, (grey().shape[::-1],))
