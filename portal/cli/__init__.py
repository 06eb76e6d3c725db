"""The shell's door: the command `portal` and one module per command.

May import services and everything below; a command asks for arguments, calls one service and prints the answer.
When you come with a new command, add a line to COMMANDS and a module of the same name with a click command of the same name; heavy imports stay inside its functions, because every start of `portal` pays for the others.
"""

from __future__ import annotations

from importlib import import_module

import click

from portal import __version__

# In the order in which a person meets them; the texts stand here so that --help imports nothing.
COMMANDS = {
    "init": "Lay or update the database, and let the first administrator in.",
    "alliance": "Found the alliance, or extend it: units, reporting years, members, from one file.",
    "programme": "Put the alliance's programme in force: default target, roadmap, rules of levels.",
    "serve": "Serve the portal, with a worker for background jobs beside it.",
    "worker": "Work on background jobs only (beside other machines that serve).",
    "mqtt": "Take readings that meters publish at an MQTT broker.",
    "metrics": "Show figures for Prometheus, or print them once.",
    "doctor": "Say what is missing: database, fonts, libraries, storage, mail, clock.",
    "backup": "Write database, files and keys into sealed files, or read such a file through.",
    "restore": "Put a backup into an empty database and empty folders.",
    "erasures": "List whose personal data was erased, to be kept apart from the backups.",
    "demo": "Load a demo alliance with 154 members and accounts for every role.",
    "keys": "Show the public keys, or let a new key sign the log.",
    "ledger": "Read the whole ledger again, or sign and publish it now.",
    "verify": "Say whether a certificate is genuine, without database and network.",
    "witness": "Keep the checkpoints of another portal's log, and see that it only grows.",
    "assess": "Compute the emissions of a list of activity lines, without a database.",
    "recompute": "Work every number of an evidence bundle out again, without a database.",
    "warnings": "Measure what the early warnings find and what they say needlessly.",
    "cases": "Run worked examples and compare them with the expected results.",
}


class LazyGroup(click.Group):
    """A group that imports a command's module only when that command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = getattr(import_module(f"{__name__}.{cmd_name}"), cmd_name)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="portal")
def main() -> None:
    """The portal of a zero-carbon alliance.

    Suppliers report a year's activity data, coordinators return or approve it, certificates come out that
    anyone can check.

    To look around on your own machine, with an embedded database and well-known passwords:

    \b
        export PORTAL_DEMO=1
        portal init && portal demo && portal serve

    To run it for real, set PORTAL_SECRET_KEY, PORTAL_PASSWORD_SALT, PORTAL_TOTP_SECRET and PORTAL_BASE_URL
    (and PORTAL_DATABASE_URL for PostgreSQL), then ask `portal doctor` what is still missing. It also lists
    every setting: `portal doctor --settings`.
    """
