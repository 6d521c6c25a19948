// Steps and how many paths hold them
// Answers: for every step how often it occurs (count), in how many paths (journeys; sessions or customers where $per says
// so) and of how many customers.
// Parameters:
//   $per  text: what a path is, 'journey', 'session' or 'customer' (all of a customer's journeys in a row)
:params {per: 'journey'};
// journeys {
MATCH (j:Journey|Session)
WHERE j:Session = ($per = 'session')
WITH j {journey_id: coalesce(j.session_id, j.journey_id), .customer_id, .outcome, .value, .steps, .channels,
        .occurred_at_us} AS journey
// } journeys
WITH journey.customer_id AS customer_id, journey.steps AS steps,
     CASE $per WHEN 'customer' THEN journey.customer_id ELSE journey.journey_id END AS path_id
UNWIND steps AS name
RETURN name, count(*) AS count, count(DISTINCT path_id) AS journeys, count(DISTINCT customer_id) AS customers
ORDER BY name
