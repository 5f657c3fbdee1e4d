# One image for web, worker, beat and the one-shot commands; docker-compose.yml says which is which.
FROM python:3.12.12-slim-trixie AS built
COPY --from=ghcr.io/astral-sh/uv:0.13.9 /uv /usr/local/bin/uv
WORKDIR /srv/sprocep
ENV UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_PYTHON_DOWNLOADS=never
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-dev
COPY . .
# Addresses of static files hold their digest: they are made with the code that names them.
RUN STATIC_ROOT=/srv/static VAR_DIR=/tmp/var .venv/bin/python manage.py collectstatic --noinput \
    -v 0 --ignore dsfr --ignore django-dsfr --ignore django_htmx --ignore rest_framework

FROM python:3.12.12-slim-trixie
# Pango draws the PDF (bin/setup.py names the same packages).
RUN apt-get update \
 && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin sprocep \
 && install -d -o sprocep -g sprocep -m 700 /srv/keys /srv/var /srv/var/mail /srv/var/editions \
    /srv/var/backups
COPY --from=built /srv/sprocep /srv/sprocep
COPY --from=built /srv/static /srv/static
WORKDIR /srv/sprocep
ENV PATH=/srv/sprocep/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=sprocep.settings STATIC_ROOT=/srv/static VAR_DIR=/srv/var
USER sprocep
CMD ["gunicorn", "--config", "python:sprocep.web"]
