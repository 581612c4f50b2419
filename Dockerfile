# The same steps as on any Debian machine: `./run setup`, then `./run serve`. State lies in the volume /state.
#   docker build -t apptenticate . && docker run -p 127.0.0.1:8000:8000 -v apptenticate:/state apptenticate
#   docker exec -it CONTAINER ./run user NAME
# The same image reads as a Celery worker (`./run worker`): compose.yaml and deploy/kubernetes/ start both.
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    APPTENTICATE_HOME=/state

WORKDIR /app

# What seldom changes first: Debian packages and pinned Python packages are one cached layer.
COPY run requirements.txt ./
RUN ./run setup && rm -rf /var/lib/apt/lists/*

COPY manage.py LICENSE ./
COPY apptenticate apptenticate
COPY ocr ocr
COPY validators validators
RUN ./run setup \
    && groupadd --system --gid 10001 apptenticate \
    && useradd --system --uid 10001 --gid 10001 --no-create-home apptenticate \
    && install -d -o apptenticate -g apptenticate -m 700 /state

USER apptenticate
VOLUME /state
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s \
    CMD ["curl", "-fsS", "-o", "/dev/null", "http://127.0.0.1:8000/api/health/ready"]
CMD ["./run", "serve", "0.0.0.0:8000"]
