# exhaustion-node as a container. How to run it, and what was verified: docs/container.md

ARG PYTHON_IMAGE=python:3.11-slim

# PyRadiomics comes as source and needs a compiler; the final image has none.
FROM ${PYTHON_IMAGE} AS builder
# The compiler does not end up in the image, so its version is left to Debian.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends gcc libc6-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
# For a site's own mirror: --build-arg PIP_INDEX_URL=... ; the hashes hold there, too.
ARG PIP_INDEX_URL
COPY requirements/ requirements/
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --require-hashes -r requirements/build.txt \
    && /opt/venv/bin/pip install --require-hashes --no-build-isolation \
        -r requirements/runtime.txt
COPY pyproject.toml README.md ./
COPY config/ config/
COPY dicom_io/ dicom_io/
COPY model/ model/
COPY node/ node/
# The libraries' own tests and the installers are of no use to a running node.
RUN /opt/venv/bin/pip install --no-deps --no-build-isolation . \
    && find /opt/venv -type d -name tests -prune -exec rm -rf {} + \
    && /opt/venv/bin/pip uninstall --yes cython pip setuptools wheel \
    && /opt/venv/bin/exhaustion-node --version \
    && /opt/venv/bin/python -P -c \
        "import radiomics, highdicom, apscheduler, alembic, model.score.maps.local_sums"


FROM ${PYTHON_IMAGE}
# Fixed, so that a site can give a volume to it: chown -R 10001:10001 <folder>
ARG UID=10001
RUN groupadd --gid ${UID} exhaustion \
    && useradd --uid ${UID} --gid ${UID} --no-create-home --home-dir /data \
        --shell /usr/sbin/nologin exhaustion \
    && install --directory --owner=${UID} --group=${UID} --mode=0750 /data
COPY --from=builder /opt/venv /opt/venv
# The commented reference, which is all defaults; mount your own over it.
COPY config/node.toml /etc/exhaustion-node/node.toml
ENV PATH=/opt/venv/bin:${PATH} \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    EXHAUSTION_NODE_CONFIG=/etc/exhaustion-node/node.toml \
    EXHAUSTION_NODE__NODE__DATA_FOLDER=/data
USER ${UID}:${UID}
WORKDIR /
VOLUME /data
EXPOSE 11112
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=60s --timeout=20s --start-period=60s --retries=3 \
    CMD ["python", "-m", "node.healthcheck"]
ENTRYPOINT ["exhaustion-node"]
CMD ["run"]
