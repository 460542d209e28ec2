"""What a CAS client reads when the portal refuses its call before the CAS endpoints see it."""

from typing import Final

from django.http import HttpRequest, HttpResponse

from accounts.cas.protocol import answers
from accounts.cas.protocol.refusals import FailureCode
from mgestion.web.programs import Refusal

# The addresses that programs call, and what their failure is called in XML.
_ELEMENTS: Final = {
    "/cas/serviceValidate": "authenticationFailure",
    "/cas/proxyValidate": "authenticationFailure",
    "/cas/p3/": "authenticationFailure",
    "/cas/proxy": "proxyFailure",
}


def answer_program(request: HttpRequest, refusal: Refusal) -> HttpResponse | None:
    """None for addresses that people open."""
    # A CAS client reads the body whatever the status: what it sent wrong is a 200 (V12).
    status = 200 if refusal.status == 400 else refusal.status
    if request.path.startswith("/cas/validate"):
        return HttpResponse(answers.format_plain(None), content_type=answers.PLAIN, status=status)
    found = (name for start, name in _ELEMENTS.items() if request.path.startswith(start))
    element = next(found, "")
    if not element:
        return None
    code = FailureCode.INTERNAL_ERROR if refusal.status == 503 else FailureCode.INVALID_REQUEST
    failure = answers.CasFailure(code, refusal.detail, element)
    if element != "proxyFailure" and request.GET.get("format", "").upper() == "JSON":
        text, media_type = answers.format_json(failure), answers.JSON
    else:
        text, media_type = answers.format_xml(failure), answers.XML
    return HttpResponse(text, content_type=media_type, status=status)
