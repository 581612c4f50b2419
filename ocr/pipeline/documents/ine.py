"""The Mexican voter credential (IFE, INE), models C to J: its words, how its values are spelled. Data only (ine.md)."""

from ocr.pipeline.documents.places import MUNICIPALITIES
from ocr.pipeline.documents.types import CodeForm, DocumentType, Extent, Label, Layout
from validators import curp, elector_key
from validators.positions import DIGITS

_YEAR = ("12", "09", DIGITS, DIGITS)
_DATE = ("0123", DIGITS, "/", "01", DIGITS, "/", *_YEAR)

_MRZ = Extent(0.05, 0.76, 0.95, 0.955, by_width=True)


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
        Label("name", ("NOMBRE", "NOMBRE/NAME")),
        Label("address", ("DOMICILIO", "DOMICILIO/ADDRESS")),
        Label("elector_key", ("CLAVEDEELECTOR", "CLAVEDEELECTOR/ELECTORKEY", "CLAVEDEELECTOR/VOTERKEY",
                              "CLAVEDEELECTOR/VOTERID", "CLAVEDEELECTOR/ELECTORID"),
              (elector_key.POSITIONS,), telling=True),
        Label("curp", ("CURP",), (curp.POSITIONS,), telling=True),
        Label("registration", ("ANODEREGISTRO", "ANODEREGISTRO/YEAROFREGISTRATION",
                               "ANODEREGISTRO/REGISTRATIONYEAR"), ((*_YEAR, DIGITS, DIGITS),), telling=True),
        Label("date_of_birth", ("FECHADENACIMIENTO", "FECHADENACIMIENTO/DATEOFBIRTH", "FECHADENACIMIENTO/BIRTHDATE"),
              (_DATE,), telling=True),
        Label("section", ("SECCION", "SECCION/SECTION"), _number(4), beside_years=True),
        Label("validity", ("VIGENCIA", "VIGENCIAHASTA", "VIGENCIA/VALIDITY", "VIGENCIA/VALID", "VIGENCIA/VALIDUNTIL"),
              (_YEAR, (*_YEAR, "-", *_YEAR)), telling=True),
        Label("emission", ("EMISION", "EMISION/ISSUE", "EMISION/ISSUED"), (_YEAR,)),
        Label("sex", ("SEXO", "SEXO/SEX", "SEXO/GENDER", "GENERO", "GENERO/GENDER"),
              (("HMX",), ("N", "B")), lone=True, above=("elector_key", "curp")),
        Label("state", ("ESTADO", "ESTADO/STATE"), _number(2)),
        Label("municipality", ("MUNICIPIO",), _number(3)),
        Label("locality", ("LOCALIDAD",), _number(4)),
        Label("age", ("EDAD",), _number(2, 3)),
    ),
    above_rows=("elector_key", "curp"),
    rows=(
        ("state", "municipality", "section"),
        ("locality", "emission", "validity"),
        ("state", "municipality"),
        ("locality", "section"),
        ("emission", "validity"),
        ("date_of_birth", "section", "validity"),
    ),
    years_valid=10,
    states=frozenset(
        "AGS BC BCS CAMP COAH COL CHIS CHIH DF CDMX DGO EDOMEX GTO GRO HGO JAL MEX MICH MOR NAY NL OAX PUE QRO QROO "
        "SLP SIN SON TAB TAMPS TLAX VER YUC ZAC".split()
    ),
    countries=frozenset(
        "EUA USA EEUU ESTADOSUNIDOS ESTADOSUNIDOSDEAMERICA UNITEDSTATESOFAMERICA CANADA ESPANA SPAIN ALEMANIA GERMANY "
        "FRANCIA FRANCE REINOUNIDO UNITEDKINGDOM".split()
    ),
    # INEGI's Norma Técnica sobre Domicilios Geográficos names the kinds; cards abbreviate them in several ways.
    street_words=frozenset(
        "AMPL AMPLIACION AND ANDADOR AUT AUTOPISTA AV AVE AVENIDA BLVD BOULEVARD BULEVAR C CALLE CALLEJON CALZ CALZADA "
        "CAM CAMINO CARR CARRETERA CDA CERRADA CIRC CIRCUITO CJON CJN CLLJ CTO DIAG DIAGONAL EJE LIBRAMIENTO PAS "
        "PASAJE PASEO PEATONAL PERIF PERIFERICO PJE PRIV PRIVADA PRO PROL PROLONGACION RET RETORNO RTNO TERRACERIA "
        "VEREDA VIA VIADUCTO DOMICILIO LT LOTE MZA MZ".split()
    ),
    settlement_words=frozenset(
        "AMPL AMPLIACION BARR BARRIO BO CD CIUDAD CIUDADELA COL COLONIA CONDOMINIO CONG CONGREGACION CONJ CONJUNTO "
        "COOP CORREDOR EJ EJIDO ESTACION EX EXHACIENDA FRACC FRACCIONAMIENTO GJA GRANJA HAB HACIENDA HDA INFONAVIT "
        "INGENIO LOC LOCALIDAD MODULO PARAJE PBLO PUEBLO PQUE PARQUE RANCHERIA RANCHO RCHO RDCIAL RES RESIDENCIAL "
        "SECC SECTOR SUPERMANZANA SM U UH UHAB UNIDAD VILLA ZONA".split()
    ),
    number_words=frozenset("DEPTO DPTO EDIF ED INT EXT KM LT LOTE MZA MZ MANZANA NUM NO".split()),
    municipalities=MUNICIPALITIES,
    unvouched={"elector_key": 6},  # its last three digits, behind a state and a sex that tell where they begin
    codes=(  # ine.md, "Codes on the back"
        CodeForm(
            "service_qr",
            "qr",
            r"https?://qr\.ine\.mx/(?P<document_number>[0-9]{13})[0-9]{2}(?P<cic>[0-9]{9})/[0-9]{8}/[A-Z]/[0-9]{6}",
        ),
        CodeForm("code_128", "code128", r"(?P<cic>[0-9]{9})"),
    ),
    layouts=(  # where no outline is seen, and for portraits: ine.md, "Front, G and H"; the rest as drawn, not measured
        Layout(
            models=frozenset("EFGHIJ"),
            front=Extent(0.32, 0.31, 0.98, 0.955),
            back=_MRZ,
            pictures={"portrait": Extent(0.01, 0.24, 0.31, 0.83), "signature": Extent(0.02, 0.76, 0.31, 0.99)},
            ghost=Extent(0.83, 0.42, 1.13, 0.82),
        ),
        Layout(
            models=frozenset("CD"),
            front=Extent(0.03, 0.27, 0.66, 0.955),
            back=_MRZ,
            pictures={"portrait": Extent(0.66, 0.19, 0.98, 0.80), "signature": Extent(0.66, 0.74, 0.98, 0.99)},
        ),
    ),
)  # fmt: skip
