"""The verbs on the terms: publish a version, accept one, load the shipped one."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.habilitations.platforms.models import Platform
from accounts.legal.acts import LegalAct
from accounts.legal.models import TermsAcceptance, TermsVersion, TermsWithdrawal
from accounts.legal.terms import shipped_terms
from accounts.legal.terms.markup import list_markup_faults
from accounts.people.models import User
from mgestion.errors import Refused, WrongState
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_journal_entry

# Addresses under /cgu/ and /conditions/<platform>/ that are no version.
RESERVED = frozenset({"versions", "acceptation"})


def get_current_version(
    now: datetime, platform: Platform | int | None = None
) -> TermsVersion | None:
    """The version in force at `now` of the terms, or of a platform's specific conditions; None
    where nothing was published yet.
    """
    return TermsVersion.objects.in_force(now, platform)


@transaction.atomic
def accept_version(
    user: User,
    version: TermsVersion,
    *,
    where: TermsAcceptance.Where,
    actor: Actor,
    now: datetime,
) -> TermsAcceptance:
    """Keep that `user` accepted `version` at `now` (R65, D68). Twice keeps the first time.

    Refuses a version that is not the one in force: only the version online binds, and a page opened
    before a new one came into force must be read again.
    """
    current = get_current_version(now, version.platform_id)
    if current is None or current.pk != version.pk:
        raise WrongState(
            "terms.not_in_force",
            f"Les {version.document.name} viennent de changer. Relisez-les, puis recommencez.",
        )
    # The unique constraint settles two clicks at once: the second one finds the row of the first.
    acceptance, created = TermsAcceptance.objects.get_or_create(
        user=user,
        version=version,
        where=where,
        defaults={"accepted_at": now, "digest": current.digest},
    )
    if created:
        _write_version_entry(
            version, LegalAct.TERMS_ACCEPTED, actor, now, reason=str(where), person=user.public_id
        )
    return acceptance


@transaction.atomic
def publish_version(
    version: TermsVersion, *, effective_at: datetime, actor: Actor, now: datetime
) -> TermsVersion:
    """Publish a draft, in force from `effective_at` (R67, D37). From here on nobody can change it.

    Refuses a version published already, a date in the past (nobody is bound backwards), a date that
    another version has, and a text with something in it that a page must not hold.
    """
    if effective_at < now:
        raise Refused("terms.past", "La date d’effet est passée\u00a0: choisissez-en une à venir.")
    return _publish_locked(version, effective_at=effective_at, actor=actor, now=now)


def _publish_locked(
    version: TermsVersion, *, effective_at: datetime, actor: Actor, now: datetime
) -> TermsVersion:
    locked = TermsVersion.objects.select_for_update().get(pk=version.pk)
    if locked.published_at is not None:
        raise WrongState(
            "terms.published", "Cette version est déjà publiée\u00a0: elle ne change plus."
        )
    same = TermsVersion.objects.of(locked.platform_id).published()
    if same.filter(effective_at=effective_at).exists():
        raise Refused("terms.same_date", "Une autre version prend effet au même moment.")
    if locked.slug in RESERVED:
        raise Refused("terms.slug", f"L’identifiant «\u00a0{locked.slug}\u00a0» est réservé.")
    problems = list_markup_faults(locked.body)
    if problems:
        raise Refused("terms.body", " ".join(problems))
    locked.published_at, locked.effective_at = now, effective_at
    locked.save(update_fields=["published_at", "effective_at"])
    _write_version_entry(locked, LegalAct.TERMS_PUBLISHED, actor, now)
    return locked


def may_withdraw(version: TermsVersion, now: datetime) -> bool:
    """Published for a day to come, and not taken back yet."""
    return (
        version.published_at is not None
        and version.effective_at is not None
        and version.effective_at > now
        and not TermsWithdrawal.objects.filter(version=version).exists()
    )


@transaction.atomic
def withdraw_version(
    version: TermsVersion, *, reason: str, actor: Actor, now: datetime
) -> TermsWithdrawal:
    """Take back a version before its day: nobody can have accepted it yet. Whoever was told of it
    is told that it does not come.
    """
    locked = TermsVersion.objects.select_for_update().get(pk=version.pk)
    if locked.published_at is None or locked.effective_at is None:
        raise WrongState("terms.draft", "Cette version n’est pas publiée\u00a0: supprimez-la.")
    if TermsWithdrawal.objects.filter(version=locked).exists():
        raise WrongState("terms.withdrawn", "Cette version est déjà retirée.")
    accepted = TermsAcceptance.objects.filter(version=locked).exists()
    if locked.effective_at <= now or accepted:
        raise WrongState(
            "terms.in_force",
            "Cette version est déjà en vigueur\u00a0: publiez-en une autre pour la remplacer.",
        )
    reason = reason.strip()
    if not reason:
        raise Refused("terms.reason", "Dites pourquoi cette version est retirée.")
    made = TermsWithdrawal.objects.create(
        version=locked, withdrawn_at=now, withdrawn_by=actor.agent_id, reason=reason[:300]
    )
    _write_version_entry(locked, LegalAct.TERMS_WITHDRAWN, actor, now)
    return made


def _write_version_entry(
    version: TermsVersion,
    act: LegalAct,
    actor: Actor,
    now: datetime,
    *,
    reason: str = "",
    person: UUID | None = None,
) -> None:
    """A journal entry that says which document: the terms, or whose specific conditions."""
    platform = version.platform
    write_journal_entry(
        act=act,
        actor=actor,
        object_type="conditions" if platform else "terms",
        object_id=version.slug,
        reason=reason,
        person=person,
        detail={"platform": platform.name} if platform else None,
        now=now,
    )


@transaction.atomic
def load_shipped_terms(now: datetime) -> TermsVersion:
    """Load the demonstration text that comes with the portal (R70). Runs again without effect.

    It takes effect at its own date: a text published since by OPCO Mobilités stays in force.
    """
    version, created = TermsVersion.objects.get_or_create(
        slug=shipped_terms.SLUG,
        defaults={
            "label": shipped_terms.LABEL,
            "body": shipped_terms.read_shipped_body(),
            "demonstration": True,
            # No gate for a text that is no contract: only a version of OPCO Mobilités asks.
            "requires_acceptance": False,
        },
    )
    if not created:
        return version
    return _publish_locked(
        version,
        effective_at=shipped_terms.EFFECTIVE,
        actor=Actor.system("load_reference"),
        now=now,
    )


@transaction.atomic
def load_demo_conditions(now: datetime) -> TermsVersion:
    """Specific conditions of one platform, and a draft of their next version, for the demo. Runs
    again without effect.
    """
    platform = Platform.objects.get(code=shipped_terms.CONDITIONS_PLATFORM)
    body = shipped_terms.read_demo_conditions()
    version, created = TermsVersion.objects.get_or_create(
        slug=shipped_terms.CONDITIONS_SLUG,
        defaults={
            "platform": platform,
            "label": shipped_terms.LABEL,
            "body": body,
            "demonstration": True,
            "requires_acceptance": False,
        },
    )
    if not created:
        return version
    TermsVersion.objects.create(
        platform=platform,
        slug=f"{shipped_terms.CONDITIONS_SLUG}-projet",
        label="Projet de nouvelle version",
        body=body.replace("gardées 12 mois", "gardées six mois"),
        demonstration=True,
    )
    return _publish_locked(
        version,
        effective_at=shipped_terms.EFFECTIVE,
        actor=Actor.system("load_demo"),
        now=now,
    )


def load_terms(now: datetime, force: bool = False) -> list[str]:
    """This package's part of `load_reference`. `force` restores tables; a published text stays."""
    before = TermsVersion.objects.count()
    version = load_shipped_terms(now)
    loaded = TermsVersion.objects.count() > before
    return [f"terms: {version.slug} {'published' if loaded else 'kept'}"]
