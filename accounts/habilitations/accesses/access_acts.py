"""The acts on one access that have a page of their own, found by the access's public id."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.habilitations.accesses import moving_flows
from accounts.habilitations.accesses.access_forms import MoveForm
from accounts.habilitations.accesses.models import Access
from accounts.habilitations.accesses.querysets import in_staff_scope
from accounts.habilitations.staff.permissions import get_staff, may_decide
from mgestion import slots
from mgestion.staff_acts import StaffAct, StaffActView
from mgestion.templatetags.portal import siret


def _warn_of_move(access: Access, now: Any) -> str:
    place = access.establishment
    return (
        f"L’accès de {access.user} à {access.platform} ({access.get_role_display()}) quitte "
        f"{place.name} (SIRET\u00a0{siret(place.siret)}) et s’ouvre, avec le même rôle, pour "
        "l’établissement que vous indiquez. La personne, les administrateurs des deux "
        "établissements et la plateforme sont prévenus."
    )


ACTS: dict[str, StaffAct[Access]] = {
    "deplacer": StaffAct(
        label="Déplacer vers un autre établissement",
        title="Déplacer cet accès\u202f?",
        button="Déplacer l’accès",
        warning=_warn_of_move,
        form=MoveForm,
        shown=lambda access: access.ended_at is None,
        verb=lambda access, actor, said, now: moving_flows.move_access(
            access.pk, to=said["to"], reason=said["reason"], actor=actor, now=now
        ),
        done=lambda access, moved: (
            f"Accès déplacé\u00a0: {access.user}, {access.platform}, désormais pour "
            f"{moved.establishment}."
        ),
    ),
}


class AccessActView(StaffActView[Access]):
    """A national administrator, or a reviewer within their scope; others' accesses do not exist
    here.
    """

    acts = ACTS

    def may_act(self) -> bool:
        return may_decide(get_staff(self.request.user))

    def get_row(self) -> Access:
        rows = Access.objects.select_related("user", "platform", "establishment")
        mine = rows.filter(in_staff_scope(get_staff(self.request.user), "establishment__"))
        return get_object_or_404(mine, public_id=self.kwargs["public_id"])

    def row_url(self) -> str:
        return reverse("admin:habilitations_access_change", args=[self.row.pk])

    def impossible_words(self) -> str:
        return "Cet accès n’est plus ouvert\u00a0: rien n’a été changé."

    def form_options(self) -> dict[str, Any]:
        return {"scope": in_staff_scope(get_staff(self.request.user))}

    def page_context(self) -> dict[str, Any]:
        return {"crumbs": [(str(self.row), self.row_url())]}


def render_access_acts(request: HttpRequest, access: Access) -> str:
    """What else may be done with an open or suspended access: links, and panels of higher
    applications (`slots.access_panels`).
    """
    return render_to_string(
        "admin/habilitations/access/acts.html",
        {
            "access": access,
            "acts": {word: act for word, act in ACTS.items() if act.shown(access)},
            "panels": [panel(request, access) for panel in slots.access_panels.values()],
        },
        request,
    )
