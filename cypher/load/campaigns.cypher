// Say which campaign each new touchpoint of a batch came from
// Answers: nothing; campaigns are created where they are new.
// Parameters:
//   $rows  list of lists: touchpoint_id, campaign
//   $batch_id  text: the load, e.g. '01f0'
//   $ingested_at  instant: of this batch, e.g. datetime('2026-01-31T12:00:00Z')
:params {rows: [['t1', 'spring']], batch_id: '01f0', ingested_at: datetime('2026-01-31T12:00:00Z')};
UNWIND $rows AS row
MATCH (t:Touchpoint {touchpoint_id: row[0]})
WHERE t.batch_id = $batch_id AND t.ingested_at = $ingested_at
WITH row[1] AS name, collect(t) AS touchpoints
MERGE (k:Campaign {name: name})
FOREACH (t IN touchpoints | CREATE (t)-[:CAME_FROM]->(k))
