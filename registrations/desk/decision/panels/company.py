"""What the company directory answered about this request, in the reviewer's words."""

from collections.abc import Iterator
from dataclasses import dataclass

from accounts.habilitations.reference.conventions import describe_conventions
from mgestion.text.dates import french_date, french_moment
from registrations.desk.decision.panels.accounting_firms import (
    ACCOUNTING_FIRM_REASON,
    describe_firm_on_platform,
    takes_accounting_firms,
)
from registrations.desk.decision.panels.hint_labels import HintFlag
from registrations.directory.company_lookup import is_directory_enabled, list_directory_hints
from registrations.directory.models import CompanyCheck
from registrations.requests.enums import CompanyState
from registrations.requests.models import Request
from registrations.requests.platform_links import get_request_label
from registrations.requests.review.review_hints import ReviewHint


@dataclass(frozen=True, slots=True)
class CompanyAnswer:
    """`tone` draws it; `title` says it. `lines`: what the directory knows, one fact each."""

    title: str
    tone: str
    lines: tuple[str, ...] = ()


def find_company_check(item: Request) -> CompanyCheck | None:
    """The row about the present SIRET; one about another, before a correction, says nothing."""
    return CompanyCheck.objects.filter(request=item, siret=item.siret).first()


def describe_company_check(check: CompanyCheck | None) -> CompanyAnswer:
    if check is None or check.checked_at is None:
        return CompanyAnswer(
            "Non vérifié au répertoire des entreprises", "is-info", (_explain_missing_check(check),)
        )
    at = f"Répertoire des entreprises, le {french_moment(check.checked_at)}."
    lines: tuple[str, ...]
    activity = f"Activité (NAF)\u00a0: {check.activity}." if check.activity else ""
    agreements = (
        f"Convention collective\u00a0: {describe_conventions(check.conventions)}."
        if check.conventions
        else ""
    )
    if check.state == CompanyState.UNKNOWN:
        lines = (at, "Comparez avec un avis de situation Insee avant d’accepter.")
        return CompanyAnswer("SIRET inconnu du répertoire des entreprises", "is-warn", lines)
    if check.state == CompanyState.HIDDEN:
        lines = (
            at,
            "Son nom et son adresse ne sont pas publics\u00a0: vérifiez autrement.",
            activity,
            agreements,
        )
        title = "fermé" if check.closed else "non diffusible"
        return _build_answer(f"Établissement {title} au répertoire", check, lines)
    facts = ", ".join(part for part in (check.name, check.address) if part)
    title = "Établissement fermé" if check.closed else "Établissement vérifié"
    return _build_answer(f"{title} au répertoire", check, (facts, activity, agreements, at))


def _build_answer(title: str, check: CompanyCheck, lines: tuple[str, ...]) -> CompanyAnswer:
    return CompanyAnswer(
        title, "is-warn" if check.closed else "", tuple(line for line in lines if line)
    )


def _explain_missing_check(check: CompanyCheck | None) -> str:
    if check is not None and check.attempts > 0 and check.next_at is not None:
        return f"Il n’a pas encore répondu\u00a0: nouvel essai le {french_moment(check.next_at)}."
    if is_directory_enabled():
        return "La réponse arrive d’ordinaire en une minute."
    return "Ce portail n’en consulte aucun\u00a0: vérifiez le SIRET par vos moyens."


def list_company_flags(item: Request, check: CompanyCheck | None) -> Iterator[HintFlag]:
    """What its answer raises. None of it decides, and for each a refusal reason is ready."""
    raised = list_directory_hints(
        check, siret=item.siret, department=item.department_id, kind=item.kind
    )
    if check is None:
        return
    if ReviewHint.ACTIVITY in raised:
        taken = takes_accounting_firms(item)
        yield HintFlag(
            ReviewHint.ACTIVITY,
            "Activité comptable (69.20) au répertoire",
            f"Code NAF de l’établissement\u00a0: {check.activity}.",
            "C’est l’activité des cabinets comptables. "
            + describe_firm_on_platform(get_request_label(item.platform), takes_them=taken),
            reason="branche-inexacte" if taken else ACCOUNTING_FIRM_REASON,
        )
    if ReviewHint.CLOSED in raised:
        since = f" depuis le {french_date(check.closed_on)}" if check.closed_on else ""
        yield HintFlag(
            ReviewHint.CLOSED,
            "Établissement fermé au répertoire",
            f"Fermé{since}.",
            "L’entreprise a pu déménager\u00a0: un autre établissement est peut-être ouvert.",
            reason="etablissement-ferme",
        )
    if ReviewHint.ELSEWHERE in raised:
        yield HintFlag(
            ReviewHint.ELSEWHERE,
            "Département différent au répertoire",
            f"Demande\u00a0: {item.department}. Répertoire\u00a0: {check.department}.",
            "La délégation en dépend\u00a0: réorientez la demande, ou demandez une précision.",
            reason="siret-identite",
        )
