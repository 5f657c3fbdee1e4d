"""The question put six months after an exit: only where the person agreed to it, answered once, by
who holds its link or by her adviser, and never asked again once the journey is reopened."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import sprocep.constraints
import sprocep.tenancy

RULES = """
CREATE FUNCTION exit_question_of_exit() RETURNS trigger
  LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF NEW.asked_on < NEW.exit_on + interval '6 months'
     OR NEW.closes_on <> NEW.exit_on + interval '8 months'
     OR NOT EXISTS (SELECT FROM beneficiaries_journey j
                     WHERE j.id = NEW.journey_id AND j.structure_id = NEW.structure_id
                       AND j.closed_on = NEW.exit_on AND j.closed_region_id = NEW.region_id
                       AND j.may_be_asked)
     OR NOT EXISTS (SELECT FROM beneficiaries_session s
                     WHERE s.journey_id = NEW.journey_id AND s.structure_id = NEW.structure_id
                       AND s.rank >= 2) THEN
    RAISE EXCEPTION 'a question without an exit to ask about'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'exit_question_of_exit';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER exit_question_of_exit BEFORE INSERT ON beneficiaries_exitquestion
  FOR EACH ROW EXECUTE FUNCTION exit_question_of_exit();

CREATE FUNCTION exit_answer_is_kept() RETURNS trigger
  LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  RAISE EXCEPTION 'an answer that was given'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'exit_question_moves';
END $$;
CREATE TRIGGER exit_answer_is_kept BEFORE UPDATE OR DELETE ON beneficiaries_exitquestion
  FOR EACH ROW WHEN (OLD.state <> 'waiting') EXECUTE FUNCTION exit_answer_is_kept();

CREATE FUNCTION exit_answer_of_her() RETURNS trigger
  LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM beneficiaries_exitletter letter
                  WHERE letter.question_id = NEW.id AND letter.fingerprint
                        = decode(nullif(current_setting('sprocep.presented', true), ''), 'hex'))
  THEN
    RAISE EXCEPTION 'in her name, without her link'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'exit_answer_of_her';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER exit_answer_of_her BEFORE UPDATE ON beneficiaries_exitquestion
  FOR EACH ROW WHEN (NEW.state IN ('answered', 'declined') AND NEW.noted_by_id IS NULL)
  EXECUTE FUNCTION exit_answer_of_her();

CREATE FUNCTION exit_taken_back() RETURNS trigger
  LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  UPDATE beneficiaries_exitquestion SET state = 'reopened'
   WHERE journey_id = NEW.id AND structure_id = NEW.structure_id AND state = 'waiting';
  RETURN NULL;
END $$;
CREATE TRIGGER exit_taken_back AFTER UPDATE ON beneficiaries_journey
  FOR EACH ROW WHEN (OLD.closed_on IS NOT NULL AND NEW.closed_on IS DISTINCT FROM OLD.closed_on)
  EXECUTE FUNCTION exit_taken_back();

CREATE FUNCTION survey_result_is_kept() RETURNS trigger
  LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  RAISE EXCEPTION 'a result that was published'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'survey_result_is_kept';
END $$;
CREATE TRIGGER survey_result_is_kept BEFORE UPDATE OR DELETE ON beneficiaries_surveyresult
  FOR EACH ROW EXECUTE FUNCTION survey_result_is_kept();
"""
NO_RULES = """
DROP TRIGGER survey_result_is_kept ON beneficiaries_surveyresult;
DROP FUNCTION survey_result_is_kept();
DROP TRIGGER exit_taken_back ON beneficiaries_journey;
DROP FUNCTION exit_taken_back();
DROP TRIGGER exit_answer_of_her ON beneficiaries_exitquestion;
DROP FUNCTION exit_answer_of_her();
DROP TRIGGER exit_answer_is_kept ON beneficiaries_exitquestion;
DROP FUNCTION exit_answer_is_kept();
DROP TRIGGER exit_question_of_exit ON beneficiaries_exitquestion;
DROP FUNCTION exit_question_of_exit();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("beneficiaries", "0025_workshops"),
        ("operators", "0006_capacity_email"),
        ("regions", "0005_letters_of_a_day"),
        ("sprocep", "0003_state_moves"),
    ]

    operations = [
        migrations.CreateModel(
            name="ExitLetter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("is_reminder", models.BooleanField(default=False, verbose_name="relance")),
                (
                    "due_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="à envoyer à partir du"
                    ),
                ),
                ("sent_at", models.DateTimeField(null=True, verbose_name="envoyée le")),
                (
                    "fingerprint",
                    models.BinaryField(max_length=32, null=True, verbose_name="empreinte du lien"),
                ),
            ],
            options={
                "verbose_name": "lettre d'une question à six mois",
            },
        ),
        migrations.CreateModel(
            name="ExitQuestion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("exit_on", models.DateField(verbose_name="sortie le")),
                ("asked_on", models.DateField(verbose_name="posée le")),
                ("closes_on", models.DateField(verbose_name="sans réponse possible à partir du")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "sans réponse"),
                            ("answered", "répondue"),
                            ("declined", "la personne ne souhaite pas répondre"),
                            ("reopened", "parcours rouvert"),
                        ],
                        default="waiting",
                        max_length=8,
                        verbose_name="état",
                    ),
                ),
                ("answered_on", models.DateField(null=True, verbose_name="réponse du")),
                (
                    "project",
                    models.CharField(
                        blank=True,
                        choices=[("yes", "oui"), ("partly", "en partie"), ("no", "non")],
                        max_length=6,
                        verbose_name="projet réalisé",
                    ),
                ),
                (
                    "usefulness",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (4, "très utile"),
                            (3, "plutôt utile"),
                            (2, "peu utile"),
                            (1, "pas utile"),
                        ],
                        null=True,
                        verbose_name="utilité du CEP",
                    ),
                ),
            ],
            options={
                "verbose_name": "question à six mois",
            },
        ),
        migrations.CreateModel(
            name="SurveyResult",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "survey",
                    models.CharField(
                        choices=[("six_months", "résultats à six mois")],
                        max_length=10,
                        verbose_name="enquête",
                    ),
                ),
                ("period", models.CharField(max_length=7, verbose_name="trimestre")),
                ("territory", models.CharField(max_length=2, verbose_name="territoire")),
                ("threshold", models.PositiveSmallIntegerField(verbose_name="seuil")),
                (
                    "asked",
                    models.PositiveIntegerField(null=True, verbose_name="personnes interrogées"),
                ),
                ("answered", models.PositiveIntegerField(null=True, verbose_name="réponses")),
                ("counts", models.JSONField(null=True, verbose_name="effectifs")),
                ("published_on", models.DateField(verbose_name="publié le")),
            ],
            options={
                "verbose_name": "résultat d'enquête",
            },
        ),
        migrations.RemoveConstraint(
            model_name="journey",
            name="journey_closing_is_whole",
        ),
        migrations.RemoveConstraint(
            model_name="journey",
            name="journey_grants",
        ),
        migrations.AddField(
            model_name="journey",
            name="may_be_asked",
            field=models.BooleanField(
                null=True, verbose_name="accepte d'être interrogée à six mois"
            ),
        ),
        migrations.AddIndex(
            model_name="journey",
            index=models.Index(
                condition=models.Q(("may_be_asked", True)),
                fields=["closed_on"],
                name="journey_to_be_asked",
            ),
        ),
        migrations.AddConstraint(
            model_name="journey",
            constraint=sprocep.tenancy.Grants(
                app="SELECT, INSERT, UPDATE",
                compiler="SELECT (id, public_id, region_id, structure_id, department_id, category_id, beneficiary_id, came_from_id, requested_on, opened_on, opened, closed_on, closed, closed_region_id, closed_department_id, outcome_id, exit_situation_id, main_reason_id, sex_id, age, education_level_id, situation_id, socio_professional_category_id, sector_id, contract_type_id, residence_area_id, continues_id, thread_number, contact_code_fingerprint, idempotency_key, recorded_at, updated_at, may_be_asked, boeth_id)",
                name="journey_grants",
            ),
        ),
        migrations.AddConstraint(
            model_name="journey",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("closed_department__isnull", True),
                        ("closed_on__isnull", True),
                        ("closed_region__isnull", True),
                        ("exit_situation__isnull", True),
                        ("may_be_asked__isnull", True),
                        ("outcome__isnull", True),
                    ),
                    models.Q(
                        ("closed_department__isnull", False),
                        ("closed_on__isnull", False),
                        ("closed_region__isnull", False),
                        ("exit_situation__isnull", False),
                        ("outcome__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="journey_closing_is_whole",
                violation_error_message="Pour clore un parcours, donnez la date, l'issue et la situation à la sortie.",
            ),
        ),
        migrations.AddField(
            model_name="exitletter",
            name="region",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="regions.region",
                verbose_name="Région",
            ),
        ),
        migrations.AddField(
            model_name="exitletter",
            name="structure",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="regions.structure",
                verbose_name="structure",
            ),
        ),
        migrations.AddField(
            model_name="exitquestion",
            name="channel",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="operators.channel",
                verbose_name="canal",
            ),
        ),
        migrations.AddField(
            model_name="exitquestion",
            name="journey",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="exit_questions",
                to="beneficiaries.journey",
            ),
        ),
        migrations.AddField(
            model_name="exitquestion",
            name="noted_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="regions.membership",
                verbose_name="notée par",
            ),
        ),
        migrations.AddField(
            model_name="exitquestion",
            name="region",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="regions.region",
                verbose_name="Région à la sortie",
            ),
        ),
        migrations.AddField(
            model_name="exitquestion",
            name="situation",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="operators.situation",
                verbose_name="situation six mois après",
            ),
        ),
        migrations.AddField(
            model_name="exitquestion",
            name="structure",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="regions.structure",
                verbose_name="structure",
            ),
        ),
        migrations.AddField(
            model_name="exitletter",
            name="question",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="letters",
                to="beneficiaries.exitquestion",
            ),
        ),
        migrations.AddField(
            model_name="surveyresult",
            name="structure",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="regions.structure",
                verbose_name="structure",
            ),
        ),
        migrations.AddIndex(
            model_name="exitquestion",
            index=models.Index(fields=["journey", "-exit_on"], name="exit_question_of_journey"),
        ),
        migrations.AddIndex(
            model_name="exitquestion",
            index=models.Index(
                condition=models.Q(("state", "waiting")),
                fields=["closes_on"],
                name="exit_question_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="exitquestion",
            index=models.Index(fields=["exit_on"], name="exit_question_by_exit"),
        ),
        migrations.AddConstraint(
            model_name="exitquestion",
            constraint=sprocep.tenancy.RegionIsolation(
                column="region_id",
                name="exit_question_region",
                to=("sprocep_app", "sprocep_compiler"),
            ),
        ),
        migrations.AddConstraint(
            model_name="exitquestion",
            constraint=sprocep.tenancy.NominalIsolation(
                column="structure_id", name="exit_question_structure"
            ),
        ),
        migrations.AddConstraint(
            model_name="exitquestion",
            constraint=sprocep.tenancy.Grants(
                app="SELECT, INSERT, UPDATE (state, answered_on, situation_id, project, usefulness, channel_id, noted_by_id)",
                compiler="SELECT (id, region_id, structure_id, journey_id, exit_on, asked_on, closes_on, state, answered_on, situation_id, project, usefulness, channel_id, noted_by_id)",
                name="exit_question_grants",
            ),
        ),
        migrations.AddConstraint(
            model_name="exitquestion",
            constraint=sprocep.constraints.StateMoves(
                born="waiting",
                moves={
                    "answered": [],
                    "declined": [],
                    "reopened": [],
                    "waiting": ["answered", "declined", "reopened"],
                },
                name="exit_question_moves",
                violation_error_message="Cette question a déjà reçu une réponse, ou ne se pose plus : le parcours est rouvert, ou la personne ne souhaite pas répondre.",
            ),
        ),
        migrations.AddConstraint(
            model_name="exitquestion",
            constraint=sprocep.constraints.CompositeKey(
                columns=("structure_id", "journey_id"),
                name="exit_question_journey",
                to="beneficiaries.Journey",
                to_columns=("structure_id", "id"),
                violation_error_message="Ce parcours n'est pas de votre structure.",
            ),
        ),
        migrations.AddConstraint(
            model_name="exitquestion",
            constraint=sprocep.constraints.CompositeKey(
                columns=("structure_id", "noted_by_id"),
                name="exit_question_noted_by",
                to="regions.Membership",
                to_columns=("structure_id", "id"),
                violation_error_message="Cette personne n'est pas de votre structure.",
            ),
        ),
        migrations.AddConstraint(
            model_name="exitquestion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("answered_on__isnull", False),
                        ("channel__isnull", False),
                        ("project__in", ["yes", "partly", "no"]),
                        ("situation__isnull", False),
                        ("state", "answered"),
                    ),
                    models.Q(
                        models.Q(("state", "answered"), _negated=True),
                        ("answered_on__isnull", True),
                        ("channel__isnull", True),
                        ("project", ""),
                        ("situation__isnull", True),
                        ("usefulness__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="exit_answer_is_whole",
                violation_error_message="Une réponse a sa date, la situation de la personne et ce que devient son projet.",
            ),
        ),
        migrations.AddConstraint(
            model_name="exitquestion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("answered_on__isnull", True),
                    models.Q(
                        ("answered_on__gte", models.F("asked_on")),
                        ("answered_on__lt", models.F("closes_on")),
                    ),
                    _connector="OR",
                ),
                name="exit_answer_in_time",
                violation_error_message="Les réponses se reçoivent de six à huit mois après la sortie : il est trop tard pour celle-ci.",
            ),
        ),
        migrations.AddConstraint(
            model_name="exitquestion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "answered"), _negated=True),
                    models.Q(("channel", "NUM"), ("noted_by__isnull", True)),
                    models.Q(
                        models.Q(("channel", "NUM"), _negated=True), ("noted_by__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="exit_answer_said_online_by_her",
                violation_error_message="Le service en ligne est le canal de la personne seule. Dites par quel canal vous l'avez jointe.",
            ),
        ),
        migrations.AddConstraint(
            model_name="exitquestion",
            constraint=models.UniqueConstraint(
                fields=("structure", "id"), name="exit_question_of_structure"
            ),
        ),
        migrations.AddConstraint(
            model_name="exitquestion",
            constraint=models.UniqueConstraint(
                fields=("structure", "journey", "exit_on"), name="exit_question_once"
            ),
        ),
        migrations.AddIndex(
            model_name="exitletter",
            index=models.Index(fields=["fingerprint"], name="exit_letter_by_fingerprint"),
        ),
        migrations.AddIndex(
            model_name="exitletter",
            index=models.Index(
                condition=models.Q(("sent_at__isnull", True)),
                fields=["due_at"],
                name="exit_letter_to_send",
            ),
        ),
        migrations.AddIndex(
            model_name="exitletter",
            index=models.Index(fields=["question"], name="exit_letter_of_question"),
        ),
        migrations.AddConstraint(
            model_name="exitletter",
            constraint=sprocep.tenancy.RowPolicy(
                check=None,
                name="exit_letter_shown",
                restrictive=False,
                to=("sprocep_app",),
                using="(structure_id = ANY ((SELECT string_to_array(current_setting('sprocep.structures', true), ','))::bigint[]) AND region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[])) OR fingerprint = (SELECT decode(nullif(current_setting('sprocep.presented', true), ''), 'hex'))",
            ),
        ),
        migrations.AddConstraint(
            model_name="exitletter",
            constraint=sprocep.tenancy.SenderWriting(name="exit_letter_structure"),
        ),
        migrations.AddConstraint(
            model_name="exitletter",
            constraint=sprocep.tenancy.RegionIsolation(
                column="region_id", name="exit_letter_region", to=("sprocep_compiler",)
            ),
        ),
        migrations.AddConstraint(
            model_name="exitletter",
            constraint=sprocep.tenancy.Grants(
                app="SELECT, INSERT, UPDATE (due_at, sent_at, fingerprint)",
                compiler="SELECT (id, region_id, structure_id, question_id, is_reminder, due_at, sent_at)",
                name="exit_letter_grants",
            ),
        ),
        migrations.AddConstraint(
            model_name="exitletter",
            constraint=sprocep.constraints.CompositeKey(
                columns=("structure_id", "question_id"),
                name="exit_letter_question",
                to="beneficiaries.ExitQuestion",
                to_columns=("structure_id", "id"),
            ),
        ),
        migrations.AddConstraint(
            model_name="exitletter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("fingerprint__isnull", True), ("sent_at__isnull", False), _connector="OR"
                ),
                name="exit_letter_drawn_as_it_leaves",
            ),
        ),
        migrations.AddConstraint(
            model_name="exitletter",
            constraint=models.UniqueConstraint(
                fields=("structure", "question", "is_reminder"), name="exit_letter_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="exitletter",
            constraint=models.UniqueConstraint(
                fields=("structure", "fingerprint"), name="exit_letter_link_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="surveyresult",
            constraint=sprocep.tenancy.RowPolicy(
                check="'FR' = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[])",
                name="survey_result_read",
                restrictive=False,
                to=("sprocep_app",),
                using="territory = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[]) AND ((SELECT coalesce(current_setting('sprocep.structures', true), '') = '' AND coalesce(current_setting('sprocep.network', true), '') = '') OR structure_id = ANY ((SELECT string_to_array(current_setting('sprocep.structures', true), ','))::bigint[]))",
            ),
        ),
        migrations.AddConstraint(
            model_name="surveyresult",
            constraint=sprocep.tenancy.RegionIsolation(
                column="territory", name="survey_result_region", to=("sprocep_compiler",)
            ),
        ),
        migrations.AddConstraint(
            model_name="surveyresult",
            constraint=sprocep.tenancy.Grants(
                app="SELECT, INSERT",
                compiler="SELECT (id, survey, period, territory, structure_id, threshold, asked, answered, counts, published_on)",
                name="survey_result_grants",
            ),
        ),
        migrations.AddConstraint(
            model_name="surveyresult",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("answered__isnull", True),
                        ("asked__isnull", True),
                        ("counts__isnull", True),
                    ),
                    models.Q(
                        ("answered__gte", models.F("threshold")),
                        ("answered__isnull", False),
                        ("counts__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="survey_result_above_threshold",
            ),
        ),
        migrations.AddConstraint(
            model_name="surveyresult",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("asked__isnull", True), ("asked__gte", models.F("answered")), _connector="OR"
                ),
                name="survey_result_asked",
            ),
        ),
        migrations.AddConstraint(
            model_name="surveyresult",
            constraint=models.UniqueConstraint(
                fields=("territory", "structure", "survey", "period"),
                name="survey_result_once",
                nulls_distinct=False,
            ),
        ),
        migrations.RunSQL(RULES, NO_RULES),
    ]
