"""`journeygraph keys`: who may use the API."""

from __future__ import annotations

from typing import Annotated

import typer

from journeygraph_cli import context
from journeygraph_cli.output import JsonFlag, emit, say, stdout, table


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    keys = typer.Typer(help="API keys: make, list, revoke.", no_args_is_help=True)
    app.add_typer(keys, name="keys")

    @keys.command()
    def create(
        name: Annotated[str, typer.Argument(help="Who uses it, e.g. 'shop frontend'.")],
        scope: Annotated[
            list[str] | None, typer.Option(help="read, customers or write; may be repeated; all when left out.")
        ] = None,
        as_json: JsonFlag = False,
    ) -> None:
        """Make a key. It is shown this once; only its hash is kept."""
        from journeygraph.keys import KeyStore

        presented, key = KeyStore(context.settings().home).create(name, scope or [])
        answer = {"key_id": key.key_id, "name": key.name, "scopes": list(key.scopes), "key": presented}

        def human() -> None:
            stdout.print(presented, markup=False)
            say(f"Key {key.key_id} may use: {', '.join(key.scopes)}. Send it as `Authorization: Bearer <key>`.")

        emit(answer, as_json, human)

    @keys.command("list")
    def list_keys(as_json: JsonFlag = False) -> None:
        """List the keys, without their secrets."""
        from journeygraph.keys import KeyStore

        found = KeyStore(context.settings().home).all()
        rows = [(key.key_id, key.name, ", ".join(key.scopes), key.created_at.isoformat()) for key in found]
        answer = {"keys": [key.model_dump(mode="json", exclude={"secret_sha256"}) for key in found]}
        emit(answer, as_json, lambda: table("API keys", ["id", "name", "scopes", "created"], rows))

    @keys.command()
    def revoke(key_id: Annotated[str, typer.Argument()], as_json: JsonFlag = False) -> None:
        """Revoke a key; a running API stops accepting it at once."""
        from journeygraph.keys import KeyStore

        key = KeyStore(context.settings().home).revoke(key_id)
        emit({"revoked": key.key_id}, as_json, lambda: say(f"Key {key.key_id} ({key.name}) is revoked."))
