"""What gunicorn serves: nothing without a key, which signs logins, links and messages."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sprocep.settings")
os.environ.setdefault("ANSWERS_REQUESTS", "1")
settings.SECRET_KEY  # noqa: B018 — raises ImproperlyConfigured where none is set
application = get_wsgi_application()
