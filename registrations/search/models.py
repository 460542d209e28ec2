"""The index of words that agents search requests by."""

from django.db import models

from registrations.requests.models import Request


class RequestWord(models.Model):
    """One word of a request's names, company, reference or e-mail address.

    One row per word lets an ordinary index answer prefix searches on any word, on any database and
    without an extension.
    """

    request = models.ForeignKey(
        Request, on_delete=models.CASCADE, related_name="+", db_index=False
    )  # the constraint's index serves it
    word = models.CharField("mot", max_length=40)

    class Meta:
        verbose_name = "mot de recherche"
        verbose_name_plural = "mots de recherche"
        constraints = [
            models.UniqueConstraint(fields=["request", "word"], name="request_word_once"),
        ]
        indexes = [
            # The operator class serves « begins with » under any collation of PostgreSQL.
            models.Index(
                fields=["word", "request"],
                opclasses=["text_pattern_ops", "uuid_ops"],
                name="request_word",
            ),
        ]

    def __str__(self) -> str:
        return self.word
