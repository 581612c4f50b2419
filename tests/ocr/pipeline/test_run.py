"""The story from two files to one reading, told by readers that are no readers: who is asked, what for, and what comes
of it when one of them dies."""

import io
import pickle
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from threading import Barrier
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ocr.pipeline.both import Aside, when_asked
from ocr.pipeline.engines.types import LineReader, PageReader, Readers
from ocr.pipeline.errors import (
    CurpNotFound,
    FrontNotFound,
    MrzNotFound,
    NotLive,
    NumberUnreadable,
    OcrError,
    ReaderDown,
    UnreadableFile,
    WrongDocument,
)
from ocr.pipeline.run import read_document
from ocr.pipeline.types import Attack, Card, LifeTest, Line, Photo, Reading, Side
from tests.ocr.pipeline.cards import CURP, HEIGHT, MRZ, WIDTH, back_lines, front_lines, line, lit
from tests.ocr.pipeline.engines.fakes import (
    Crashing,
    Empty,
    EmptyLines,
    Fixed,
    FixedLines,
    Garbage,
    Shown,
    TimingOut,
)

FRONT, BACK = 180, 120
"""Greys of the two pictures, by which the readers know them."""


def jpeg(grey: int, times: int = 1) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(np.full((times * HEIGHT, times * WIDTH, 3), grey, np.uint8)).save(stream, "JPEG")
    return stream.getvalue()


OTHERS_MRZ = ("IDMEX9876543213<<9999123456789", "9912315X3612314MEX<12<<99999<1", "PRUEBA<<ALEX<<<<<<<<<<<<<<<<<<")
"""Another fictitious person's, every check digit right (ine.md)."""
FILES = jpeg(FRONT), jpeg(BACK)
CLEAN: Shown = {FRONT: front_lines(), BACK: back_lines()}


def shown(front: Sequence[Line] | None = None, back: Sequence[Line] | None = None) -> Shown:
    return {FRONT: front_lines() if front is None else front, BACK: back_lines() if back is None else back}


def read(
    front: Sequence[PageReader],
    back: Sequence[PageReader] | None = None,
    lines: Sequence[LineReader] = (),
    files: tuple[bytes, bytes] = FILES,
    **told: Any,
) -> Reading:
    """Both sides read; the back by the readers of the front where no others are given."""
    readers = Readers(tuple(front), tuple(front if back is None else back), tuple(lines))
    return read_document(*files, today=date(2026, 1, 15), readers=readers, **told)


def hesitant(lines: Sequence[Line], text: str, other: str = "8") -> tuple[Line, ...]:
    """The same lines, but every character of this one might be another as well."""
    places = [{character: 0.7, other: 0.29} for character in text]
    return tuple(lit(places, each.quad) if each.text == text else each for each in lines)


# --- one look --------------------------------------------------------------------------------------------------------


def test_a_clean_card_is_read_trusted_and_matched() -> None:
    reading = read([Fixed(CLEAN)])
    assert (reading.trusted, reading.match, reading.percentage, reading.swapped) == (True, True, 100.0, False)
    assert (reading.issuer, reading.model, reading.doubts, reading.second_looks) == ("INE", "G", (), ())
    assert reading.back.fields["surname"].value == "HERNANDEZ GARCIA"
    assert reading.front.fields["surname"].value == "HERNÁNDEZ GARCÍA"


def test_every_field_of_both_sides_is_there() -> None:
    reading = read([Fixed(CLEAN)])
    assert set(reading.front.fields) == {
        "name", "surname", "address", "curp", "elector_key", "validity_period", "date_of_birth", "section", "gender",
        "emission_number",
    }  # fmt: skip
    assert set(reading.back.fields) == {
        "country_code", "document_number", "citizen_id", "cic", "birth_date", "gender", "expiration_date", "surname",
        "name",
    }  # fmt: skip


def test_no_other_reader_is_asked_when_all_is_confirmed() -> None:
    first, second, lines = Fixed(CLEAN), Fixed(CLEAN, "second"), FixedLines(())
    read([first, second], lines=[lines])
    assert sorted(first.asked) == [BACK, FRONT]
    assert (second.asked, lines.asked) == ([], [])


def test_the_time_of_every_stage_is_told_in_order() -> None:
    reading = read([Fixed(CLEAN)])
    assert list(reading.milliseconds) == ["decode", "read", "judge", "second_looks", "quality", "compare", "codes"]
    assert all(taken >= 0 for taken in reading.milliseconds.values())


def test_a_life_test_is_taken_where_one_is_asked_for() -> None:
    reading = read([Fixed(CLEAN)], life_test=LifeTest())
    assert list(reading.milliseconds)[-2:] == ["codes", "life"]
    assert [each.attack for each in reading.life] == list(Attack)
    assert read([Fixed(CLEAN)]).life == ()


def test_only_one_that_is_enforced_refuses_and_says_why() -> None:
    """Two grey sheets, on which fakes read a card whose birth dates contradict each other."""
    other = shown(front_lines(date_of_birth_value="07/05/1982"))
    reported = read([Fixed(other)], life_test=LifeTest())
    assert Attack.CONTRADICTION in {each.attack for each in reported.life if each.suspected}
    with pytest.raises(NotLive, match="contradiction") as caught:
        read([Fixed(other)], life_test=LifeTest(enforced=True))
    assert caught.value.life == reported.life
    assert set(caught.value.findings) == set(Side)
    assert pickle.loads(pickle.dumps(caught.value)).life == reported.life  # noqa: S301 - our own


def test_a_digit_that_all_witnesses_overrule_is_a_contradiction() -> None:
    """What is read is what they say; that the print says something else, a life test hears."""
    forged = CURP.replace("820506", "820586")
    reading = read([Fixed(shown(front_lines(curp_value=forged)))], life_test=LifeTest())
    assert reading.front.fields["curp"].value == CURP
    assert reading.life[-1].reason_en == "contradicts itself: curp.print"


def test_a_letter_for_a_digit_was_misread() -> None:
    printed = CURP.replace("820506", "82O506")
    reading = read([Fixed(shown(front_lines(curp_value=printed)))], life_test=LifeTest())
    assert reading.life[-1].reason_en == "nothing unusual"


def test_a_document_that_cannot_be_read_is_refused_for_that() -> None:
    """851 is the last that the contract reports."""
    with pytest.raises(MrzNotFound):
        read([Empty()], life_test=LifeTest(enforced=True))


def test_a_failure_tells_what_is_wrong_with_the_pictures() -> None:
    with pytest.raises(MrzNotFound) as caught:
        read([Empty()])
    assert set(caught.value.findings) == set(Side)
    there_and_back = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own
    assert there_and_back.findings == caught.value.findings


def test_the_threshold_is_told() -> None:
    other = shown(front_lines(validity_value="2024-2034"))
    assert read([Fixed(other)], match_threshold=90).match
    assert not read([Fixed(other)], match_threshold=99).match


def test_boxes_are_in_pixels_of_the_picture_as_sent() -> None:
    """A picture twice as wide as the readers use is halved; what they find there is doubled again."""
    reading = read([Fixed(CLEAN)], files=(jpeg(FRONT, 4), jpeg(BACK, 4)))
    assert reading.front.fields["curp"].box == ((640, 984), (1000, 984), (1000, 1024), (640, 1024))


# --- swapped sides ---------------------------------------------------------------------------------------------------


def test_swapped_sides_are_read_and_said() -> None:
    reading = read([Fixed(CLEAN)], files=FILES[::-1])
    assert (reading.swapped, reading.trusted, reading.match) == (True, True, True)
    assert reading.back.fields["cic"].value == "123456789"


def test_two_backs_are_not_swapped() -> None:
    with pytest.raises(FrontNotFound):
        read([Fixed(shown(front=back_lines()))])


def test_two_fronts_have_no_mrz() -> None:
    with pytest.raises(MrzNotFound):
        read([Fixed(shown(back=front_lines()))])


# --- the numbered errors ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "error"),
    [
        (shown(front=()), FrontNotFound),
        (shown(front=(line("HOLA MUNDO", 100, 100),)), FrontNotFound),
        (shown(front=front_lines(curp=None, curp_value=None)), CurpNotFound),
        (shown(back=()), MrzNotFound),
        (shown(front=(), back=()), MrzNotFound),
        (shown(back=back_lines(MRZ[1:])), NumberUnreadable),
        (
            shown(front=(), back=back_lines((MRZ[0].replace("MEX", "GTM"), MRZ[1].replace("MEX", "GTM"), MRZ[2]))),
            WrongDocument,
        ),
    ],
)
def test_what_is_not_there_is_a_numbered_error(lines: Shown, error: type[OcrError]) -> None:
    with pytest.raises(error):
        read([Fixed(lines)])


@pytest.mark.parametrize("reader", [Empty, Garbage])
def test_a_reader_that_sees_nothing_that_makes_sense_finds_no_mrz(reader: Callable[[], Fixed]) -> None:
    with pytest.raises(MrzNotFound):
        read([reader()])


@pytest.mark.parametrize("reader", [Empty, Garbage])
def test_garbage_in_front_is_no_front(reader: Callable[[], Fixed]) -> None:
    with pytest.raises(FrontNotFound):
        read([reader()], [Fixed(CLEAN)])


def test_files_are_judged_before_any_reader_is_asked() -> None:
    reader = Crashing()
    with pytest.raises(UnreadableFile):
        read([reader], files=(FILES[0], b"no picture"))
    assert reader.asked == []


def test_of_two_files_that_are_no_pictures_the_front_is_told_first() -> None:
    with pytest.raises(UnreadableFile, match="empty"):
        read([Fixed(CLEAN)], files=(b"", b"no picture"))


class Meeting(Fixed):
    """Goes on reading a side when the other one has been begun."""

    def __init__(self, shown: Shown) -> None:
        super().__init__(shown)
        self.both = Barrier(2)

    def cards(self, photo: Photo, known: Sequence[Line] = (), aside: Aside = when_asked) -> Iterator[Card]:
        self.both.wait(timeout=20)
        return super().cards(photo)


def test_both_sides_are_read_at_once() -> None:
    assert read([Meeting(CLEAN)]).trusted


def test_how_many_pixels_are_too_many_is_told() -> None:
    with pytest.raises(UnreadableFile):
        read([Fixed(CLEAN)], most_pixels=1000)


# --- readers that die ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reader", [Crashing, TimingOut])
def test_a_first_reader_that_dies_is_down(reader: Callable[[], Fixed]) -> None:
    with pytest.raises(ReaderDown):
        read([reader()])
    with pytest.raises(ReaderDown):
        read([Fixed(CLEAN)], [reader()])


@pytest.mark.parametrize("second", [Crashing, TimingOut, Empty, Garbage])
def test_a_second_reader_that_dies_or_sees_nothing_leaves_the_first_reading_standing(
    second: Callable[[], Fixed],
) -> None:
    lines = shown(front=front_lines(section=None, section_value=None))
    asked = second()
    reading = read([Fixed(lines), asked], [Fixed(lines)])
    assert asked.asked == [FRONT, FRONT]  # where it should stand, and all of the card
    assert not reading.trusted
    assert reading.match
    assert reading.front.fields["curp"].value == "HEGJ820506HBCRRN02"
    assert reading.front.fields["section"].value is None


@pytest.mark.parametrize("lines", [Crashing, EmptyLines])
def test_a_reader_of_lines_that_dies_or_sees_nothing_leaves_the_first_reading_standing(
    lines: Callable[[], Any],
) -> None:
    seen = shown(front=hesitant(front_lines(section_value="1234"), "1234"))
    asked = lines()
    reading = read([Fixed(seen)], lines=[asked])
    assert set(asked.asked) == {FRONT}
    assert (reading.front.fields["section"].value, reading.trusted) == ("1234", False)


def test_a_second_reader_that_dies_does_not_hide_the_third() -> None:
    lines = shown(front=front_lines(section=None, section_value=None))
    reading = read([Fixed(lines), Crashing(), Fixed(CLEAN, "third")], [Fixed(lines)])
    assert {look.reader for look in reading.second_looks} == {"third"}


@pytest.mark.parametrize("second", [Crashing, TimingOut])
def test_the_first_error_stands_where_the_second_reader_dies(second: Callable[[], Fixed]) -> None:
    with pytest.raises(MrzNotFound):
        read([Fixed(shown(back=()))], [Fixed(shown(back=())), second()])


# --- second looks ----------------------------------------------------------------------------------------------------


def test_what_is_unconfirmed_and_nothing_else_is_asked_for_again() -> None:
    seen = shown(front=hesitant(front_lines(section_value="1234"), "1234"))
    again = FixedLines(front_lines(section_value="1234"))
    reading = read([Fixed(seen)], lines=[again])
    assert again.asked == [FRONT]
    assert [(look.side, look.reader, look.wanted, look.won) for look in reading.second_looks] == [
        (Side.FRONT, "lines", "section", True)
    ]


def test_a_second_look_that_wins_ends_the_search() -> None:
    seen = shown(front=hesitant(front_lines(section_value="1234"), "1234"))
    last = FixedLines(front_lines(), "last")
    read([Fixed(seen)], lines=[FixedLines(front_lines(section_value="1234")), last])
    assert last.asked == []


def test_a_second_look_that_says_otherwise_does_not_win() -> None:
    seen = shown(front=hesitant(front_lines(section_value="1234"), "1234"))
    reading = read([Fixed(seen)], lines=[FixedLines(hesitant(front_lines(section_value="9999"), "9999", "5"))])
    assert [look.won for look in reading.second_looks] == [False]
    assert not reading.trusted


def test_the_mrz_is_asked_for_again_on_the_back_alone() -> None:
    seen = shown(back=back_lines((MRZ[0], MRZ[1].replace("12345<1", "12345<7"), MRZ[2])))
    again = FixedLines(back_lines())
    reading = read([Fixed(seen)], lines=[again])
    assert set(again.asked) == {BACK}
    assert {(look.side, look.wanted) for look in reading.second_looks} == {(Side.BACK, "mrz")}


def test_an_mrz_that_the_first_reader_lost_is_sought_by_the_second() -> None:
    second = Fixed(CLEAN, "second")
    reading = read([Fixed(CLEAN)], [Fixed(shown(back=())), second])
    assert second.asked == [BACK]
    assert [(look.side, look.reader, look.wanted, look.won) for look in reading.second_looks] == [
        (Side.BACK, "second", "everything", True)
    ]


def test_a_front_that_the_first_reader_lost_is_sought_by_the_second() -> None:
    second = Fixed(CLEAN, "second")
    reading = read([Fixed(shown(front=())), second], [Fixed(CLEAN)])
    assert second.asked == [FRONT]
    assert {look.wanted for look in reading.second_looks} == {"everything"}


def test_a_curp_that_the_first_reader_lost_is_sought_by_the_second() -> None:
    lost = shown(front=front_lines(curp=None, curp_value=None))
    assert read([Fixed(lost), Fixed(CLEAN, "second")], [Fixed(CLEAN)]).trusted


def test_a_name_that_was_not_found_is_sought_by_the_next_page_reader() -> None:
    lost = shown(front=front_lines(street=None, colony=None, town=None))
    second, third = Fixed(CLEAN, "second"), Fixed(CLEAN, "third")
    reading = read([Fixed(lost), second, third], [Fixed(CLEAN)])
    assert reading.front.fields["address"].value == "AV REFORMA 123 INT 4 COL CENTRO 22000 TIJUANA, B.C."
    assert (second.asked, third.asked) == ([FRONT], [])


def test_what_a_look_asked_for_beside_something_else_is_won_only_if_it_was_found() -> None:
    lost = shown(front=front_lines(section_value=None, sex=None))
    second = Fixed(shown(front=front_lines(sex=None)), "second")
    reading = read([Fixed(lost), second], [Fixed(CLEAN)])
    assert {(look.wanted, look.won) for look in reading.second_looks} >= {("section", True), ("gender", False)}
    assert ("gender", True) not in {(look.wanted, look.won) for look in reading.second_looks}


def test_a_badly_read_address_is_looked_at_again() -> None:
    faint = tuple(
        replace(each, scores=(0.6,) * len(each.text)) if each.text == "AV REFORMA 123 INT 4" else each
        for each in front_lines()
    )
    second = Fixed(CLEAN, "second")
    reading = read([Fixed(shown(front=faint)), second], [Fixed(CLEAN)])
    assert second.asked == [FRONT]
    assert [(look.wanted, look.won) for look in reading.second_looks] == [("address", True)]
    assert reading.front.fields["address"].confidence > 0.95


def test_what_does_not_stand_where_it_should_is_sought_on_the_whole_card() -> None:
    class Whole(Fixed):
        """Sees what others see, but where it is shown the whole card."""

        def cards(self, photo: Photo, known: Sequence[Line] = (), aside: Aside = when_asked) -> Iterator[Card]:
            found = super().cards(photo, known)
            return found if photo.height > photo.width / 2 else iter([Card(photo, tuple(known), 0)])

    lost = shown(front=front_lines(section_value=None))
    second = Whole(CLEAN, "second")
    reading = read([Fixed(lost), second], [Fixed(CLEAN)])
    assert (reading.front.fields["section"].value, reading.trusted) == ("0747", True)
    assert [look.won for look in reading.second_looks] == [False, True]


def test_that_a_part_shows_the_same_rows_does_not_make_an_address_whole() -> None:
    """Two looks at the whole card do: whatever it should have, it has no more."""
    lost = shown(front=front_lines(street=None))
    second = Fixed(lost, "second")
    reading = read([Fixed(lost), second], [Fixed(CLEAN)])
    assert second.asked == [FRONT, FRONT]
    assert [look.won for look in reading.second_looks] == [False, True]


def test_nobody_looks_twice_at_what_has_not_changed() -> None:
    """For an address alone the third reader looks at nothing; the rows, as the second left them, are not read again."""
    broken, other = (shown(front=front_lines(street=(f"JON REFORMA {number}", 320, 322, 20))) for number in (123, 128))
    lines = FixedLines(broken[FRONT])
    second, third = Fixed(other, "second"), Fixed(CLEAN, "third")
    read([Fixed(broken), second, third], [Fixed(CLEAN)], lines=[lines])
    assert (second.asked, third.asked, lines.asked) == ([FRONT] * 2, [], [FRONT] * 3)


def test_an_address_that_was_cut_short_is_looked_at_again() -> None:
    cut = shown(front=front_lines(town=None))
    reading = read([Fixed(cut), Fixed(CLEAN, "second")], [Fixed(CLEAN)])
    assert reading.front.fields["address"].value == "AV REFORMA 123 INT 4 COL CENTRO 22000 TIJUANA, B.C."
    assert [(look.wanted, look.won) for look in reading.second_looks] == [("address", True)]


def test_names_that_differ_still_are_looked_at_again_in_front() -> None:
    """Rows and lines whose place is known cost less to read than a whole front, so they come first."""
    differing = shown(front=front_lines(paternal="HERNÁNBEZ"))
    second, lines = Fixed(CLEAN, "second"), FixedLines(back_lines())
    reading = read([Fixed(differing), second], [Fixed(CLEAN)], lines=[lines])
    assert (second.asked, lines.asked) == ([FRONT], [FRONT, BACK])
    assert reading.front.fields["surname"].value == "HERNÁNDEZ GARCÍA"


def test_names_that_differ_are_looked_at_again_on_both_sides() -> None:
    """By a reader of lines first, since their place is known; then where they should stand, then all of the card."""
    differing = shown(front=front_lines(paternal="HERNÁNBEZ"))
    second, lines = Fixed(differing, "second"), FixedLines(back_lines())
    reading = read([Fixed(differing), second], [Fixed(CLEAN)], lines=[lines])
    assert (second.asked, lines.asked) == ([FRONT, FRONT], [FRONT, BACK, FRONT, FRONT])
    assert {(look.side, look.reader, look.wanted) for look in reading.second_looks} == {
        (Side.FRONT, "lines", "surname"), (Side.BACK, "lines", "mrz names"), (Side.FRONT, "second", "surname")
    }  # fmt: skip


def test_names_of_the_mrz_that_were_misread_are_put_right_by_a_second_look() -> None:
    names = "HERNANBEZ" + MRZ[2][9:]
    doubtful = shown(back=hesitant(back_lines((*MRZ[:2], names)), names, "X"))
    reading = read([Fixed(doubtful)], lines=[FixedLines(back_lines())])
    assert reading.back.fields["surname"].value == "HERNANDEZ GARCIA"
    assert [(look.wanted, look.won) for look in reading.second_looks if look.side is Side.BACK] == [("mrz names", True)]


def test_a_doubtful_letter_that_the_mrz_puts_right_needs_no_second_look() -> None:
    doubtful = shown(front=hesitant(front_lines(paternal="HERNANBEZ"), "HERNANBEZ", "X"))
    second = Fixed(CLEAN, "second")
    reading = read([Fixed(doubtful), second], [Fixed(CLEAN)])
    assert reading.front.fields["surname"].value == "HERNANDEZ GARCÍA"
    assert second.asked == []


def test_another_persons_back_is_not_looked_at_again() -> None:
    """Both sides are read surely, and contradict: no other look can make one person of two."""
    other = shown(back=back_lines(OTHERS_MRZ))
    second = Fixed(CLEAN, "second")
    reading = read([Fixed(CLEAN), second], [Fixed(other), second])
    assert (reading.trusted, reading.match, second.asked, reading.second_looks) == (False, False, [], ())
