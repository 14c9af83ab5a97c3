. ./slug.sh
failed=0
is() {
    if [ "$(slug "$1")" != "$2" ]; then
        echo "'$1' became '$(slug "$1")', not '$2'"
        failed=1
    fi
}
is 'Hello World' hello-world
is 'Rock & Roll!' rock-roll
exit $failed
