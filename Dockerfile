# The command line and the worker as an image: docker build --tag livelihood .

FROM python:3.13.9-slim-bookworm AS build
RUN pip install --no-cache-dir --disable-pip-version-check uv==0.9.7
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
WORKDIR /src
# The libraries first: they change less often than the code, and the lock gives their versions and hashes.
COPY pyproject.toml requirements.lock ./
RUN uv venv /opt/livelihood \
    && VIRTUAL_ENV=/opt/livelihood uv pip install --no-cache \
        --constraint requirements.lock --requirements pyproject.toml --extra distributed
COPY . .
RUN VIRTUAL_ENV=/opt/livelihood uv pip install --no-cache \
        --build-constraint requirements.lock --no-deps .

FROM python:3.13.9-slim-bookworm
# A number, so that a cluster can see that it is not root's without reading the image's user table.
RUN useradd --uid 10001 --create-home --home-dir /data livelihood
COPY --from=build /opt/livelihood /opt/livelihood
ENV PATH=/opt/livelihood/bin:$PATH PYTHONUNBUFFERED=1 LIVELIHOOD_DATA=/data
USER 10001
WORKDIR /data
VOLUME /data
ENTRYPOINT ["livelihood"]
CMD ["--help"]
