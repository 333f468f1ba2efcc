#!/bin/sh
# Chromium and a Chinese font for the browser tests. Installed where that can be done unasked (root on Debian or Ubuntu),
# else named in one line. Always exits 0: without a browser the tests say why they skip, and fail where CI=true.
set -u

missing() {
    wanted=""
    if [ -n "${CHROMIUM:-}" ]; then
        [ -x "$CHROMIUM" ] || wanted="chromium"
    else
        command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 \
            || command -v google-chrome >/dev/null 2>&1 || wanted="chromium"
    fi
    [ -n "$(fc-list :lang=zh 2>/dev/null)" ] || wanted="$wanted fonts-wqy-microhei"
    echo "$wanted" | sed 's/^ *//'
}

packages=$(missing)
[ -z "$packages" ] && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing for the browser tests: $packages"
    # fontconfig brings fc-list, which tells whether a Chinese font is there
    (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends fontconfig $packages) \
        >/tmp/tingfeng-browser-install.log 2>&1 || echo "apt-get failed; its log: /tmp/tingfeng-browser-install.log"
    packages=$(missing)
fi
[ -z "$packages" ] || echo "browser tests will be skipped, missing: $packages (Debian/Ubuntu: sudo apt-get install $packages; elsewhere install Chromium and any Chinese font, and set CHROMIUM=/path/to/chromium)"
exit 0
