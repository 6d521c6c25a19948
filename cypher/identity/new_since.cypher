// Which customers are new since the last run
// Answers: the customers with a touchpoint that was stored since then.
// Parameters:
//   $at  instant: e.g. datetime('2026-01-31T12:00:00Z')
:params {at: datetime('2026-01-31T12:00:00Z')};
MATCH (t:Touchpoint)
WHERE t.ingested_at >= $at
MATCH (t)<-[:MADE]-(c:Customer)
RETURN DISTINCT c.customer_id AS customer_id
ORDER BY customer_id
