"""Whom a structure accepted may not come: that ends the fiche, and she may still be received."""

from django.db import migrations, models

MOVES = """
CREATE OR REPLACE FUNCTION referral_moves() RETURNS trigger LANGUAGE plpgsql
SET search_path = public AS $$
BEGIN
  IF OLD.state = NEW.state OR (OLD.state, NEW.state) IN (
    ('sent', 'opened'), ('sent', 'escalated'), ('sent', 'accepted'), ('sent', 'declined'),
    ('sent', 'withdrawn'),
    ('opened', 'escalated'), ('opened', 'accepted'), ('opened', 'declined'),
    ('opened', 'withdrawn'),
    ('escalated', 'accepted'), ('escalated', 'declined'), ('escalated', 'withdrawn'),
    ('accepted', 'received'), ('accepted', 'withdrawn'){missed}
  ) THEN RETURN NEW; END IF;
  RAISE EXCEPTION 'no such move of a fiche'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'referral_moves';
END $$;
"""
MISSED = """,
    ('accepted', 'missed'), ('missed', 'received'), ('missed', 'withdrawn')"""

# Undone, those who did not come are expected again.
BACK = """
ALTER TABLE beneficiaries_referral NO FORCE ROW LEVEL SECURITY;
ALTER TABLE beneficiaries_referralevent NO FORCE ROW LEVEL SECURITY;
ALTER TABLE beneficiaries_referral DISABLE TRIGGER USER;
UPDATE beneficiaries_referral SET state = 'accepted' WHERE state = 'missed';
DELETE FROM beneficiaries_referralevent WHERE state = 'missed';
ALTER TABLE beneficiaries_referral ENABLE TRIGGER USER;
ALTER TABLE beneficiaries_referral FORCE ROW LEVEL SECURITY;
ALTER TABLE beneficiaries_referralevent FORCE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("beneficiaries", "0030_amounts_by_day"),
        ("operators", "0007_dropout_platforms"),
        ("regions", "0006_level1_only"),
    ]

    operations = [
        migrations.RunSQL(MOVES.format(missed=MISSED), MOVES.format(missed="") + BACK),
        migrations.RemoveIndex(
            model_name="referral",
            name="referral_waiting",
        ),
        migrations.AlterField(
            model_name="referral",
            name="state",
            field=models.CharField(
                choices=[
                    ("sent", "envoyée"),
                    ("opened", "ouverte"),
                    ("escalated", "sans réponse, signalée à la Région"),
                    ("accepted", "acceptée"),
                    ("received", "personne reçue"),
                    ("missed", "personne non venue"),
                    ("declined", "refusée"),
                    ("withdrawn", "retirée"),
                ],
                default="sent",
                max_length=9,
                verbose_name="état",
            ),
        ),
        migrations.AlterField(
            model_name="referralevent",
            name="state",
            field=models.CharField(
                choices=[
                    ("sent", "envoyée"),
                    ("opened", "ouverte"),
                    ("escalated", "sans réponse, signalée à la Région"),
                    ("accepted", "acceptée"),
                    ("received", "personne reçue"),
                    ("missed", "personne non venue"),
                    ("declined", "refusée"),
                    ("withdrawn", "retirée"),
                ],
                max_length=9,
                verbose_name="état",
            ),
        ),
        migrations.AddIndex(
            model_name="referral",
            index=models.Index(
                condition=models.Q(("state__in", ["sent", "opened", "escalated", "accepted"])),
                fields=["sent_on"],
                name="referral_waiting",
            ),
        ),
    ]
