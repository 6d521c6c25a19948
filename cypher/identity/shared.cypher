// Which identifiers lead to which records of customers
// Answers: for every e-mail address, telephone number, order and alias the records that it leads to, as touchpoints name
// them, whatever was merged; an address that one shares may come in two rows. An alias is a customer's id that was used
// as another's anonymous id.
// Parameters:
MATCH (i:Identifier)-[:IDENTIFIES]->(r:Customer|MergedCustomer)
WHERE i.kind IN ['email', 'phone']
RETURN i.kind AS kind, i.value AS value, collect(DISTINCT r.customer_id) AS records
UNION ALL
MATCH (i:Identifier {kind: 'anonymous_id'})-[:IDENTIFIES]->(r:Customer|MergedCustomer)
MATCH (other:Customer|MergedCustomer {customer_id: i.value})
WHERE other <> r
WITH i.value AS value, other.customer_id AS other_id, collect(DISTINCT r.customer_id) AS records
RETURN 'alias' AS kind, value, records + [other_id] AS records
UNION ALL
MATCH (o:Order)<-[:BELONGS_TO]-(t:Touchpoint)
WITH o.order_id AS value, t.known_customer_id AS named,
     CASE WHEN t.known_customer_id IS NULL THEN t.anonymous_id END AS visitor, count(*) AS touchpoints
WITH value, named, visitor,
     COLLECT {
       MATCH (:Identifier {kind: 'anonymous_id', value: visitor})-[:IDENTIFIES]->(known:Customer|MergedCustomer {anonymous: false})
       RETURN DISTINCT known.customer_id LIMIT 2
     } AS owners
WITH value, coalesce(named, CASE size(owners) WHEN 1 THEN owners[0] ELSE 'anonymous:' + visitor END) AS record
RETURN 'order' AS kind, value, collect(DISTINCT record) AS records
UNION ALL
MATCH (t:Touchpoint)
WHERE t.known_customer_id IS NULL AND (t.email IS NOT NULL OR t.phone IS NOT NULL)
  AND COUNT {
    MATCH (:Identifier {kind: 'anonymous_id', value: t.anonymous_id})-[:IDENTIFIES]->(known:Customer|MergedCustomer {anonymous: false})
    RETURN DISTINCT known
  } <> 1
UNWIND [['email', t.email], ['phone', t.phone]] AS pair
WITH pair, 'anonymous:' + t.anonymous_id AS record
WHERE pair[1] IS NOT NULL
RETURN pair[0] AS kind, pair[1] AS value, collect(DISTINCT record) AS records
