// What touchpoints say of every record of a customer
// Answers: for each record, which is a customer or visitor as touchpoints name them, whatever was merged: the last value of
// each of some properties, in the order asked; e-mail address and telephone number; the first touchpoint's instant;
// and the customer who has these touchpoints now. An anonymous id that was seen with one customer names that one.
// Parameters:
//   $names  list of text: properties of touchpoints, e.g. ['p_first_name', 'p_surname']
:params {names: ['p_first_name', 'p_surname']};
MATCH (c:Customer)
CALL (c) {
  MATCH (c)-[:MADE]->(t:Touchpoint)
  WITH t.known_customer_id AS named, CASE WHEN t.known_customer_id IS NULL THEN t.anonymous_id END AS visitor,
       collect(t) AS ts
  WITH named, visitor, ts,
       COLLECT {
         MATCH (:Identifier {kind: 'anonymous_id', value: visitor})-[:IDENTIFIES]->(known:Customer|MergedCustomer {anonymous: false})
         RETURN DISTINCT known.customer_id LIMIT 2
       } AS owners
  WITH coalesce(named, CASE size(owners) WHEN 1 THEN owners[0] ELSE 'anonymous:' + visitor END) AS record, ts
  UNWIND ts AS t
  WITH record, t ORDER BY t.occurred_at_us DESC, t.touchpoint_id
  WITH record, collect(t) AS ts
  RETURN record, [name IN $names | head([t IN ts WHERE t[name] IS NOT NULL | toString(t[name])])] AS values,
         last(ts).occurred_at_us AS first_at,
         head([t IN ts WHERE t.email IS NOT NULL | t.email]) AS email,
         head([t IN ts WHERE t.phone IS NOT NULL | t.phone]) AS phone
}
RETURN record, c.customer_id AS customer_id, first_at, values, email, phone
ORDER BY record
