// Sessions of the customers who were active lately
// Answers: for each customer with a session that began in the days before an instant: how many sessions, and their mean
// length in seconds and mean number of touchpoints, as far as they had come by then. Engagement is the mean of the three
// percentile ranks among these customers.
// Parameters:
//   $instant_us  integer: the instant, in microseconds since 1970 (UTC), e.g. 1767225600000000
//   $days        integer: length of the time before it, e.g. 30
:params {instant_us: 1767225600000000, days: 30};
MATCH (s:Session)
WHERE s.started_at <= datetime({epochMillis: ($instant_us + 999) / 1000})
  AND s.occurred_at_us[0] <= $instant_us
  AND s.occurred_at_us[0] > $instant_us - $days * 86400000000
WITH s.customer_id AS customer_id, [at IN s.occurred_at_us WHERE at <= $instant_us] AS known
RETURN customer_id, count(*) AS sessions,
       avg((last(known) - known[0]) / 1000000.0) AS mean_seconds, avg(toFloat(size(known))) AS mean_touchpoints
ORDER BY customer_id
