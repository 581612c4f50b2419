"""Whatever people and places are called, a front's rows come out as they are printed: words that are spelled like
labels, kinds of streets and settlements, numbers of every form. All are invented, or stand on every town's streets."""

import pytest

from ocr.pipeline.documents.ine import INE
from ocr.pipeline.fields import read_fields
from ocr.pipeline.types import FrontText
from tests.ocr.pipeline.cards import E_FRONT, G_FRONT, Rows, card, front_lines

FRONTS = pytest.mark.parametrize("front", [pytest.param(G_FRONT, id="G"), pytest.param(E_FRONT, id="E")])

STREETS = """
AV 5 DE MAYO 12 | C 20 DE NOVIEMBRE S/N | 2DA PRIV NIÑOS HEROES 4 INT B | EJE 10 SUR 175 B | NORTE 25-A 8
OTE 233 100 INT 3 | C 61 262 X 7 Y 87 | CALLE 21 100 X 45 Y 47 | CARR MEXICO-PUEBLA KM 12
CARR MEXICO-TEXCOCO KM 30.5 | CARR FED 57 KM 7 S/N | C DR. JIMENEZ 1529 | AND GRAL. ANAYA 45 DEPTO 402
C PROFR. RAFAEL RAMIREZ 8 | C LIC. PRIMO VERDAD 1908 | F. C. HIDALGO 12 BIS | AV FRANCISCO I. MADERO 1234-5
C FCO. I. MADERO 7 | C J. MUJICA 8 PB | MZ 12 LT 4 | MZA 3 LTE 5 | LT 18 MZ 2 VIV 3 | C A 3 | C X 14
DOMICILIO CONOCIDO S/N | DOMICILIO CONOCIDO | C SIN NOMBRE 123 | AV SIN NOMBRE S/N | AV MUNICIPIO LIBRE 4
CTO MUNICIPIO LIBRE 4-B | C ESTADO DE MEXICO 12 | AV ESTADOS UNIDOS 9 | CDA LOCALIDAD NUEVA 3
C VIGENCIA DEL DERECHO 1 | AV VALENCIA 20 | C EMISION 12 | C EDAD DE ORO 3 | C NOMBRE DE DIOS 8
3RA GENERO Y GENESIS 4 | C SECCION 16 45 | BO. SECCION 4 12 | U.H. SECCION 2 EDIF C | C CLAVELES 5
AV REGISTRO CIVIL 23 | C CREDITO 4 | C INSTITUTO POLITECNICO NACIONAL 2 | C EMILIO CARRANZA 67 | AV ELECTORES 3
C XICOTENCATL 12 | C NEZAHUALCOYOTL 8 | C ITZCOATL 5 | C POPOCATEPETL 1 | C RIO USUMACINTA 300
PASEO DE LA REFORMA 505 PISO 2 | C RIO BALSAS 1481 - 10 | AV. CEDROS 2083 - 7 | C CANAL DE MIRAMONTES 200 INT. 12
BLVD. CRISTOBAL COLON 310 | CDA. ALEMANIA 299 | C 69 NORTE M 9 L 81 | DOM CONOCIDO S/N | AV BERLÍN 264 CASA 393
C 24 NTE #111 | KM 45 CARR CUAUHTEMOC S/N | 1A CDA MINERVA 44 B | C 122 S/N X 91 Y 93
""".replace("\n", "|")

SETTLEMENTS = """
COL CENTRO | FRACC LAS AMERICAS | U HAB INFONAVIT NORTE | U.H. EL EDEN | BO. SAN JUAN | BARR LA CAÑADA | EJ EL NARANJO
LOC LA PEÑA | RCHO LA ESCONDIDA | PBLO SAN PEDRO MARTIR | CONJ URB LOS HEROES TECAMAC II | RDCIAL BOSQUES DE ARAGON
AMPL EMILIANO ZAPATA | EX HDA SANTA MARIA | SM 64 | CD SATELITE | COL 10 DE ABRIL | COL 1RO DE MAYO
COL POLANCO V SECC | COL JARDINES 3RA SECCION | COL SECCION XVI | COL ESTADO DE HIDALGO | COL AÑO DE JUAREZ
COL NUEVA EDAD | COL GRANJAS MEXICO | COL MEXICO 68 | COL NUEVO DOMICILIO | LOCALIDAD EL SALTO | RANCHERIA SIN NOMBRE
COL STA. CRUZ | COL LOMAS DE CHAPULTEPEC IV | CONG XOXOCOTLA | VILLA DE LAS FLORES
COL EL ARENAL 4A SECCION | COL ARENAL 4A SECCIÓN | POLANCO V SECCION | COL POLANCO IV SECCIÓN | AMPL PRO HOGAR 1A SECC
FRACC. CONSTITUYENTES DE 1917 | COL. SANTA CRUZ MEYEHUALCO | COL CULHUACÁN CTM VII | U. HAB. LOMA BONITA
COL AMPL JOSÉ MARÍA MORELOS Y PAVÓN | INFONAVIT LOS ÁLAMOS | RES ROMA SUR | 23 LOMA BONITA
""".replace("\n", "|")

TOWNS = """
TIJUANA, B.C. | LA PAZ, B.C.S. | SALTILLO, COAH | COLIMA, COL. | CUAUHTEMOC, CDMX | GUSTAVO A. MADERO, D.F.
NOMBRE DE DIOS, DGO. | ECATEPEC DE MORELOS, MEX. | SAN NICOLAS DE LOS GARZA, N.L. | CORREGIDORA, QRO.
BENITO JUAREZ, Q.ROO | TULUM, Q. ROO | DR. ARROYO, N.L. | SAN LUIS POTOSI, S.L.P. | HEROICA CIUDAD DE TLAXIACO, OAX.
VILLA DE ETLA, OAX | SAN JUAN BAUTISTA TUXTEPEC, OAX. | PEÑAMILLER, QRO
PÁTZCUARO, MICH. | JUÁREZ, CHIH. | OTHÓN P. BLANCO, Q. ROO | SAN NICOLÁS DE LOS GARZA, N. L. | TEXCOCO, MÉX.
""".replace("\n", "|")

SURNAMES = """
HERNANDEZ | MUÑOZ | NUÑEZ | DE LA CRUZ | DE LOS SANTOS | DEL RIO | DE LA O | MONTES DE OCA | PONCE DE LEON
VON RAESFELD | MAC GREGOR | GARCIA-LASCURAIN | O'FARRILL | D'ARGENCE | KU | UC | EK | XOOL | TZAB | VALENCIA
VALENZUELA | ESTRADA | CLAVEL | GENARO | SECCO | SEXTO | DOMINGUEZ | DOMICIANO | FOLGUERA | NOMBELA | INESTRILLAS
MEXIA | ARGÜELLES | Y AÑEZ | SAN MARTIN | LA MADRID | NIETO | REYES
""".replace("\n", "|")

GIVEN = """
JUAN CARLOS | MA. GUADALUPE | MA GUADALUPE | J. JESUS | JOSE MA. | MARIA DE LOS ANGELES | MARIA DEL CARMEN DE LA LUZ
LUZ | SOL | INES | EMILIO | EMILIANO | ESTANISLAO | DOMITILO | DOMITILA | VALENTE | VIGENCIO | GENEROSA | SECUNDINO
LEOCADIA | SIXTO | SEXTO | NOEMI | IÑIGO | BEGOÑA | XOCHITL | ITZEL | BRAYAN | JUAN DE DIOS | ANGELES | EDITH | NABOR
AMERICA | CONCEPCION
""".replace("\n", "|")


def each(words: str) -> list[str]:
    return [row.strip() for row in words.split("|") if row.strip()]


def read(front: Rows, **rows: str) -> FrontText:
    return read_fields(card(*front_lines(front, **rows)), INE)


@FRONTS
@pytest.mark.parametrize("street", each(STREETS))
def test_a_street(street: str, front: Rows) -> None:
    assert [row.text for row in read(front, street=street).address] == [street, "COL CENTRO 22000", "TIJUANA, B.C."]


@FRONTS
@pytest.mark.parametrize("settlement", each(SETTLEMENTS))
def test_a_settlement(settlement: str, front: Rows) -> None:
    said = f"{settlement} 22000"
    assert [row.text for row in read(front, colony=said).address] == ["AV REFORMA 123 INT 4", said, "TIJUANA, B.C."]


@FRONTS
@pytest.mark.parametrize("town", each(TOWNS))
def test_a_town(town: str, front: Rows) -> None:
    assert [row.text for row in read(front, town=town).address] == ["AV REFORMA 123 INT 4", "COL CENTRO 22000", town]


@FRONTS
@pytest.mark.parametrize("surname", each(SURNAMES))
def test_a_surname(surname: str, front: Rows) -> None:
    assert [row.text for row in read(front, paternal=surname).name] == [surname, "GARCÍA", "JUAN CARLOS"]
    assert [row.text for row in read(front, maternal=surname).name] == ["HERNÁNDEZ", surname, "JUAN CARLOS"]


@FRONTS
@pytest.mark.parametrize("given", each(GIVEN))
def test_given_names(given: str, front: Rows) -> None:
    assert [row.text for row in read(front, given=given).name] == ["HERNÁNDEZ", "GARCÍA", given]
