#!/bin/sh
# Runs the tests of test/controllers/ on two emulated CAN controllers; see docs/controllers.md.
#
#   scripts/test-controllers.sh [mocha's options...]
#
# The status is mocha's, or that of scripts/can-controllers.sh.
set -eu

cd -- "$(dirname -- "$0")/.."
sh scripts/install-packages.sh qemu-system-x86 busybox-static cpio kmod iproute2 can-utils
rm -rf build
node_modules/.bin/tsc -p tsconfig.test.json
exec bash scripts/can-controllers.sh --timeout 900 --modules 'sch_netem sch_tbf' -- \
  node --enable-source-maps node_modules/mocha/bin/mocha.js --config .mocharc.controllers.json "$@"
