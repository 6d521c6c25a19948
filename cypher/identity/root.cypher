// Who a customer id stands for
// Answers: the customer of that id, or whom it was merged into; no row for an id that the graph does not hold. As of an
// instant: who it stood for then.
// Parameters:
//   $customer_id  text: the customer, e.g. 'ann-2'
//   $known_at  text or null: an ISO 8601 instant, e.g. '2026-01-31T12:00:00Z'; null for now
:params {customer_id: 'ann-2', known_at: null};
MATCH way = (:Customer|MergedCustomer {customer_id: $customer_id})-[:MERGED_INTO|WAS_MERGED_INTO*0..]->(c)
WITH relationships(way) AS merges, c,
     COLLECT { MATCH (c)-[m:MERGED_INTO|WAS_MERGED_INTO]->() RETURN m } AS further
WHERE all(m IN merges WHERE CASE WHEN $known_at IS NULL THEN m.undone_at IS NULL
        ELSE m.merged_at <= datetime($known_at) AND coalesce(m.undone_at > datetime($known_at), true) END)
  AND none(m IN further WHERE CASE WHEN $known_at IS NULL THEN m.undone_at IS NULL
        ELSE m.merged_at <= datetime($known_at) AND coalesce(m.undone_at > datetime($known_at), true) END)
RETURN c.customer_id AS customer_id
ORDER BY customer_id
LIMIT 1
