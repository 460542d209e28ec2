from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_one_key_for_one_mailbox")]

    operations = [
        migrations.RenameField("user", "last_login", "last_login_at"),
        migrations.AlterField(
            "user",
            "last_login_at",
            models.DateTimeField(blank=True, null=True, verbose_name="dernière connexion"),
        ),
    ]
