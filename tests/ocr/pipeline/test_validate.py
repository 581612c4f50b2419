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
from ocr.pipeline.spelling import fuse
from ocr.pipeline.types import Field, FrontText, Line, MrzText
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


def test_a_contested_section_that_differs_is_never_sure() -> None:
    contested = replace(value("section", "1234"), contested=True)
    verdict = judged(front=front_text(section=contested))
    assert not verdict.front["section"].confirmed
    assert "section" in verdict.unconfirmed
    twice = replace(fuse(value("section", "1234"), value("section", "1234")), contested=True)
    assert not judged(front=front_text(section=twice)).front["section"].confirmed


def test_a_contested_section_that_equals_the_ocr_number_is_sure() -> None:
    assert judged(front=front_text(section=replace(value("section", "0747"), contested=True))).trusted


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


def test_an_address_row_among_the_names_is_address() -> None:
    """The label DOMICILIO and the digits were not read, so that all rows were taken for names."""
    rows = ("HERNÁNDEZ", "GARCÍA", "JUAN CARLOS", "AV REFORMA", "TIJUANA, B.C.")
    verdict = judged(front=front_text(name=rows, address=()))
    assert said(verdict.front, "surname", "name", "address") == (
        "HERNÁNDEZ GARCÍA", "JUAN CARLOS", "AV REFORMA TIJUANA, B.C."
    )  # fmt: skip


def test_a_name_among_the_address_rows_is_a_name() -> None:
    verdict = judged(front=front_text(name=("HERNÁNDEZ", "GARCÍA"), address=("JUAN CARLOS", "AV REFORMA 123")))
    assert said(verdict.front, "surname", "name", "address") == ("HERNÁNDEZ GARCÍA", "JUAN CARLOS", "AV REFORMA 123")


def test_a_rest_of_the_label_domicilio_is_no_street() -> None:
    verdict = judged(front=front_text(address=("DOMICIL", "AV REFORMA 123")))
    assert verdict.front["address"].value == "AV REFORMA 123"


def test_names_that_were_not_read_are_missing_and_null() -> None:
    verdict = judged(front=front_text(name=(), address=()))
    assert said(verdict.front, "surname", "name", "address") == (None, None, None)
    assert {"surname", "name", "address"} <= set(verdict.missing)


def test_an_accent_that_the_reader_is_not_sure_of_is_a_speck() -> None:
    unsure = replace(front_text(), name=free("HERNÁNDEZ", "GARCÍA", "JUAN CARLOS", score=0.9))
    assert said(judged(front=unsure).front, "surname") == ("HERNANDEZ GARCIA",)
