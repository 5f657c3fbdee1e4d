"""Each fiche takes a place of the structure that receives it, and gives it back once it is refused
or withdrawn: the places left are counted without reading anybody's fiche."""

from django.db import migrations

PLACES = """
INSERT INTO operators_placetaken (region_id, structure_id, sent_on, places)
SELECT receiver_region_id, receiver_id, sent_on, 1 FROM beneficiaries_referral
 WHERE state NOT IN ('declined', 'withdrawn');
CREATE FUNCTION referral_place() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  INSERT INTO operators_placetaken (region_id, structure_id, sent_on, places)
  VALUES (NEW.receiver_region_id, NEW.receiver_id, NEW.sent_on,
          CASE WHEN TG_OP = 'INSERT' THEN 1 ELSE -1 END);
  RETURN NULL;
END $$;
CREATE TRIGGER referral_takes_place AFTER INSERT ON beneficiaries_referral
  FOR EACH ROW EXECUTE FUNCTION referral_place();
CREATE TRIGGER referral_gives_place_back AFTER UPDATE OF state ON beneficiaries_referral
  FOR EACH ROW WHEN (OLD.state <> NEW.state AND NEW.state IN ('declined', 'withdrawn'))
  EXECUTE FUNCTION referral_place();
"""
NO_PLACES = """
DROP TRIGGER referral_gives_place_back ON beneficiaries_referral;
DROP TRIGGER referral_takes_place ON beneficiaries_referral;
DROP FUNCTION referral_place();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("beneficiaries", "0017_synthesis_documents"),
        ("operators", "0005_routing"),
    ]

    operations = [migrations.RunSQL(PLACES, NO_PLACES)]
