#!/usr/bin/env bash
# Builds the worker's image with buildah, as root. BASE=debian: on a Debian that debootstrap makes
# (MIRROR=URL) and names like the official base. BUILDAH_OPTIONS: more options of `buildah build`.
set -euo pipefail
cd "$(dirname "$0")/../.."
if [[ ${BASE:-} == debian ]]; then
    folder=$(mktemp -d)
    trap 'rm -rf --one-file-system "$folder"' EXIT
    debootstrap --variant=minbase --include=python3,python3-venv,ca-certificates \
        bookworm "$folder" ${MIRROR:+"$MIRROR"} > /dev/null
    container=$(buildah from scratch)
    buildah copy -q "$container" "$folder" /
    buildah commit -q --rm "$container" python:3.11-slim
fi
# shellcheck disable=SC2086 # several options are several words
buildah build -q --isolation chroot --network host --format docker ${BUILDAH_OPTIONS:-} \
    -f docker/worker.Dockerfile -t tagwire-worker .
