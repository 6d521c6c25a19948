#!/bin/sh
# `serve` on all of the container's addresses wants a key: the first one is made here and kept where only the service reads it.
set -eu
if [ "${1:-}" = serve ] && [ ! -s "$JOURNEYGRAPH_HOME/keys.json" ]; then
  (umask 077 && journeygraph keys create "first key" > "$JOURNEYGRAPH_HOME/first-key")
  echo "A first API key was made: docker compose exec api cat $JOURNEYGRAPH_HOME/first-key" >&2
fi
exec journeygraph "$@"
