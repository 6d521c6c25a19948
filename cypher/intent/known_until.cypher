// Last touchpoint that was known at an instant
// Answers: when the last touchpoint happened, of those that the system had stored by then (microseconds since 1970, UTC).
// Parameters:
//   $known_at  text, an ISO 8601 instant: what the system knew then, e.g. '2026-01-31T12:00:00Z'
:params {known_at: '2026-01-31T12:00:00Z'};
MATCH (t:Touchpoint)
WHERE t.ingested_at <= datetime($known_at) AND NOT EXISTS { (t)<-[:MADE]-(:Withheld) }
RETURN max(t.occurred_at_us) AS data_end_us
