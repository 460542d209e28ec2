"""The messages about a request, between its author and the agents who review it."""

from django.db import models
from django.db.models import Q

from registrations.requests.models import Request


class RequestMessage(models.Model):
    """A message in plain text about an open request; an agent wrote it, `written_by`, or the
    applicant when that is empty. What the applicant sends may be files alone.

    What is asked with a deadline is an `Asking`: the page shows both as one conversation.
    """

    request = models.ForeignKey(
        Request,
        on_delete=models.CASCADE,
        related_name="messages",
        db_index=False,  # `request_message_order` begins with it
    )
    sent_at = models.DateTimeField("envoyé le")
    written_by = models.UUIDField("écrit par l’agent", null=True, blank=True)
    text = models.TextField("texte", blank=True)
    # Of `build_post_key`: the same form received twice is one message.
    post_key = models.UUIDField("clé de l’envoi", editable=False)

    class Meta:
        verbose_name = "message"
        verbose_name_plural = "messages"
        ordering = ("sent_at", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["request", "post_key"],
                name="request_message_once",
                violation_error_message="Ce message est déjà envoyé.",
            ),
            models.CheckConstraint(
                condition=Q(written_by__isnull=True) | ~Q(text=""),
                name="request_message_of_agent_said",
            ),
        ]
        indexes = [models.Index(fields=["request", "sent_at"], name="request_message_order")]

    def __str__(self) -> str:
        return f"{self.sent_at:%Y-%m-%d %H:%M}"

    @property
    def by_staff(self) -> bool:
        return self.written_by is not None
