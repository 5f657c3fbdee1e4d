"""Editions sealed before secondary suppression were provisional: they count as never published, and
are drafts again, to be compiled and sealed under the whole of secrecy."""

from django.db import migrations

DRAFTS_AGAIN = """
DELETE FROM indicators_editionfile;
DELETE FROM indicators_work WHERE step = 3;
UPDATE indicators_edition SET state = 'draft', sealed_at = NULL, sealed_by_id = NULL,
       transmitted_at = NULL, transmitted_by_id = NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("indicators", "0008_formal_act")]
    operations = [migrations.RunSQL(DRAFTS_AGAIN, migrations.RunSQL.noop)]
