// How paths ended
// Answers: how many paths (journeys; sessions or customers where $per says so) there are of how many customers, how many of
// them converted, were lost and are still open, and the value of the conversions.
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
WITH customer_id,
     CASE WHEN any(part IN parts WHERE part.outcome = 'converted') THEN 'converted'
          ELSE coalesce(last(parts).outcome, 'open') END AS outcome,
     reduce(total = 0.0, part IN parts | total + coalesce(part.value, 0.0)) AS value
RETURN count(*) AS journeys, count(DISTINCT customer_id) AS customers,
       count(CASE WHEN outcome = 'converted' THEN 1 END) AS converted,
       count(CASE WHEN outcome = 'lost' THEN 1 END) AS lost, count(CASE WHEN outcome = 'open' THEN 1 END) AS open,
       sum(value) AS value
