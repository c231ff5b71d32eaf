# orderd on Debian 12: built with `make release`, as everywhere, and run without the toolchain.
#
#     docker build -t orderd .
#     docker run -p 5000:5000 -v orders:/data orderd

FROM swift:6.3-bookworm AS build
RUN apt-get update -qq && apt-get install -qq -y --no-install-recommends make
WORKDIR /orderd
COPY . .
RUN make release RELEASE_FLAGS=--static-swift-stdlib

FROM debian:bookworm-slim
RUN apt-get update -qq \
    && apt-get install -qq -y --no-install-recommends \
        ca-certificates libpq5 libsqlite3-0 libstdc++6 libyaml-0-2 zlib1g \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --create-home --home-dir /data orderd
COPY --from=build /orderd/.build/release/orderd /usr/local/bin/orderd
COPY config /etc/orderd
USER orderd
WORKDIR /data
VOLUME /data
EXPOSE 5000
ENTRYPOINT ["orderd"]
# The container's own loopback address would serve nobody.
CMD ["run", "--set", "transport.http.host=0.0.0.0"]
