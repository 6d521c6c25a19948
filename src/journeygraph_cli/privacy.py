"""`journeygraph privacy`: what is held about a person, erasing it, and who looked."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from journeygraph.errors import UsageError
from journeygraph_cli import context
from journeygraph_cli.output import JsonFlag, emit, say, table

if TYPE_CHECKING:
    from journeygraph.privacy.consent import Consent
    from journeygraph.privacy.erase import Erasure
    from journeygraph.privacy.purge import Purge

privacy = typer.Typer(help="One person's data: export, erase, and who read them.", no_args_is_help=True)
consent = typer.Typer(help="Consent per purpose, with time and source.", no_args_is_help=True)
audit = typer.Typer(help="Who read or changed personal data.", no_args_is_help=True)
policy = typer.Typer(help="What is kept of which source, how, and until when.", no_args_is_help=True)
key = typer.Typer(help="The keys that hash, seal and sign.", no_args_is_help=True)
proof = typer.Typer(help="Signed proofs of erasure.", no_args_is_help=True)
CustomerId = Annotated[str, typer.Argument(metavar="CUSTOMER_ID")]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    privacy.add_typer(consent, name="consent")
    privacy.add_typer(audit, name="audit")
    privacy.add_typer(proof, name="proof")
    privacy.add_typer(key, name="key")
    privacy.add_typer(policy, name="policy")
    app.add_typer(privacy, name="privacy")


@privacy.command("export")
def export(
    customer_id: CustomerId,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE.zip", help="An archive of JSON and CSV.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Everything that is held about a person, with the Cypher of each part."""
    from journeygraph.privacy.export import archive
    from journeygraph.privacy.export import export as collect
    from journeygraph.privacy.written import note_file

    with context.open_graph() as graph:
        exported = collect(graph, context.settings().home, customer_id)
    if out is not None:
        note_file(context.settings().home, out)
        _write(out, archive(exported))
        say(f"Written to {out}, which only you can read.")
    rows = [(part.name, part.count) for part in exported.parts]
    emit(exported, as_json, lambda: table(f"Held about {exported.customer_id}", ("part", "count"), rows))


def _write(path: Path, content: bytes) -> None:
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
    except OSError as error:
        raise UsageError(f"--out {path} cannot be written: {error.strerror}. The name of a file is needed.") from error


@privacy.command("erase")
def erase(
    customer_id: CustomerId,
    yes: Annotated[bool, typer.Option("--yes", help="It cannot be undone.")] = False,
    mode: Annotated[
        Literal["erase", "anonymise"], typer.Option("--mode", help="anonymise: the counts stay, the person goes.")
    ] = "erase",
    purge: Annotated[
        bool, typer.Option("--purge", help="Build the store anew afterwards, and search every file for the person.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Remove a person everywhere, keep them from coming back, and sign what was removed."""
    from journeygraph.privacy.erase import begin, complete
    from journeygraph.privacy.purge import require_managed
    from journeygraph.server import managed

    if not yes:
        raise UsageError(f"Erasing {customer_id!r} cannot be undone: say so with --yes.")
    if purge:
        require_managed(context.settings())
        managed(context.settings()).start()  # a purge that was interrupted left it down
    with context.open_graph() as graph:
        started = begin(graph, context.settings().home, customer_id, mode)
        erasure = complete(graph, context.settings().home, started)
    if not purge:
        started.end()
        emit(erasure, as_json, lambda: _show(erasure))
        return
    if not as_json:
        _show(erasure)
    purged = _rebuilt(started.person.sought, before_search=started.end)
    emit(
        {**erasure.model_dump(mode="json"), "purge": purged.model_dump(mode="json")},
        as_json,
        lambda: _show_purge(purged),
    )
    _fail_where_found(purged)


def _show(erasure: Erasure) -> None:
    rows = [(kind, count) for kind, count in sorted(erasure.removed.items()) if count]
    table(f"Removed ({erasure.mode})", ("what", "count"), rows)
    if erasure.resumed:
        say("This completed an erasure that was interrupted.")
    if erasure.merged:
        say("That id was part of another customer's: the whole person was removed.")
    for file in erasure.files:
        say(f"{file.became}: {file.file}")
    say(
        f"{erasure.suppressed} identifiers are kept from coming back; {erasure.remaining} places still name the person."
    )
    if erasure.kept:
        kept = ", ".join(f"{count} {kind}" for kind, count in erasure.kept.items())
        say(f"Names that stay, for they are not this person's alone: {kept}.")
    say(f"Proof {erasure.proof.statement['erasure_id']}, signed with the key {erasure.proof.public_key[:16]}...")


@privacy.command("correct")
def correct(
    customer_id: CustomerId,
    name: Annotated[str, typer.Argument(metavar="PROPERTY", help="Of the customer; or email, phone, with --was.")],
    value: Annotated[str, typer.Argument(metavar="VALUE", help="As it should be.")],
    touchpoint: Annotated[
        str | None, typer.Option("--touchpoint", metavar="ID", help="A property of this touchpoint: value, say.")
    ] = None,
    was: Annotated[str | None, typer.Option("--was", metavar="ADDRESS", help="The address that is wrong.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Correct what is held of a person, and sign that it was done."""
    from journeygraph.privacy.rectify import rectify

    with context.open_graph() as graph:
        home = context.settings().home
        done = rectify(graph, home, customer_id, name, value, touchpoint_id=touchpoint, former=was)
    emit(done, as_json, lambda: say(f"{done.property} of {done.customer_id} is corrected. {done.again}"))


@privacy.command("purge")
def purge_store(
    look_for: Annotated[
        list[str] | None, typer.Option("--look-for", metavar="VALUE", help="Search every file for it afterwards.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Build the managed server's store anew, so that nothing that was deleted is left in its files and logs."""
    purged = _rebuilt(look_for or [])
    emit(purged, as_json, lambda: _show_purge(purged))
    _fail_where_found(purged)


def _rebuilt(look_for: list[str], before_search: Callable[[], None] = lambda: None) -> Purge:
    from journeygraph.privacy.purge import purge

    return purge(context.settings(), look_for=look_for, before_search=before_search, say=say)


def _fail_where_found(purged: Purge) -> None:
    if purged.searched and (purged.searched.holding or purged.searched.in_graph):
        raise typer.Exit(1)


def _show_purge(purged: Purge) -> None:
    say(
        f"The store was built anew in {purged.seconds:.0f} s: {purged.nodes:,} nodes, {purged.relationships:,} "
        f"relationships; {purged.bytes_before:,} bytes before, {purged.bytes_after:,} now."
    )
    if searched := purged.searched:
        say(f"Searched: {searched.files:,} files, {searched.bytes:,} bytes; {len(searched.holding)} hold a value.")
        for file in searched.holding:
            say(f"still in {file}")
        say(f"{searched.in_graph or 0} places in the graph hold one.")


@consent.command("set")
def set_consent(
    customer_id: CustomerId,
    purpose: Annotated[Literal["analytics", "personalisation", "marketing"], typer.Argument()],
    status: Annotated[Literal["granted", "withdrawn"], typer.Argument()],
    at: Annotated[str | None, typer.Option("--at", metavar="T", help="Since when (ISO 8601 with offset).")] = None,
    source: Annotated[str, typer.Option("--source", metavar="S", help="Where it was said.")] = "by hand",
    as_json: JsonFlag = False,
) -> None:
    """Write down that a customer gave or withdrew consent to a purpose."""
    from journeygraph.privacy.consent import note

    since = context.instant(at, "--at")
    with context.open_graph() as graph:
        given = note(graph, context.settings().home, customer_id, purpose, status, at=since, source=source)
    emit(given, as_json, lambda: _show_consent(given))


@consent.command("show")
def show_consent(customer_id: CustomerId, as_json: JsonFlag = False) -> None:
    """What a customer said about consent, and what stands."""
    from journeygraph.privacy.consent import show

    with context.open_graph() as graph:
        given = show(graph, customer_id)
    emit(given, as_json, lambda: _show_consent(given))


@consent.command("summary")
def consent_summary(as_json: JsonFlag = False) -> None:
    """How many customers withdrew consent to each purpose, and so are left out."""
    from journeygraph.privacy.consent import summary

    with context.open_graph() as graph:
        counted = summary(graph)
    rows = list(counted.withdrawn.items())
    title = f"Withdrawn, of {counted.customers:,} customers"
    emit(counted, as_json, lambda: table(title, ("purpose", "customers"), rows))


def _show_consent(given: Consent) -> None:
    rows = [(said.purpose, said.status, said.at.isoformat(), said.source) for said in given.history]
    table(f"What {given.customer_id} said", ("purpose", "status", "since", "source"), rows)
    for purpose, status in given.stands.items():
        say(f"{purpose}: {status or 'nothing was said'}")


@proof.command("verify")
def verify_proof(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A proof, or the answer of `privacy erase --json`.")],
    as_json: JsonFlag = False,
) -> None:
    """Check the signature of a proof of erasure."""
    from journeygraph.privacy.proof import check

    checked = check(context.settings().home, file)
    words = "is what was signed" if checked.valid else "was CHANGED after it was signed"
    mine = "this installation" if checked.of_this_home else "another installation"
    emit(checked, as_json, lambda: say(f"The statement {words}, by {mine}."))
    if not checked.valid:
        raise typer.Exit(1)


@audit.command("list")
def list_entries(
    subject: Annotated[
        str | None, typer.Option("--subject", metavar="CUSTOMER_ID", help="Only of this person.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Who read or changed personal data, oldest first."""
    from journeygraph.privacy.audit import entries
    from journeygraph.privacy.keyring import Keyring

    home = context.settings().home
    found = entries(home)
    if subject is not None and found:
        wanted = Keyring(home).digests("customer_id", subject)  # an entry keeps the hash of its time
        found = [entry for entry in found if entry.subject in wanted]
    rows = [(entry.n, entry.at, entry.actor, entry.action, (entry.subject or "")[:16]) for entry in found]
    answer = {"entries": [entry.model_dump() for entry in found]}
    emit(answer, as_json, lambda: table("Audit log", ("n", "at", "actor", "action", "subject (hashed)"), rows))


@audit.command("verify")
def verify(
    at_least: Annotated[
        int, typer.Option("--at-least", metavar="N", min=0, help="As many entries as a proof once told.")
    ] = 0,
    as_json: JsonFlag = False,
) -> None:
    """Tell whether the audit log is what was written: no entry edited, deleted or cut off."""
    from journeygraph.privacy.audit import verify as check

    verified = check(context.settings().home, at_least=at_least)
    words = f"The audit log is intact: {verified.entries} entries." if verified.intact else str(verified.problem)
    emit(verified, as_json, lambda: say(words))
    if not verified.intact:
        raise typer.Exit(1)


@privacy.command("retention")
def retention(
    yes: Annotated[bool, typer.Option("--yes", help="Remove what is due; without it, it is only counted.")] = False,
    at: Annotated[str | None, typer.Option("--at", metavar="T", help="By this instant instead of now.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """What is kept for longer than the privacy policy says, and its removal."""
    from journeygraph.privacy.retention import retain

    instant = context.instant(at, "--at")
    with context.open_graph() as graph:
        retained = retain(graph, context.settings().home, at=instant, run=yes)
    rows = [(one.source, one.older_than, one.then, one.touchpoints, one.customers) for one in retained.due]
    rows.append(("(quarantine)", "", "erase", retained.quarantine, 0))
    title = "Removed" if retained.done else "Due; --yes removes it"
    names = ("source", "older than", "then", "rows", "customers")
    emit(retained, as_json, lambda: table(title, names, rows))


@policy.command("set")
def set_policy(
    file: Annotated[Path, typer.Argument(metavar="FILE.yaml", help="The policy, see docs/privacy.md.")],
    as_json: JsonFlag = False,
) -> None:
    """Put a privacy policy in force, for whatever is loaded from now on."""
    from journeygraph.privacy.policy import declare

    declared = declare(context.settings().home, file)
    emit(declared, as_json, lambda: say(f"{file} is in force, for {', '.join(declared.sources) or 'no source'}."))


@policy.command("show")
def show_policy(as_json: JsonFlag = False) -> None:
    """The privacy policy that is in force."""
    from journeygraph.privacy.policy import read

    declared = read(context.settings().home)
    rows = [
        (source, "everything" if own.keep is None else ", ".join(sorted(own.keep)), ", ".join(own.pseudonymise))
        for source, own in declared.sources.items()
    ]
    emit(declared, as_json, lambda: table("Privacy policy", ("source", "kept", "pseudonyms"), rows))


@key.command("rotate")
def rotate_keys(as_json: JsonFlag = False) -> None:
    """Take new keys into use; whoever was erased is recognised as before, and the audit log stays whole."""
    from journeygraph.privacy.policy import read
    from journeygraph.privacy.rotation import rotate

    home = context.settings().home
    if read(home).asks_of_rows:  # the graph holds pseudonyms
        with context.open_graph() as graph:
            rotated = rotate(home, graph)
    else:
        rotated = rotate(home)
    words = (
        f"Key {rotated.generation} is in use; {rotated.suppressed} entries of the suppression list were hashed again."
    )
    emit(rotated, as_json, lambda: say(words))


@key.command("list")
def list_keys(as_json: JsonFlag = False) -> None:
    """Each generation of the key, since when it has been in use, and for what."""
    from journeygraph.privacy.rotation import used

    found = used(context.settings().home)
    rows = [(one.generation, one.since, one.suppressed, one.audited) for one in found]
    answer = {"keys": [one.model_dump() for one in found]}
    emit(answer, as_json, lambda: table("Keys", ("generation", "since", "suppressed", "audit entries"), rows))
