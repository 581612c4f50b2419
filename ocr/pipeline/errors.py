"""Every failure the contract numbers: one enum member and one leaf exception per code.

A stage raises the leaf that *is* the meaning; none returns None for failure and none knows HTTP. The order in which
failures are reported when several apply is `REPORTING_ORDER` (contract.md, "Failures").
"""

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from ocr.pipeline.types import Finding, Side, Suspicion


class ErrorCode(IntEnum):
    """The numbers a client sees (contract.md, "Failures")."""

    UNREADABLE_FILE = 800
    BIRTH_DATE = 802
    GENDER = 803
    EXPIRATION_DATE = 804
    NO_FRONT = 806
    NO_NAMES = 807
    NO_NUMBER = 808
    FRONTSIDE_MISSING = 809
    BACKSIDE_MISSING = 810
    NO_MRZ = 814
    WRONG_DOCUMENT = 816
    NO_CURP = 819
    BAD_FLAG = 850
    NOT_LIVE = 851
    READER_DOWN = 852


# One row, first to last: where several failures apply, the client hears of the first.
# WRONG_DOCUMENT stands twice in the contract (as a parameter before the files are opened, as a document after 814);
# the parameter is checked before any picture is read, so its place here is the document's.
REPORTING_ORDER: tuple[ErrorCode, ...] = (
    ErrorCode.BAD_FLAG,
    ErrorCode.FRONTSIDE_MISSING,
    ErrorCode.BACKSIDE_MISSING,
    ErrorCode.UNREADABLE_FILE,
    ErrorCode.READER_DOWN,
    ErrorCode.NO_MRZ,
    ErrorCode.WRONG_DOCUMENT,
    ErrorCode.NO_NUMBER,
    ErrorCode.BIRTH_DATE,
    ErrorCode.GENDER,
    ErrorCode.EXPIRATION_DATE,
    ErrorCode.NO_NAMES,
    ErrorCode.NO_FRONT,
    ErrorCode.NO_CURP,
    ErrorCode.NOT_LIVE,
)


class OcrError(Exception):
    """A document that cannot be answered with data. `code` is the meaning; the message is for the log only. `findings`
    are what is wrong with the pictures, where they could be opened: perhaps that is why. `life` is what the life test
    found, where that is why."""

    code: ClassVar[ErrorCode]
    findings: "Mapping[Side, tuple[Finding, ...]]" = MappingProxyType({})
    life: "tuple[Suspicion, ...]" = ()


class RequestFault(OcrError):
    """The request or its pictures are at fault: the sender can mend it."""


class ServiceFault(OcrError):
    """The service is at fault: the sender can only try again."""


class UnreadableFile(RequestFault):
    """Empty, too large, no JPEG, broken, or too many pixels."""

    code = ErrorCode.UNREADABLE_FILE


class BirthDateUnreadable(RequestFault):
    """The MRZ's birth date is unreadable or no calendar date."""

    code = ErrorCode.BIRTH_DATE


class GenderUnreadable(RequestFault):
    """The MRZ's sex is none of H, M, X."""

    code = ErrorCode.GENDER


class ExpirationDateUnreadable(RequestFault):
    """The MRZ's expiry is unreadable or no calendar date."""

    code = ErrorCode.EXPIRATION_DATE


class FrontNotFound(RequestFault):
    """Nothing that a front carries was found on the front."""

    code = ErrorCode.NO_FRONT


class NamesUnreadable(RequestFault):
    """An MRZ, but no name on its line 3."""

    code = ErrorCode.NO_NAMES


class NumberUnreadable(RequestFault):
    """An MRZ, but no CIC or no 13 digits on its line 1."""

    code = ErrorCode.NO_NUMBER


class FrontsideMissing(RequestFault):
    """The request has no `frontside`."""

    code = ErrorCode.FRONTSIDE_MISSING


class BacksideMissing(RequestFault):
    """The request has no `backside`."""

    code = ErrorCode.BACKSIDE_MISSING


class MrzNotFound(RequestFault):
    """No MRZ line on either picture."""

    code = ErrorCode.NO_MRZ


class WrongDocument(RequestFault):
    """`document_type` is missing or unknown, or the MRZ is another document's."""

    code = ErrorCode.WRONG_DOCUMENT


class CurpNotFound(RequestFault):
    """A front, but no CURP on it."""

    code = ErrorCode.NO_CURP


class BadFlag(RequestFault):
    """A yes/no parameter is neither."""

    code = ErrorCode.BAD_FLAG


class NotLive(RequestFault):
    """The life test failed, where it is enforced."""

    code = ErrorCode.NOT_LIVE


class ReaderDown(ServiceFault):
    """The reader died or ran past its time."""

    code = ErrorCode.READER_DOWN
