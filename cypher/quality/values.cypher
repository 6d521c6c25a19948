// What values each source sent, hour by hour
// Answers: for each source, currency, step and hour (hours since 1970, UTC) how many values other than zero there were, the sum
// of their logarithms and of the squares of these, and the smallest and largest size; of one source and span where asked for.
// Parameters:
//   $source  text or null: one source only, e.g. 'shop'
//   $since_us  integer: from this instant on (microseconds since 1970, UTC)
//   $until_us  integer: before this instant
//   $known_at  text, an ISO 8601 instant, or null: only what the system knew then, e.g. null
:params {source: null, since_us: 0, until_us: 4102444800000000, known_at: null};
MATCH (t:Touchpoint)
WHERE t.occurred_at_us >= $since_us AND t.occurred_at_us < $until_us AND ($source IS NULL OR t.source = $source)
  AND ($known_at IS NULL OR t.ingested_at <= datetime($known_at))
  AND t.value <> 0
WITH t.source AS source, t.currency AS currency, t.step AS step, t.occurred_at_us / 3600000000 AS hour,
     abs(t.value) AS size, log(abs(t.value)) AS logarithm
RETURN source, currency, step, hour, count(*) AS values, sum(logarithm) AS logarithms,
       sum(logarithm * logarithm) AS squares, min(size) AS smallest, max(size) AS largest
ORDER BY source, currency, step, hour
