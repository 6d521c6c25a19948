// Say which product each new touchpoint of a batch is about
// Answers: nothing; products and categories are created where they are new. Where rows name a product differently, the
// name that comes first in the alphabet stands, so that the order of loading makes no difference.
// Parameters:
//   $rows  list of lists: touchpoint_id, product_id, product_category or null, product_name or null
//   $batch_id  text: the load, e.g. '01f0'
//   $ingested_at  instant: of this batch, e.g. datetime('2026-01-31T12:00:00Z')
:params {rows: [['t1', 'shoe-7', 'shoes', null]], batch_id: '01f0', ingested_at: datetime('2026-01-31T12:00:00Z')};
UNWIND $rows AS row
MATCH (t:Touchpoint {touchpoint_id: row[0]})
WHERE t.batch_id = $batch_id AND t.ingested_at = $ingested_at
WITH row[1] AS product_id, min(row[3]) AS name, collect(DISTINCT row[2]) AS categories, collect(t) AS touchpoints
MERGE (p:Product {product_id: product_id})
SET p.name = CASE WHEN name < p.name OR p.name IS NULL THEN name ELSE p.name END
FOREACH (t IN touchpoints | CREATE (t)-[:ABOUT]->(p))
FOREACH (category IN categories | MERGE (k:Category {name: category}) MERGE (p)-[:IN_CATEGORY]->(k))
