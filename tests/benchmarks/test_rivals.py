"""The rivals' patterns find what a reader's text holds: they lose by their readings, not by ours of them."""

from benchmarks.measuring.rivals import front_fields, mrz_fields

FRONT = """INSTITUTO NACIONAL ELECTORAL
CREDENCIAL PARA VOTAR

NOMBRE
BELTRAN SEXO M
SANTIAGO

LETICIA
DOMICILIO
AVENIDA LAS FLORES 2797 LT 67 MZA 60
PBLO UNIDAD MODELO 92984
CHILPANCINGO DE LOS BRAVO, GRO
CLAVE DEELECTORBLSNLT99061927M112
CURP BESL990619MTCLNT00 AÑO DE REGISTRO 2017 05
FECHA DE NACIMIENTO SECCIÓN VIGENCIA
19/06/1999 — 3522 2026-2036
"""


def test_the_front() -> None:
    assert front_fields(FRONT) == {
        "surname": "BELTRAN SANTIAGO",
        "name": "LETICIA",
        "address": "AVENIDA LAS FLORES 2797 LT 67 MZA 60 PBLO UNIDAD MODELO 92984 CHILPANCINGO DE LOS BRAVO, GRO",
        "CURP": "BESL990619MTCLNT00",
        "elector_key": "BLSNLT99061927M112",
        "section": "3522",
        "gender": "Female",
        "emission_number": "05",
        "date_of_birth": "19-06-1999",
        "validity_period": "2026-2036",
    }


def test_an_older_front_prints_its_years_apart() -> None:
    fields = front_fields("SECCIÓN 0747\nEMISIÓN 2014 VIGENCIA 2024\n")

    assert (fields["section"], fields["validity_period"]) == ("0747", "2014-2024")


def test_the_section_is_not_the_year_of_validity() -> None:
    assert front_fields("SECCIÓN VIGENCIA\n2026 - 2036")["section"] is None


def test_the_mrz() -> None:
    text = "IDMEX1415947439<<6135994191706\n9906198M3612315MEX<05<<12345<7\nBELTRAN<SANTIAGO<<LETICIA<<<<<"

    assert mrz_fields(text) == {
        "cic": "141594743",
        "document_number": "6135994191706",
        "citizen_id": "994191706",
        "birth_date": "19-06-1999",
        "expiration_date": "2036-12-31",
        "gender": "Female",
        "surname": "BELTRAN SANTIAGO",
        "name": "LETICIA",
    }


def test_nothing_found_is_null() -> None:
    assert set(front_fields("").values()) == {None}
    assert set(mrz_fields("").values()) == {None}
