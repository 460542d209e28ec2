# syntax=docker/dockerfile:1
# One image for web, worker and beat. Built in two stages so that the tools of the build stay behind.

FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
RUN python -m venv /opt/portal
COPY requirements.txt /tmp/requirements.txt
RUN /opt/portal/bin/pip install --require-hashes -r /tmp/requirements.txt
COPY . /srv/portal
WORKDIR /srv/portal
# Static files are collected once, here; the settings' embedded mode asks for no secret. The key
# that it makes on the way is thrown away with the rest of the folder.
RUN DATA_DIR=/tmp/build STATIC_DIR=/srv/static \
    /opt/portal/bin/python manage.py collectstatic --no-input -v0

FROM python:3.11-slim-bookworm
# The 19 MB of a password's hash go back to the system after each login: by default glibc keeps
# them, once for each thread.
ENV MALLOC_MMAP_THRESHOLD_=1048576
ENV PATH=/opt/portal/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=mgestion.settings MGESTION_MODE=production \
    DATA_DIR=/srv/data STATIC_DIR=/srv/static
# A volume mounted at one of these folders takes over its owner.
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin portal \
 && install -d -o portal -m 700 /srv/data \
 && install -d -o portal -m 755 /srv/published
COPY --from=build /opt/portal /opt/portal
COPY --from=build /srv/portal /srv/portal
COPY --from=build /srv/static /srv/static
WORKDIR /srv/portal
USER 10001
EXPOSE 8000
CMD ["gunicorn", "-c", "python:mgestion.launch.web_server", "mgestion.wsgi:application"]
