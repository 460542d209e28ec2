"""What the national administrators' home says of the requests on rights: only what is late."""

from datetime import datetime

from django.urls import reverse

from accounts.profile.models import RightsRequest
from mgestion.admin.home_notices import HomeLine, build_count_line
from mgestion.text.dates import paris_date


def list_late_rights_requests(now: datetime) -> list[HomeLine]:
    late = RightsRequest.objects.open().filter(due_on__lt=paris_date(now)).count()
    address = f"{reverse('admin:profile_rightsrequest_changelist')}?echeance=retard"
    return build_count_line("Demandes de droits en retard", late, address)
