# syntax=docker/dockerfile:1
# Two images: `production` (what ships) and `pretend` (the pretend AWS and the demo's rows on top of it).

FROM python:3.11.14-slim-bookworm AS production
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1 \
    DJANGO_SETTINGS_MODULE=marketplace.settings
WORKDIR /app
COPY requirements/base.txt requirements/base.txt
RUN pip install --no-cache-dir --require-hashes --only-binary :all: --no-deps -r requirements/base.txt
COPY manage.py ./
COPY audit audit
COPY catalog catalog
COPY fulfilment fulfilment
COPY identity identity
COPY lakeformation lakeformation
COPY marketplace marketplace
COPY portal portal
COPY requests_app requests_app
COPY workers workers
COPY deploy/aws deploy/aws
COPY static static
COPY templates templates
RUN MESHMARKET_SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(40))')" python manage.py collectstatic --noinput --verbosity 0 \
    && useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin meshmarket \
    && install -d -o meshmarket -g meshmarket -m 0700 /state /run/aws
USER meshmarket
EXPOSE 8000

FROM production AS pretend
USER root
COPY requirements/demo.txt requirements/demo.txt
RUN pip install --no-cache-dir --require-hashes --only-binary :all: --no-deps -r requirements/demo.txt
COPY mocklake mocklake
COPY demo demo
COPY tools tools
COPY deploy/pretend_keys.py deploy/pretend_keys.py
USER meshmarket
