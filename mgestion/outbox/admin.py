"""Mails for staff: what waits, what failed, and « Renvoyer ».

Neither text nor HTML is shown: a mail may carry the key that opens its recipient's account.
"""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from mgestion import slots
from mgestion.admin.row_kinds import PEOPLE, RowLink, find_row_links, find_uuid_link
from mgestion.admin.titles import NOTHING, RecordAdmin
from mgestion.errors import Refused, WrongState
from mgestion.journal.actors import Actor
from mgestion.outbox import flows
from mgestion.outbox.catalogue.kinds import get_kind_labels
from mgestion.outbox.catalogue.text_admin import MailTextAdmin
from mgestion.outbox.models import Bounce, BounceOutcome, Mail, MailStatus, MailText
from mgestion.outbox.staff_rows import match_readers
from mgestion.text.dates import french_moment


class StateFilter(admin.SimpleListFilter):
    title = "état"
    parameter_name = "etat"
    FAILING = "en-difficulte"
    RETURNED = "revenu"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        states = [(str(value), str(label)) for value, label in MailStatus.choices]
        return [
            *states,
            (self.FAILING, "à envoyer, déjà essayé"),
            (self.RETURNED, "revenu non distribué, adresse signalée"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Mail]) -> QuerySet[Mail]:
        if self.value() == self.FAILING:
            return queryset.filter(status=MailStatus.QUEUED, attempts__gt=0)
        if self.value() == self.RETURNED:
            flagging = Bounce.objects.filter(outcome=BounceOutcome.HARD, cleared_at__isnull=True)
            return queryset.filter(pk__in=flagging.values("mail"))
        return queryset.filter(status=self.value()) if self.value() else queryset


class KindFilter(admin.SimpleListFilter):
    """By what a mail is about, in words."""

    title = "type"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        words = sorted({kind.label for _, kind in slots.mail_kinds.items()})
        return [(text, text) for text in words]  # several kinds may say the same

    def queryset(self, request: HttpRequest, queryset: QuerySet[Mail]) -> QuerySet[Mail]:
        if not self.value():
            return queryset
        kinds = [code for code, kind in slots.mail_kinds.items() if kind.label == self.value()]
        return queryset.filter(kind__in=kinds)


admin.site.register(MailText, MailTextAdmin)


@admin.register(Mail)
class MailAdmin(RecordAdmin):
    list_display = ("created_at", "about", "to", "status", "attempts", "next_try", "last_error")
    list_filter = (StateFilter, KindFilter)
    search_fields = ("to", "=person", "=subject_id", "=message_id")
    search_help_text = (
        "Destinataire, nom de la personne, ou identifiant exact (personne, objet, Message-ID)."
    )
    show_full_result_count = False
    list_per_page = 50
    actions = ("send_again",)
    fields = (
        "about",
        "status",
        "to",
        "subject",
        "deadline",
        "created_at",
        "accepted_at",
        "attempts",
        "next_try",
        "first_refused_at",
        "last_error",
        "returns",
        "reader",
        "about_row",
        "message_id",
    )
    readonly_fields = ("about", "next_try", "reader", "about_row", "returns")

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """With the links to the person and to what the mail is about."""
        mail = super().get_object(request, object_id, from_field)
        if mail is not None:
            links = find_row_links(request, [(PEOPLE, str(mail.person or ""))])
            mail.reader_link = links.get((PEOPLE, str(mail.person)))
            mail.about_link = find_uuid_link(request, mail.subject_id)
        return mail

    @admin.display(description="type", ordering="kind")
    def about(self, mail: Mail) -> str:
        return get_kind_labels([mail.kind])[mail.kind]

    @admin.display(description="personne")
    def reader(self, mail: Mail) -> Any:
        """Nobody for a team's mailbox, and for an address that has no account yet."""
        if mail.person is None:
            return NOTHING
        gone = f"un compte supprimé ({str(mail.person)[:8]})"
        link: RowLink | None = getattr(mail, "reader_link", None)
        return link if link and link.url else gone

    @admin.display(description="objet")
    def about_row(self, mail: Mail) -> Any:
        none = f"supprimé, ou sans page que vous puissiez ouvrir ({str(mail.subject_id)[:8]})"
        return getattr(mail, "about_link", None) or none

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Mail], search_term: str
    ) -> tuple[QuerySet[Mail], bool]:
        """Also by the person, as accounts are found."""
        found, repeated = super().get_search_results(request, queryset, search_term)
        if search_term.strip():
            found = found | queryset.filter(match_readers(request, search_term))
        return found, repeated

    @admin.display(description="revenu du serveur du destinataire")
    def returns(self, mail: Mail) -> str:
        lines = []
        for bounce in mail.bounces.order_by("read_at"):
            code = f", code {bounce.status}" if bounce.status else ""
            line = f"{bounce.get_outcome_display()}{code}, lu le {french_moment(bounce.read_at)}"
            if bounce.cleared_at and bounce.cleared_by:
                line += f" ; débloqué le {french_moment(bounce.cleared_at)}"
            lines.append(line)
        return ". ".join(lines) or NOTHING

    @admin.display(description="prochain essai", ordering="next_at")
    def next_try(self, mail: Mail) -> str:
        waits = mail.status == MailStatus.QUEUED and mail.next_at
        return french_moment(mail.next_at) if waits else "–"

    @admin.action(description="Renvoyer (e-mails en échec)", permissions=["resend"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Mail]) -> None:
        if not request.user.is_authenticated:
            return
        now = timezone.now()
        sent = skipped = 0
        refusals: dict[str, int] = {}
        for pk in queryset.values_list("pk", flat=True):
            try:
                flows.resend_dead_mail(pk, Actor.staff(request.user), now)
                sent += 1
            except WrongState:
                skipped += 1
            except Refused as refusal:  # by the application the mail belongs to, with the way out
                refusals[refusal.message] = refusals.get(refusal.message, 0) + 1
        if sent:
            self.message_user(
                request,
                f"{sent} e-mails remis dans la file." if sent > 1 else "E-mail remis dans la file.",
                messages.SUCCESS,
            )
        if skipped:
            words = (
                f"{skipped} e-mails laissés tels quels\u00a0: ils ne sont pas en échec."
                if skipped > 1
                else "L’e-mail est laissé tel quel\u00a0: il n’est pas en échec."
            )
            self.message_user(request, words, messages.WARNING)
        for words, number in refusals.items():
            self.message_user(
                request, f"{words} ({number} e-mails)" if number > 1 else words, messages.WARNING
            )

    def has_resend_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("outbox.change_mail")
