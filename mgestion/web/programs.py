"""What a platform's program gets where a person would get one of our pages: each in the format
that it parses. For those who answer before the rooms do; written out here, since the rooms above
may be what is being repaired.
"""

import json
from typing import Final

from django.http import HttpRequest, HttpResponse

from mgestion.web.request_id import current_request_id

_PLAIN: Final = "text/plain; charset=utf-8"
_XML: Final = "text/xml; charset=utf-8"
_JSON: Final = "application/json; charset=utf-8"
_PROBLEM: Final = "application/problem+json"
# Where the failure of a CAS answer in XML has which name.
_CAS: Final = {
    "/cas/serviceValidate": "authenticationFailure",
    "/cas/proxyValidate": "authenticationFailure",
    "/cas/p3/": "authenticationFailure",
    "/cas/proxy": "proxyFailure",
}


def refusal(
    request: HttpRequest, status: int, *, code: str, cas_code: str, title: str, said: str
) -> HttpResponse | None:
    """The refusal of `request` for a program, None where people look.

    `code` is the API's, `cas_code` CAS's; `title` and `said` are ours, in English, without markup.
    """
    path = request.path
    if path.startswith("/api/"):
        problem = {
            "type": f"about:blank#{code}",
            "title": title,
            "status": status,
            "code": code,
            "detail": said,
            "request_id": current_request_id(),
            "errors": [],
        }
        return HttpResponse(json.dumps(problem), content_type=_PROBLEM, status=status)
    if path.startswith("/cas/validate"):
        return HttpResponse("no\n\n", content_type=_PLAIN, status=status)
    for start, element in _CAS.items():
        if path.startswith(start):
            return _cas(request, status, element, cas_code, said)
    return None


def _cas(request: HttpRequest, status: int, element: str, code: str, said: str) -> HttpResponse:
    if element != "proxyFailure" and request.GET.get("format", "").upper() == "JSON":
        failure = {"code": code, "description": said}
        text = json.dumps({"serviceResponse": {element: failure}})
        return HttpResponse(text, content_type=_JSON, status=status)
    text = (
        '<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">\n'
        f'  <cas:{element} code="{code}">{said}</cas:{element}>\n'
        "</cas:serviceResponse>\n"
    )
    return HttpResponse(text, content_type=_XML, status=status)
