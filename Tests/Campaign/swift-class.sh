#!/usr/bin/env bash
# Runs a Swift test suite as a class of the campaign. A class is then this one line in an executable file:
#     exec "$(dirname "$0")/swift-class.sh" SUITE "$@"
# The suite sees VAULT_CAMPAIGN_SEED, VAULT_CAMPAIGN_SCALE (ci or full) and VAULT_CAMPAIGN_OUT, and writes the JSON
# result to the last; a suite that only makes sense here is `.enabled(if:)` the first is set.
set -euo pipefail
suite=$1; shift
while [ $# -gt 1 ]; do
    case $1 in
        --seed) export VAULT_CAMPAIGN_SEED=$2 ;;
        --scale) export VAULT_CAMPAIGN_SCALE=$2 ;;
        --out) export VAULT_CAMPAIGN_OUT=$2 ;;
    esac
    shift 2
done
cd "$(dirname "$0")/../.."
# The whole name: ScheduleTests is also a part of OperationScheduleTests.
exec swift test --skip-build --filter "[./]$suite[/(]"
