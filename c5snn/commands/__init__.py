"""One file per command; each has ``main(argv) -> exit code`` and imports what it needs when it is chosen."""
