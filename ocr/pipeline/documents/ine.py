"""The Mexican voter credential (IFE, INE), models C to J: its words and where its values stand. Data only (ine.md)."""

from ocr.pipeline.documents.types import Arrangement, DocumentType, Label
from validators import curp, elector_key
from validators.positions import DIGITS

_BY, _BLOCK = Arrangement.BESIDE_OR_BELOW, Arrangement.BLOCK_BELOW
_YEAR = ("12", "09", DIGITS, DIGITS)
_DATE = ("0123", DIGITS, "/", "01", DIGITS, "/", *_YEAR)


def _number(*lengths: int) -> tuple[tuple[str, ...], ...]:
    return tuple((DIGITS,) * length for length in lengths)


INE = DocumentType(
    parameters=("id_mexico", "mexican_id"),
    name="INE",
    country="MEX",
    headers={
        "INE": ("INSTITUTONACIONALELECTORAL",),
        "IFE": ("INSTITUTOFEDERALELECTORAL", "REGISTROFEDERALDEELECTORES"),
    },
    titles=("CREDENCIALPARAVOTAR",),
    abroad=("DESDEELEXTRANJERO", "DOMICILIO/ADDRESS", "NACIMIENTO/DATEOFBIRTH", "REGISTRO/REGISTRATION"),
    # English words stand on models F and H, for citizens abroad.
    labels=(
        Label("name", ("NOMBRE", "NOMBRE/NAME"), _BLOCK),
        Label("address", ("DOMICILIO", "DOMICILIO/ADDRESS"), _BLOCK),
        Label("elector_key", ("CLAVEDEELECTOR", "CLAVEDEELECTOR/ELECTORKEY", "CLAVEDEELECTOR/VOTERKEY",
                              "CLAVEDEELECTOR/VOTERID", "CLAVEDEELECTOR/ELECTORID"), _BY,
              (elector_key.POSITIONS,), telling=True),
        Label("curp", ("CURP",), _BY, (curp.POSITIONS,), telling=True),
        Label("registration", ("ANODEREGISTRO", "ANODEREGISTRO/YEAROFREGISTRATION",
                               "ANODEREGISTRO/REGISTRATIONYEAR"), _BY, ((*_YEAR, DIGITS, DIGITS),), telling=True),
        Label("date_of_birth", ("FECHADENACIMIENTO", "FECHADENACIMIENTO/DATEOFBIRTH", "FECHADENACIMIENTO/BIRTHDATE"),
              _BY, (_DATE,), telling=True),
        Label("section", ("SECCION", "SECCION/SECTION"), _BY, _number(4),
              row_of=("date_of_birth", "validity")),
        Label("validity", ("VIGENCIA", "VIGENCIAHASTA", "VIGENCIA/VALIDITY", "VIGENCIA/VALID", "VIGENCIA/VALIDUNTIL"),
              _BY, (_YEAR, (*_YEAR, "-", *_YEAR)), telling=True),
        Label("emission", ("EMISION", "EMISION/ISSUE", "EMISION/ISSUED"), _BY, (_YEAR,)),
        Label("sex", ("SEXO", "SEXO/SEX", "SEXO/GENDER", "GENERO", "GENERO/GENDER"), _BY,
              (("HMX",), ("N", "B")), lone=True),
        Label("state", ("ESTADO", "ESTADO/STATE"), _BY, _number(2)),
        Label("municipality", ("MUNICIPIO",), _BY, _number(3)),
        Label("locality", ("LOCALIDAD",), _BY, _number(4)),
        Label("age", ("EDAD",), _BY, _number(2, 3)),
        Label("folio", ("FOLIO",), _BY, _number(10, 13)),
    ),
)  # fmt: skip
