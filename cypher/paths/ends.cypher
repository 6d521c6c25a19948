// Where paths begin and end
// Answers: for every step how many paths (journeys; sessions or customers where $per says so) begin with it (entries), end
// with it (exits), and how those that end with it ended.
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
WITH CASE size(parts) WHEN 1 THEN parts[0].steps
                      ELSE reduce(all = [], part IN parts | all + part.steps) END AS names,
     CASE WHEN any(part IN parts WHERE part.outcome = 'converted') THEN 'converted'
          ELSE coalesce(last(parts).outcome, 'open') END AS outcome
UNWIND [{step: head(names), entry: 1, exit: 0}, {step: last(names), entry: 0, exit: 1}] AS place
RETURN place.step AS step, sum(place.entry) AS entries, sum(place.exit) AS exits,
       count(CASE WHEN place.exit = 1 AND outcome = 'converted' THEN 1 END) AS converted,
       count(CASE WHEN place.exit = 1 AND outcome = 'lost' THEN 1 END) AS lost,
       count(CASE WHEN place.exit = 1 AND outcome = 'open' THEN 1 END) AS open
ORDER BY step
