// Whom an identifier leads to
// Answers: for an anonymous id, e-mail address, telephone number or the id of a merged customer the customers that it was
// seen with by an instant, as they are merged now.
// Parameters:
//   $identifiers  list of text: the identifier in the ways it may be written, e.g. ['ann@example.org']
//   $known_at  text: an ISO 8601 instant, e.g. '2026-01-31T12:00:00Z'
:params {identifiers: ['ann@example.org'], known_at: '2026-01-31T12:00:00Z'};
MATCH (i:Identifier)
WHERE i.kind IN ['anonymous_id', 'email', 'phone', 'customer_id'] AND i.value IN $identifiers
RETURN i.kind AS kind, i.value AS value,
       COLLECT {
         MATCH (i)-[known:IDENTIFIES]->(:Customer|MergedCustomer)-[:MERGED_INTO*0..]->(c:Customer)
         WHERE known.ingested_at <= datetime($known_at)
         RETURN DISTINCT c.customer_id AS id ORDER BY id
       } AS customer_ids
