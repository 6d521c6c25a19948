// On the way to a goal: every transition until a path reaches it
// Answers: for every step and the next one, in each path up to its first $goal (to '(end)' where it never comes there), how
// often, in how many paths (journeys; sessions or customers where $per says so), the median seconds between, and the value
// that the paths which reach the goal carry along.
// Parameters:
//   $per  text: what a path is, 'journey', 'session' or 'customer' (all of a customer's journeys in a row)
//   $with_value  boolean: false where conversions came in several currencies, whose values are never added up
//   $goal  text: the step to reach, e.g. 'purchase'
:params {per: 'journey', with_value: true, goal: 'purchase'};
// journeys {
MATCH (j:Journey|Session)
WHERE j:Session = ($per = 'session')
WITH j {journey_id: coalesce(j.session_id, j.journey_id), .customer_id, .outcome, .value, .steps, .channels,
        .occurred_at_us} AS journey
// } journeys
WITH journey, CASE $per WHEN 'customer' THEN journey.customer_id ELSE journey.journey_id END AS path_id
ORDER BY journey.customer_id, journey.occurred_at_us[0], journey.journey_id
WITH path_id, journey.customer_id AS customer_id, collect(journey) AS parts
WITH path_id,
     CASE size(parts) WHEN 1 THEN parts[0].steps
                      ELSE reduce(all = [], part IN parts | all + part.steps) END AS names,
     CASE size(parts) WHEN 1 THEN parts[0].occurred_at_us
                      ELSE reduce(all = [], part IN parts | all + part.occurred_at_us) END AS times,
     reduce(total = 0.0, part IN parts | total + coalesce(part.value, 0.0)) AS value
WITH path_id, times, value, names, [i IN range(0, size(names) - 1) WHERE names[i] = $goal][0] AS at
WITH path_id, times, CASE WHEN at IS NULL THEN 0.0 ELSE value END AS value,
     ['(start)'] + CASE WHEN at IS NULL THEN names + ['(end)'] ELSE names[0..at + 1] END AS nodes
UNWIND range(1, size(nodes) - 1) AS k
WITH path_id, value, nodes[k - 1] AS source, nodes[k] AS target,
     CASE WHEN k > 1 AND nodes[k] <> '(end)' THEN (times[k - 1] - times[k - 2]) / 1000000.0 END AS seconds
RETURN source, target, count(*) AS count, count(DISTINCT path_id) AS journeys,
       percentileCont(seconds, 0.5) AS median_seconds, CASE WHEN $with_value THEN sum(value) END AS value
ORDER BY source, target
