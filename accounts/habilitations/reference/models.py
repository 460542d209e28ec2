"""What routes a request and picks a role: DGA, délégation, département, branch, profile."""

from django.db import models
from django.db.models import Q

from accounts.habilitations.enums import Dashboard


class Dga(models.Model):
    """A directorate that oversees branches. « DGA » is never spelled out for users."""

    code = models.CharField("code", max_length=20, unique=True)
    name = models.CharField("nom", max_length=120)
    email = models.EmailField("adresse générique")
    dashboard = models.CharField("tableau de bord", max_length=20, choices=Dashboard.choices)
    fallback = models.BooleanField(
        "reçoit les demandes sans branche",
        default=False,
        help_text="Celles des CFA et des organismes de formation. Une seule DGA les reçoit.",
    )

    class Meta:
        verbose_name = "DGA"
        verbose_name_plural = "DGA"
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(
                fields=["fallback"],
                condition=Q(fallback=True),
                name="dga_one_fallback",
                violation_error_message="Une seule DGA reçoit les demandes sans branche.",
            )
        ]

    def __str__(self) -> str:
        return self.name


def shorten_delegation_name(name: str) -> str:
    """« Bretagne »: a list of délégations does without the words that all of them share."""
    return name.removeprefix("Délégation régionale ")


class Delegation(models.Model):
    """A regional office with its generic mailbox: it is told of requests, and handles them."""

    code = models.CharField("code", max_length=20, unique=True)
    name = models.CharField("nom", max_length=120)
    email = models.EmailField("adresse générique")
    phone = models.CharField("téléphone", max_length=20, blank=True)

    class Meta:
        verbose_name = "délégation"
        verbose_name_plural = "délégations"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Department(models.Model):
    """A French département or overseas community. `delegation` empty: requests fall in the unrouted
    queue.
    """

    code = models.CharField("code", max_length=3, primary_key=True)
    name = models.CharField("nom", max_length=80)
    region_name = models.CharField("région", max_length=80, blank=True)
    position = models.PositiveSmallIntegerField(
        "ordre", help_text="Rang dans la liste\u00a0: 01 à 19, 2A, 2B, 21 à 95, 971 et suivants."
    )
    selectable = models.BooleanField("proposé dans le formulaire", default=True)
    in_territory = models.BooleanField("territoire agréé", default=True)
    delegation = models.ForeignKey(
        Delegation,
        verbose_name="délégation",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="departments",
    )

    class Meta:
        verbose_name = "département"
        verbose_name_plural = "départements"
        ordering = ("position",)

    def __str__(self) -> str:
        return f"{self.code} – {self.name}"


class Branch(models.Model):
    """A choice of « Branche »: it routes to a DGA and picks the dashboard."""

    code = models.CharField("code", max_length=40, unique=True)
    label = models.CharField("libellé", max_length=160)
    dga = models.ForeignKey(
        Dga,
        verbose_name="DGA",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="branches",
    )
    dashboard = models.CharField("tableau de bord", max_length=20, choices=Dashboard.choices)
    position = models.PositiveSmallIntegerField("ordre", default=0)
    selectable = models.BooleanField("proposée dans le formulaire", default=True)

    class Meta:
        verbose_name = "branche"
        verbose_name_plural = "branches"
        ordering = ("position", "label")

    def __str__(self) -> str:
        return self.label


class ProposalCriterion(models.TextChoices):
    CONVENTION = "idcc", "convention collective (IDCC)"
    ACTIVITY = "naf", "activité (NAF)"


class BranchProposal(models.Model):
    """The branch that the enrolment form proposes for a collective agreement or an activity."""

    criterion = models.CharField("critère", max_length=4, choices=ProposalCriterion.choices)
    code = models.CharField(
        "code",
        max_length=5,
        help_text="IDCC\u00a0: quatre chiffres, comme 1090. NAF\u00a0: les chiffres sans point, "
        "comme 4520, avec la lettre seulement quand elle compte (7120A).",
    )
    label = models.CharField("libellé", max_length=200)
    branch = models.ForeignKey(
        Branch, verbose_name="branche", on_delete=models.CASCADE, related_name="proposals"
    )
    source = models.CharField(
        "source", max_length=200, help_text="D’où vient ce rapprochement, et s’il est vérifié."
    )

    class Meta:
        verbose_name = "proposition de branche"
        verbose_name_plural = "propositions de branche"
        ordering = ("criterion", "code")
        constraints = [
            models.UniqueConstraint(
                fields=["criterion", "code"],
                name="branch_proposal_once",
                violation_error_message="Ce code propose déjà une branche.",
            ),
            models.CheckConstraint(
                condition=Q(criterion=ProposalCriterion.CONVENTION, code__regex=r"^[0-9]{4}$")
                | Q(criterion=ProposalCriterion.ACTIVITY, code__regex=r"^[0-9]{2,4}[A-Z]?$"),
                name="branch_proposal_code",
                violation_error_message="Un IDCC a quatre chiffres, un code NAF deux à quatre "
                "chiffres et au plus une lettre\u00a0: 1090, 4520, 7120A.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_criterion_display()} {self.code}"


class Profile(models.Model):
    """« Type de profil souhaité ». The role that it gives: `AdmissionRule`, for each platform."""

    code = models.CharField("code", max_length=20, unique=True)
    label = models.CharField("libellé", max_length=160)
    position = models.PositiveSmallIntegerField("ordre", default=0)

    class Meta:
        verbose_name = "profil"
        verbose_name_plural = "profils"
        ordering = ("position", "label")

    def __str__(self) -> str:
        return self.label
