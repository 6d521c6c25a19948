// Step matrix: where paths are at their first, second, ... touchpoint
// Answers: for each position the paths (journeys; sessions or customers where $per says so) whose touchpoint there is the
// step, and their share of all. Paths that are over stay in '(end)', so that the shares at a position add up to 1.
// Parameters:
//   $per  text: what a path is, 'journey', 'session' or 'customer' (all of a customer's journeys in a row)
//   $positions  integer: how many positions, from the first touchpoint on, e.g. 5
//   $kept  list of text: the steps shown by name; the others are '(other)'
:params {per: 'journey', positions: 5, kept: ['view_product', 'cart', 'purchase']};
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
                      ELSE reduce(all = [], part IN parts | all + part.steps) END AS names
UNWIND range(0, $positions - 1) AS k
WITH k + 1 AS position,
     CASE WHEN k >= size(names) THEN '(end)' WHEN names[k] IN $kept THEN names[k] ELSE '(other)' END AS step
WITH position, step, count(*) AS journeys
WITH position, collect({step: step, journeys: journeys}) AS cells, sum(journeys) AS total
UNWIND cells AS cell
RETURN cell.step AS step, position, cell.journeys AS journeys, toFloat(cell.journeys) / total AS share
ORDER BY step, position
