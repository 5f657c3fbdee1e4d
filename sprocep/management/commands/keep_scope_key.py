"""`manage.py keep_scope_key`: the key by which PostgreSQL proves scopes is that of the site."""

from django.core.management.base import BaseCommand

from sprocep.tenancy import keep_scope_key


class Command(BaseCommand):
    help = "Garde dans la base la clé des portées, tirée de SECRET_KEY, quand celle-ci a changé."

    def handle(self, *args, **options) -> None:
        keep_scope_key()
        self.stdout.write("clé des portées gardée")
