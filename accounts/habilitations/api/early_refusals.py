"""What a platform's program reads when the portal refuses its call before the API sees it."""

from django.http import HttpRequest, HttpResponse

from mgestion.web.problems import problem_response
from mgestion.web.programs import Refusal


def answer_program(request: HttpRequest, refusal: Refusal) -> HttpResponse | None:
    """None for addresses outside the API."""
    if not request.path.startswith("/api/"):
        return None
    return problem_response(refusal.status, refusal.code, refusal.title, refusal.detail)
