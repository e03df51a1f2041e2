#!/usr/bin/env bash
# Builds the worker's image with buildah, as root, from packages that uv has already downloaded.
# BASE=debian: on a Debian that mmdebstrap makes once. BUILDAH_OPTIONS: more options of `buildah build`.
set -euo pipefail
cd "$(dirname "$0")/../.."
base=localhost/tagwire-debian
image=localhost/tagwire-worker
from=()

# It trusts whom this machine trusts: a proxy may have a certificate of its own.
make_debian() {
    local container
    container=$(buildah from scratch)
    mmdebstrap --quiet --variant=minbase --include=python3,python3-venv,ca-certificates \
        --customize-hook='copy-in /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs' \
        bookworm "$(buildah mount "$container")"
    buildah commit --quiet --rm "$container" "$base"
}

if [[ ${BASE:-} == debian ]]; then
    buildah inspect --type image "$base" &> /dev/null || make_debian
    from=(--from "$base")
fi
before=$(buildah images --quiet "$image" 2> /dev/null || true)
# shellcheck disable=SC2086 # several options are several words
buildah build --quiet --isolation chroot --network host --format docker \
    --volume "$(.tools/bin/uv cache dir):/root/.cache/uv" \
    "${from[@]}" ${BUILDAH_OPTIONS:-} -f docker/worker.Dockerfile -t "$image" .
if [[ -n $before && $before != "$(buildah images --quiet "$image")" ]]; then
    buildah rmi "$before" > /dev/null # or each build would leave an image behind
fi
