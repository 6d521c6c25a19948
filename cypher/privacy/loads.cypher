// When loads began
// Answers: each load with its id and the instant at which it began.
// Parameters:
MATCH (l:Load)
WHERE l.started_at IS NOT NULL
RETURN l.batch_id AS batch_id, l.started_at AS started_at
