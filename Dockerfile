# syntax=docker/dockerfile:1
# One file, three images: `api` and `coordinator` hold no torch; `worker` holds the build that TORCH_BACKEND names.
ARG PYTHON=3.11-slim-bookworm

FROM python:${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1
WORKDIR /src
COPY constraints.txt .
RUN pip install --no-cache-dir --constraint constraints.txt uv && python -m venv /opt/regtune
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY migrations migrations
COPY regcore regcore
COPY regtune regtune
COPY service service
COPY worker worker

FROM build AS build-server
RUN uv pip install --no-cache --python /opt/regtune/bin/python --constraint constraints.txt '.[server]'

FROM build AS build-worker
# cpu, or the CUDA build that fits the hosts' driver: cu126, cu130, …
ARG TORCH_BACKEND=cpu
RUN uv pip install --no-cache --python /opt/regtune/bin/python --constraint constraints.txt \
    --torch-backend "${TORCH_BACKEND}" '.[worker]'

FROM python:${PYTHON} AS base
ENV PATH=/opt/regtune/bin:$PATH PYTHONUNBUFFERED=1 HOME=/tmp REGTUNE_DATA=/var/lib/regtune
# A named volume takes over the owner of the folder that it covers.
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin regtune \
    && install --directory --owner=regtune --group=regtune --mode=0750 /var/lib/regtune
WORKDIR /var/lib/regtune

FROM base AS runtime
USER 10001:10001

# Long studies are compiled; `regtune doctor` says what is lost without.
FROM base AS runtime-with-compiler
# hadolint ignore=DL3008
RUN apt-get update && apt-get install --yes --no-install-recommends g++ && rm -rf /var/lib/apt/lists/*
USER 10001:10001

FROM runtime AS api
COPY --from=build-server /opt/regtune /opt/regtune
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
CMD ["regtune", "serve"]

FROM runtime AS coordinator
COPY --from=build-server /opt/regtune /opt/regtune
# No port to ask: it ends when it cannot work, and its leases in the database show the rest.
HEALTHCHECK NONE
CMD ["regtune", "coordinate"]

FROM runtime-with-compiler AS worker
COPY --from=build-worker /opt/regtune /opt/regtune
# One process a core, one thread of arithmetic each: lanes fill a core, and threads would fight over it.
ENV OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 TORCHINDUCTOR_CACHE_DIR=/var/lib/regtune/graphs
HEALTHCHECK NONE
CMD ["regtune", "worker"]
