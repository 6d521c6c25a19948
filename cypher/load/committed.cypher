// Whether a batch is stored
// Answers: how many of these touchpoints this very batch created: none, or as many as it created in all. Asked where the
// database went away while it was written, and with it the answer.
// Parameters:
//   $touchpoint_ids  list of text: the batch's touchpoints, e.g. ['t1']
//   $batch_id  text: the load, e.g. '01f0'
//   $ingested_at  instant: of this batch, e.g. datetime('2026-01-31T12:00:00Z')
:params {touchpoint_ids: ['t1'], batch_id: '01f0', ingested_at: datetime('2026-01-31T12:00:00Z')};
UNWIND $touchpoint_ids AS touchpoint_id
MATCH (t:Touchpoint {touchpoint_id: touchpoint_id})
WHERE t.batch_id = $batch_id AND t.ingested_at = $ingested_at
RETURN count(t) AS created
