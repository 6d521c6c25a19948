// Say which households, accounts and orders each new touchpoint of a batch belongs to
// Answers: nothing; households, accounts and orders are created where they are new.
// Parameters:
//   $rows  list of lists: touchpoint_id, 'household', 'account' or 'order', its id; no two alike
//   $batch_id  text: the load, e.g. '01f0'
//   $ingested_at  instant: of this batch, e.g. datetime('2026-01-31T12:00:00Z')
:params {rows: [['t1', 'account', 'acme']], batch_id: '01f0', ingested_at: datetime('2026-01-31T12:00:00Z')};
UNWIND $rows AS row
MATCH (t:Touchpoint {touchpoint_id: row[0]})
WHERE t.batch_id = $batch_id AND t.ingested_at = $ingested_at
WITH row[1] AS grain, row[2] AS id, collect(t) AS touchpoints
FOREACH (_ IN CASE grain WHEN 'household' THEN [1] END |
  MERGE (h:Household {household_id: id})
  FOREACH (t IN touchpoints | CREATE (t)-[:BELONGS_TO]->(h)))
FOREACH (_ IN CASE grain WHEN 'account' THEN [1] END |
  MERGE (a:Account {account_id: id})
  FOREACH (t IN touchpoints | CREATE (t)-[:BELONGS_TO]->(a)))
FOREACH (_ IN CASE grain WHEN 'order' THEN [1] END |
  MERGE (o:Order {order_id: id})
  FOREACH (t IN touchpoints | CREATE (t)-[:BELONGS_TO]->(o)))
