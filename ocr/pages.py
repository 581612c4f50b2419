"""The page to try the service on: a request comes in, HTML in Spanish or English goes out.

The page is a client like any other: it knows the public API alone, and this module knows nothing of documents. What its
scripts say stands in `TEXTS`, so that both languages are kept where all others are; the rest stands in the template.
"""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe


@require_safe
def try_it(request: HttpRequest) -> HttpResponse:
    """Show the page in the language that `?lang=` names, else in the one that the browser asks for."""
    asked = request.GET.get("lang", "")
    language = asked if asked in dict(settings.LANGUAGES) else translation.get_language()
    with translation.override(language):
        told = {"texts": TEXTS, "language": language, "languages": settings.LANGUAGES, "sides": SIDES}
        response = render(request, "ocr/try.html", told)
    response["Content-Language"] = language
    return response


SIDES = [("front", _("Front")), ("back", _("Back"))]

# --- what the scripts say ---------------------------------------------------------------------------------------------
# A word in braces is filled in by the script. What the service calls something is the key; without a key, its own word
# is shown.

_FIELDS = {
    "name": _("Given names"),
    "surname": _("Surnames"),
    "address": _("Address"),
    "CURP": _("CURP"),
    "elector_key": _("Elector key"),
    "validity_period": _("Validity"),
    "date_of_birth": _("Date of birth"),
    "birth_date": _("Date of birth"),
    "section": _("Section"),
    "gender": _("Sex"),
    "emission_number": _("Emission number"),
    "country_code": _("Country"),
    "document_number": _("Document number"),
    "citizen_id": _("Citizen ID"),
    "cic": _("CIC"),
    "expiration_date": _("Expires on"),
    "street": _("Street and number"),
    "settlement": _("Settlement"),
    "postal_code": _("Postal code"),
    "municipality": _("Municipality"),
    "state": _("State"),
}

_CHECKS = {
    "mrz.cic": _("MRZ: check digit of the CIC"),
    "mrz.birth": _("MRZ: check digit of the date of birth"),
    "mrz.expiry": _("MRZ: check digit of the expiry"),
    "mrz.composite": _("MRZ: check digit over both lines"),
    "mrz.structure": _("MRZ: structure of the three lines"),
    "curp": _("CURP: structure and check digit"),
    "elector_key": _("Elector key: structure"),
}

_PAIRS = {
    "surname": _("Surnames"),
    "name": _("Given names"),
    "date_of_birth": _("Date of birth"),
    "gender": _("Sex"),
    "validity": _("Year of expiry"),
    "emission_number": _("Emission number"),
    "curp_date": _("Date in the CURP"),
    "curp_sex": _("Sex in the CURP"),
    "curp_initials": _("Initials in the CURP"),
    "elector_key_date": _("Date in the elector key"),
    "elector_key_sex": _("Sex in the elector key"),
}

_WORDS = {
    "front": _("front"),
    "back": _("back"),
    "frontside": _("front"),
    "backside": _("back"),
    "service_qr": _("service QR"),
    "code_128": _("bars"),
    "check digit": _("check digit"),
    "elector key": _("elector key"),
    "print": _("print"),
    "mrz": _("MRZ"),
    "birth date": _("date of birth"),
    "expiry": _("expiry"),
    "emission number": _("emission number"),
    "sex": _("sex"),
    "state": _("state of birth"),
    "all witnesses": _("all witnesses"),
    "not found on the card": _("not found on the card"),
    "read, but makes no sense": _("read, but makes no sense"),
    "the year of issue is missing": _("the year of issue is missing"),
    "not read": _("not read"),
    "no such day in the calendar": _("no such day in the calendar"),
    "no such state of birth": _("no such state of birth"),
    "no such entity": _("no such entity"),
    "a check digit does not follow from what it covers": _("a check digit does not follow from what it covers"),
    "the last digit does not follow from the others": _("the last digit does not follow from the others"),
    "decode": _("open both pictures"),
    "read": _("read both sides"),
    "judge": _("hear all witnesses"),
    "second_looks": _("look again"),
    "compare": _("compare both sides"),
    "quality": _("judge the pictures"),
    "life": _("test for life"),
    "codes": _("read the codes"),
}

ATTACKS: Mapping[str, Any] = {
    "photocopy": _("photocopy"),
    "print": _("colour print"),
    "screen": _("shown on a screen"),
    "screenshot": _("screenshot"),
    "text": _("text changed in the file"),
    "portrait": _("portrait changed in the file"),
    "contradiction": _("contradicts itself"),
}
"""How a person calls what the life test looks for."""

_BACK_AGAIN = _("Photograph the back again: all three lines at the bottom, sharp, without glare.")
_AS_PHOTO = _("Take both pictures anew with the camera, or choose other files.")
_WRITE_TO_US = _("Something is wrong with this page. Load it again; if it stays so, tell whoever runs the service.")

_CURES = {
    "800": _AS_PHOTO,
    "802": _BACK_AGAIN,
    "803": _BACK_AGAIN,
    "804": _BACK_AGAIN,
    "806": _("Photograph the front: the whole card, sharp, without glare."),
    "807": _BACK_AGAIN,
    "808": _BACK_AGAIN,
    "809": _AS_PHOTO,
    "810": _AS_PHOTO,
    "814": _("Photograph the back, the side with three lines of capitals and < at the bottom."),
    "816": _("Use an INE or IFE credential: passports and cards of other countries are not read."),
    "819": _("Photograph the front again, nearer and sharper."),
    "850": _WRITE_TO_US,
    "851": _("Photograph the card itself, not a copy or a screen."),
    "852": _("Your pictures are still here: try again in a moment."),
    "busy": _("Your pictures are still here: try again in a moment."),
    "offline": _("Look whether you are connected, then try again. Your pictures are still here."),
    "unexpected": _("Try again; if it stays so, tell whoever runs the service, with the time of day."),
}

_HINTS = {
    "starting": _("The camera is starting …"),
    "dark": _("Too dark: find more light"),
    "empty": _("Lay the card inside the frame"),
    "closer": _("Come closer: the card should fill the frame"),
    "back": _("Move back: the whole card should be inside the frame"),
    "glare": _("Glare: tilt the card or turn away from the light"),
    "blurred": _("Blurred: hold still and let it focus"),
    "moving": _("Hold still"),
    "good": _("Good. Take the picture"),
    "review": _("Can you read everything?"),
}

_CAMERA = {
    "refused": _("The camera is not allowed. Allow it beside the address of this page, or choose a picture instead."),
    "missing": _("No camera was found. Choose a picture instead."),
    "busy": _("Another program is using the camera. Close it, or choose a picture instead."),
    "insecure": _("Browsers lend the camera only to pages on HTTPS. Choose a picture instead."),
    "title.front": _("Photograph the front"),
    "title.back": _("Photograph the back"),
}

_PICTURES = {
    "as_it_is": _("{name}, {size}. Sent as it is."),
    "reencoded": _("{name} was {before}: it is sent as a JPEG of {size}, {width} × {height}."),
    "undecodable": _("This browser cannot open {name}. Choose a JPEG or PNG picture."),
    "preparing": _("Opening {name} …"),
    "alt.front": _("Front, as it will be sent"),
    "alt.back": _("Back, as it will be sent"),
}

TEXTS: Mapping[str, Mapping[str, Any]] = {
    "fields": _FIELDS,
    "checks": _CHECKS,
    "pairs": _PAIRS,
    "words": _WORDS,
    "attacks": ATTACKS,
    "cures": _CURES,
    "hints": _HINTS,
    "camera": _CAMERA,
    "pictures": _PICTURES,
    "page": {
        "wrong_password": _("This user name and password do not belong together."),
        "wait_to_sign_in": _("Too many attempts. Try again in {seconds} seconds."),
        "session_ended": _("Your session has ended. Sign in again: your pictures are still here."),
        "offline": _("The service did not answer. Look whether you are connected."),
        "failed": _("The service could not answer ({status}). Try again in a moment."),
        "uploading": _("Sending both pictures: {share} %"),
        "reading": _("Reading both sides …"),
        "add_both": _("Add both sides to go on."),
        "add.front": _("Now add the front."),
        "add.back": _("Now add the back."),
        "ready": _("Both sides are here."),
        "try_again_in": _("Try again in {seconds} s"),
        "copied": _("Copied"),
        "not_copied": _("Could not be copied: the text is selected, copy it by hand."),
    },
    "result": {
        "valid": _("Valid"),
        "not_valid": _("Not valid"),
        "refused": _("Not read"),
        "valid.why": _("Every check passes, both sides belong together and nothing contradicts."),
        "not_valid.why": _("It was read, but not everything on it can be trusted."),
        "busy": _("The service is busy"),
        "offline": _("No answer came"),
        "unexpected": _("Something went wrong"),
        "busy.why": _("More documents are waiting than it can take on."),
        "offline.why": _("The connection broke off before the service had answered."),
        "unexpected.why": _("The service answered {status}, which this page did not expect."),
        "match": _("Both sides belong together, {percentage} %"),
        "no_match": _("The sides do not belong together, {percentage} %"),
        "card": _("{issuer}, model {model}"),
        "unknown_model": _("unknown"),
        "spent": _("Read in {reading} ms, answered after {answering} ms"),
        "transaction": _("Transaction {id}"),
        "code": _("Code {code}"),
        "age": _("{age} years old"),
        "minor": _("Under age"),
        "expired": _("Expired"),
        "swapped": _("The sides came the other way round. They were read all the same."),
        "doubt": _("{fact}: {one} and {other} contradict each other"),
        "doubt.all": _("{fact}: {one} do not agree"),
        "failed_check": _("Not passed: {check}"),
        "unconfirmed_fields": _("Nothing confirms: {fields}"),
        "contradicts": _("Both sides differ: {pair}"),
        "source": _("Read by {reader}"),
        "witnesses": _("confirmed by {witnesses}"),
        "confirmed": _("Confirmed"),
        "unconfirmed": _("Not confirmed"),
        "missing": _("Missing"),
        "passed": _("Passed"),
        "failed": _("Not passed"),
        "nothing_to_check": _("Nothing to check"),
        "agrees": _("Agrees"),
        "disagrees": _("Does not agree"),
        "unsettled": _("Says nothing of use"),
        "suspected": _("Suspected"),
        "unsuspected": _("Not suspected"),
        "life": _("{score}, suspected from {threshold} on: {reason}"),
        "attack": _("{attack}: {reason}"),
        "picture.front": _("The front, with a box around each field that was read"),
        "picture.back": _("The back, with a box around each field that was read"),
        "look": _("{reader}, {side}: {wanted}"),
        "look.won": _("settled it"),
        "look.lost": _("changed nothing"),
        "seen.card": _("this card"),
        "seen.person": _("this person"),
        "seen.other_data": _("either with other data"),
        "times": _("{count} times"),
        "once": _("once"),
        "never": _("never"),
        "erased": _("Erased: the service keeps neither the pictures nor what was read."),
        "not_erased": _("It could not be erased. Try again in a moment."),
    },
}
"""By group and key; every text is one msgid of the catalogue."""
