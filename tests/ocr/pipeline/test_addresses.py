"""The rows of an address → the same, spelled as they are surely meant, and whether any of it seems lost."""

from dataclasses import replace

import pytest

from ocr.pipeline.addresses import (
    REPAIRED,
    end_of,
    is_known_municipality,
    is_regular,
    is_unmistakable_municipality,
    spelled,
    with_known_state,
    with_stops,
    without_pattern_behind,
)
from ocr.pipeline.documents.ine import INE
from ocr.pipeline.documents.places import MUNICIPALITIES
from tests.ocr.pipeline.cards import free

STREET, COLONY, TOWN = "AV REFORMA 123 INT 4", "COL CENTRO 22000", "TIJUANA, B.C."


def meant(*rows: str) -> tuple[str, ...]:
    return tuple(row.text for row in spelled(free(*rows), INE))


def regular(street: str = STREET, colony: str = COLONY, town: str = TOWN) -> bool:
    return is_regular(free(street, colony, town), INE)


# --- how it ends -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "last",
    [
        "TIJUANA, B.C.", "TIJUANA, B.C", "TIJUANA,BC.", "MANZANILLO, COL.", "CUAUHTEMOC, CDMX", "BENITO JUAREZ, D.F.",
        "SAN NICOLÁS, N. L.", "CHICAGO ESTADOS UNIDOS", "ESTADOS UNIDOS DE AMÉRICA", "MADRID, ESPAÑA",
        "TAPACHULA, CHIS.-", "DURANGO, DG0", "BENITO JUAREZ, QR 00", "CAJEME, 5ON.",
        "CORREGIDORA, ORO.", "TULUM, O. ROO", "LEON, GTQ",
    ],
)  # fmt: skip
def test_an_address_ends_with_a_state_or_a_country(last: str) -> None:
    assert end_of(last, INE.address_ends) is not None
    assert regular(town=last)


@pytest.mark.parametrize("last", ["COL CENTRO 22000", "TIJUANA", "TIJUANA, B.", "TIJUANA, BCX", "PRUEBAMEX", ""])
def test_anything_else_may_have_lost_what_follows(last: str) -> None:
    assert end_of(last, INE.address_ends) is None
    assert not regular(town=last)


def test_no_rows_are_no_address() -> None:
    assert not is_regular((), INE)
    assert spelled((), INE) == ()


# --- what seems lost --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "street",
    [
        "C HIDALGO 4", "LAGO XOCHIMILCO 12", "RIO BALSAS 1451 EDIF B DEPTO 45", "ÑANDU 8 INT 2", "CJON DEL SOL S/N",
        "MZA 4 LT 7", "AV SOL 175B", "AND 3 D-96", "5 DE MAYO 12", "CTO DIAG 4",
    ],
)  # fmt: skip
def test_streets_of_all_kinds_are_regular(street: str) -> None:
    assert regular(street)


@pytest.mark.parametrize("colony", ["U HAB VILLAS DEL SUR 92463", "22000", "EJ SANTO DOMINGO 85733"])
def test_so_are_settlements(colony: str) -> None:
    assert regular(colony=colony)


@pytest.mark.parametrize(
    "street",
    [
        pytest.param("AND ALLENDE 2053 EDIF B DEPTO", id="the_number_at_the_end_is_lost"),
        pytest.param("BLVD", id="only_the_kind_is_left"),
        pytest.param("RTNO SUR 2819 LT 18MZA 46", id="a_number_and_a_word_are_joined"),
        pytest.param("JON FELIPE ANGELES 771", id="the_first_letter_of_the_kind_is_lost"),
        pytest.param("8LVD HIDALGO 4", id="it_is_misread"),
    ],
)
def test_half_a_street_is_not(street: str) -> None:
    assert not regular(street)


def test_without_a_postal_code_or_without_a_street_something_may_be_lost() -> None:
    assert not regular(colony="COL CENTRO")
    assert not is_regular(free(COLONY, TOWN), INE)


def test_a_street_that_is_hidden_is_not_lost_where_there_is_no_room_for_it() -> None:
    assert is_regular(free(COLONY, TOWN), INE, fewest=2)
    assert not is_regular(free("CENTRO", TOWN), INE, fewest=2)


def test_a_word_may_have_its_number_on_the_next_row_and_a_letter_for_a_number() -> None:
    assert is_regular(free("AND SOL 12 MZA 3 LT", "88", COLONY, TOWN), INE)
    assert is_regular(free("AND SOL 12 INT C", COLONY, TOWN), INE)
    assert is_regular(free("AV SOL 1908 C", COLONY, TOWN), INE)
    assert not is_regular(free("AND SOL 12 MZA 3 LT", COLONY, TOWN), INE)


@pytest.mark.parametrize("street", ["AV SOL 12", "AV SOL S/N", "AV SOL SN", "DOM CONOCIDO", "AV SOL MZA 3"])
def test_a_street_has_a_number_or_says_that_it_has_none(street: str) -> None:
    assert regular(street=street)


@pytest.mark.parametrize("street", ["AV SOL", "AV SOLSN", "AV 58961"])
def test_where_neither_is_seen_something_was_lost(street: str) -> None:
    assert not regular(street=street)


def test_the_number_may_stand_on_a_row_of_its_own() -> None:
    assert is_regular(free("AV DE LOS VOLADORES", "128", COLONY, TOWN), INE)


def test_other_countries_have_other_forms() -> None:
    assert is_regular(free("123 MAIN ST", "CHICAGO ILLINOIS", "ESTADOS UNIDOS"), INE)


# --- words of which every address is made -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "intended"),
    [
        ("CION DEL SOL 4", "CJON DEL SOL 4"),
        ("CÓL OBRERA 22000", "COL OBRERA 22000"),
        ("AVEÑIDA JUAREZ 4", "AVENIDA JUAREZ 4"),
        ("C GALEANA 127 KM 6O", "C GALEANA 127 KM 60"),
        ("C GALEANA INT I2", "C GALEANA INT 12"),
        ("C DEL CION 4", "C DEL CION 4"),
        ("C GALEANA INT O", "C GALEANA INT O"),
        ("NIÑOS HEROES 5", "NIÑOS HEROES 5"),
        ("C PEÑA 6O", "C PEÑA 6O"),
    ],
)
def test_kinds_and_their_numbers_are_put_right(said: str, intended: str) -> None:
    assert meant(said, COLONY, TOWN) == (intended, COLONY, TOWN)


def test_of_settlements_too_and_a_letter_put_right_is_less_sure() -> None:
    row = spelled(free(STREET, "EI SANTO DOMINGO 85733", TOWN), INE)[1]
    assert (row.text, row.scores[:3]) == ("EJ SANTO DOMINGO 85733", (0.99, REPAIRED, 0.99))


# --- municipalities ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "intended"),
    [
        ("TJUANA, B.C.", "TIJUANA, B.C."),
        ("JHUTEPEC, MOR", "JIUTEPEC, MOR"),
        ("SANNICOLAS DE LOSGARZA, N.L.", "SAN NICOLAS DE LOS GARZA, N.L."),
        ("TIJUANA, B.C.", "TIJUANA, B.C."),
        ("IZTAPALAPO, D.F.", "IZTAPALAPA, D.F."),
        ("EL LLAÑO, AGS.", "EL LLANO, AGS."),
        ("AYUTLA DE LOS L IBRES, GRO.", "AYUTLA DE LOS LIBRES, GRO."),
        ("SAN JUAN NUMI, OAX.", "SAN JUAN ÑUMI, OAX."),
        ("SILAO, GTO.", "SILAO, GTO."),
        ("INEGOMEZ PALACIO, DGO", "GOMEZ PALACIO, DGO"),
    ],
)
def test_a_municipality_of_the_state_is_spelled_right(said: str, intended: str) -> None:
    town = spelled(free(STREET, COLONY, said), INE)[-1]
    assert (town.text, len(town.scores)) == (intended, len(intended))


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("TJUANA, SON.", id="of_another_state"),
        pytest.param("TJUANNA, B.C.", id="two_letters_off"),
        pytest.param("TULA, TAMPS", id="a_short_name"),
        pytest.param("CIUDAD YAEE, OAX.", id="on_no_list"),
        pytest.param("AALPAN, PUE.", id="a_letter_from_two"),
        pytest.param("TJUANA B.C.", id="no_comma"),
    ],
)
def test_any_other_name_is_left_as_it_was_read(said: str) -> None:
    assert meant(STREET, COLONY, said)[-1] == said


def test_a_letter_put_right_makes_the_row_less_sure_and_a_space_does_not() -> None:
    assert set(spelled(free("TJUANA, B.C."), INE)[-1].scores) == {REPAIRED, 1.0}
    assert set(spelled(free("LOSCABOS, B.C.S."), INE)[-1].scores) == {0.99, 1.0}


def test_where_the_words_of_a_known_municipality_end_is_known_too() -> None:
    (row,) = free("LOS CABOS, B.C.S.")
    scores = tuple(score if letter.isalnum() else 0.5 for letter, score in zip(row.text, row.scores, strict=True))
    assert set(spelled((replace(row, scores=scores),), INE)[-1].scores) == {0.99, 1.0}


def test_whose_a_municipality_is_need_not_be_read_surely() -> None:
    """ROO has two letters that are one to a reader; QRO, a letter less, has no BENITO JUAREZ."""
    (row,) = free("BENITO JUAREZ, QROO")
    doubted = replace(row, scores=(*(0.99,) * 17, 0.5, 0.5))
    assert spelled((doubted,), INE)[-1].scores[-2:] == (REPAIRED, REPAIRED)


def test_a_name_that_a_state_spelled_nearly_the_same_has_too_does_not_tell_whose_it_is() -> None:
    (row,) = free("ALDAMA, CHIS")
    doubted = replace(row, scores=(*(0.99,) * 8, *(0.5,) * 4))
    assert spelled((doubted,), INE)[-1].scores[-4:] == (0.5,) * 4


def test_of_names_of_one_state_that_are_a_letter_apart_none_is_unmistakable() -> None:
    assert is_unmistakable_municipality("PACHUCA DE SOTO, HGO.", INE)
    assert is_known_municipality("JALPAN, PUE.", INE)
    assert not is_unmistakable_municipality("JALPAN, PUE.", INE)
    assert not is_unmistakable_municipality("PACHUCA DE SOTO, JAL.", INE)
    assert not is_unmistakable_municipality("PACHUCA DE SOTO", INE)


def test_a_municipality_misread_elsewhere_is_as_doubtful_as_before() -> None:
    (row,) = free("BENITO JUAREZ, QROO")
    doubted = replace(row, scores=(0.5, 0.5, 0.5, *(0.99,) * 16))
    assert spelled((doubted,), INE)[-1].scores[:3] == (0.5, 0.5, REPAIRED)  # which N has a tilde is known


@pytest.mark.parametrize(
    ("said", "whole"),
    [
        ("C 20 L T 18 M ZA 35", "C 20 LT 18 MZA 35"),
        ("AV SOL 3 I NT 4", "AV SOL 3 INT 4"),
        ("C L T SUR 4", "C L T SUR 4"),
    ],
)
def test_what_stands_before_a_number_is_one_word(said: str, whole: str) -> None:
    (row,) = spelled(free(said, COLONY, TOWN), INE)[:1]
    assert row.text == whole
    assert len(row.scores) == len(whole)


@pytest.mark.parametrize(
    ("said", "parted"),
    [
        ("C 66 592 X5Y 74", "C 66 592 X 5 Y 74"),
        ("C 60 442X52A Y85", "C 60 442 X 52A Y 85"),
        ("C 60 442 X 52 Y 85", "C 60 442 X 52 Y 85"),
        ("AV FRANCISCO IMADERO 944", "AV FRANCISCO I MADERO 944"),
        ("FRANCISCOIMADERO 944", "FRANCISCO I MADERO 944"),
        ("AV FRANCISCO L. MADERO 10", "AV FRANCISCO I. MADERO 10"),
        ("AV FRANCISCO I, MADERO 10", "AV FRANCISCO I. MADERO 10"),
        ("CHICAGO, I L 60654", "CHICAGO, IL 60654"),
        ("BROOKLYN. NY 11243", "BROOKLYN, NY 11243"),
        ("LOMAS DE STA. FE 01210", "LOMAS DE STA. FE 01210"),
        ("RCHO L A ESCONDIDA 86342", "RCHO LA ESCONDIDA 86342"),
        ("LOC E L NARANJO", "LOC EL NARANJO"),
        ("MZA L A 12", "MZA L A 12"),
        ("U HAB INFON AVIT NORTE", "U HAB INFONAVIT NORTE"),
        ("COL GRAN JAS MEXICO", "COL GRANJAS MEXICO"),
        ("COL EX HACIENDA", "COL EX HACIENDA"),
        ("AND DR, JIMENEZ 1529", "AND DR. JIMENEZ 1529"),
        ("GOETHE STR, 4331", "GOETHE STR. 4331"),
        ("BLVD 14 ORIENTE NO, 6639", "BLVD 14 ORIENTE NO. 6639"),
        ("DOM CONOCIDO SIN", "DOM CONOCIDO S/N"),
        ("C SIN NOMBRE", "C SIN NOMBRE"),
        ("C ADOLFO LOPEZ 5/N", "C ADOLFO LOPEZ S/N"),
        ("CULIACAN, SIN", "CULIACAN, SIN"),
        ("AMPL BOSOUES DEL SUR", "AMPL BOSQUES DEL SUR"),
        ("12 RUE DE ROUEN", "12 RUE DE ROUEN"),
        ("PRIV AOUILES SERDAN", "PRIV AQUILES SERDAN"),
        ("COL EL MEZOUITE 66010", "COL EL MEZQUITE 66010"),
        ("SAINT LOUIS, MO 63101", "SAINT LOUIS, MO 63101"),
        ("MONTREAL QC H2X 1Y4", "MONTREAL QC H2X 1Y4"),
        ("LONDON E16AN", "LONDON E1 6AN"),
        ("LEEDS LS1 4AP", "LEEDS LS1 4AP"),
        ("MZ 4 LT16AN", "MZ 4 LT16AN"),
        ("CARR LIBRE KM 132500", "CARR LIBRE KM 132+500"),
        ("CARR LIBRE KM 1325", "CARR LIBRE KM 1325"),
        ("FRACC SAN TA MARIA", "FRACC SANTA MARIA"),
        ("TORONTO ON M 5V 2T6", "TORONTO ON M5V 2T6"),
        ("AND HDA, SANTA FE 1096", "AND HDA. SANTA FE 1096"),
        ("C. JON PONIENTE 111", "CJON PONIENTE 111"),
        ("CTO ABASOLO M2 26", "CTO ABASOLO MZ 26"),
        ("COL SANTÁ MARÍA 21010", "COL SANTA MARÍA 21010"),
        ("CARR A CHAPALA KM 4-500 S/N", "CARR A CHAPALA KM 4+500 S/N"),
        ("CARR A CHAPALA KM 4- 500", "CARR A CHAPALA KM 4+500"),
        ("CARR A CHAPALA KM 12", "CARR A CHAPALA KM 12"),
        ("RIO BALSAS 1481 -10", "RIO BALSAS 1481 - 10"),
        ("RIO BALSAS 1481-10", "RIO BALSAS 1481-10"),
        ("C SOL 275 INT, 427", "C SOL 275 INT. 427"),
        ("AV.CEDROS 2083", "AV. CEDROS 2083"),
        ("BLVD ESCOBEDO MZ, 19 LT, 67", "BLVD ESCOBEDO MZ. 19 LT. 67"),
        ("AV 1RO DE MAYO NO.60", "AV 1RO DE MAYO NO. 60"),
        ("809 PARK ST.SPC 37", "809 PARK ST. SPC 37"),
        ("3752 WILL.OW RD", "3752 WILL.OW RD"),
        ("LAS VEGAS NV 89151 EU.A.", "LAS VEGAS NV 89151 E.U.A."),
        ("SEATTLE WA 98130 U.S.A", "SEATTLE WA 98130 U.S.A."),
        ("SEATTLE WA 98130 USA", "SEATTLE WA 98130 USA"),
        ("OTTAWA ON KIX 4J8", "OTTAWA ON K1X 4J8"),
        ("BLVD, JAGUAR 12", "BLVD. JAGUAR 12"),
        ("U.H. EL EDEN", "U.H. EL EDEN"),
        ("COL ANÁHUAC AMPLIACIÓN", "COL ANÁHUAC AMPLIACIÓN"),
        ("CÓL ANÁHUAC", "COL ANÁHUAC"),
        ("DOMCONOCIDO S/N", "DOM CONOCIDO S/N"),
        ("CALLE KING 5837 3 IZO", "CALLE KING 5837 3 IZQ"),
        ("C DE LOS OLMOS 6531 2 1Z0", "C DE LOS OLMOS 6531 2 IZQ"),
        ("MZA 4, A B 4", "MZA 4, A B 4"),
        ("COL FRANCISCO MADERO", "COL FRANCISCO MADERO"),
        ("AV MEXICO 12Y 14", "AV MEXICO 12Y 14"),
    ],
)
def test_spaces_stand_where_no_address_is_without(said: str, parted: str) -> None:
    (row,) = spelled(free(said), INE)[:1]
    assert row.text == parted
    assert len(row.scores) == len(parted)


def test_a_letter_that_changes_with_its_spaces_is_less_sure() -> None:
    read, sure = (spelled(free(said), INE)[0] for said in ("FRANCISCO 1MADERO", "FRANCISCO IMADERO"))
    assert read.text == sure.text == "FRANCISCO I MADERO"
    assert read.scores[10] <= REPAIRED < sure.scores[10]


def test_so_is_a_mark_that_nobody_read() -> None:
    (row,) = spelled(free("KM 4-500"), INE)
    assert row.text == "KM 4+500"
    assert row.scores[4] < REPAIRED <= min(row.scores[:4] + row.scores[5:])


@pytest.mark.parametrize(
    ("said", "stopped"),
    [
        ("MONCLOVA, COAH,", "MONCLOVA, COAH."),
        ("MONCLOVA, COAH", "MONCLOVA, COAH"),
        ("CHIHUAHUA, CHIH.,", "CHIHUAHUA, CHIH."),
        ("TAPACHULA, C HIS.", "TAPACHULA, CHIS."),
        ("SAN LUIS POTOSI, S.LP.", "SAN LUIS POTOSI, S.L.P."),
        ("SAN LUIS POTOSI, S.L.P", "SAN LUIS POTOSI, S.L.P."),
        ("SAN LUIS POTOSI, S,L.P,", "SAN LUIS POTOSI, S.L.P."),
        ("SAN LUIS POTOSI, SLP.", "SAN LUIS POTOSI, SLP."),
        ("SAN NICOLAS, N. L", "SAN NICOLAS, N. L."),
        ("TULUM, Q. ROO", "TULUM, Q. ROO"),
        ("TULUM, Q, ROO.", "TULUM, Q. ROO."),
        ("LA PAZ, B.C.S.", "LA PAZ, B.C.S."),
    ],
)
def test_a_state_has_its_stops(said: str, stopped: str) -> None:
    (row,) = free(said)
    end = end_of(said, INE.states)
    assert end is not None
    assert with_stops(row, end).text == stopped
    assert len(with_stops(row, end).scores) == len(stopped)


@pytest.mark.parametrize(
    ("said", "printed"),
    [
        ("TLAXCALA, TLAX. INE MEX", "TLAXCALA, TLAX."),
        ("TLAXCALA, TLAX.INE, ME", "TLAXCALA, TLAX."),
        ("TOLUCA, MEX IFE", "TOLUCA, MEX"),
        ("TOLUCA, MEX.", "TOLUCA, MEX."),
        ("INE TOLUCA, MEX.", "INE TOLUCA, MEX."),
        ("SAN INES, OAX", "SAN INES, OAX"),
    ],
)
def test_the_pattern_behind_a_state_is_no_part_of_it(said: str, printed: str) -> None:
    (row,) = free(said)
    left = without_pattern_behind(row, INE)
    assert (left.text, len(left.scores)) == (printed, len(printed))


def test_places_are_listed_for_every_state() -> None:
    assert MUNICIPALITIES.keys() == INE.states
    assert all(name == name.upper().strip() and name for names in MUNICIPALITIES.values() for name in names)
    assert [len(MUNICIPALITIES[state]) for state in ("BCS", "OAX", "ZAC")] == [5, 568 + 12, 58]  # 12: names of before


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("PATZCUARO, MICHL", "PATZCUARO, MICH"),
        ("PATZCUARO, MIGH.", "PATZCUARO, MICH."),
        ("PATZCUARO, XICL", "PATZCUARO, XICL"),
        ("NOWHERE, MICHL", "NOWHERE, MICHL"),
        ("PATZCUARO, MICH.", "PATZCUARO, MICH."),
        ("TULUM, Q.R00", "TULUM, Q.R00"),
    ],
)
def test_a_state_of_which_a_letter_was_misread_is_the_municipalitys(said: str, told: str) -> None:
    (row,) = free(said)
    assert (told_ := with_known_state(row, INE)).text == told
    assert len(told_.scores) == len(told)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("PÁTZCUARO, MICH.", "PÁTZCUARO, MICH."),
        ("PATZCUÁRO, MICH", "PATZCUARO, MICH"),
        ("TINGÜINDÍN, MICH.", "TINGÜINDÍN, MICH."),
        ("TINGUINDIN, MICH.", "TINGUINDIN, MICH."),
        ("ENSÉNADA, BC", "ENSENADA, BC"),
    ],
)
def test_a_known_municipality_keeps_the_accents_that_were_read_where_it_has_any(said: str, told: str) -> None:
    assert meant("C SOL 4", "COL CENTRO 61600", said)[-1] == told
