"""`dalil doctor`: looks at each channel and says what is wrong and how to mend it."""

from rich.console import Console

from bot.settings import Settings
from bot.store.database import open_database
from bot.store.migrate import is_migrated
from channels.channel import Checked, Finding
from channels.present import find_channels


async def examine(settings: Settings, console: Console) -> bool:
    """Check everything; True if nothing is wrong."""
    database = open_database(settings)
    migrated = is_migrated(database)
    findings = {
        "database": [
            Finding(
                migrated,
                "The schema is the present one." if migrated else "The schema is old.",
                "" if migrated else "`dalil migrate`",
            )
        ]
    }
    present = find_channels(settings, database)
    for name, channel in present.on.items():
        findings[name] = list(await channel.check()) if isinstance(channel, Checked) else []
    for name, findings_of in findings.items():
        console.print(f"[bold]{name}[/bold]")
        for finding in findings_of:
            mark = "[green]good [/green]" if finding.is_good else "[red]wrong[/red]"
            console.print(f"  {mark} {finding.what}", highlight=False)
            if finding.mend:
                console.print(f"        {finding.mend}", highlight=False)
    for name, lacking in present.off.items():
        console.print(f"[bold]{name}[/bold]\n  off   set {lacking} to turn it on", highlight=False)
    database.close()
    return all(finding.is_good for found in findings.values() for finding in found)
