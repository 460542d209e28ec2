"""What the request form asks when a département is chosen."""

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from registrations.promise.response_times import recall_response_time


@require_safe
def response_time_view(request: HttpRequest) -> JsonResponse:
    """`{"words": …}` of the délégation of `?departement=`, empty where nothing is measured."""
    department = request.GET.get("departement", "")
    return JsonResponse({"words": recall_response_time(timezone.now(), department)})
