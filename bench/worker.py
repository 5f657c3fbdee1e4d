"""How a worker of Celery starts. No model here: a process reads this before Django is set up."""

import django

from sprocep.rendering import documents


def start() -> None:
    """With what `indicators.tasks.load_documents` loads."""
    django.setup()
    documents.load()
