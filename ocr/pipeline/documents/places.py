"""The municipalities of Mexico, by the state's abbreviation as cards print it.

`municipalities.tsv` holds all 2,478 of INEGI's Catálogo Único de Claves de Áreas Geoestadísticas (2026): key, name. The
credential prints them in capitals, seldom with their accents; older ones under the names of then.
"""

from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path

_STATES = (  # by INEGI's number, from 1 on
    "AGS BC BCS CAMP COAH COL CHIS CHIH CDMX DGO GTO GRO HGO JAL MEX MICH MOR NAY NL OAX PUE QRO QROO SLP SIN SON TAB "
    "TAMPS TLAX VER YUC ZAC"
).split()

_ALSO = {"DF": "CDMX", "EDOMEX": "MEX"}
"""Other abbreviations of the same states."""

_FORMERLY = {
    "CHIH": "ROSARIO",
    "CHIS": "CINTALAPA",
    "GRO": "APAXTLA, JOSÉ AZUETA",
    "GTO": "DOLORES HIDALGO, SAN JOSÉ ITURBIDE, SILAO",
    "JAL": "TLAQUEPAQUE",
    "OAX": "HUAJUAPAN DE LEÓN, JUCHITÁN DE ZARAGOZA, MAGDALENA APASCO, MATÍAS ROMERO, MIAHUATLÁN DE PORFIRIO DÍAZ, "
    "SAN BLAS ATEMPA, SAN MARTÍN DE LOS CANSECOS, SANTIAGO CHAZUMBA, TEZOATLÁN DE SEGURA Y LUNA, TLAXIACO, "
    "VILLA DE TUTUTEPEC DE MELCHOR OCAMPO, VILLA HIDALGO",
    "QROO": "SOLIDARIDAD",
    "SLP": "AHUALULCO",
    "YUC": "TIXPEHUAL",
}
"""Names of before, and short ones that are used beside those of the catalogue."""


def _names() -> Iterator[tuple[str, list[str]]]:
    lines = Path(__file__).with_name("municipalities.tsv").read_text(encoding="utf-8").upper().splitlines()
    for number, of_state in groupby(lines, key=lambda line: int(line[:2])):
        state = _STATES[number - 1]
        yield state, [line.partition("\t")[2] for line in of_state] + _FORMERLY.get(state, "").split(", ")


_BY_STATE = {state: frozenset(filter(None, names)) for state, names in _names()}

MUNICIPALITIES: Mapping[str, frozenset[str]] = _BY_STATE | {also: _BY_STATE[state] for also, state in _ALSO.items()}
"""State → names, in capitals, with their accents and full stops."""
