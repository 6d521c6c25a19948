// What each source sent, and how fine its times are
// Answers: for each source its touchpoints, the customers whom it saw, the first and the last instant, when the last of them
// was loaded, the days (UTC) on which it sent something, how many different times of the day there are (a source that knows
// only days has one or two), and how many of its times are whole quarter hours, minutes and seconds.
// Parameters:
//   $source  text or null: one source only, e.g. 'shop'
:params {source: null};
MATCH (c:Customer)-[:MADE]->(t:Touchpoint)
WHERE $source IS NULL OR t.source = $source
WITH t.source AS source, c, t.occurred_at_us AS us, t.ingested_at AS loaded_at
RETURN source, count(*) AS touchpoints, count(DISTINCT c) AS customers,
       toString(datetime({epochSeconds: min(us) / 1000000, nanosecond: min(us) % 1000000 * 1000})) AS first_at,
       toString(datetime({epochSeconds: max(us) / 1000000, nanosecond: max(us) % 1000000 * 1000})) AS last_at,
       toString(max(loaded_at)) AS loaded_at,
       count(DISTINCT us / 86400000000) AS days_with, count(DISTINCT us % 86400000000) AS times_of_day,
       count(CASE WHEN us % 900000000 = 0 THEN 1 END) AS on_quarter_hours,
       count(CASE WHEN us % 60000000 = 0 THEN 1 END) AS on_minutes,
       count(CASE WHEN us % 1000000 = 0 THEN 1 END) AS on_seconds
ORDER BY touchpoints DESC, source
