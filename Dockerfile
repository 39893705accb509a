# Two images: `production` (what ships) and `pretend` (the pretend AWS and the demo's rows on top of it).
# Their files are found by deploy/image_files.py: the packages that the settings' applications import, and the folders they name.
ARG BASE=python:3.11.14-slim-bookworm

FROM ${BASE} AS files
COPY . /context
RUN python /context/deploy/image_files.py /context /production \
    && python /context/deploy/image_files.py /context /pretend demo tools

FROM ${BASE} AS production
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1 \
    DJANGO_SETTINGS_MODULE=marketplace.settings
WORKDIR /app
# `base`, or `traces` for MESHMARKET_TRACES.
ARG REQUIREMENTS=base
COPY requirements/${REQUIREMENTS}.txt requirements/${REQUIREMENTS}.txt
RUN pip install --no-cache-dir --require-hashes --only-binary :all: --no-deps -r requirements/${REQUIREMENTS}.txt
COPY --from=files /production/ ./
RUN MESHMARKET_SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(40))')" python manage.py collectstatic --noinput --verbosity 0 \
    && useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin meshmarket \
    && install -d -o meshmarket -g meshmarket -m 0700 /state /run/aws
USER meshmarket
EXPOSE 8000

FROM production AS pretend
USER root
COPY requirements/demo.txt requirements/demo.txt
RUN pip install --no-cache-dir --require-hashes --only-binary :all: --no-deps -r requirements/demo.txt
COPY --from=files /pretend/ ./
COPY deploy/pretend_keys.py deploy/pretend_keys.py
USER meshmarket
