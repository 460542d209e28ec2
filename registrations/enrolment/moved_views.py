"""The former addresses of a request, which mails that were sent before still hold."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse


def moved_request_view(request: HttpRequest, reference: str, rest: str = "") -> HttpResponse:
    """Redirect to the same page under /demandes/; what is posted to it is posted there."""
    query = request.META.get("QUERY_STRING", "")
    address = reverse("registrations:request_status", args=[reference]) + rest
    return redirect(f"{address}?{query}" if query else address, preserve_request=True)
