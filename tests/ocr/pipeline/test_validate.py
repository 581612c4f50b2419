"""What the witnesses of one card make of its print: which failures are reported first, what is trusted, what is not."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ocr.pipeline.errors import (
    BirthDateUnreadable,
    CurpNotFound,
    ExpirationDateUnreadable,
    FrontNotFound,
    GenderUnreadable,
    NamesUnreadable,
    NumberUnreadable,
    OcrError,
)
from ocr.pipeline.match import compare, matches
from ocr.pipeline.spelling import fuse, spell
from ocr.pipeline.types import Field, FrontText, Line, MrzText, Text
from ocr.pipeline.validate import Verdict, judge
from tests.ocr.pipeline.cards import (
    CURP,
    G_LABELS,
    KEY,
    MRZ,
    doubting,
    free,
    front_text,
    line,
    lit,
    quad,
    spelled_mrz,
    value,
)
from validators import curp as curps
from validators import mrz as mrzs

TODAY = date(2026, 1, 15)
NO_FRONT = FrontText({}, (), (), frozenset(), "", False)


def judged(mrz: MrzText | None = None, front: FrontText | None = None) -> Verdict:
    return judge(mrz or spelled_mrz(), front or front_text(), today=TODAY)


def back(line_1: str | Line = MRZ[0], line_2: str | Line = MRZ[1], line_3: str | Line = MRZ[2]) -> MrzText:
    return spelled_mrz((line_1, line_2, line_3))


def with_checks(line_1: str, line_2: str, line_3: str) -> tuple[str, str, str]:
    """The same lines, every check digit put right."""
    first = line_1[:14] + mrzs.check_digit(line_1[5:14]) + line_1[15:]
    second = line_2[:6] + mrzs.check_digit(line_2[:6]) + line_2[7:14] + mrzs.check_digit(line_2[8:14]) + line_2[15:29]
    covered = first[5:30] + second[0:7] + second[8:15] + second[18:29]
    return first, second + mrzs.check_digit(covered), line_3


def named(line_3: str, *name: str, **other: Any) -> Verdict:
    """A card with these names, whatever its keys say of them."""
    return judged(back(line_3=line_3.ljust(30, "<")), front_text(name=name, **other))


def said(fields: Mapping[str, Field], *names: str) -> tuple[object, ...]:
    return tuple(fields[name].value for name in names)


def failing(verdict: Verdict) -> set[str]:
    return {validation.name for validation in verdict.validations if validation.passed is False}


# --- it works --------------------------------------------------------------------------------------------------------


def test_a_card_whose_witnesses_all_agree_is_trusted() -> None:
    verdict = judged()
    assert verdict.trusted
    assert (verdict.unconfirmed, verdict.missing, verdict.doubts) == ((), (), ())


def test_every_validation_passes_and_is_named() -> None:
    outcomes = {validation.name: validation.passed for validation in judged().validations}
    assert outcomes == dict.fromkeys(
        ("mrz.cic", "mrz.birth", "mrz.expiry", "mrz.composite", "mrz.structure", "curp", "elector_key"), True
    )


def test_the_back_as_the_mrz_prints_it() -> None:
    assert {name: field.value for name, field in judged().back.items()} == {
        "country_code": "MEX",
        "document_number": "0747123456789",
        "citizen_id": "123456789",
        "cic": "123456789",
        "birth_date": date(1982, 5, 6),
        "gender": "H",
        "expiration_date": date(2033, 12, 31),
        "surname": "HERNANDEZ GARCIA",
        "name": "JUAN CARLOS",
    }


def test_the_front_as_it_is_printed() -> None:
    assert {name: field.value for name, field in judged().front.items()} == {
        "name": "JUAN CARLOS",
        "surname": "HERNÁNDEZ GARCÍA",
        "address": "AV REFORMA 123 COL CENTRO 22000 TIJUANA, B.C.",
        "curp": CURP,
        "elector_key": KEY,
        "validity_period": "2023-2033",
        "date_of_birth": date(1982, 5, 6),
        "section": "0747",
        "gender": "H",
        "emission_number": "01",
    }


def test_what_is_confirmed_is_given_nearly_full_confidence() -> None:
    verdict = judged()
    fields = {**verdict.back, **verdict.front}
    assert all(field.confidence > 0.95 for field in fields.values())
    assert all(verdict.front[name].confirmed for name in ("curp", "elector_key", "section", "date_of_birth"))
    assert all(verdict.back[name].confirmed for name in ("cic", "document_number", "birth_date", "expiration_date"))


def test_a_field_says_where_it_stands_and_who_read_it() -> None:
    curp = judged(front=front_text(curp=line(CURP, 320, 492))).front["curp"]
    assert (curp.box, curp.source) == (quad(320, 492, 500, 512), "hand")


# --- the numbered errors, in order -----------------------------------------------------------------------------------

GONE = "~"


def gone(text: str, start: int, stop: int) -> str:
    return text[:start] + GONE * (stop - start) + text[stop:]


FAILURES: list[tuple[type[OcrError], MrzText, FrontText]] = [
    (NumberUnreadable, back(gone(MRZ[0], 5, 15)), front_text()),
    (NumberUnreadable, back(gone(MRZ[0], 17, 30)), front_text()),
    (BirthDateUnreadable, back(line_2=gone(MRZ[1], 0, 7)), front_text()),
    (BirthDateUnreadable, back(line_2="8213063" + MRZ[1][7:]), front_text()),
    (GenderUnreadable, back(line_2=gone(MRZ[1], 7, 8)), front_text()),
    (ExpirationDateUnreadable, back(line_2=gone(MRZ[1], 8, 15)), front_text()),
    (ExpirationDateUnreadable, back(line_2=MRZ[1][:8] + "3313315" + MRZ[1][15:]), front_text()),
    (NamesUnreadable, back(line_3="<" * 30), front_text()),
    (FrontNotFound, back(), NO_FRONT),
    (CurpNotFound, back(), front_text(curp=None)),
]


@pytest.mark.parametrize(("error", "mrz", "front"), FAILURES)
def test_what_cannot_be_read_is_a_numbered_error(error: type[OcrError], mrz: MrzText, front: FrontText) -> None:
    with pytest.raises(error):
        judged(mrz, front)


def test_a_missing_line_1_leaves_no_number() -> None:
    first = back().lines[0]
    with pytest.raises(NumberUnreadable):
        judged(MrzText((replace(first, fits=(0.0,) * 30), *back().lines[1:])))


ALL_GONE = (gone(MRZ[0], 5, 30), gone(MRZ[1], 0, 15), "<" * 30)
ORDER = (
    (NumberUnreadable, ALL_GONE, NO_FRONT),
    (BirthDateUnreadable, (MRZ[0], *ALL_GONE[1:]), NO_FRONT),
    (GenderUnreadable, (MRZ[0], gone(MRZ[1], 7, 15), ALL_GONE[2]), NO_FRONT),
    (ExpirationDateUnreadable, (MRZ[0], gone(MRZ[1], 8, 15), ALL_GONE[2]), NO_FRONT),
    (NamesUnreadable, (*MRZ[:2], ALL_GONE[2]), NO_FRONT),
    (FrontNotFound, MRZ, NO_FRONT),
    (CurpNotFound, MRZ, front_text(curp=None)),
)


@pytest.mark.parametrize(("error", "lines", "front"), ORDER)
def test_of_several_failures_the_first_of_the_contract_is_raised(
    error: type[OcrError], lines: tuple[str, str, str], front: FrontText
) -> None:
    with pytest.raises(error) as caught:
        judged(spelled_mrz(lines), front)
    assert type(caught.value) is error


@pytest.mark.parametrize("sex", ["M", "H", "X", "<"])
def test_these_sexes_are_no_error(sex: str) -> None:
    verdict = judged(back(line_2=MRZ[1][:7] + sex + MRZ[1][8:]))
    assert verdict.back["gender"].value == {"<": None}.get(sex, sex)


def test_f_is_a_woman() -> None:
    assert judged(back(line_2=MRZ[1][:7] + "F" + MRZ[1][8:])).back["gender"].value == "M"


def test_a_failing_check_digit_is_no_error_but_not_trusted() -> None:
    verdict = judged(back(line_2=MRZ[1][:6] + "9" + MRZ[1][7:]))
    assert verdict.back["birth_date"].value == date(1982, 5, 6)
    assert {"mrz.birth", "mrz.composite"} <= failing(verdict)
    assert not verdict.trusted
    assert "mrz" in verdict.unconfirmed


# --- cards that must not be trusted ----------------------------------------------------------------------------------

SPECIMEN = ("IDMEX1836577170<<0747116375842", "8007057M1812315MEX<02<<12345<7", "GOMEZ<VELAZQUEZ<<MARGARITA<<<<")


def specimen() -> FrontText:
    return front_text(
        name=("GÓMEZ", "VELÁZQUEZ", "MARGARITA"),
        curp="GOVM800705MCLMLR01",
        elector_key="GMVLMR80070501M100",
        registration="200002",
        date_of_birth="05/07/1980",
        validity="2008-2018",
        sex="M",
    )


def test_the_official_specimen_is_read_but_not_trusted() -> None:
    """Its check digits are dummies (ine.md)."""
    verdict = judged(spelled_mrz(SPECIMEN), specimen())
    assert said(verdict.back, "cic", "document_number", "surname", "name") == (
        "183657717", "0747116375842", "GOMEZ VELAZQUEZ", "MARGARITA"
    )  # fmt: skip
    assert verdict.front["curp"].value == "GOVM800705MCLMLR01"
    assert not verdict.trusted
    assert "curp.check_digit" in failing(verdict)
    assert any(name.startswith("mrz.") for name in failing(verdict))


OTHER = with_checks(
    "IDMEX2222222220<<0999222222222", "9012250M3012310MEX<03<<54321<0", "QUINONES<PENA<<VERONICA<<<<<<<<"
)


def test_another_persons_back_is_neither_trusted_nor_a_match() -> None:
    verdict = judged(spelled_mrz(OTHER))
    assert not verdict.trusted
    dates = {"birth date, CURP and MRZ", "birth date, elector key and MRZ", "birth date, print and MRZ"}
    assert dates | {"sex, all witnesses"} <= set(verdict.doubts)
    pairs = compare(verdict.front, verdict.mrz, verdict.born)
    assert not matches(pairs, 0)
    assert {"surname", "name", "date_of_birth"} <= {pair.name for pair in pairs if pair.contradicts}


def test_another_persons_back_changes_nothing_of_the_front() -> None:
    own, other = judged(), judged(spelled_mrz(OTHER))
    assert said(other.front, *own.front) == said(own.front, *own.front)


@pytest.mark.parametrize(
    ("changed", "doubt"),
    [
        ({"date_of_birth": "07/05/1982"}, "birth date, print and MRZ"),
        ({"validity": "2024-2034"}, "expiry, print and MRZ"),
        ({"registration": "200002"}, "emission number, print and MRZ"),
        ({"sex": "M"}, "sex, all witnesses"),
        ({"elector_key": KEY[:12] + "09H900"}, "state, CURP and elector key"),
        ({"elector_key": KEY[:6] + "820507" + KEY[12:]}, "birth date, elector key and MRZ"),
    ],
)
def test_each_contradiction_is_named_and_not_trusted(changed: dict[str, Any], doubt: str) -> None:
    verdict = judged(front=front_text(**changed))
    assert doubt in verdict.doubts
    assert not verdict.trusted


@pytest.mark.parametrize("entity", ["00", "87", "88"])
def test_entities_that_name_no_state_contradict_no_state(entity: str) -> None:
    assert judged(front=front_text(elector_key=KEY[:12] + entity + KEY[14:])).doubts == ()


@pytest.mark.parametrize("name", ["elector_key", "section", "date_of_birth"])
def test_a_missing_key_field_is_not_trusted_and_wanted(name: str) -> None:
    without: dict[str, Any] = {name: None}
    verdict = judged(front=front_text(**without))
    assert name in verdict.unconfirmed
    assert not verdict.trusted
    field = verdict.front[name]
    assert (field.value, field.confirmed) == (None, False)
    assert field.reason


# --- the CURP --------------------------------------------------------------------------------------------------------


def test_a_misread_curp_is_corrected_where_reader_and_witnesses_agree() -> None:
    """3 for the 8 of the year: the MRZ's date and the check digit demand what the reader gave some weight."""
    seen = doubting(CURP, {4: {"3": 0.6, "8": 0.39}})
    assert seen.text[4] == "3"
    curp = judged(front=front_text(curp=seen)).front["curp"]
    assert (curp.value, curp.confirmed) == (CURP, True)


def test_a_misread_curp_is_not_corrected_without_the_reader_having_seen_it() -> None:
    wrong = CURP[:4] + "3" + CURP[5:]
    verdict = judged(front=front_text(curp=wrong))
    assert verdict.front["curp"].value == wrong
    assert not verdict.front["curp"].confirmed
    assert "curp" in verdict.unconfirmed
    assert "birth date, CURP and MRZ" in verdict.doubts


def test_a_homonym_digit_that_only_the_check_digit_corrects_is_not_sure() -> None:
    seen = doubting(CURP, {16: {"9": 0.55, "0": 0.44}})
    verdict = judged(front=front_text(curp=seen))
    assert verdict.front["curp"].value == CURP
    assert not verdict.front["curp"].confirmed
    assert not verdict.trusted


def test_initials_are_vouched_for_by_the_printed_names_and_the_key() -> None:
    seen = doubting(CURP, {13: {"N": 0.6, "R": 0.39}})
    assert judged(front=front_text(curp=seen)).front["curp"].confirmed


def test_a_curp_with_a_wrong_check_digit_is_returned_as_read_and_not_trusted() -> None:
    wrong = CURP[:17] + "5"
    verdict = judged(front=front_text(curp=wrong))
    assert verdict.front["curp"].value == wrong
    assert "curp.check_digit" in failing(verdict)
    assert not verdict.trusted


def test_a_valid_curp_of_another_day_is_not_trusted() -> None:
    other = CURP[:4] + "820507" + CURP[10:17]
    verdict = judged(front=front_text(curp=other + curps.check_digit(other)))
    assert "birth date, CURP and MRZ" in verdict.doubts
    assert not verdict.trusted


# --- the CURP and the MRZ's names ------------------------------------------------------------------------------------

OTHER_FIRST = "X"
"""No initial of HERNANDEZ GARCIA JUAN."""


def with_digit(first17: str) -> str:
    return first17 + curps.check_digit(first17)


def initials_wrong(place: int, letter: str = OTHER_FIRST) -> str:
    """The CURP with another letter, its check digit put right."""
    return with_digit(CURP[:place] + letter + CURP[place + 1 : 17])


ROOMY = back(line_3="HERNANDEZ<GARCIA<<JUAN".ljust(30, "<"))
"""An MRZ that had room for every name: no given name may have been cut off it."""


def of_juan(curp: str | Line) -> FrontText:
    return front_text(name=("HERNÁNDEZ", "GARCÍA", "JUAN"), curp=curp)


@pytest.mark.parametrize("place", [0, 3])
def test_a_curp_with_another_initial_than_the_mrzs_names_is_not_confirmed_though_its_digit_holds(place: int) -> None:
    wrong = initials_wrong(place)
    verdict = judged(ROOMY, of_juan(wrong))
    assert "curp.check_digit" not in failing(verdict)
    assert verdict.front["curp"].value == wrong
    assert not verdict.front["curp"].confirmed
    assert "curp" in verdict.unconfirmed
    assert not verdict.trusted


@pytest.mark.parametrize("place", [0, 3])
def test_an_initial_that_the_reader_hesitated_about_is_settled_by_the_mrzs_names(place: int) -> None:
    seen = doubting(CURP, {place: {OTHER_FIRST: 0.6, CURP[place]: 0.39}})
    curp = judged(ROOMY, of_juan(seen)).front["curp"]
    assert (curp.value, curp.confirmed) == (CURP, True)


def test_an_initial_that_only_the_check_digit_doubts_is_not_put_right_where_the_reader_did_not_see_it() -> None:
    wrong = OTHER_FIRST + CURP[1:]
    curp = judged(ROOMY, of_juan(wrong)).front["curp"]
    assert (curp.value, curp.confirmed) == (wrong, False)


@pytest.mark.parametrize("place", [1, 2])
def test_the_second_and_third_letter_are_not_held_against_them(place: int) -> None:
    """The MRZ does not tell where the first surname ends: two words may be one surname."""
    assert "curp" not in judged(ROOMY, of_juan(initials_wrong(place))).unconfirmed


def test_of_a_cut_mrz_the_surname_alone_counts() -> None:
    """MARIA<DE<LOS may have lost the name that the CURP goes by."""
    cut = back(line_3="HERNANDEZ<GARCIA<<MARIA<DE<LOS")
    names = ("HERNÁNDEZ", "GARCÍA", "MARÍA DE LOS ÁNGELES")
    assert "curp" not in judged(cut, front_text(name=names, curp=initials_wrong(3, "A"))).unconfirmed
    assert "curp" in judged(cut, front_text(name=names, curp=initials_wrong(0))).unconfirmed


def test_an_mrz_whose_surnames_fill_it_says_nothing_of_the_curp() -> None:
    full = back(line_3="FERNANDEZ<DE<CASTRO<Y<VILLAVIC")
    assert "curp" not in judged(full, front_text(name=(), elector_key=None)).unconfirmed


def test_an_n_of_the_mrz_may_be_an_enye_that_the_curp_prints_as_x() -> None:
    mrz = back(line_3="NUNEZ<GARCIA<<JUAN<CARLOS".ljust(30, "<"))
    for letter in "NX":
        curp = with_digit(letter + "U" + CURP[2:17])
        front = front_text(name=("ÑUÑEZ", "GARCÍA", "JUAN CARLOS"), curp=curp)
        assert "curp" not in judged(mrz, front).unconfirmed
    front = front_text(name=("ÑUÑEZ", "GARCÍA", "JUAN CARLOS"), curp=with_digit("MU" + CURP[2:17]))
    assert "curp" in judged(mrz, front).unconfirmed


@pytest.mark.parametrize(("given", "letter"), [("MARIA<LUISA", "L"), ("JOSE<LUIS", "L"), ("MARIA", "M")])
def test_a_first_given_name_that_a_curp_passes_over_is_passed_over(given: str, letter: str) -> None:
    """`validators.curp.initials`: of María and José the next name counts."""
    mrz = back(line_3=f"HERNAN<GARCIA<<{given}".ljust(30, "<"))
    for said_letter, confirmed in ((letter, True), ("X", False)):
        front = front_text(name=("HERNÁN", "GARCÍA", given.replace("<", " ")), curp=initials_wrong(3, said_letter))
        assert ("curp" not in judged(mrz, front).unconfirmed) is confirmed


# --- the elector key -------------------------------------------------------------------------------------------------


def test_a_misread_key_is_corrected_by_the_curp_and_the_mrz() -> None:
    seen = doubting(KEY, {1: {"P": 0.6, "R": 0.39}, 9: {"6": 0.6, "5": 0.39}})
    key = judged(front=front_text(elector_key=seen)).front["elector_key"]
    assert (key.value, key.confirmed) == (KEY, True)


@pytest.mark.parametrize(("score", "confirmed"), [(0.99, True), (0.9, False)])
def test_its_last_digits_have_no_witness_but_their_scores(score: float, confirmed: bool) -> None:
    seen = doubting(KEY, {16: {"0": score, "8": 0.99 - score}})
    verdict = judged(front=front_text(elector_key=seen))
    assert verdict.front["elector_key"].value == KEY
    assert verdict.front["elector_key"].confirmed is confirmed
    assert verdict.trusted is confirmed


def test_a_second_reader_confirms_the_last_digits() -> None:
    doubtful = value("elector_key", doubting(KEY, {16: {"0": 0.9, "8": 0.09}}))
    assert judged(front=front_text(elector_key=fuse(doubtful, value("elector_key", KEY)))).trusted


def test_a_second_reader_that_says_otherwise_does_not() -> None:
    both = fuse(value("elector_key", KEY), value("elector_key", KEY[:16] + "80"))
    assert not judged(front=front_text(elector_key=both)).trusted


# --- the MRZ's numbers -----------------------------------------------------------------------------------------------


def test_a_misread_digit_is_corrected_by_check_digits_but_not_confirmed_by_them() -> None:
    seen = doubting(MRZ[0], {8: {"9": 0.55, "4": 0.44}})
    verdict = judged(back(seen))
    assert verdict.back["cic"].value == "123456789"
    assert not verdict.back["cic"].confirmed
    assert "mrz" in verdict.unconfirmed


def test_a_misread_birth_date_is_corrected_by_check_digits_and_confirmed_by_the_front() -> None:
    seen = doubting(MRZ[1], {1: {"3": 0.55, "2": 0.44}})
    verdict = judged(back(line_2=seen))
    assert verdict.back["birth_date"].value == date(1982, 5, 6)
    assert verdict.back["birth_date"].confirmed


def test_a_doubtful_sex_is_confirmed_by_the_front() -> None:
    seen = doubting(MRZ[1], {7: {"H": 0.6, "M": 0.39}})
    assert judged(back(line_2=seen)).back["gender"].confirmed
    hidden = front_text(curp=CURP[:10] + "X" + CURP[11:], elector_key=None, sex=None)
    assert not judged(back(line_2=seen), hidden).back["gender"].confirmed


def test_a_back_without_its_places_and_scores_is_still_read() -> None:
    assert judged(back(lit(MRZ[0]), lit(MRZ[1]), lit(MRZ[2]))).trusted


# --- the section -----------------------------------------------------------------------------------------------------


def test_a_section_that_equals_the_ocr_number_is_confirmed() -> None:
    doubtful = doubting("0747", {i: {digit: 0.7, "3": 0.29} for i, digit in enumerate("0747")})
    verdict = judged(front=front_text(section=doubtful))
    assert (verdict.front["section"].value, verdict.front["section"].confirmed) == ("0747", True)


def test_a_section_that_the_reader_hesitated_about_is_settled_by_the_ocr_number() -> None:
    seen = doubting("0747", {2: {"1": 0.6, "4": 0.39}})
    section = judged(front=front_text(section=seen)).front["section"]
    assert (section.value, section.confirmed) == ("0747", True)


def test_a_section_that_differs_needs_its_scores() -> None:
    """The section printed in front may differ from the first four of the 13 digits: the holder moved."""
    sure = judged(front=front_text(section=doubting("1234", {})))
    assert (sure.front["section"].value, sure.front["section"].confirmed, sure.trusted) == ("1234", True, True)
    unsure = judged(front=front_text(section=doubting("1234", {2: {"3": 0.9, "8": 0.09}})))
    assert (unsure.front["section"].value, unsure.front["section"].confirmed, unsure.trusted) == ("1234", False, False)


@pytest.mark.parametrize(("section", "confirmed"), [("0748", False), ("0738", True)])
def test_a_section_that_is_the_ocr_number_but_for_a_doubtful_digit_is_that_one_misread(
    section: str, *, confirmed: bool
) -> None:
    """However many readers misread it."""
    seen = value("section", doubting(section, {3: {section[3]: 0.92, "3": 0.06}}))
    thrice = fuse(fuse(seen, seen), seen)
    assert thrice.scores[3] > 0.99
    assert judged(front=front_text(section=thrice)).front["section"].confirmed is confirmed


def test_one_that_was_read_surely_is_the_next_one() -> None:
    surely = judged(front=front_text(section=doubting("0748", {}))).front["section"]
    assert (surely.value, surely.confirmed) == ("0748", True)


def test_a_contested_section_that_differs_is_never_sure() -> None:
    contested = replace(value("section", "1234"), contested=True)
    verdict = judged(front=front_text(section=contested))
    assert not verdict.front["section"].confirmed
    assert "section" in verdict.unconfirmed
    twice = replace(fuse(value("section", "1234"), value("section", "1234")), contested=True)
    assert not judged(front=front_text(section=twice)).front["section"].confirmed


def test_a_contested_section_that_equals_the_ocr_number_is_sure() -> None:
    assert judged(front=front_text(section=replace(value("section", "0747"), contested=True))).trusted


def twice(name: str, said: str) -> Text:
    return fuse(value(name, said), value(name, said))


def test_two_readings_and_every_year_of_the_card_tell_a_section_from_a_year() -> None:
    assert judged(front=front_text(section=twice("section", "1962"))).trusted
    assert not judged(front=front_text(section="1962")).trusted
    assert not judged(front=front_text(section=twice("section", "2033"))).trusted
    assert not judged(front=front_text(section=twice("section", "1982"))).trusted
    assert not judged(front=front_text(section=twice("section", "1962"), validity=None)).trusted
    contested = replace(twice("section", "1962"), contested=True)
    assert not judged(front=front_text(section=contested)).trusted


@pytest.mark.parametrize("year", ["2023", "2033", "2000", "1982"])
def test_a_year_is_never_a_section_that_confirms_itself(year: str) -> None:
    section = judged(front=front_text(section=year)).front["section"]
    assert not section.confirmed


def test_no_section_is_expected_from_abroad() -> None:
    assert judged(front=front_text(section=None, abroad=True)).trusted


# --- sex -------------------------------------------------------------------------------------------------------------


def test_a_hidden_sex_is_no_contradiction() -> None:
    verdict = judged(front=front_text(sex=None))
    assert verdict.trusted
    assert verdict.front["gender"].value is None


@pytest.mark.parametrize("sex", ["NB", "X"])
def test_a_non_binary_sex_in_front_is_no_contradiction(sex: str) -> None:
    verdict = judged(front=front_text(sex=sex))
    assert verdict.doubts == ()
    assert verdict.front["gender"].value == "X"


def test_an_x_in_the_keys_is_no_contradiction() -> None:
    first17 = CURP[:10] + "X" + CURP[11:17]
    verdict = judged(
        front=front_text(curp=first17 + curps.check_digit(first17), elector_key=KEY[:14] + "X900", sex="X")
    )
    assert verdict.doubts == ()
    assert failing(verdict) == set()


# --- dates and validity ----------------------------------------------------------------------------------------------


def test_a_printed_date_that_is_none_is_read_but_makes_no_sense() -> None:
    born = judged(front=front_text(date_of_birth="31/02/1982")).front["date_of_birth"]
    assert born.value is None
    assert born.reason
    assert born.source == "hand"


def test_models_with_emission_print_both_years_apart() -> None:
    verdict = judged(front=front_text(validity="2033", emission="2023"))
    assert (verdict.front["validity_period"].value, verdict.front["validity_period"].confirmed) == ("2023-2033", True)


def test_without_the_year_of_issue_there_is_no_period() -> None:
    period = judged(front=front_text(validity="2033")).front["validity_period"]
    assert period.value is None
    assert period.reason


def test_a_model_without_a_birth_date_is_not_held_to_it() -> None:
    front = front_text(
        date_of_birth=None, validity="2033", emission="2023", issuer="IFE", labels=G_LABELS - {"date_of_birth"}
    )
    verdict = judged(front=front)
    assert verdict.trusted
    assert (verdict.front["date_of_birth"].value, verdict.model) == (None, "D")


def test_an_expired_card_is_trusted_all_the_same() -> None:
    assert judge(spelled_mrz(), front_text(), today=date(2050, 1, 1)).trusted


@pytest.mark.parametrize(
    ("front", "model"),
    [
        (front_text(), "G"),
        (front_text(abroad=True), "H"),
        (front_text(labels=G_LABELS | {"emission"}), "E"),
        (front_text(labels=G_LABELS | {"state"}, abroad=True), "F"),
        (front_text(issuer="IFE"), "D"),
        (front_text(labels=frozenset()), None),
        (front_text(validity="2026-2036"), "I"),
        (front_text(validity="2026-2036", abroad=True), "J"),
    ],
)
def test_the_model_is_told_by_issuer_labels_and_years(front: FrontText, model: str | None) -> None:
    assert judged(front=front).model == model


# --- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line_3", "name", "surname", "given"),
    [
        ("HERNANDEZ<GARCIA<<JUAN<CARLOS", ("HERNÁNDEZ", "GARCÍA", "JUAN CARLOS"), "HERNÁNDEZ GARCÍA", "JUAN CARLOS"),
        ("PRUEBA<<ALEX", ("PRUEBA", "ALEX"), "PRUEBA", "ALEX"),
        ("DE<LA<CRUZ<MUNOZ<<JUAN<CARLOS", ("DE LA CRUZ", "MUÑOZ", "JUAN CARLOS"), "DE LA CRUZ MUÑOZ", "JUAN CARLOS"),
        ("PRUEBA<<JUAN<CARLOS<ALBERTO", ("PRUEBA", "JUAN CARLOS", "ALBERTO"), "PRUEBA", "JUAN CARLOS ALBERTO"),
        (
            "FERNANDEZ<DE<CASTRO<Y<VILLAVIC",
            ("FERNÁNDEZ DE CASTRO", "Y VILLAVICENCIO", "ANA"),
            "FERNÁNDEZ DE CASTRO Y VILLAVICENCIO",
            "ANA",
        ),
        (
            "HERNANDEZ<GARCIA<<MARIA<DE<LOS",
            ("HERNÁNDEZ", "GARCÍA", "MARÍA DE LOS ÁNGELES", "GUADALUPE"),
            "HERNÁNDEZ GARCÍA",
            "MARÍA DE LOS ÁNGELES GUADALUPE",
        ),
        (
            "DE<LA<PRUEBA<NUNEZ<<MARIA<FICT",
            ("DE LA PRUEBA", "NÚÑEZ", "MARÍA FICTICIA"),
            "DE LA PRUEBA NÚÑEZ",
            "MARÍA FICTICIA",
        ),
    ],
    ids=["three_lines", "one_surname", "particles", "wrapped_given", "surname_fills_the_line", "four_lines", "cut"],
)  # fmt: skip
def test_where_given_names_begin_is_told_by_the_mrz(
    line_3: str, name: tuple[str, ...], surname: str, given: str
) -> None:
    assert said(named(line_3, *name).front, "surname", "name") == (surname, given)


def test_the_front_is_never_completed_from_the_mrz_nor_the_reverse() -> None:
    verdict = named("DE<LA<PRUEBA<NUNEZ<<MARIA<FICT", "DE LA PRUEBA", "NÚÑEZ", "MARÍA FICTICIA")
    assert said(verdict.back, "surname", "name") == ("DE LA PRUEBA NUNEZ", "MARIA FICT")


def test_a_rest_of_the_label_among_the_rows_is_no_name() -> None:
    verdict = judged(front=front_text(name=("NOMBR", "HERNÁNDEZ", "GARCÍA", "JUAN CARLOS")))
    assert said(verdict.front, "surname", "name") == ("HERNÁNDEZ GARCÍA", "JUAN CARLOS")


def test_an_address_of_which_a_row_was_taken_for_a_name_is_in_doubt_with_it() -> None:
    """Where the MRZ was misread, it takes the street for given names: no part of what is left was lost, but that."""
    lost = named("MUINOZROSARIO<ISABEL<<AV<ILLIM", "MUÑOZ", "ROSARIO", "ISABEL", address=("AV ILLIM", "TIJUANA, B.C."))
    assert said(lost.front, "name", "address") == ("AV ILLIM", "TIJUANA, B.C.")
    assert (lost.front["surname"].confirmed, lost.front["address"].confirmed) == (False, False)


@pytest.mark.parametrize("given", ["JUAN", "JUAN CARLOS"], ids=["with_room", "perhaps_cut"])
def test_an_address_row_among_the_names_is_address(given: str) -> None:
    """The label DOMICILIO and the digits were not read, so that all rows were taken for names."""
    line_3 = f"HERNANDEZ<GARCIA<<{given.replace(' ', '<')}"
    verdict = named(line_3, "HERNÁNDEZ", "GARCÍA", given, "AV REFORMA", "TIJUANA, B.C.", address=())
    assert said(verdict.front, "surname", "name", "address") == (
        "HERNÁNDEZ GARCÍA", given, "AV REFORMA TIJUANA, B.C."
    )  # fmt: skip


def test_what_stands_above_the_label_of_an_address_is_a_name_that_the_mrz_had_no_room_for() -> None:
    """Though it stands further below than the row above it does, as a second row of given names may."""
    rows = ["ROSARIO", "DE LIRA", "JOSE FRANCISCO", "CUAUHTEMOC XAVIER"]
    places = [quad(0, top, 200, top + 20) for top in (0, 24, 48, 82)]
    name = tuple(replace(row, quad=place) for row, place in zip(free(*rows), places, strict=True))
    front = replace(front_text(), name=name)
    verdict = judged(back(line_3="ROSARIO<DE<LIRA<<JOSE<FRANCISC"), front)
    assert said(verdict.front, "surname", "name") == ("ROSARIO DE LIRA", "JOSE FRANCISCO CUAUHTEMOC XAVIER")


@pytest.mark.parametrize("line_3", ["HERNANDEZ<GARCIA<<JUAN<CARLOS<", "HERNANDEZ<PEREZ<<MARIA<DE<LOS<"])
def test_where_the_mrz_had_no_room_for_more_the_rows_of_the_names_are_names(line_3: str) -> None:
    """All its columns or all but the last are taken: what follows on the front cannot be told by it."""
    surname, given = (part.replace("<", " ").strip() for part in line_3.split("<<"))
    verdict = named(line_3, *surname.split(), given, "ANTONIO")
    assert said(verdict.front, "surname", "name") == (surname, f"{given} ANTONIO")
    assert verdict.front["name"].confirmed


def test_where_the_mrz_had_room_a_row_that_it_does_not_have_is_no_name() -> None:
    verdict = named("HERNANDEZ<GARCIA<<JUAN<ABEL", "HERNÁNDEZ", "GARCÍA", "JUAN ABEL", "ANTONIO")
    assert said(verdict.front, "surname", "name") == ("HERNÁNDEZ GARCÍA", "JUAN ABEL")


def test_a_name_among_the_address_rows_is_a_name() -> None:
    verdict = judged(front=front_text(name=("HERNÁNDEZ", "GARCÍA"), address=("JUAN CARLOS", "AV REFORMA 123")))
    assert said(verdict.front, "surname", "name", "address") == ("HERNÁNDEZ GARCÍA", "JUAN CARLOS", "AV REFORMA 123")


@pytest.mark.parametrize("rest", ["DOMICIL", "DOMCLIO", "OMIC1LIO", "DONICIUO"])
@pytest.mark.parametrize("among", ["name", "address"])
def test_a_badly_read_rest_of_the_label_domicilio_is_neither_a_name_nor_a_street(rest: str, among: str) -> None:
    front, (row,) = front_text(), free(rest, score=0.8)
    with_rest = {
        "name": replace(front, name=(*front.name, row)),
        "address": replace(front, address=(row, *front.address)),
    }
    verdict = judged(front=with_rest[among])
    assert said(verdict.front, "surname", "name", "address") == said(judged().front, "surname", "name", "address")


@pytest.mark.parametrize("rest", ["DOMICIL", "OMICILIO", "MICILI"])
def test_a_part_of_the_label_is_a_rest_of_it_however_surely_it_was_read(rest: str) -> None:
    assert judged(front=front_text(address=(rest, "AV REFORMA 123"))).front["address"].value == "AV REFORMA 123"


def test_one_badly_read_letter_of_another_spelling_is_enough() -> None:
    rest = Text("DOMCLIO", (0.99,) * 6 + (0.7,), None, "hand")
    verdict = judged(front=replace(front_text(), address=(rest, *front_text().address)))
    assert verdict.front["address"].value == "AV REFORMA 123 COL CENTRO 22000 TIJUANA, B.C."


@pytest.mark.parametrize(("street", "score"), [("DOMINGO", 0.99), ("DOMICILIO 4", 0.5), ("AV REFORMA 123", 0.5)])
def test_a_surely_read_word_and_one_of_several_words_is_a_street(street: str, score: float) -> None:
    front = front_text(address=("COL CENTRO 22000", "TIJUANA, B.C."))
    verdict = judged(front=replace(front, address=(*free(street, score=score), *front.address)))
    assert verdict.front["address"].value == f"{street} COL CENTRO 22000 TIJUANA, B.C."


def test_a_surely_read_emilio_is_a_name() -> None:
    """It is 67 per cent DOMICILIO."""
    assert said(named("HERNANDEZ<GARCIA<<EMILIO", "HERNÁNDEZ", "GARCÍA", "EMILIO").front, "name") == ("EMILIO",)


def test_a_name_that_the_mrz_repeats_is_no_rest_of_a_label_however_badly_it_was_read() -> None:
    """It is 43 per cent DOMICILIO."""
    front = front_text(name=())
    front = replace(front, name=(*free("MEJIA", "IBAÑEZ"), *free("ÍÑIGO", score=0.8)))
    verdict = judged(back(line_3="MEJIA<IBANEZ<<INIGO".ljust(30, "<")), front)
    assert said(verdict.front, "surname", "name") == ("MEJIA IBAÑEZ", "IÑIGO")


def test_names_that_were_not_read_are_missing_and_null() -> None:
    verdict = judged(front=front_text(name=(), address=()))
    assert said(verdict.front, "surname", "name", "address") == (None, None, None)
    assert {"surname", "name", "address"} <= set(verdict.missing)


def test_an_accent_that_the_reader_is_not_sure_of_is_a_speck() -> None:
    unsure = replace(front_text(), name=free("HERNÁNDEZ", "GARCÍA", "JUAN CARLOS", score=0.8))
    assert said(judged(front=unsure).front, "surname") == ("HERNANDEZ GARCIA",)


def test_so_it_is_not_on_a_card_with_an_accent_that_it_is_sure_of() -> None:
    rows = replace(free("HERNÁNDEZ")[0], scores=(0.7,) * 10), *free("GARCIA", "JOSÉ CARLOS")
    assert said(judged(front=replace(front_text(), name=rows)).front, "surname") == ("HERNÁNDEZ GARCIA",)


def test_a_lone_letter_has_no_accent() -> None:
    rows = free("C 17 692 Á X 111", "COL COLÓN", "TIJUANA, B.C.")
    assert said(judged(front=replace(front_text(), address=rows)).front, "address") == (
        "C 17 692 A X 111 COL COLÓN TIJUANA, B.C.",
    )


@pytest.mark.parametrize(("score", "told"), [(0.99, "AV BERLÍN 9 COL COLÓN"), (0.9, "AV BERLIN 9 COL COLON")])
def test_an_address_has_accents_where_the_reader_is_sure_of_one(score: float, told: str) -> None:
    rows = (*free("AV BERLÍN 9", score=0.9), *free("COL COLÓN", score=score), *free("TIJUANA, B.C."))
    assert said(judged(front=replace(front_text(), address=rows)).front, "address") == (f"{told} TIJUANA, B.C.",)


@pytest.mark.parametrize(("score", "told"), [(0.85, "LUNA GARCÍA"), (0.97, "LUNÁ GARCÍA")])
def test_an_accent_on_a_last_a_is_one_where_two_readers_saw_it(score: float, told: str) -> None:
    rows = (doubtful("LUNÁ", 3, score=score), *free("GARCÍA", "JUAN CARLOS"))
    assert said(judged(front=replace(front_text(), name=rows)).front, "surname") == (told,)


@pytest.mark.parametrize(
    ("printed", "score", "told"),
    [
        ("ARGÜELLES", 0.7, "ARGÜELLES"),
        ("AGÚERO", 0.7, "AGÜERO"),
        ("GÜERRERO", 0.4, "GUERRERO"),
        ("MÜLLER", 0.7, "MULLER"),
        ("MÜLLER", 0.99, "MÜLLER"),
    ],
)
def test_dots_between_g_and_e_stand_on_cards_without_accents(printed: str, score: float, told: str) -> None:
    row = Text(printed, tuple(score if letter in "ÜÚ" else 0.99 for letter in printed), None, "hand")
    unsure = replace(front_text(), name=(row, *free("GARCIA", "JUAN CARLOS")))
    assert said(judged(front=unsure).front, "surname") == (f"{told} GARCIA",)


# --- names of one side held against those of the other ---------------------------------------------------------------

SURE_MRZ = "HERNANDEZ<GARCIA<<JUAN<CARLOS<"


def doubtful(text: str, *places: int, score: float = 0.5) -> Text:
    """A row of a name of whose letters at these places the reader was not sure."""
    return Text(text, tuple(score if i in places else 0.99 for i in range(len(text))), None, "hand")


def printed(*rows: Text, line_3: str | Line = SURE_MRZ) -> Verdict:
    return judged(back(line_3=line_3), replace(front_text(), name=rows))


@pytest.mark.parametrize(
    ("row", "told"), [("DELAO", "DE LA O"), ("DE LA O", "DE LA O"), ("D ELAO", "DE LA O"), ("DELAS", "DELAS")]
)
def test_spaces_that_a_reader_lost_are_those_of_the_mrz(row: str, told: str) -> None:
    verdict = printed(*free("HERNÁNDEZ", row, "JUAN"), line_3="HERNANDEZ<DE<LA<O<<JUAN<<<<<<<")
    assert said(verdict.front, "surname") == (f"HERNÁNDEZ {told}",)


def test_spaces_are_added_and_none_taken_away() -> None:
    verdict = printed(*free("HERNANDEZ", "DE LA O", "JUAN"), line_3="HERNANDEZ<DELAO<<JUAN<<<<<<<<<")
    assert said(verdict.front, "surname") == ("HERNANDEZ DE LA O",)


def test_a_doubtful_letter_yields_to_that_of_the_mrz_where_all_others_agree() -> None:
    verdict = printed(doubtful("HERNANBEZ", 6), *free("GARCIA", "JUAN CARLOS"))
    assert said(verdict.front, "surname", "name") == ("HERNANDEZ GARCIA", "JUAN CARLOS")
    assert verdict.front["surname"].confirmed


def test_so_do_two() -> None:
    assert said(printed(*free("HERNANDEZ", "GARCIA"), doubtful("IUAN CARLQS", 0, 9)).front, "name") == ("JUAN CARLOS",)


def test_three_are_another_name() -> None:
    name = doubtful("IUAN CRRIOS", 0, 6, 8)
    assert said(printed(*free("HERNANDEZ", "GARCIA"), name).front, "name") == ("IUAN CRRIOS",)


def test_a_letter_of_which_the_reader_was_sure_stays() -> None:
    verdict = printed(*free("HERNANBEZ", "GARCIA", "JUAN CARLOS"))
    assert said(verdict.front, "surname") == ("HERNANBEZ GARCIA",)
    assert said(verdict.back, "surname") == ("HERNANDEZ GARCIA",)


def test_of_two_doubtful_letters_the_mrzs_must_be_the_surer() -> None:
    unsure = doubting(SURE_MRZ, {6: {"D": 0.4, "B": 0.3}})
    verdict = printed(doubtful("HERNANEEZ", 6, score=0.7), *free("GARCIA", "JUAN CARLOS"), line_3=unsure)
    assert said(verdict.front, "surname") == ("HERNANEEZ GARCIA",)


def test_an_accent_and_an_enye_are_no_other_letter() -> None:
    rows = doubtful("NÚÑEZ", 2, score=0.9), *free("GARCÍA", "JUAN CARLOS")
    for mrz in ("NUNEZ", "NUXEZ"):
        line_3 = f"{mrz}<GARCIA<<JUAN<CARLOS".ljust(30, "<")
        assert said(printed(*rows, line_3=line_3).front, "surname") == ("NÚÑEZ GARCÍA",)


def test_names_that_differ_are_sure_on_neither_side() -> None:
    verdict = printed(*free("HERNANBEZ", "GARCIA", "JUAN CARLOS"))
    for fields in (verdict.front, verdict.back):
        assert not fields["surname"].confirmed
        assert fields["surname"].confidence <= 0.9
        assert fields["name"].confirmed


def test_names_that_both_sides_print_alike_confirm_one_another() -> None:
    verdict = printed(*free("HERNANDEZ", "GARCIA", "JUAN CARLOS", score=0.6))
    for fields, witness in ((verdict.front, "mrz"), (verdict.back, "front")):
        for name in ("surname", "name"):
            assert fields[name].confirmed
            assert fields[name].confidence > 0.95
            assert witness in fields[name].witnesses


CUT_NAMES = ("IX", "LOPEZ ORTEGA", "IMELDA MONICA ITZEL")


def cut(*doubtful_places: int) -> Field:
    """The given names, of which the MRZ has no room for the last."""
    rows = (*free(*CUT_NAMES[:2]), doubtful(CUT_NAMES[2], *doubtful_places))
    return printed(*rows, line_3="IX<LOPEZ<ORTEGA<<IMELDA<MONICA").front["name"]


def test_an_mrz_does_not_confirm_what_it_had_no_room_for() -> None:
    assert (cut().confirmed, cut().confidence) == (True, 0.99)
    assert cut(1).confirmed, "the M of IMELDA stands in both"
    assert (cut(14).value, cut(14).confirmed) == ("IMELDA MONICA ITZEL", False)


@pytest.mark.parametrize(("others", "confirmed"), [(("ITZEL",), True), (("YTZEL",), False), (("YTZEL", "ITZEL"), True)])
def test_of_what_it_had_no_room_for_readers_that_differ_are_not_confirmed(
    others: tuple[str, ...], confirmed: bool
) -> None:
    front = replace(front_text(), name=free(*CUT_NAMES))
    rows = (free(*CUT_NAMES[:2], f"IMELDA MONICA {last}") for last in others)
    read = tuple((tuple(replace(row, reader=f"{i}") for row in names), ()) for i, names in enumerate(rows))
    third = back(line_3="IX<LOPEZ<ORTEGA<<IMELDA<MONICA")
    field = judged(third, replace(front, other_rows=read)).front["name"]
    assert (field.value, field.confirmed) == (CUT_NAMES[2], confirmed)


@pytest.mark.parametrize(("street", "drop", "extra"), [("C ABEDUL 41", 30, True), ("C ABEDUL 41", 60, False)])
def test_a_row_close_below_the_names_that_it_had_no_room_for_is_one(street: str, drop: int, extra: bool) -> None:
    """Where the label below the names was not found, it was told as the first row of the address."""
    tops = (100, 130, 160, 160 + drop, 260, 290, 320)
    texts = ("TEHUITZIL", "LOBATO", "MARIA DEL REFUGIO SUGEY", "GABRIELA", street, "LOC ROMA 41310", "TLAPA, GRO.")
    rows = tuple(replace(row, quad=quad(300, top, 500, top + 20)) for row, top in zip(free(*texts), tops, strict=True))
    front = replace(front_text(), name=rows[:3], address=rows[3:])
    verdict = judged(back(line_3="TEHUITZIL<LOBATO<<MARIA<DEL<RE"), front)
    named, address = said(verdict.front, "name", "address")
    assert named == "MARIA DEL REFUGIO SUGEY" + " GABRIELA" * extra
    assert address == "GABRIELA " * (not extra) + f"{street} LOC ROMA 41310 TLAPA, GRO."


def test_readers_that_agree_are_not_counted_twice() -> None:
    """Whoever reads a row twice makes it as sure as both are; the names are then as sure as the row is."""
    unsure = (*free(*CUT_NAMES[:2]), doubtful(CUT_NAMES[2], 14))
    again = tuple(replace(row, reader="other") for row in free(*CUT_NAMES))
    front = replace(front_text(), name=unsure, other_rows=((again, ()),))
    assert not judged(back(line_3="IX<LOPEZ<ORTEGA<<IMELDA<MONICA"), front).front["name"].confirmed


def test_a_mark_behind_what_it_had_no_room_for_may_be_its_last_letter() -> None:
    rows = free(*CUT_NAMES[:2], "IMELDA MONICA ITZE 1")
    field = printed(*rows, line_3="IX<LOPEZ<ORTEGA<<IMELDA<MONICA").front["name"]
    assert (field.value, field.confirmed) == ("IMELDA MONICA ITZE", False)


def test_given_names_that_found_no_room_at_all_are_as_sure_as_their_reader() -> None:
    rows = free("LOPEZ PORTILLO Y ROJAS", "DE LOS SANTOS", "ALEJANDRA")
    verdict = printed(*rows, line_3="LOPEZ<PORTILLO<Y<ROJAS<DE<LOS<")
    assert (verdict.front["name"].value, verdict.front["name"].confirmed) == ("ALEJANDRA", True)
    assert verdict.back["name"].value is None


def test_a_surname_on_two_rows_that_takes_all_the_room_is_told_from_the_name_below_it() -> None:
    rows = free("ARRIAGA", "FERNÁNDEZ DE", "CÓRDOVA", "CIPRIANO ALEXIS")
    verdict = printed(*rows, line_3="ARRIAGA<FERNANDEZ<DE<CORDOVA<<")
    assert said(verdict.front, "surname", "name") == ("ARRIAGA FERNÁNDEZ DE CÓRDOVA", "CIPRIANO ALEXIS")
    assert verdict.front["surname"].confirmed


# --- what is looked for again ----------------------------------------------------------------------------------------


def missing(front: FrontText) -> set[str]:
    return set(judged(front=front).missing)


def test_nothing_is_missing_of_a_card_that_was_read_well() -> None:
    assert missing(front_text()) == set()


def test_a_poorly_read_address_is_missing() -> None:
    assert missing(replace(front_text(), address=free("AV REFORMA 123", "TIJUANA, B.C.", score=0.7))) == {"address"}
    assert missing(replace(front_text(), address=free("AV REFORMA 123", "TIJUANA, B.C.", score=0.85))) == set()


def test_one_poorly_read_letter_of_an_address_is_enough() -> None:
    assert missing(replace(front_text(), address=(doubtful("AV REFORMA 123", 4), *free("TIJUANA, B.C.")))) == {
        "address"
    }


def test_an_address_that_was_cut_short_is_missing_however_well_it_was_read() -> None:
    assert missing(replace(front_text(), whole=False)) == {"address"}


def test_an_address_that_was_cut_short_is_not_confirmed_however_well_it_was_read() -> None:
    whole, cut = (judged(front=replace(front_text(), whole=whole)).front["address"] for whole in (True, False))
    assert (whole.value, whole.confirmed, whole.confidence) == (cut.value, True, 0.99)
    assert (cut.confirmed, cut.confidence) == (False, 0.9)


def test_an_address_that_is_both_is_missing_once() -> None:
    front = replace(front_text(), address=free("AV REFORMA", score=0.5), whole=False)
    assert judged(front=front).missing == ("address",)


@pytest.mark.parametrize(
    ("rows", "name"),
    [(("HERNANBEZ", "GARCIA", "JUAN CARLOS"), "surname"), (("HERNANDEZ", "GARCIA", "IUAN PABLO"), "name")],
)
def test_of_names_that_differ_both_sides_are_looked_at_again(rows: tuple[str, ...], name: str) -> None:
    assert missing(front_text(name=rows)) == {name, "mrz names"}


def test_badly_read_names_that_both_sides_print_alike_are_not() -> None:
    assert missing(replace(front_text(), name=free("HERNANDEZ", "GARCIA", "JUAN CARLOS", score=0.6))) == set()


def test_a_doubtful_n_is_not_confirmed_by_the_mrz_which_prints_no_tilde() -> None:
    verdict = judged(front=replace(front_text(), name=(doubtful("HERNANDEZ", 3), *free("GARCIA", "JUAN CARLOS"))))
    assert verdict.front["surname"].confidence < 0.9 < verdict.front["name"].confidence


def test_nor_is_an_enye_whose_tilde_was_put_back() -> None:
    rows = (doubtful("PEÑA", 2, score=0.6), *free("GARCIA", "JUAN CARLOS"))
    verdict = judged(back(line_3="PENA<GARCIA<<JUAN<CARLOS".ljust(30, "<")), replace(front_text(), name=rows))
    assert verdict.front["surname"].confidence < 0.9 < verdict.front["name"].confidence


def test_what_is_missing_does_not_stand_in_the_way_of_trust() -> None:
    assert judged(front=replace(front_text(), whole=False)).trusted


@pytest.mark.parametrize(
    ("value", "name"), [("validity", "validity_period"), ("registration", "emission_number"), ("sex", "gender")]
)
def test_what_every_model_prints_is_missing_where_it_was_not_read(value: str, name: str) -> None:
    without: dict[str, Any] = {value: None}
    assert name in missing(front_text(**without))


# --- marks that no name and no address has ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("read", "printed_"),
    [
        ("AV REFORMA: 123", "AV REFORMA 123"),
        ("AV 'REFORMA 123", "AV REFORMA 123"),
        ("AV .REFORMA ,123", "AV REFORMA 123"),
        ("- AV REFORMA . 123 -", "AV REFORMA 123"),
        ("AV REFORMA, 123", "AV REFORMA, 123"),
        ("AV O'HIGGINS 123", "AV O'HIGGINS 123"),
        ("124 ST MARY'S CIR", "124 ST MARY'S CIR"),
        ("AV D'ARTAGNAN 123", "AV D'ARTAGNAN 123"),
        ("AV PROL. REFORMA S/N", "AV PROL. REFORMA S/N"),
        ("AV REFORMA #123 (B)", "AV REFORMA #123 (B)"),
        ("W 23RD AVE # 40", "W 23RD AVE # 40"),
        ("AV REFORMA # A 123", "AV REFORMA A 123"),
        ("AV REFORMA 2083 - 7", "AV REFORMA 2083 - 7"),
        ("AV REFORMA - 7", "AV REFORMA 7"),
        ("AV REFORMA < 123", "AV REFORMA 123"),
    ],
)
def test_stray_marks_of_an_address_are_left_out(read: str, printed_: str) -> None:
    assert said(judged(front=front_text(address=(read, "TIJUANA, B.C."))).front, "address") == (
        f"{printed_} TIJUANA, B.C.",
    )


@pytest.mark.parametrize("beside", ["4", "12", ". -", "0747"])
def test_what_stands_beside_a_name_and_has_no_letter_is_no_name(beside: str) -> None:
    verdict = judged(front=front_text(name=(f"HERNÁNDEZ {beside}", "GARCÍA", f"{beside} JUAN CARLOS")))
    assert said(verdict.front, "surname", "name") == ("HERNÁNDEZ GARCÍA", "JUAN CARLOS")


def test_a_sex_that_its_reader_saw_otherwise_is_none() -> None:
    """NB may be misread as M, which looks like the MRZ's H: what the card prints is neither."""
    told = {"M": None, "X": "X", "H": "H"}
    for letter, gender in told.items():
        rest = {other: 0.02 for other in "HMX" if other != letter}
        seen = spell(doubting(letter, {0: {letter: 0.96, **rest}}), ("HMX",))
        verdict = judged(front=front_text(sex=seen))
        assert verdict.front["gender"].value == gender
        assert ("gender" in verdict.missing) is (gender is None)


def test_a_letter_without_a_label_that_no_witness_repeats_is_no_sex() -> None:
    """What a row tells is contested (`rows`): another witness must say it; an X may stand in print alone."""
    told = {sex: replace(value("sex", sex), contested=True) for sex in ("H", "M", "X")}
    genders = {sex: judged(front=front_text(sex=text)).front["gender"].value for sex, text in told.items()}
    assert genders == {"H": "H", "M": None, "X": "X"}
    assert judged(front=front_text(sex=told["M"])).doubts == ()
    assert judged(front=front_text(sex=told["H"])).front["gender"].confidence <= 0.9


@pytest.mark.parametrize("years", ["2033-2023", "1923-2033", "2023-2093", "1999"])
def test_years_in_which_no_card_was_issued_or_expires_are_no_validity(years: str) -> None:
    assert judged(front=front_text(validity=years)).front["validity_period"].value is None


@pytest.mark.parametrize(
    ("labels", "issuer", "is_front"),
    [
        ({"name", "curp", "date_of_birth", "sex"}, "", False),  # a passport, a bill
        ({"name", "curp", "section"}, "", True),
        ({"name", "section"}, "", False),
        (set(), "INE", True),
    ],
)
def test_what_other_documents_print_too_makes_no_front(labels: set[str], issuer: str, is_front: bool) -> None:
    front = front_text(elector_key=None)
    other = replace(front, labels=frozenset(labels), issuer=issuer)
    if is_front:
        assert judged(front=other).front["curp"].value is not None
    else:
        with pytest.raises(FrontNotFound):
            judged(front=other)


@pytest.mark.parametrize(("fit", "is_front"), [(0.95, True), (0.8, False)])
def test_a_key_that_was_forced_into_its_grammar_makes_no_front(fit: float, is_front: bool) -> None:
    key = replace(value("elector_key", KEY), fits=(fit,) * len(KEY))
    other = front_text(elector_key=key, curp=None)
    with pytest.raises(CurpNotFound if is_front else FrontNotFound):
        judged(front=replace(other, labels=frozenset(), issuer=""))
