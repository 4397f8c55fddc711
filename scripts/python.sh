#!/bin/sh
# Prints the path of the first Python of at least 3.11, or says how to get one.
for name in ${PYTHON:-} python3 python3.13 python3.12 python3.11 python3.14; do
    found=$(command -v "$name" 2>/dev/null) || continue
    if "$found" -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' 2>/dev/null; then
        echo "$found"
        exit 0
    fi
done
{
    echo "Modelhall needs Python 3.11 or newer, and none was found."
    echo "Debian 12 or newer, Ubuntu 24.04 or newer:  apt-get install python3 python3-venv"
    echo "Fedora:  dnf install python3    macOS:  brew install python@3.13"
    echo "If it is there under another name:  make PYTHON=/path/to/python3 …"
} >&2
# Printed so that the caller stops here: `false` is a program that fails.
echo false
exit 1
