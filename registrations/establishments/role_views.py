"""« Demander un changement de rôle »: the page that asks for another role for a colleague."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.habilitations.accesses.models import Access
from accounts.habilitations.platforms.roles import list_roles_pages
from accounts.people.enums import Status
from mgestion.errors import Refused
from registrations.establishments import colleagues
from registrations.establishments import role_flows as flows
from registrations.establishments.views import build_list_url
from registrations.requests.contacts import get_delegation_contact
from registrations.requests.signed_in_views import get_signed_in_user


class RoleForm(forms.Form):
    """One choice: an access here, with a role of its platform that is not the one held."""

    choice = forms.ChoiceField(
        label="Rôle demandé", error_messages={"required": "Choisissez un rôle."}
    )

    def __init__(self, *args: object, accesses: list[Access], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["choice"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [
            ("", "Choisissez un rôle"),
            *(
                (f"{access.pk}:{role}", f"{access.platform.name}\u00a0: {label}")
                for access in accesses
                for role, label in flows.list_askable_roles(access)
            ),
        ]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask_role_view(request: HttpRequest, key: str, public_id: UUID) -> HttpResponse:
    viewer = get_signed_in_user(request)
    found = colleagues.find_colleague(viewer, key, public_id)
    if found is None:
        raise Http404
    place, _, account = found
    if account.status != Status.ACTIVE or account.is_staff or account.is_superuser:
        messages.warning(request, "Le rôle de ce compte ne se change pas maintenant.")
        return redirect(build_list_url(place))
    accesses = list(
        Access.objects.open().filter(user=account, establishment=place).select_related("platform")
    )
    form = RoleForm(request.POST if request.method == "POST" else None, accesses=accesses)
    if request.method == "POST" and form.is_valid():
        access_id, _, role = str(form.cleaned_data["choice"]).partition(":")
        try:
            flows.ask_for_role(
                viewer, key, public_id, access_id=int(access_id), role=role, now=timezone.now()
            )
        except Refused as refused:
            form.add_error("choice", refused.message)
        else:
            messages.success(
                request,
                f"Votre demande pour {account} est transmise à la délégation, qui décide.",
            )
            return redirect(build_list_url(place))
    context = {
        "form": form,
        "account": account,
        "place": place,
        "accesses": accesses,
        "roles": list_roles_pages(access.platform for access in accesses),
        "back": build_list_url(place),
        "contact": get_delegation_contact(place.department.delegation),
    }
    return render(request, "registrations/establishments/role.html", context)
