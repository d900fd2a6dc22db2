#!/bin/sh
# What the system exports each night, imported once each. Without --once it goes on and takes what comes.
cd "$(dirname "$0")" && exec livelihood import --watch exports --mapping mapping.toml --once --every 1
