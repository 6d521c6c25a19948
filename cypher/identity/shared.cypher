// Which identifiers two or more customers share
// Answers: for every e-mail address, telephone number, order and alias that leads to several customers (as they are
// merged now) these customers; an address that one shares may come in two rows. An alias is a customer's id that was used as
// another's anonymous id.
// Parameters:
MATCH (i:Identifier)-[:IDENTIFIES]->(:Customer|MergedCustomer)-[:MERGED_INTO*0..]->(c:Customer)
WHERE i.kind IN ['email', 'phone']
WITH i.kind AS kind, i.value AS value, c
RETURN kind, value, collect(DISTINCT c.customer_id) AS customer_ids
UNION ALL
MATCH (i:Identifier {kind: 'anonymous_id'})-[:IDENTIFIES]->(:Customer|MergedCustomer)-[:MERGED_INTO*0..]->(c:Customer)
MATCH (other:Customer {customer_id: i.value})
WHERE other <> c
WITH i.value AS value, other.customer_id AS other_id, collect(DISTINCT c.customer_id) AS customer_ids
RETURN 'alias' AS kind, value, customer_ids + [other_id] AS customer_ids
UNION ALL
MATCH (o:Order)<-[:BELONGS_TO]-(:Touchpoint)<-[:MADE]-(c:Customer)
RETURN 'order' AS kind, o.order_id AS value, collect(DISTINCT c.customer_id) AS customer_ids
UNION ALL
MATCH (t:Touchpoint)<-[:MADE]-(c:Customer {anonymous: true})
WHERE t.email IS NOT NULL
RETURN 'email' AS kind, t.email AS value, collect(DISTINCT c.customer_id) AS customer_ids
UNION ALL
MATCH (t:Touchpoint)<-[:MADE]-(c:Customer {anonymous: true})
WHERE t.phone IS NOT NULL
RETURN 'phone' AS kind, t.phone AS value, collect(DISTINCT c.customer_id) AS customer_ids
