"""The direction of a structure authorises a program for it, and nobody else does."""

from django.db import migrations, models

import sprocep.tenancy

# A scope with structures is a request of one of them; the national scope has none.
RULES = """
CREATE FUNCTION membership_program() RETURNS trigger LANGUAGE plpgsql
SET search_path = public SET timezone = 'Europe/Paris' AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM regions_membership m
    WHERE m.user_id = nullif(current_setting('sprocep.user', true), '')::bigint
      AND m.role = 'structure_manager'
      AND m.structure_id = NEW.structure_id AND m.region_id = NEW.region_id
      AND m.starts_on <= current_date AND (m.ends_on IS NULL OR m.ends_on > current_date)
  ) THEN
    RAISE EXCEPTION 'the direction of a structure authorises its programs'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'membership_program';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER membership_program BEFORE INSERT ON regions_membership FOR EACH ROW
  WHEN (NEW.role = 'structure_program'
        AND coalesce(current_setting('sprocep.structures', true), '') <> '')
  EXECUTE FUNCTION membership_program();
"""
NO_RULES = """
DROP TRIGGER membership_program ON regions_membership;
DROP FUNCTION membership_program();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("regions", "0008_day_of_paris"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="membership",
            name="membership_place",
        ),
        migrations.AlterField(
            model_name="membership",
            name="role",
            field=models.CharField(
                choices=[
                    ("regional_coordinator", "coordination régionale"),
                    ("adviser", "conseil"),
                    ("level1_receptionist", "accueil de niveau 1"),
                    ("structure_manager", "direction de structure"),
                    ("network_head", "tête de réseau"),
                    ("elected_referent", "élue ou élu référent"),
                    ("carif_oref", "Carif-Oref"),
                    ("api_client", "logiciel autorisé"),
                    ("structure_program", "logiciel d'une structure"),
                    ("dgefp_officer", "DGEFP"),
                    ("auditor", "audit"),
                    ("platform_administrator", "administration de la plateforme"),
                ],
                max_length=30,
                verbose_name="rôle",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=sprocep.tenancy.StructureAdding(
                check="role = 'structure_program' AND structure_id = ANY ((SELECT string_to_array(current_setting('sprocep.structures', true), ','))::bigint[]) AND region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[])",
                name="membership_program_of_structure",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("region__isnull", False),
                        (
                            "role__in",
                            [
                                "regional_coordinator",
                                "elected_referent",
                                "carif_oref",
                                "api_client",
                            ],
                        ),
                        ("network__isnull", True),
                        ("site__isnull", True),
                        ("structure__isnull", True),
                    ),
                    models.Q(
                        ("network__isnull", True),
                        ("region__isnull", False),
                        (
                            "role__in",
                            [
                                "adviser",
                                "level1_receptionist",
                                "structure_manager",
                                "structure_program",
                            ],
                        ),
                        ("site__isnull", False),
                        ("structure__isnull", False),
                    ),
                    models.Q(
                        ("network__isnull", False),
                        ("role__in", ["network_head"]),
                        ("site__isnull", True),
                        ("structure__isnull", True),
                    ),
                    models.Q(
                        ("network__isnull", True),
                        ("region__isnull", True),
                        ("role__in", ["dgefp_officer", "auditor", "platform_administrator"]),
                        ("site__isnull", True),
                        ("structure__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="membership_place",
                violation_error_message="Un rôle régional porte une Région; un conseil, un accueil, une direction ou un logiciel de structure, une Région, une structure et un lieu d'accueil; une tête de réseau, un réseau; un rôle national, rien de cela.",
            ),
        ),
        migrations.RunSQL(RULES, NO_RULES),
    ]
