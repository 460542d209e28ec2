import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Apart from the filling of the column: PostgreSQL alters no table with events waiting."""

    dependencies = [
        ('registrations', '0002_requests_on_platforms'),
    ]

    operations = [
        migrations.AlterField(
            model_name='request',
            name='platform',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='habilitations.platform', verbose_name='plateforme'),
        ),
        migrations.AddConstraint(
            model_name='request',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ('submitted', 'awaiting_document'))), fields=('user', 'platform', 'siret'), name='request_open_once', violation_error_message='Vous avez déjà une demande en cours pour cet établissement.'),
        ),
        migrations.AddConstraint(
            model_name='request',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('branch__isnull', True), ('dashboard', '')), models.Q(models.Q(('dashboard', ''), _negated=True), models.Q(models.Q(('branch__isnull', False), ('kind', 'entreprise'), ('profile__isnull', False)), models.Q(('branch__isnull', True), ('kind__in', ('cfa', 'of'))), _connector='OR')), _connector='OR'), name='request_answers_of_platform'),
        ),
        migrations.AddConstraint(
            model_name='request',
            constraint=models.CheckConstraint(condition=models.Q(('asked_role__in', ['gestionnaire', 'administrateur', 'adherent', 'partenaire', 'cabinet_comptable', 'administrateur_cabinet_rh', 'consultant']), ('origin__in', ['form', 'invitation', 'staff'])), name='request_origin_known'),
        ),
    ]
