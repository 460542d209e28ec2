"""« Changer le rôle »: the page that gives a colleague another role, or asks for it."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.habilitations.accesses.models import Access
from accounts.habilitations.enums import Role
from accounts.habilitations.platforms.roles import list_roles_pages
from accounts.people.enums import Status
from accounts.people.models import User
from accounts.people.signed_in import get_signed_in_user
from mgestion.errors import Refused
from registrations.establishments import colleagues
from registrations.establishments import role_flows as flows
from registrations.establishments.views import build_list_url
from registrations.requests.contacts import get_delegation_contact


class RoleForm(forms.Form):
    """One choice: an access here, with a role of its platform that is not the one held. `at_once`:
    the choices that need no decision of the délégation.
    """

    choice = forms.ChoiceField(
        label="Nouveau rôle", error_messages={"required": "Choisissez un rôle."}
    )

    def __init__(
        self, *args: object, viewer: User, accesses: list[Access], **kwargs: object
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        mine: list[tuple[str, str]] = []
        asked: list[tuple[str, str]] = []
        for access in accesses:
            changeable = dict(flows.list_changeable_roles(viewer, access))
            for role, label in flows.list_askable_roles(access):
                choice = (f"{access.pk}:{role}", f"{access.platform.name}\u00a0: {label}")
                (mine if role in changeable else asked).append(choice)
        self.at_once = frozenset(value for value, _ in mine)
        groups = [("Vous le donnez, tout de suite", mine), ("La délégation décide", asked)]
        field = self.fields["choice"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [
            ("", "Choisissez un rôle"),
            *([group for group in groups if group[1]] if mine else asked),
        ]


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
        Access.objects.open()
        .filter(user=account, establishment=place)
        .select_related("platform", "establishment")
    )
    posted = request.POST if request.method == "POST" else None
    form = RoleForm(posted, viewer=viewer, accesses=accesses)
    if request.method == "POST" and form.is_valid():
        choice = str(form.cleaned_data["choice"])
        access_id, _, role = choice.partition(":")
        mine = choice in form.at_once
        verb = flows.change_colleague_role if mine else flows.ask_for_role
        try:
            verb(viewer, key, public_id, access_id=int(access_id), role=role, now=timezone.now())
        except Refused as refused:
            form.add_error("choice", refused.message)
        else:
            said = (
                f"{account} a maintenant le rôle «\u00a0{Role(role).label}\u00a0». Un e-mail "
                "l’en prévient."
                if mine
                else f"Votre demande pour {account} est transmise à la délégation, qui décide."
            )
            messages.success(request, said)
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
