#!/bin/sh
set -e
[ "$(sh greet.sh World)" = "Hello, World" ]
[ "$(sh greet.sh)" = "Hello, you" ]
echo ok
