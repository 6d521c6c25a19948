// Note which identifiers the new touchpoints of a batch show together with a customer
// Answers: nothing; an identifier that leads to a customer for the first time is marked, so that its owner is decided anew.
// Parameters:
//   $rows  list of lists: touchpoint_id, kind (anonymous_id, email or phone), value
//   $batch_id  text: the load, e.g. '01f0'
//   $ingested_at  instant: of this batch, e.g. datetime('2026-01-31T12:00:00Z')
:params {rows: [['t1', 'email', 'anna@example.com']], batch_id: '01f0', ingested_at: datetime('2026-01-31T12:00:00Z')};
UNWIND $rows AS row
MATCH (t:Touchpoint {touchpoint_id: row[0]})
WHERE t.batch_id = $batch_id AND t.ingested_at = $ingested_at
WITH row[1] AS kind, row[2] AS value, t.known_customer_id AS customer_id, min(t.occurred_at) AS first_at
MATCH (c:Customer {customer_id: customer_id})
MERGE (i:Identifier {kind: kind, value: value})
MERGE (i)-[shown:IDENTIFIES {evidence: 'same_row'}]->(c)
ON CREATE SET shown.confidence = 1.0, shown.valid_from = first_at,
              shown.ingested_at = $ingested_at, i:Unresolved
ON MATCH SET shown.valid_from = CASE WHEN first_at < shown.valid_from THEN first_at ELSE shown.valid_from END
