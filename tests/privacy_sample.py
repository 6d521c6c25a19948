"""Touchpoints of a person whom the tests of privacy erase, and of the others."""

from __future__ import annotations

DORA, EMAIL, DEVICE, KIOSK = "dora-4711", "dora@example.org", "dora-phone", "kiosk-1"
HEADER = "touchpoint_id,customer_id,anonymous_id,email,session_id,step,occurred_at,product_id,order_id,value,note\n"
OTHERS = """\
t1,emil-1,kiosk-1,emil@example.org,,view,2026-01-01T10:00:00Z,p1,,,
t2,emil-1,,,,cart,2026-01-01T10:05:00Z,p1,,,
t3,emil-1,,,,purchase,2026-01-01T10:06:00Z,p1,o1,30,
t4,fritz-1,,,,view,2026-01-02T10:00:00Z,p1,,,
t5,fritz-1,,,,cart,2026-01-02T10:03:00Z,p1,,,
t6,,kiosk-1,,,view,2026-01-03T10:00:00Z,p2,,,
"""
#: Later than all others by two months: without her the carts above are open again.  p3 and o2 are hers alone.
HERS = """\
d1,dora-4711,dora-phone,dora@example.org,ds1,view,2026-01-05T10:00:00Z,p1,,,
d2,dora-4711,kiosk-1,,ds1,cart,2026-01-05T10:01:00Z,p3,,,
d3,dora-4711,,,,purchase,2026-01-05T10:09:00Z,p3,o2,50,
d4,,dora-phone,,,view,2026-01-06T10:00:00Z,p1,,,
d5,dora-4711,,,,view,2026-03-20T10:00:00Z,p2,,,asked by dora@example.org
"""
BAD = "d6,dora-4711,,,,view,not a time,p1,,,\nx1,emil-1,,,,view,never,p1,,,\n"
