// Mark the identifiers of anonymous visitors who made new touchpoints in a batch
// Answers: nothing; whose touchpoints they are is decided for marked identifiers. A visitor never seen with a customer
// has none, and keeps them.
// Parameters:
//   $rows  list of text: touchpoints that name no customer, e.g. ['t1']
//   $batch_id  text: the load, e.g. '01f0'
//   $ingested_at  instant: of this batch, e.g. datetime('2026-01-31T12:00:00Z')
:params {rows: ['t1'], batch_id: '01f0', ingested_at: datetime('2026-01-31T12:00:00Z')};
UNWIND $rows AS touchpoint_id
MATCH (t:Touchpoint {touchpoint_id: touchpoint_id})
WHERE t.batch_id = $batch_id AND t.ingested_at = $ingested_at
WITH DISTINCT t.anonymous_id AS value
MATCH (i:Identifier {kind: 'anonymous_id', value: value})
SET i:Unresolved
