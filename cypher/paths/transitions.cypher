// Transitions: what comes directly after what
// Answers: for every step and the next one in the same path, how often (count), in how many paths (journeys; sessions or
// customers where $per says so) and of how many customers; the median and 90th percentile of the seconds between; and the
// paths that ended right after it (exits; into '(end)' all of them). Every path begins with '(start)' and finishes with '(end)'.
// Parameters:
//   $per  text: what a path is, 'journey', 'session' or 'customer' (all of a customer's journeys in a row)
:params {per: 'journey'};
// journeys {
MATCH (j:Journey|Session)
WHERE j:Session = ($per = 'session')
WITH j {journey_id: coalesce(j.session_id, j.journey_id), .customer_id, .outcome, .value, .steps, .channels,
        .occurred_at_us} AS journey
// } journeys
WITH journey, CASE $per WHEN 'customer' THEN journey.customer_id ELSE journey.journey_id END AS path_id
ORDER BY journey.customer_id, journey.occurred_at_us[0], journey.journey_id
WITH path_id, journey.customer_id AS customer_id, collect(journey) AS parts
WITH path_id, customer_id,
     CASE size(parts) WHEN 1 THEN parts[0].steps
                      ELSE reduce(all = [], part IN parts | all + part.steps) END AS steps,
     CASE size(parts) WHEN 1 THEN parts[0].occurred_at_us
                      ELSE reduce(all = [], part IN parts | all + part.occurred_at_us) END AS times
UNWIND range(0, size(steps)) AS k
WITH path_id, customer_id, k >= size(steps) - 1 AS exit,
     CASE k WHEN 0 THEN '(start)' ELSE steps[k - 1] END AS source,
     CASE k WHEN size(steps) THEN '(end)' ELSE steps[k] END AS target,
     CASE WHEN 0 < k AND k < size(steps) THEN (times[k] - times[k - 1]) / 1000000.0 END AS seconds
RETURN source, target, count(*) AS count, count(DISTINCT path_id) AS journeys,
       count(DISTINCT customer_id) AS customers, percentileCont(seconds, 0.5) AS median_seconds,
       percentileCont(seconds, 0.9) AS p90_seconds, count(CASE WHEN exit THEN 1 END) AS exits
ORDER BY source, target
