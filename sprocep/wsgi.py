import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sprocep.settings")
os.environ.setdefault("ANSWERS_REQUESTS", "1")
application = get_wsgi_application()
