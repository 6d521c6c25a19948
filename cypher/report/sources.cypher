// Where the data came from
// Answers: for each source its touchpoints, and the instants of its first and its last one, of what the system knew at
// $known_at (null: all that it knows).
// Parameters:
//   $known_at  text, an ISO 8601 instant, or null, e.g. null
:params {known_at: null};
MATCH (t:Touchpoint)
WHERE $known_at IS NULL OR t.ingested_at <= datetime($known_at)
RETURN t.source AS source, count(*) AS touchpoints, toString(min(t.occurred_at)) AS first_at,
       toString(max(t.occurred_at)) AS last_at
ORDER BY touchpoints DESC, source
