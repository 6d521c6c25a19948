"""Shopify: orders and refunds of the Admin REST API, and the webhooks that carry the same objects.

Documented in "Order", "Refund" and "Transaction" of the REST Admin API reference, and in "Webhooks".  One order is
several touchpoints, each with an id of its own, so that the same order fetched or sent again repeats none:

- placed, at `created_at`, with `total_price`; cancelled, at `cancelled_at`;
- fulfilled, at each fulfillment's `created_at`, unless its `status` is `cancelled`, `error` or `failure`;
- refunded, at each refund's `created_at`, with what its successful refund transactions paid back, as a negative
  value.

Test orders (`test`, which Shopify sets where no money can have moved) and their refunds (all of whose transactions are
`test`) are left out, as a till's training receipts are.

What the webhooks `orders/delete` (an id) and `orders/edited` (what lines were added) bring is no touchpoint.

A refund that comes alone (topic `refunds/create`) names its order and nobody else.  Every row has an anonymous id
made of the order, so what the order's customer is known by leads there.  The column `topic` has the name of Shopify's
webhook.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from journeygraph.schema import LARGEST_VALUE
from journeygraph_loaders.sources.base import (
    Document,
    Flat,
    Refused,
    Sample,
    Source,
    listed,
    part,
    present,
    unwrapped,
    whole,
)

_SINGLE: Final = ("order", "refund")
#: A fulfillment's `status` where nothing was sent.
_NOT_FULFILLED: Final = ("cancelled", "error", "failure")


def recognise(sample: Sample) -> str | None:
    """Why this is Shopify's, or None."""
    if sample.every(
        lambda one: is_order(unwrapped(one, *_SINGLE)) or is_refund(unwrapped(one, *_SINGLE)) or _is_list(one)
    ):
        return "every record has the fields of a Shopify order (line_items, total_price) or refund (refund_line_items)"
    return None


def _is_list(document: Document) -> bool:
    """Whether it is the answer of the refunds' own address; an order has such a list as well."""
    return set(document) == {"refunds"}


def is_order(document: Document) -> bool:
    """Whether it has what every order has."""
    return {"id", "created_at", "line_items", "total_price", "financial_status"} <= set(document)


def is_refund(document: Document) -> bool:
    """Whether it has what every refund has."""
    return {"id", "order_id", "created_at", "refund_line_items"} <= set(document)


def rows(document: Document, _: Document) -> Iterator[Flat]:
    """The touchpoints of an order or a refund."""
    document = unwrapped(document, *_SINGLE)
    if _is_list(document):
        for refund in filter(_is_real, listed(document, "refunds")):
            yield _refund(refund, {}, refund.get("order_id"))
        return
    if is_refund(document):
        if _is_real(document):
            yield _refund(document, {}, document.get("order_id"))
        return
    if _is_other_topic(document):
        return
    if not is_order(document):
        raise Refused("id", document.get("id"), "is neither an order nor a refund of Shopify: line_items is missing")
    if document.get("test") is True:
        return
    order, common = document.get("id"), _common(document)
    items = _items(listed(document, "line_items"))
    yield present(
        {**common, **items, "key": f"order-{order}", "topic": "orders/create",
         "happened_at": document.get("created_at"), "value": document.get("total_price")}
    )  # fmt: skip
    if document.get("cancelled_at"):
        yield present(
            {**common, "key": f"order-{order}-cancelled", "topic": "orders/cancelled",
             "happened_at": document.get("cancelled_at"), "cancel_reason": document.get("cancel_reason")}
        )  # fmt: skip
    for fulfillment in listed(document, "fulfillments"):
        if fulfillment.get("status") in _NOT_FULFILLED:
            continue
        yield present(
            {**common, "key": f"fulfillment-{fulfillment.get('id')}", "topic": "fulfillments/create",
             "happened_at": fulfillment.get("created_at"), "fulfillment.status": fulfillment.get("status")}
        )  # fmt: skip
    for refund in listed(document, "refunds"):
        yield _refund(refund, common, order)


def _is_other_topic(document: Document) -> bool:
    """Whether it is what the topics `orders/delete` and `orders/edited` bring: no order, but something about one."""
    return set(document) in ({"id"}, {"order_edit"})


def _is_real(refund: Document) -> bool:
    """Whether any of a refund's transactions moved money; one that has none may as well."""
    moved = listed(refund, "transactions")
    return not moved or any(transaction.get("test") is not True for transaction in moved)


def _common(order: Document) -> Flat:
    customer = whole(order, "customer")
    return {
        "order_id": order.get("id"),
        "name": order.get("name"),
        "customer.id": customer.get("id"),
        "email": order.get("email") or order.get("contact_email") or customer.get("email"),
        "phone": order.get("phone") or customer.get("phone"),
        "source_name": order.get("source_name"),
        "currency": order.get("currency"),
        "referring_site": order.get("referring_site"),
        "landing_site": order.get("landing_site"),
        "financial_status": order.get("financial_status"),
    }


def _items(lines: list[Document]) -> Flat:
    """Of several lines, the ids; of a single one also what it is."""
    ids = [str(line.get("product_id") or line.get("sku") or line.get("id")) for line in lines]
    only = lines[0] if len(lines) == 1 else {}
    single = {f"line_items.{name}": only.get(name) for name in ("product_id", "sku", "title")}
    return {**single, "line_items": "|".join(ids)}


def _refund(refund: Document, common: Flat, order: Any) -> Flat:
    """A refund's row; its currency is its transactions', as a refund that comes alone has none else."""
    paid = [
        transaction
        for transaction in listed(refund, "transactions")
        if transaction.get("kind") == "refund" and transaction.get("status") == "success"
    ]
    currencies = {str(transaction["currency"]) for transaction in paid if transaction.get("currency")}
    return present(
        {
            **common,
            "order_id": order,
            "key": f"refund-{refund.get('id')}",
            "topic": "refunds/create",
            "happened_at": refund.get("created_at"),
            "value": str(-sum(map(_amount, paid), Decimal(0))) if paid else None,
            "currency": min(currencies) if len(currencies) == 1 else common.get("currency"),
        }
    )


def _amount(transaction: Document) -> Decimal:
    wrong = Refused("transactions.amount", transaction.get("amount"), "is not a number such as 199.00")
    try:
        amount = Decimal(str(part(transaction, "amount")))
    except InvalidOperation as error:
        raise wrong from error
    if not amount.is_finite() or not -LARGEST_VALUE <= amount <= LARGEST_VALUE:  # of others there may be no sum
        raise wrong
    return amount


SOURCE: Final = Source("shopify", "Shopify", recognise, rows, envelopes=("orders",))
