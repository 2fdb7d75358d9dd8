#!/usr/bin/env bash
# Installs what the tests of the page need and the machine lacks: a Chromium, a reader of PDFs, fonts with Vietnamese letters, and npm for the
# accessibility engine. On Debian as root; elsewhere it says what is missing.
set -euo pipefail

cd "$(dirname "$0")"
packages=()

need() { # need <program> <package>
	command -v "$1" >/dev/null || packages+=("$2")
}
need chromium chromium
need pdftotext poppler-utils
need fc-list fontconfig
need npm npm
if ! command -v fc-list >/dev/null || [ -z "$(fc-list :lang=vi)" ]; then
	packages+=(fonts-noto-core fonts-dejavu-core)
fi
if [ "${#packages[@]}" -gt 0 ]; then
	if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
		echo "the tests of the page need: ${packages[*]} (names of Debian's packages)" >&2
		exit 1
	fi
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -qq
	apt-get install -y -qq --no-install-recommends "${packages[@]}"
fi
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
