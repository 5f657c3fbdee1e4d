"""The attack report that ships with an edition: what the attacker tried on all that is published
together, and that it found nothing. Anyone may redo it (`scripts/attack_editions`)."""

import json

from indicators.models import AttackReport, Edition
from sprocep.templatetags import french

SECRET_FORMAT = "sprocep/secret/1"


def secret_file(edition: Edition) -> bytes:
    """No clock: the same figures give the same bytes."""
    found = edition.attack_report
    document = {
        "format": SECRET_FORMAT,
        "edition": edition.code,
        "published_together": found.period,
        "threshold": found.threshold,
        "cells": found.cells,
        "hidden": found.hidden,
        "hidden_share_of_volume": float(found.hidden_volume),
        "smallest_interval": found.smallest_interval,
        "found": found.found,
        "too_narrow": found.too_narrow,
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def secret_sentence(report: AttackReport) -> str:
    interval = (
        f" ; le plus petit intervalle qu’il en tire en compte {report.smallest_interval}"
        if report.smallest_interval is not None
        else ""
    )
    return (
        f"Un attaquant qui lit tout ce qui est publié ensemble, {french.number(report.cells)} "
        f"cases dont {french.number(report.hidden)} secrètes, n’en retrouve aucune{interval}."
    )
