// Sessions of the customers who were active lately, rebuilt from what was known at an instant
// Answers: as intent/engagement, but from the touchpoints that the system had stored by $as_of: they are split into
// sessions by the source's own session id, else where the idle time is too long.
// Parameters:
//   $instant_us  integer: the instant, in microseconds since 1970 (UTC), e.g. 1767225600000000
//   $days        integer: length of the time before it, e.g. 30
:params {instant_us: 1767225600000000, days: 30};
// journeys {
MATCH (j:Journey)-[:INCLUDES]->(t:Touchpoint)
WITH j, collect(t.touchpoint_id) AS touchpoint_ids
WITH j {.journey_id, .customer_id, .occurred_at_us, touchpoint_ids: touchpoint_ids} AS journey
// } journeys
MATCH (rules:Configuration {name: 'journeys'})
WITH rules, journey
UNWIND journey.touchpoint_ids AS touchpoint_id
MATCH (t:Touchpoint {touchpoint_id: touchpoint_id})
WITH rules, journey.customer_id AS customer_id,
     CASE WHEN t.source_session_id IS NOT NULL THEN [t.source, t.source_session_id] END AS given, t
ORDER BY customer_id, given, t.occurred_at_us, t.touchpoint_id
WITH rules, customer_id, given, collect(t.occurred_at_us) AS times
WITH customer_id, times,
     [k IN range(0, size(times) - 1)
      WHERE k = 0 OR (given IS NULL AND times[k] - times[k - 1] > rules.session_idle_us)] + [size(times)] AS bounds
UNWIND range(0, size(bounds) - 2) AS b
WITH customer_id, [at IN times[bounds[b]..bounds[b + 1]] WHERE at <= $instant_us] AS known
WHERE size(known) > 0 AND known[0] > $instant_us - $days * 86400000000
RETURN customer_id, count(*) AS sessions,
       avg((last(known) - known[0]) / 1000000.0) AS mean_seconds, avg(toFloat(size(known))) AS mean_touchpoints
ORDER BY customer_id
