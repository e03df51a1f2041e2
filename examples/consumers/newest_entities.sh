#!/bin/sh
# Prints the documents whose entities are new, changed or deleted, as JSON lines.
#   newest_entities.sh BOOTSTRAP TOPIC [--exit-at-end]
set -eu

bootstrap=$1 topic=$2
end=""
[ "${3:-}" = --exit-at-end ] && end="-e"

kcat -C -q -J -u -o beginning $end -b "$bootstrap" -t "$topic" -X isolation.level=read_committed |
  jq --null-input --compact-output --unbuffered --from-file "$(dirname "$0")/newest_entities.jq"
