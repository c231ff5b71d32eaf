# orderd on Debian 12: built with `make release`, as everywhere, and run without the toolchain.
#
#     docker build -t orderd .
#     docker run -p 127.0.0.1:5000:5000 -v orders:/data orderd

FROM swift:6.3-bookworm AS build
RUN apt-get update -qq && apt-get install -qq -y --no-install-recommends make
WORKDIR /orderd
# What changes seldom, in a layer of its own.
COPY Makefile Package.swift ./
RUN make setup && swift package resolve
COPY . .
RUN make release RELEASE_FLAGS=--static-swift-stdlib

FROM debian:bookworm-slim
RUN apt-get update -qq \
    && apt-get install -qq -y --no-install-recommends \
        ca-certificates libpq5 libsqlite3-0 libstdc++6 libyaml-0-2 zlib1g \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 900 --user-group --home-dir /data orderd \
    && install -d -o orderd -g orderd -m 700 /data
COPY --from=build /orderd/.build/release/orderd /usr/local/bin/orderd
COPY config /etc/orderd
# A number, which volumes and Kubernetes' runAsNonRoot know it by.
USER 900:900
WORKDIR /data
VOLUME /data
EXPOSE 5000
ENTRYPOINT ["orderd"]
# The container's own loopback address would serve nobody.
CMD ["run", "--set", "transport.http.host=0.0.0.0"]
