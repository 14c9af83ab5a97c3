# The name of a file for a title.
slug() {
    printf '%s' "$1" | tr 'A-Z ' 'a-z-'
}
