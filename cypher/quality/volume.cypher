// How many touchpoints each source sent, hour by hour
// Answers: for each source and hour (hours since 1970, UTC) the number of touchpoints; of one source and span where asked for.
// Parameters:
//   $source  text or null: one source only, e.g. 'shop'
//   $since_us  integer: from this instant on (microseconds since 1970, UTC)
//   $until_us  integer: before this instant
//   $known_at  text, an ISO 8601 instant, or null: only what the system knew then, e.g. null
:params {source: null, since_us: 0, until_us: 4102444800000000, known_at: null};
MATCH (t:Touchpoint)
WHERE t.occurred_at_us >= $since_us AND t.occurred_at_us < $until_us AND ($source IS NULL OR t.source = $source)
  AND ($known_at IS NULL OR t.ingested_at <= datetime($known_at))
RETURN t.source AS source, t.occurred_at_us / 3600000000 AS hour, count(*) AS touchpoints
ORDER BY source, hour
