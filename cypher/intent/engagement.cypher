// Sessions of the customers who were active lately
// Answers: for each customer with a session that began in the days before an instant: how many sessions, and their mean
// length in seconds and mean number of touchpoints, as far as they had come by then. Engagement is the mean of the three
// percentile ranks among these customers.
// Parameters:
//   $instant_us  integer: the instant, in microseconds since 1970 (UTC), e.g. 1767225600000000
//   $days        integer: length of the time before it, e.g. 30
:params {instant_us: 1767225600000000, days: 30};
// sessions {
MATCH (s:Session)
WITH s {.customer_id, .occurred_at_us} AS session
// } sessions
WITH session
WHERE session.occurred_at_us[0] <= $instant_us
  AND session.occurred_at_us[0] > $instant_us - $days * 86400000000
WITH session.customer_id AS customer_id, [at IN session.occurred_at_us WHERE at <= $instant_us] AS known
RETURN customer_id, count(*) AS sessions,
       sum(last(known) - known[0]) / (1000000.0 * count(*)) AS mean_seconds,
       toFloat(sum(size(known))) / count(*) AS mean_touchpoints
ORDER BY customer_id
