// Paths that take exactly this way to a goal
// Answers: how many paths (journeys; sessions or customers where $per says so), of how many customers, begin with the steps
// of the route and nothing else up to its end, how many of them converted, and their value.
// Parameters:
//   $per  text: what a path is, 'journey', 'session' or 'customer' (all of a customer's journeys in a row)
//   $with_value  boolean: false where conversions came in several currencies, whose values are never added up
//   $route  list of text: every step from the first touchpoint to the goal, e.g. ['view_product', 'cart', 'purchase']
:params {per: 'journey', with_value: true, route: ['view_product', 'cart', 'purchase']};
// journeys {
MATCH (j:Journey|Session)
WHERE j:Session = ($per = 'session')
WITH j {journey_id: coalesce(j.session_id, j.journey_id), .customer_id, .outcome, .value, .steps, .channels,
        .occurred_at_us} AS journey
// } journeys
WITH journey, CASE $per WHEN 'customer' THEN journey.customer_id ELSE journey.journey_id END AS path_id
ORDER BY journey.customer_id, journey.occurred_at_us[0], journey.journey_id
WITH path_id, journey.customer_id AS customer_id, collect(journey) AS parts
WITH customer_id,
     CASE size(parts) WHEN 1 THEN parts[0].steps
                      ELSE reduce(all = [], part IN parts | all + part.steps) END AS names,
     CASE WHEN any(part IN parts WHERE part.outcome = 'converted') THEN 'converted'
          ELSE coalesce(last(parts).outcome, 'open') END AS outcome,
     reduce(total = 0.0, part IN parts | total + coalesce(part.value, 0.0)) AS value
WHERE names[0..size($route)] = $route
RETURN count(*) AS journeys, count(DISTINCT customer_id) AS customers,
       count(CASE WHEN outcome = 'converted' THEN 1 END) AS converted, CASE WHEN $with_value THEN sum(value) END AS value
