# The operator's image, for those who build with a container engine; `make image` makes the same from the same binary without one.
#
# The builder is named by a tag in an argument: its digest differs between mirrors, and a build behind a closed network names its
# own. What ends up in the image is a static binary that is the same for the same source, version and Go release.
ARG GO_VERSION=1.26.8
ARG BUILDER=docker.io/library/golang:${GO_VERSION}

FROM --platform=${BUILDPLATFORM:-linux/amd64} ${BUILDER} AS build
ENV GOTOOLCHAIN=local
WORKDIR /src
# The modules change less often than the code.
COPY go.mod go.sum ./
RUN go mod download
# .dockerignore leaves out what the binary is not made of, so that no package can be forgotten here.
COPY . .
ARG TARGETOS=linux
ARG TARGETARCH=amd64
ARG VERSION=dev
# The version of Go's cryptographic module to build in and to run in its FIPS 140 mode, such as "certified".
ARG FIPS=off
RUN go run ./hack/image -version "${VERSION}" -os "${TARGETOS}" -arch "${TARGETARCH}" -fips "${FIPS}" -o /out/connector-operator

FROM scratch
ARG VERSION=dev
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
LABEL org.opencontainers.image.title="connector-operator" \
      org.opencontainers.image.description="Runs the connectors of agencies to a document exchange hub: manager, gateway and reports in one binary" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="https://lienthong.gov.vn/connector-operator" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"
COPY --from=build --chmod=0555 /out/connector-operator /connector-operator
USER 65532:65532
ENTRYPOINT ["/connector-operator"]
