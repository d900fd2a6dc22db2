#!/bin/sh
# What the system exports each night, imported once each. Without --once it goes on and takes what comes.
exec livelihood import --watch "$(dirname "$0")" --mapping "$(dirname "$0")/mapping.toml" --once --every 1
