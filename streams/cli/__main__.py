"""`python -m streams.cli`: the command `tagwire`."""

from streams.cli.app import main

main()
