# The operator's image, for those who build with a container engine; `make image` makes the same from the same binary without one.
#
# The builder is named by a tag in an argument: its digest differs between mirrors, and a build behind a closed network names its
# own. What ends up in the image is a static binary that is the same for the same source, version and Go release.
ARG GO_VERSION=1.26
ARG BUILDER=docker.io/library/golang:${GO_VERSION}

FROM --platform=${BUILDPLATFORM:-linux/amd64} ${BUILDER} AS build
ARG TARGETOS=linux
ARG TARGETARCH=amd64
ARG VERSION=dev
ENV GOTOOLCHAIN=local GOFLAGS=-mod=readonly
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY main.go ./
COPY api ./api
COPY controllers ./controllers
COPY config/crd ./config/crd
COPY gateway ./gateway
COPY install ./install
COPY report ./report
COPY hack/image ./hack/image
RUN go run ./hack/image -version "${VERSION}" -os "${TARGETOS}" -arch "${TARGETARCH}" -o /out/connector-operator

FROM scratch
COPY --from=build --chmod=0555 /out/connector-operator /connector-operator
USER 65532:65532
ENTRYPOINT ["/connector-operator"]
