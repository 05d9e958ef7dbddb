#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
#
# The commands of docs/bulk.md:
#
#     bulk_invite.sh check|run|resume
#
# The program bulk_invite is in the search path, the URL of the service in $service, the group in $group, the session id in
# $FICTIVE_SESSION_ID.

set -eu

case $1 in
check)
  # [check]
  bulk_invite --group "$group" --from people.csv --column email --dry-run
  # [check]
  ;;
run)
  # [run]
  bulk_invite --base-url "$service" --group "$group" --from people.csv --column email \
    --journal people.journal --results results.csv
  # [run]
  ;;
resume)
  # [resume]
  bulk_invite --base-url "$service" --group "$group" --from people.csv --column email \
    --journal people.journal --results results.csv --resume
  # [resume]
  ;;
esac
