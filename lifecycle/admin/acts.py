"""One agent acts on one account: what will happen, the reason, one button (R86, R90, R92, D30)."""

from datetime import timedelta
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from accounts import standing_acts
from accounts.emails import until
from accounts.enums import DeactivationReason, Status
from accounts.habilitations.permissions import may_configure, staff_of
from accounts.models import User
from lifecycle.admin import dead_mailbox
from lifecycle.admin.act import Act, PlainForm
from lifecycle.admin.dead_mailbox import ANY, CHANNELS, LEAVING, day_field
from lifecycle.enums import PORTAL_REASONS, HoldReason
from lifecycle.flows import holds
from lifecycle.models import Hold
from mgestion.dates import french_date, paris_date
from mgestion.errors import Refused, WrongState
from mgestion.journal.actors import Actor
from mgestion.web.kept_typing import posted_or_kept


class ReasonForm(forms.Form):
    """Why: a code for the journal, and a note that goes with the account."""

    reason = forms.ChoiceField(
        label="Motif", choices=[("", "Choisissez un motif"), *DeactivationReason.choices]
    )
    note = forms.CharField(
        label="Précision",
        required=False,
        max_length=300,
        help_text="Facultatif. Gardée au journal, effacée avec le compte.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class SuspendForm(ReasonForm):
    block = forms.BooleanField(
        label="Refuser aussi toute nouvelle inscription de cette personne", required=False
    )


class HoldForm(forms.Form):
    reason = forms.ChoiceField(
        label="Motif",
        choices=[
            ("", "Choisissez un motif"),
            *((one.value, one.label) for one in HoldReason if one not in PORTAL_REASONS),
        ],
    )


class ClosureForm(forms.Form):
    """A désinscription asked by letter or by e-mail (R79, R80): how, and when it was received."""

    channel = forms.ChoiceField(
        label="Demande reçue par",
        choices=CHANNELS,
    )
    received = day_field(
        "Reçue le", "La personne attend une réponse dans le mois qui suit cette date."
    )


ACTS: dict[str, Act] = {
    "desactiver": Act(
        "Désactiver le compte",
        "Désactiver ce compte\u202f?",
        "Le compte sera supprimé définitivement sous 15\u00a0jours calendaires\u00a0: si "
        "l’e-mail part aujourd’hui, il peut être réactivé {until}. La personne ne peut plus se "
        "connecter dès maintenant, sur aucune plateforme, et reçoit un e-mail.",
        ReasonForm,
        lambda user, actor, said, now: standing_acts.deactivate(user, actor=actor, now=now, **said),
        (Status.ACTIVE,),
        "Compte désactivé. L’e-mail est mis en file.",
        dangerous=True,
    ),
    "reactiver": Act(
        "Réactiver le compte",
        "Réactiver ce compte\u202f?",
        "La personne retrouve les mêmes accès. Les 24\u00a0mois d’inactivité repartent de zéro.",
        ReasonForm,
        lambda user, actor, said, now: standing_acts.reactivate(user, actor=actor, now=now, **said),
        LEAVING,
        "Compte réactivé.",
    ),
    "desinscrire": Act(
        "Désinscrire la personne",
        "Désinscrire cette personne\u202f?",
        "À sa demande, par e-mail ou par courrier (CGU 4.2.4)\u00a0: le compte est fermé dès "
        "maintenant et supprimé définitivement sous 15\u00a0jours. La personne reçoit un accusé, "
        "puis une confirmation. Si l’accusé part aujourd’hui, elle peut y renoncer {until}.",
        ClosureForm,
        lambda user, actor, said, now: standing_acts.close(
            user,
            actor=actor,
            reason=said["channel"],
            note=f"demande reçue le {french_date(said['received'])}",
            now=now,
        ),
        (Status.ACTIVE,),
        "Fermeture enregistrée. L’accusé est mis en file.",
        dangerous=True,
    ),
    "suspendre": Act(
        "Suspendre le compte",
        "Suspendre ce compte\u202f?",
        "La personne ne peut plus se connecter, et son compte n’est pas supprimé\u00a0: une "
        "suppression en cours est annulée. Seul un agent lève la suspension.",
        SuspendForm,
        lambda user, actor, said, now: standing_acts.suspend(user, actor=actor, now=now, **said),
        ANY,
        "Compte suspendu.",
        dangerous=True,
    ),
    "lever": Act(
        "Lever la suspension",
        "Lever la suspension\u202f?",
        "Le compte redevient actif et les 24\u00a0mois d’inactivité repartent de zéro. La personne "
        "peut de nouveau s’inscrire si elle en était empêchée.",
        PlainForm,
        lambda user, actor, said, now: standing_acts.lift(user, actor=actor, now=now),
        (Status.SUSPENDED,),
        "Suspension levée.",
    ),
    "retenir": Act(
        "Retenir la procédure",
        "Retenir la procédure de ce compte\u202f?",
        "Aucun avertissement, aucune désactivation ni suppression automatique, et aucune échéance "
        "ne court jusqu’à ce que la retenue soit levée.",
        HoldForm,
        lambda user, actor, said, now: holds.hold(user, actor=actor, now=now, **said),
        ANY,
        "Procédure retenue.",
    ),
    "reprendre": Act(
        "Reprendre la procédure",
        "Reprendre la procédure de ce compte\u202f?",
        "Les jours qui restaient sont rendus. Un e-mail qui n’avait pas pu être remis est envoyé "
        "à nouveau\u00a0: vérifiez d’abord l’adresse.",
        PlainForm,
        lambda user, actor, said, now: holds.release(user, actor=actor, now=now),
        ANY,
        "Procédure reprise.",
    ),
    **dead_mailbox.ACTS,
}


def offered(user: User, *, held: bool) -> list[tuple[str, Act]]:
    """What the panel of this account offers now."""
    return [
        (word, act)
        for word, act in ACTS.items()
        if user.status in act.shown
        and {"retenir": not held, "reprendre": held}.get(word, True)
        and (act.when is None or act.when(user))
    ]


def page(request: HttpRequest, public_id: UUID, word: str) -> HttpResponse:
    """Says what will happen; a POST does it. National administrators only."""
    agent = request.user
    if not isinstance(agent, User) or not may_configure(staff_of(agent)):
        raise PermissionDenied
    user = get_object_or_404(User, public_id=public_id)
    back = reverse("admin:accounts_user_change", args=[user.pk])
    held = Hold.objects.filter(user=user, released_at__isnull=True).exists()
    act = dict(offered(user, held=held)).get(word)
    if act is None:
        messages.error(
            request,
            f"Ce compte est «\u00a0{user.get_status_display()}\u00a0»\u00a0: "
            "cette action n’est pas possible.",
        )
        return HttpResponseRedirect(back)
    now = timezone.now()
    form = act.form(posted_or_kept(request))
    if request.method == "POST" and form.is_valid():
        try:
            act.do(user, Actor.staff(agent), form.cleaned_data, now)
        except Refused as refusal:
            if form.fields and not isinstance(refusal, WrongState):
                form.add_error(None, refusal.message)  # what was typed can be mended
            else:
                messages.error(request, refusal.message)
                return HttpResponseRedirect(back)
        else:
            messages.success(request, act.done)
            return HttpResponseRedirect(back)
    day = paris_date(now) + timedelta(days=settings.LIFECYCLE_RULES["grace_days"])
    context = {
        **admin.site.each_context(request),
        "title": act.title,
        "form": form,
        "act": act,
        "warning": act.say(user, now) if act.say else act.warning.format(until=until(day)),
        "account": user,
        "back": back,
    }
    return TemplateResponse(request, "admin/lifecycle/act.html", context)
