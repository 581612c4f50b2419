"""The named refusals of this package: one base, one leaf per way in which a text can be wrong.

A message never repeats the text that it refuses: it may end in a log, and the text is somebody's identity.
"""


class ValidatorError(ValueError):
    """The text is not what it claims to be. `part` names the piece at fault (`birth`, `state` …), if there is one."""

    def __init__(self, message: str, *, part: str = "") -> None:
        super().__init__(message)
        self.part = part


class InvalidFormat(ValidatorError):
    """Wrong length, or a character that cannot stand where it stands."""


class InvalidDate(ValidatorError):
    """The digits of a date are no calendar date."""


class InvalidComponent(ValidatorError):
    """Well formed, but a piece is never issued like that: a state, an entity, a forbidden word, no name at all."""


class InvalidCheckDigit(ValidatorError):
    """A check digit does not follow from what it covers."""
