// For how long each source has sent nothing
// Answers: for each source the hour (since 1970, UTC) of its newest touchpoint, how many pauses it made before (from one hour
// with touchpoints to the next one), how long they usually were (median), the longest, and the hours without touchpoints since: until
// $until_us, and until the newest touchpoint of all sources.
// Parameters:
//   $until_us  integer: the instant until which silence is counted (microseconds since 1970, UTC)
//   $known_at  text, an ISO 8601 instant, or null: only what the system knew then, e.g. null
:params {until_us: 4102444800000000, known_at: null};
MATCH (t:Touchpoint)
WHERE $known_at IS NULL OR t.ingested_at <= datetime($known_at)
WITH DISTINCT t.source AS source, t.occurred_at_us / 3600000000 AS hour
ORDER BY source, hour
WITH source, collect(hour) AS hours
WITH collect({source: source, hours: hours}) AS all_hours, max(last(hours)) AS newest
UNWIND all_hours AS own
WITH newest, own.source AS source, own.hours AS hours
UNWIND range(0, size(hours) - 1) AS k
WITH newest, source, last(hours) AS last_hour, CASE WHEN k > 0 THEN hours[k] - hours[k - 1] END AS pause
RETURN source, last_hour, count(pause) AS pauses, percentileDisc(pause, 0.5) AS usual_pause_hours, max(pause) AS longest_pause_hours,
       $until_us / 3600000000 - last_hour AS silent_hours, newest - last_hour AS behind_hours
ORDER BY source
