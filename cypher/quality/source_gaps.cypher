// For how long each source fell silent against its own rhythm
// Answers: for each source with touchpoints on at least two days the days (UTC) from its first to its last, the days from one
// with touchpoints to the next that nine of ten stay within (its usual gap), its longest gap, and its silent days: what its
// gaps are longer than twice the usual one, added up.
// Parameters:
//   $source  text or null: one source only, e.g. 'shop'
:params {source: null};
MATCH (t:Touchpoint)
WHERE $source IS NULL OR t.source = $source
WITH DISTINCT t.source AS source, t.occurred_at_us / 86400000000 AS day
ORDER BY source, day
WITH source, collect(day) AS days
UNWIND range(1, size(days) - 1) AS k
WITH source, last(days) - head(days) + 1 AS days, days[k] - days[k - 1] AS gap
WITH source, days, percentileDisc(gap, 0.9) AS usual_gap, max(gap) AS longest_gap, collect(gap) AS gaps
RETURN source, days, usual_gap, longest_gap,
       reduce(silent = 0, gap IN gaps | silent + CASE WHEN gap > 2 * usual_gap THEN gap - 2 * usual_gap ELSE 0 END) AS silent_days
ORDER BY source
