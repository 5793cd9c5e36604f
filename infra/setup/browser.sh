#!/bin/sh
# Print the path of a Chromium for the browser tests; as root, install Debian's if there is none.
# Without one it prints nothing, says why, and the tests report what they could not look at.
set -u

find_browser() {
  for candidate in "${CESSIO_TEST_BROWSER:-}" chromium chromium-browser google-chrome \
      google-chrome-stable "$HOME"/.cache/ms-playwright/chromium-*/chrome-linux*/chrome \
      "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
    if [ -n "$candidate" ] && path=$(command -v "$candidate" 2>/dev/null) && [ -x "$path" ]; then
      printf '%s\n' "$path"
      return 0
    fi
  done
  return 1
}

find_browser && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  printf 'setup: installing chromium for the browser tests\n' >&2
  { apt-get update -qq; DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends chromium; } >/dev/null 2>&1 </dev/null
  find_browser && exit 0
fi
printf 'setup: NO BROWSER: tests in a real browser will be skipped; install chromium\n' >&2
exit 0
