# Beatline's one image: the API, which serves the storefront, the worker and the migrations are
# commands of it.
FROM node:24-slim AS storefront
WORKDIR /src/storefront
COPY storefront/package.json storefront/package-lock.json storefront/.npmrc ./
RUN npm ci --ignore-scripts
COPY storefront .
RUN npm run build

FROM python:3.12-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
RUN python -m venv /opt/beatline
COPY requirements/runtime.txt requirements/
RUN /opt/beatline/bin/pip install --require-hashes -r requirements/runtime.txt
COPY . .
RUN /opt/beatline/bin/pip install --no-deps .

FROM python:3.12-slim
ENV PATH=/opt/beatline/bin:$PATH PYTHONUNBUFFERED=1 BEATLINE_ENV=production API_HOST=0.0.0.0 \
    STOREFRONT_DIR=/opt/storefront MALLOC_ARENA_MAX=2 MALLOC_TRIM_THRESHOLD_=262144
RUN useradd --system --create-home beatline
COPY --from=build /opt/beatline /opt/beatline
COPY --from=storefront /src/storefront/dist /opt/storefront
USER beatline
WORKDIR /home/beatline
EXPOSE 8000
ENTRYPOINT ["beatline"]
CMD ["api"]
